"""Open a file of any make and give its rows as texts: the encodings, separators and workbooks people really have.

Nothing is evaluated: a formula gives the result that was saved with it, or a fault where there is none. Macros,
drawings and links lie in the file and are never touched.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Protocol

from aidtrack.importing.errors import (
    EmptyFile,
    FileTooLarge,
    NotATable,
    NotInThisEncoding,
    OldWorkbook,
    QuoteNeverCloses,
    TooManyColumns,
    TooManyRows,
)
from aidtrack.kernel.late import dataclass

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE
MOST_ROWS = 100_000
MOST_COLUMNS = 250
LARGEST = MOST_ROWS + 30  # titles, headings, tags
DELIMITERS = (";", ",", "\t", "|")
# in the order in which they are tried; the person sees the preview and may choose another
ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "utf-16-le": "UTF-16 (little-endian)",
    "utf-16-be": "UTF-16 (big-endian)",
    "cp1251": "Windows-1251",
    "koi8-u": "KOI8-U",
    "cp1125": "DOS 1125",
}
_SNIFFED_RECORDS = 60
# what spreadsheet programs call a sheet that nobody named, in the languages people here work in
_UNNAMED = re.compile(r"(sheet|аркуш|лист|arkusz|table|worksheet|таблиця)?\s*\d*", re.IGNORECASE)

Row = tuple[str, ...]
Numbered = tuple[int, Row]


@dataclass(frozen=True, slots=True)
class Choice:
    """How a person said the file is to be read; None leaves it to the file."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


class Source(Protocol):
    """An opened file. `faults` fills while rows are read: what is wrong with single cells, by row and column."""

    kind: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    sheets: tuple[str, ...]
    faults: dict[tuple[int, int], str]

    def rows(self, most: int = LARGEST) -> Iterator[Numbered]:
        """(number as the spreadsheet shows it, cells), blank rows left out.

        Raises:
            TooManyRows: there are more than `most` rows with something in them.
            TooManyColumns: a row is wider than any table.
        """
        ...


def open_file(body: bytes, name: str = "", choice: Choice | None = None) -> Source:
    """The file, ready to be read.

    Raises:
        ImportRefused: too large, empty, damaged, built to harm, or no table at all.
    """
    choice = choice or Choice()
    if len(body) > MOST_BYTES:
        raise FileTooLarge(most=MOST_BYTES // MEGABYTE)
    if not body.strip(b"\x00\r\n\t ;,\xef\xbb\xbf\xff\xfe"):
        raise EmptyFile
    if body[:4] == b"PK\x03\x04":
        from aidtrack.importing.workbook import Workbook

        return Workbook(body, choice.sheet)
    if body[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise OldWorkbook
    if body[:5] in (b"%PDF-", b"{\\rtf") or body[:2] == b"PK" or _is_json(body):
        raise NotATable
    return TextTable(body, choice)


def _is_json(body: bytes) -> bool:
    """What programs write for programs; a table may begin with a bracket too, but is none as a whole."""
    if body[:4].lstrip(b"\xef\xbb\xbf\r\n\t ")[:1] not in (b"{", b"["):
        return False
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def encoding_of(body: bytes) -> str:
    """By rule, never by likelihood: a byte order mark, zero bytes, valid UTF-8, else Windows-1251."""
    if body.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if body.startswith(b"\xff\xfe"):
        return "utf-16-le"
    if body.startswith(b"\xfe\xff"):
        return "utf-16-be"
    head = body[:8192]
    if b"\x00" in head:  # separators and digits have a zero byte before or behind in UTF-16
        return "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1251"
    return "utf-8-sig"


def decoded(body: bytes, encoding: str) -> str:
    """The text with one kind of line end; CR-only files of old machines included."""
    try:
        text = body.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise NotInThisEncoding from None
    text = text.removeprefix("\ufeff")
    if "\x00" in text:
        raise NotATable
    return text.replace("\r\n", "\n").replace("\r", "\n")


def delimiter_of(text: str) -> str:
    """The separator by which most of the first rows fall into equally many columns."""
    first = text[:200_000]
    if first[:4].casefold() == "sep=" and len(first) > 4:
        return first[4]
    best, score = ";", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = Counter(width for width in _widths(first, delimiter) if width > 1)
        if not widths:
            continue
        # the width that most rows share; a wider table wins over a chance comma in every row
        width, rows = max(widths.items(), key=lambda one: (one[1] * min(one[0], 12), one[0]))
        found = (rows * float(min(width, 12)), width)
        if found > score:
            best, score = delimiter, found
    return best


def _widths(text: str, delimiter: str) -> Iterator[int]:
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter)):
            if number >= _SNIFFED_RECORDS:
                return
            yield len(row)
    except csv.Error:
        return


@dataclass(slots=True)
class TextTable:
    """CSV in any of its dialects."""

    body: bytes
    choice: Choice
    kind: str = "csv"
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    faults: dict[tuple[int, int], str] = field(default_factory=dict)
    _text: str = ""

    def __post_init__(self) -> None:
        self.encoding = self.choice.encoding or encoding_of(self.body)
        if self.encoding not in ENCODINGS:
            raise NotInThisEncoding
        self._text = decoded(self.body, self.encoding)
        said = self.choice.delimiter or ""
        self.delimiter = said if len(said) == 1 else delimiter_of(self._text)

    def rows(self, most: int = LARGEST) -> Iterator[Numbered]:
        reader = csv.reader(io.StringIO(self._text), delimiter=self.delimiter or ";")
        number = filled = 0
        try:
            for number, cells in enumerate(reader, start=1):
                if number == 1 and len(cells) <= 2 and cells and cells[0].casefold().startswith("sep="):
                    continue
                row = trimmed(cells)
                if not row:
                    continue
                filled += 1
                check_size(number, row, filled, most)
                yield number, row
        except csv.Error:  # a field of 128 kB: a quotation mark swallowed the rest
            raise QuoteNeverCloses(row=number + 1) from None


def trimmed(cells: list[str]) -> Row:
    """Cells with single spaces, without the empty ones at the end; nothing for a blank row."""
    row = [" ".join(cell.split()) if cell else "" for cell in cells]
    while row and not row[-1]:
        row.pop()
    return tuple(row)


def check_size(number: int, row: Row, filled: int, most: int) -> None:
    if len(row) > MOST_COLUMNS:
        raise TooManyColumns(row=number, most=MOST_COLUMNS)
    if filled > most:
        raise TooManyRows(most=most)


def spoken_sheet(name: str, sheets: Sequence[str], file: str) -> str:
    """What a person calls the sheet: the only one of a file, if nobody named it, by the file."""
    return file if len(sheets) == 1 and _UNNAMED.fullmatch(name.strip()) else name


def column_letter(place: int) -> str:
    """The column as the spreadsheet names it: 0 is A, 26 is AA."""
    letters, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
