"""From the text a phone signed to an event, or to the reason why it is none. Nothing is asked of a database.

Source: docs/sync.md#event
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from aidtrack.kernel.late import dataclass

VERSION = 1
LABEL = b"AID-EVT1\n"  # a signature made for anything else never fits an event
LONGEST_BODY = 64 * 1024
LONGEST_INK = 8 * 1024
MOST_LINES = 100
MOST_PARTS = 100
MAX_UNITS = 10**12
LARGEST = 2**53 - 1  # what a phone counts exactly; the next number must be one too
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")

HANDOUT, UNDO, WITHOUT_VOUCHER = "handout", "undo", "without_voucher"


class Unreadable(Exception):
    """The text is no event. `reason` is stable; what could be read of its name is kept with it."""

    def __init__(
        self, reason: str, *, id: str | None = None, device: str | None = None, seq: int | None = None
    ):
        super().__init__(reason)
        self.reason = reason
        self.id = id
        self.device = device
        self.seq = seq


@dataclass(frozen=True, slots=True)
class LotPart:
    """Base units that the phone says came from a lot."""

    lot: str
    units: int


@dataclass(frozen=True, slots=True)
class EventLine:
    """One item as handed out: the parts add up to `units`; `due` is what the phone's pack promised."""

    item: str
    due: int
    units: int
    lots: tuple[LotPart, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """What a phone says happened. `est` is its trusted time, `wall` what its clock showed."""

    id: str
    type: str
    device: str
    seq: int
    prev: bytes | None
    round: int
    place: int
    wall: datetime
    est: datetime
    token: str | None
    lines: tuple[EventLine, ...]
    collector: str
    reason: str | None
    of: str | None
    supervisor: int | None
    proof: bytes | None  # that the supervisor's code was typed for this event

    @property
    def partial(self) -> bool:
        return any(line.units < line.due for line in self.lines)


def body_hash(body: str) -> bytes:
    """SHA-256 of the bytes the phone signed. Halves of letters, which no signature can cover, hash too."""
    return sha256(as_bytes(body)).digest()


def as_bytes(body: str) -> bytes:
    return body.encode("utf-8", "surrogatepass")


def signed_bytes(body: str) -> bytes:
    return LABEL + as_bytes(body)


def from_b64(text: object, length: int | None = None) -> bytes | None:
    """Bytes of a base64url text without padding; None for anything else."""
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        return None
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return found if length is None or len(found) == length else None


def to_b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def read(body: str) -> Event:
    """The event that a body says it is; whether its signature holds is asked elsewhere.

    Raises:
        Unreadable: `too_long`, `not_json`, `other_version`, `incomplete`, `contradiction`, `nothing_given`.
    """
    if len(body) > LONGEST_BODY:
        raise Unreadable("too_long")
    try:
        found = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Unreadable("not_json") from None
    if not isinstance(found, dict):
        raise Unreadable("not_json")
    name = _Name(found)
    if found.get("v") != VERSION or isinstance(found.get("v"), bool):
        raise name.unreadable("other_version")
    try:
        event = _event(found)
    except (KeyError, TypeError, ValueError):
        raise name.unreadable("incomplete") from None
    _judge(event, name)
    return event


def _no_constant(name: str) -> Any:
    raise ValueError(name)


class _Name:
    """Id, device and number of a body, as far as they can be read."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.id = _uuid_or_none(body.get("id"))
        self.device = _uuid_or_none(body.get("device"))
        seq = body.get("seq")
        self.seq = seq if type(seq) is int and 0 < seq <= LARGEST else None

    def unreadable(self, reason: str) -> Unreadable:
        return Unreadable(reason, id=self.id, device=self.device, seq=self.seq)


def _event(body: Mapping[str, Any]) -> Event:
    kind = body["type"]
    if kind not in (HANDOUT, UNDO, WITHOUT_VOUCHER):
        raise ValueError(kind)
    gives = kind != UNDO
    ink = body.get("ink")
    if ink is not None:
        _text(ink, LONGEST_INK)
    return Event(
        id=_uuid(body["id"]),
        type=kind,
        device=_uuid(body["device"]),
        seq=_number(body["seq"], 1, LARGEST),
        prev=_prev(body["prev"]),
        round=_number(body["round"], 1, LARGEST),
        place=_number(body["place"], 1, LARGEST),
        wall=moment(body["wall"]),
        est=moment(body["est"]),
        token=_text(body["token"], 1_000) if kind == HANDOUT else None,
        lines=_lines(body["lines"]) if gives else (),
        collector=_collector(body.get("collector")) if gives else "head",
        reason=_reason(body.get("reason"), needed=kind != HANDOUT),
        of=_uuid(body["of"]) if kind == UNDO else None,
        supervisor=_number(body["supervisor"], 1, LARGEST) if kind == WITHOUT_VOUCHER else None,
        proof=from_b64(body.get("code_proof"), 32) if kind == WITHOUT_VOUCHER else None,
    )


def _judge(event: Event, name: _Name) -> None:
    if event.type == UNDO:
        return
    if len({line.item for line in event.lines}) < len(event.lines):
        raise name.unreadable("contradiction")
    for line in event.lines:
        if sum(part.units for part in line.lots) != line.units:
            raise name.unreadable("contradiction")
        if len({part.lot for part in line.lots}) < len(line.lots):
            raise name.unreadable("contradiction")
    if not any(line.units for line in event.lines):
        raise name.unreadable("nothing_given")


def moment(text: object) -> datetime:
    """An RFC 3339 moment in UTC with `Z`.

    Raises:
        ValueError
    """
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise ValueError(text)
    found = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
    if not 1971 <= found.year < 2200:  # so that the day at a site can always be named
        raise ValueError(text)
    return found


def _lines(found: object) -> tuple[EventLine, ...]:
    if not isinstance(found, list) or not 1 <= len(found) <= MOST_LINES:
        raise ValueError("lines")
    return tuple(
        EventLine(
            item=_text(line["item"], 40),
            due=_number(line["due"], 0, MAX_UNITS),
            units=_number(line["units"], 0, MAX_UNITS),
            lots=_parts(line["lots"]),
        )
        for line in found
    )


def _parts(found: object) -> tuple[LotPart, ...]:
    if not isinstance(found, list) or len(found) > MOST_PARTS:
        raise ValueError("lots")
    return tuple(LotPart(_text(part["lot"], 40), _number(part["units"], 1, MAX_UNITS)) for part in found)


def _number(value: object, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ValueError(value)
    return value


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= longest or "\0" in value:
        raise ValueError("text")
    value.encode("utf-8")  # half of a surrogate pair is no letter
    return value


def _reason(value: object, *, needed: bool) -> str | None:
    """Cut rather than refused: a reason that is too long is no reason to doubt a handout."""
    if value is None or value == "":
        return "—" if needed else None
    return _text(value, LONGEST_BODY)[:300]


def _collector(value: object) -> str:
    if value not in ("head", "proxy"):
        raise ValueError("collector")
    return str(value)


def _prev(value: object) -> bytes | None:
    if value is None:
        return None
    found = from_b64(value, 32)
    if found is None:
        raise ValueError("prev")
    return found


def _uuid(value: object) -> str:
    found = _uuid_or_none(value)
    if found is None:
        raise ValueError("id")
    return found


def _uuid_or_none(value: object) -> str | None:
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return str(UUID(value))
    except ValueError:
        return None
