"""The hash of a sealed batch: plain Python, so that a small program of anybody's can check it.

A seal's hash is SHA-256 over the previous seal's hash (32 zero bytes before the first one) and then, for
each event in the order of its number, its canonical line and a line feed. See docs/adr/0004.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from aidtrack.kernel.late import dataclass

BEFORE_THE_FIRST = bytes(32)


@dataclass(frozen=True, slots=True)
class Event:
    """Everything of an audit row that is sealed: all of it."""

    id: int
    at: datetime
    actor_label: str
    user_id: int | None
    token_id: int | None
    site_id: int | None
    action: str
    object_type: str | None
    object_id: int | None
    reason: str | None
    facts: dict[str, object] | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What was hashed: how many events, from which to which."""

    hash: bytes
    events: int
    first_event_id: int | None
    last_event_id: int | None


def line_of(event: Event) -> bytes:
    """The event as one line of canonical JSON: fixed order, sorted facts, microseconds in UTC."""
    values = [
        event.id, event.at.isoformat(timespec="microseconds"), event.actor_label, event.user_id, event.token_id,
        event.site_id, event.action, event.object_type, event.object_id, event.reason, event.facts,
    ]  # fmt: skip
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_batch(previous: bytes, events: Iterable[Event]) -> Batch:
    digest = sha256(previous)
    first = last = None
    count = 0
    for event in events:
        digest.update(line_of(event) + b"\n")
        first = event.id if first is None else first
        last = event.id
        count += 1
    return Batch(digest.digest(), count, first, last)


def checkpoint(seal_id: int, seal_hash: bytes) -> str:
    """What leaves the building, on a donor's report or in a letter: «12:9f86d0…», the seal and its hash."""
    return f"{seal_id}:{seal_hash.hex()}"


def read_checkpoint(text: str) -> tuple[int, bytes]:
    """Raises `ValueError` for anything that is no checkpoint."""
    number, _, digest = text.strip().partition(":")
    seal_hash = bytes.fromhex(digest)
    if not number.isascii() or not number.isdigit() or len(seal_hash) != 32:
        raise ValueError(text)
    return int(number), seal_hash
