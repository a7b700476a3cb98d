"""What stands in the XML of a workbook: its shared texts, and a sheet's cells row by row.

openpyxl knows the parts of a workbook, its styles and its dates, and is asked for these. The cells of a register are a
million, and it makes several objects of each; here the parser's own events become the texts that are wanted.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any
from xml.parsers import expat

from aidtrack.importing.errors import BrokenWorkbook, DangerousWorkbook
from aidtrack.kernel.late import dataclass

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
_CHUNK = 1 << 18
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
_SI, _T, _PHONETIC, _ROW, _C, _V, _F = (_MAIN + name for name in ("si", "t", "rPh", "row", "c", "v", "f"))
_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Dates:
    """Which cell styles show a number as a day or a duration, and the day from which it counts."""

    epoch: datetime
    styles: Collection[int] = frozenset()
    durations: Collection[int] = frozenset()


@dataclass(slots=True)
class SheetRow:
    """Texts by column, counted from 0; and the columns that hold a formula without its result."""

    number: int
    texts: dict[int, str] = field(default_factory=dict)
    unfinished: list[int] = field(default_factory=list)


def shared_texts(stream: IO[bytes]) -> list[str]:
    """The texts that cells of type «s» name by their place."""
    found: list[str] = []
    pieces: list[str] = []
    aside = 0  # inside how a word is to be read aloud

    def start(name: str, _attributes: Mapping[str, str]) -> None:
        nonlocal aside
        if name == _T:
            parser.CharacterDataHandler = None if aside else pieces.append
        elif name == _SI:
            pieces.clear()
        elif name == _PHONETIC:
            aside += 1

    def end(name: str) -> None:
        nonlocal aside
        if name == _T:
            parser.CharacterDataHandler = None
        elif name == _SI:
            found.append("".join(pieces).replace("x005F_", ""))
        elif name == _PHONETIC:
            aside -= 1

    parser = _parser(start, end)
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)
    return found


def sheet_rows(stream: IO[bytes], texts: list[str], dates: Dates) -> Iterator[SheetRow]:
    """Rows that stand in the sheet's XML, in their order.

    Raises:
        BrokenWorkbook, DangerousWorkbook: rows or columns where no spreadsheet has any.
        ExpatError, ValueError, IndexError: it is not what its directory says it is.
    """
    reader = _Rows(texts, dates)
    parser = _parser(reader.start, reader.end)
    reader.parser = parser
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk, False)
        done, reader.done = reader.done, []
        yield from done
    parser.Parse(b"", True)
    yield from reader.done


def _parser(start: Callable[[str, dict[str, str]], None], end: Callable[[str], None]) -> Any:
    def doctype(*_: object) -> None:
        raise DangerousWorkbook

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = doctype
    parser.StartElementHandler, parser.EndElementHandler = start, end
    return parser


class _Rows:
    """The state between two events of the parser."""

    def __init__(self, texts: list[str], dates: Dates) -> None:
        self.done: list[SheetRow] = []
        self.parser: Any = None
        self._shared, self._dates = texts, dates
        self._columns: dict[str, int] = {}
        self._number = 0
        self._row: SheetRow | None = None
        self._column = -1
        self._kind, self._style, self._formula, self._aside = "n", "0", False, 0
        self._value: list[str] = []
        self._inline: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == _C:
            place = attributes.get("r")
            self._column = self._column + 1 if place is None else self._column_of(place)
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
            self._formula = False
            self._value.clear()
            self._inline.clear()
        elif name == _V:
            self.parser.CharacterDataHandler = self._value.append
        elif name == _F:
            self._formula = True
        elif name == _T:
            self.parser.CharacterDataHandler = None if self._aside else self._inline.append
        elif name == _ROW:
            said = attributes.get("r")
            number = self._number + 1 if said is None else int(float(said))
            if number <= self._number:
                raise BrokenWorkbook  # a row twice, or before the one above it: which would count?
            if number > LAST_ROW:
                raise DangerousWorkbook
            self._number, self._column = number, -1
            self._row = SheetRow(number)
        elif name == _PHONETIC:
            self._aside += 1

    def end(self, name: str) -> None:
        if name == _C:
            if self._row is not None:
                self._cell(self._row)
        elif name in (_V, _T):
            self.parser.CharacterDataHandler = None
        elif name == _ROW:
            if self._row is not None:
                self.done.append(self._row)
            self._row = None
        elif name == _PHONETIC:
            self._aside -= 1

    def _cell(self, row: SheetRow) -> None:
        written = "".join(self._value)
        if written and self._kind != "inlineStr":
            row.texts[self._column] = self._text(written)
        elif self._formula:
            row.unfinished.append(self._column)
        elif self._kind == "inlineStr" and self._inline:
            row.texts[self._column] = "".join(self._inline)

    def _text(self, written: str) -> str:
        kind = self._kind
        if kind == "s":
            return self._shared[int(written)]
        if kind == "n":
            style = int(self._style)
            if style in self._dates.styles:
                return self._day(written, durations=style in self._dates.durations)
            return number_text(written)
        if kind == "b":
            return str(int(bool(int(written))))
        if kind == "d":
            from openpyxl.utils import datetime as days

            read: Callable[[str], Any] = days.from_ISO8601
            return date_text(read(written))
        return written

    def _day(self, written: str, *, durations: bool) -> str:
        from openpyxl.utils.datetime import from_excel

        try:
            found = from_excel(float(written), self._dates.epoch, timedelta=durations)
        except (OverflowError, ValueError):
            return "#VALUE!"  # no calendar has this day
        return date_text(found)

    def _column_of(self, place: str) -> int:
        """Of «AB12», counted from 0; what comes after in the row without a place of its own follows it."""
        letters = place.rstrip(_DIGITS)
        found = self._columns.get(letters)
        if found is None:
            found = self._columns[letters] = column_number(letters.upper())
        return found


def column_number(letters: str) -> int:
    """0 for A. Raises ValueError beyond the last column of a sheet."""
    place = 0
    for letter in letters:
        if not "A" <= letter <= "Z" or place > LAST_COLUMN:
            raise ValueError(letters)
        place = place * 26 + ord(letter) - 64
    if not 1 <= place <= LAST_COLUMN:
        raise ValueError(letters)
    return place - 1


def number_text(written: str) -> str:
    """A number as a person writes it: 12, 0,5; the file writes 12.0, 5E-1."""
    if written.isascii() and written.isdigit():
        return str(int(written))
    if not any(letter in written for letter in ".eE"):
        return str(int(written))
    number = float(written)
    if number != number or number in (float("inf"), float("-inf")):
        return "#NUM!"
    if number.is_integer():
        return str(int(number))
    return format(Decimal(repr(number)), "f").replace(".", ",")


def date_text(found: Any) -> str:
    if isinstance(found, datetime):
        return found.date().isoformat() if found.time() == time() else found.isoformat(" ", "minutes")
    if isinstance(found, date):
        return found.isoformat()
    if isinstance(found, time | timedelta):
        return str(found)
    return "" if found is None else str(found)
