"""Sets of row numbers as bit strings: exact, small, and any number of them unite at memory speed.

In memory a set is one Python integer with a bit for each number in it, so union is `|`, difference is
`& ~` and the size is `int.bit_count()`. Stored, it is the integer's bytes without the zeros below the
lowest number (a month's handouts are neighbours). Thin sets are deflated; thick ones are not, because
inflating hundreds of them would cost a statement more than reading them does.
"""

import zlib
from collections.abc import Iterable

_HEAD = 5  # one byte of form, four bytes that say how many zero bytes were left out below
_PLAIN, _DEFLATED = b"p", b"z"
THIN = 4  # deflated only where that makes the set so many times smaller


def bits_of(numbers: Iterable[int]) -> int:
    """The set of these numbers, each at least 0."""
    found = list(numbers)
    if not found:
        return 0
    low = min(found) >> 3
    field = bytearray((max(found) >> 3) - low + 1)
    for number in found:
        field[(number >> 3) - low] |= 1 << (number & 7)
    return int.from_bytes(field, "little") << (low * 8)


def packed(bits: int) -> bytes:
    """The set as stored."""
    if not bits:
        return _PLAIN + bytes(_HEAD - 1)
    skipped = ((bits & -bits).bit_length() - 1) // 8
    body = (bits >> (skipped * 8)).to_bytes((bits.bit_length() + 7) // 8 - skipped, "little")
    smaller = zlib.compress(body, 1)
    form = _PLAIN
    if len(smaller) * THIN <= len(body):
        form, body = _DEFLATED, smaller
    return form + skipped.to_bytes(_HEAD - 1, "little") + body


def unpacked(stored: bytes) -> int:
    """The set that `packed` stored."""
    form, skipped, body = stored[:1], int.from_bytes(stored[1:_HEAD], "little"), stored[_HEAD:]
    return int.from_bytes(zlib.decompress(body) if form == _DEFLATED else body, "little") << (skipped * 8)
