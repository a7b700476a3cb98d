"""A pack as bytes: length of the head, the head as JSON, the blobs in the head's order.

Source: docs/sync.md#pack
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from aidtrack.distribution.phones.encoding import b64
from aidtrack.distribution.status_index import BLOCK

VERSION = 1
GOOD_FOR_S = 72 * 60 * 60
LENGTH_BYTES = 4

Json = dict[str, Any]


class BrokenPack(ValueError):
    """The bytes are no pack of this version, or not all of them."""


def bit_list(places: Iterable[int], *, largest: int) -> bytes:
    """One bit a place in the round's status list, most significant first, in whole blocks of 32 kB.

    Args:
        largest: the highest place any voucher of the round has, so that the length tells nothing.
    """
    bits = bytearray(BLOCK // 8 * (largest // BLOCK + 1))
    for place in places:
        bits[place >> 3] |= 128 >> (place & 7)
    return bytes(bits)


def is_set(bits: bytes, place: int) -> bool:
    return place >> 3 < len(bits) and bool(bits[place >> 3] & 128 >> (place & 7))


def assemble(
    head: Mapping[str, Any], blobs: Mapping[str, bytes], *, held: frozenset[str] = frozenset()
) -> bytes:
    """The pack. A blob named in `held` as "<name>.<hash>" stays out: the phone keeps its own."""
    entries: list[Json] = []
    body: list[bytes] = []
    for name, blob in blobs.items():
        digest = b64(sha256(blob).digest())
        entry: Json = {"name": name, "bytes": len(blob), "hash": digest}
        if f"{name}.{digest}" in held:
            entry["kept"] = True
        else:
            body.append(blob)
        entries.append(entry)
    text = json.dumps({**head, "blobs": entries}, ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join((len(text).to_bytes(LENGTH_BYTES, "big"), text, *body))


def take_apart(pack: bytes, *, kept: Mapping[str, bytes] | None = None) -> tuple[Json, dict[str, bytes]]:
    """Head and blobs of a pack, checked against their lengths and hashes; `kept` are blobs held before.

    Raises:
        BrokenPack
    """
    length = int.from_bytes(pack[:LENGTH_BYTES], "big")
    start = LENGTH_BYTES + length
    if len(pack) < start:
        raise BrokenPack("the head is cut off")
    try:
        head = json.loads(pack[LENGTH_BYTES:start])
        entries = [(str(entry["name"]), int(entry["bytes"]), entry) for entry in head["blobs"]]
    except (ValueError, TypeError, KeyError) as error:
        raise BrokenPack("the head cannot be read") from error
    if head.get("v") != VERSION:
        raise BrokenPack("another version of the pack")
    blobs: dict[str, bytes] = {}
    for name, size, entry in entries:
        if entry.get("kept"):
            blob = (kept or {}).get(name, b"")
        else:
            blob, start = pack[start : start + size], start + size
        if len(blob) != size or b64(sha256(blob).digest()) != entry["hash"]:
            raise BrokenPack(f"the part {name} is not whole")
        blobs[name] = blob
    if start != len(pack):
        raise BrokenPack("more bytes than the head says")
    return head, blobs
