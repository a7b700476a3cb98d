"""Sets of row numbers as bit strings: exact, small, and any number of them unite at memory speed.

A set covers only the stretch between its lowest and its highest number, in words of 64 bits: a month's
handouts are neighbours, however many came before them. Few numbers far apart are stored as numbers.

Measured on thirteen months of 310 000 handouts to 56 000 families, where a statement unites some 470 sets: the
whole statement took 46 ms of processor time with numpy, 69 ms with Python's own integers.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEAD = 9  # one byte of form, eight bytes: the first word's place
_FIELD, _NUMBERS = b"f", b"n"
_THIN = 8  # words of a bit string for each number in it, from which on numbers are stored instead


class Bits:
    """A set of numbers, each at least 0, that never changes: unions are new sets, and sets may be shared."""

    __slots__ = ("_first", "_words")

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        import numpy  # not with the module: it takes a moment, and only reports need it

        self._first = 0  # how many words of zeros stand below
        self._words: NDArray[numpy.uint64] = numpy.empty(0, numpy.uint64)
        found = numpy.fromiter(numbers, numpy.int64)
        if len(found):
            self._first = int(found.min()) >> 6
            length = (int(found.max()) >> 6) - self._first + 1
            flags = numpy.zeros(length * 64, numpy.uint8)
            flags[found - self._first * 64] = 1
            self._words = numpy.packbits(flags, bitorder="little").view("<u8")

    def __len__(self) -> int:
        import numpy

        return int(numpy.bitwise_count(self._words).sum())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bits) and self.stored() == other.stored()

    def __hash__(self) -> int:
        return hash(self.stored())

    @classmethod
    def union(cls, sets: Iterable["Bits"]) -> "Bits":
        """A set of all numbers of those sets, made in one piece: nothing grows again and again on the way."""
        import numpy

        found = [one for one in sets if len(one._words)]
        made = cls()
        if not found:
            return made
        if len(found) == 1:
            return found[0]
        made._first = min(one._first for one in found)
        end = max(one._first + len(one._words) for one in found)
        made._words = words = numpy.zeros(end - made._first, numpy.uint64)
        for one in found:
            part = words[one._first - made._first :][: len(one._words)]
            numpy.bitwise_or(part, one._words, out=part)
        return made

    def number_not_in(self, other: "Bits") -> int:
        """How many numbers of this set the other one has not."""
        import numpy

        left = self._words.copy()
        start, end = (
            max(self._first, other._first),
            min(self._first + len(left), other._first + len(other._words)),
        )
        if start < end:
            left[start - self._first : end - self._first] &= ~other._words[
                start - other._first : end - other._first
            ]
        return int(numpy.bitwise_count(left).sum())

    def stored(self) -> bytes:
        """The set as bytes; equal sets give equal bytes."""
        import numpy

        head = self._first.to_bytes(_HEAD - 1, "little")
        if len(self._words) <= _THIN * len(self):
            return _FIELD + head + self._words.astype("<u8").tobytes()
        flags = numpy.unpackbits(self._words.astype("<u8").view(numpy.uint8), bitorder="little")
        numbers = numpy.flatnonzero(flags).astype("<u8") + numpy.uint64(self._first * 64)
        return _NUMBERS + bytes(_HEAD - 1) + numbers.astype("<u8").tobytes()

    @classmethod
    def loaded(cls, stored: bytes) -> "Bits":
        """The set that `stored` gave."""
        import numpy

        words = numpy.frombuffer(stored, "<u8", offset=_HEAD)
        if stored[:1] == _NUMBERS:
            return cls(words.tolist())
        made = cls.__new__(cls)
        made._first = int.from_bytes(stored[1:_HEAD], "little")
        made._words = words
        return made
