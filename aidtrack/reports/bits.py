"""Sets of row numbers as bit strings: exact, small, and any number of them unite at memory speed.

A set covers only the stretch between its lowest and its highest number, in words of 64 bits: a month's
handouts are neighbours, however many came before them. Few numbers far apart are stored as numbers.

With Python's own integers a statement over a million lines takes as long and a small one half as long; see
docs/adr/0005 for why numpy stayed.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy
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
        found = numbers if isinstance(numbers, numpy.ndarray) else numpy.fromiter(numbers, numpy.int64)
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
    def of_packed(cls, numbers: bytes) -> "Bits":
        """The set of numbers that `packed` gave, in any order and any number of times, texts of them simply joined."""
        import numpy

        return cls(numpy.frombuffer(numbers, "<i8"))

    @classmethod
    def _of(cls, first: int, words: "NDArray[numpy.uint64]") -> "Bits":
        made = cls.__new__(cls)
        made._first, made._words = first, words
        return made

    @classmethod
    def union(cls, sets: Iterable["Bits"]) -> "Bits":
        """A set of all numbers of those sets, made in one piece: nothing grows again and again on the way."""
        import numpy

        found = [one for one in sets if len(one._words)]
        if len(found) < 2:
            return found[0] if found else cls()
        first = min(one._first for one in found)
        end = max(one._first + len(one._words) for one in found)
        words = numpy.zeros(end - first, numpy.uint64)
        for one in found:
            part = words[one._first - first :][: len(one._words)]
            numpy.bitwise_or(part, one._words, out=part)
        return cls._of(first, words)

    def without(self, other: "Bits") -> "Bits":
        """A set of those numbers of this one that the other has not."""
        import numpy

        start = max(self._first, other._first)
        end = min(self._first + len(self._words), other._first + len(other._words))
        if start >= end:
            return self
        words = self._words.copy()
        part = words[start - self._first : end - self._first]
        numpy.bitwise_and(part, ~other._words[start - other._first : end - other._first], out=part)
        return Bits._trimmed(self._first, words)

    def without_stored(self, stored: bytes) -> "Bits":
        """`without` for a set as it was stored, all of which this one has: a few numbers are not made a set first."""
        import numpy

        if stored[:1] != _NUMBERS:
            return self.without(Bits.loaded(stored))
        places, bits = _places(stored)
        words = self._words.copy()
        numpy.bitwise_and.at(words, places - self._first, ~bits)
        return Bits._trimmed(self._first, words)

    @classmethod
    def _trimmed(cls, first: int, words: "NDArray[numpy.uint64]") -> "Bits":
        """A set without words of zeros at its ends, because equal sets must give equal bytes."""
        if words[0] and words[-1]:
            return cls._of(first, words)
        import numpy

        filled = numpy.flatnonzero(words)
        if not len(filled):
            return cls()
        low, high = int(filled[0]), int(filled[-1]) + 1
        return cls._of(first + low, words[low:high])

    def number_not_in(self, other: "Bits") -> int:
        """How many numbers of this set the other one has not."""
        return len(self.without(other))

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

        if stored[:1] != _NUMBERS:
            return cls._of(
                int.from_bytes(stored[1:_HEAD], "little"), numpy.frombuffer(stored, "<u8", offset=_HEAD)
            )
        places, bits = _places(stored)
        first = int(places[0])  # they stand in rising order
        words = numpy.zeros(int(places[-1]) - first + 1, numpy.uint64)
        numpy.bitwise_or.at(words, places - first, bits)
        return cls._of(first, words)


def packed(joined: str | None) -> bytes:
    """Numbers that the database gave in one text, eight bytes each; None if there were none."""
    import numpy

    return b"" if not joined else numpy.fromstring(joined, numpy.int64, sep=",").astype("<i8").tobytes()


def _places(stored: bytes) -> "tuple[NDArray[numpy.int64], NDArray[numpy.uint64]]":
    """Of a set stored as numbers: for each the place of its word, and its bit."""
    import numpy

    numbers = numpy.frombuffer(stored, "<u8", offset=_HEAD)
    return (numbers >> numpy.uint64(6)).view("<i8"), numpy.uint64(1) << (numbers & numpy.uint64(63))
