"""An XLSX workbook, opened only after its directory was found harmless."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any
from xml.parsers import expat

from aidtrack.importing.errors import (
    BrokenWorkbook,
    DangerousWorkbook,
    EmptyFile,
    ErrorValue,
    FormulaWithoutValue,
    NoSuchSheet,
    NotATable,
)
from aidtrack.importing.reading import LARGEST, MOST_COLUMNS, Numbered, check_size, trimmed

MEGABYTE = 1024 * 1024
MOST_PARTS = 2000
MOST_UNPACKED = 300 * MEGABYTE
MOST_STRINGS = 100 * MEGABYTE  # shared strings are held in memory
MOST_OTHER = 20 * MEGABYTE  # styles and the like
MOST_RATIO = 150  # a table packs ten to forty times; a bomb a thousand times
RATIO_FROM = 4 * MEGABYTE
LAST_ROW = 1_048_576
MOST_MERGED = 50_000

_ERROR_VALUES = frozenset(
    {"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA"}
)
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_CHUNK = 1 << 20


def check_archive(body: bytes) -> None:
    """Judge the zip's directory before anything is unpacked, and the beginning of each XML part after it.

    Python's reader stops at the size the directory states, so a directory that lies small ends in an error,
    not in memory.

    Raises:
        DangerousWorkbook, BrokenWorkbook.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNPACKED:
                raise DangerousWorkbook
            if sum(one.compress_size for one in parts) > len(body):
                raise DangerousWorkbook  # parts that share their bytes
            for part in parts:
                _check_part(part)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as stream:
                        _refuse_doctype(stream)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise BrokenWorkbook from error
    except RuntimeError:  # a part is encrypted
        raise BrokenWorkbook from None


def _check_part(part: zipfile.ZipInfo) -> None:
    is_sheet = part.filename.startswith("xl/worksheets/") or not part.filename.endswith((".xml", ".rels"))
    most = MOST_UNPACKED if is_sheet else MOST_STRINGS if "sharedStrings" in part.filename else MOST_OTHER
    if part.file_size > most:
        raise DangerousWorkbook
    if part.file_size > RATIO_FROM and part.file_size > MOST_RATIO * max(part.compress_size, 1):
        raise DangerousWorkbook


class _RootReached(Exception):
    pass


def _refuse_doctype(stream: IO[bytes]) -> None:
    """A document type stands before the root element; workbooks have none, and entities need one."""

    def doctype(*_: object) -> None:
        raise DangerousWorkbook

    def root(*_: object) -> None:
        raise _RootReached

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    parser.StartElementHandler = root
    try:
        while chunk := stream.read(4096):
            parser.Parse(chunk, False)
    except _RootReached:
        return
    except expat.ExpatError as error:
        raise BrokenWorkbook from error


class Workbook:
    """Rows of one sheet as texts. Dates come as 2022-09-01, numbers with a decimal comma."""

    kind = "xlsx"
    encoding: str | None = None
    delimiter: str | None = None

    def __init__(self, body: bytes, sheet: str | None = None) -> None:
        check_archive(body)
        self._body = body
        self.faults: dict[tuple[int, int], str] = {}
        names = self._names()
        self.sheets = tuple(names)
        if sheet is not None and sheet not in names:
            raise NoSuchSheet
        self.sheet: str | None = sheet or self._first_filled()
        self._has_formulas, self._merged = self._scan()

    def _load(self, *, results: bool) -> Any:
        from openpyxl import load_workbook

        try:
            return load_workbook(
                io.BytesIO(self._body), read_only=True, data_only=results, keep_links=False, keep_vba=False
            )
        except DangerousWorkbook:
            raise
        except Exception as error:  # openpyxl raises whatever a broken part makes it stumble over
            raise BrokenWorkbook from error

    def _names(self) -> list[str]:
        with zipfile.ZipFile(io.BytesIO(self._body)) as archive:
            parts = set(archive.namelist())
        if "[Content_Types].xml" not in parts or not any(name.startswith("xl/") for name in parts):
            raise NotATable  # a text document or an archive of something else
        book = self._load(results=True)
        try:
            shown = [one.title for one in book.worksheets if one.sheet_state == "visible"]
            names = shown + [one.title for one in book.worksheets if one.sheet_state != "visible"]
        finally:
            book.close()
        if not names:
            raise NotATable
        return names

    def _first_filled(self) -> str:
        book = self._load(results=True)
        try:
            for name in self.sheets:
                sheet = book[name]
                sheet.reset_dimensions()
                for number, row in enumerate(sheet.iter_rows(values_only=True)):
                    if any(cell is not None for cell in row):
                        return name
                    if number > 1000:
                        break
        except Exception as error:
            raise BrokenWorkbook from error
        finally:
            book.close()
        raise EmptyFile

    def _scan(self) -> tuple[bool, dict[int, list[tuple[int, int, int]]]]:
        """Whether the sheet has formulas, and its cells merged downwards: first row -> (column, first, last)."""
        book = self._load(results=True)
        path = str(getattr(book[self.sheet], "_worksheet_path", ""))
        book.close()
        formulas, found, tail = False, [], b""
        with zipfile.ZipFile(io.BytesIO(self._body)) as archive, archive.open(path) as stream:
            while chunk := stream.read(_CHUNK):
                text = tail + chunk
                formulas = formulas or _FORMULA.search(text) is not None
                if b"mergeCell" in text:
                    found += _MERGED.findall(text)
                if len(found) > MOST_MERGED:
                    raise DangerousWorkbook
                tail = text[-200:]
        merged: dict[int, list[tuple[int, int, int]]] = {}
        for left, top, _right, bottom in set(found):
            first, last = int(top), int(bottom)
            if last > first:
                merged.setdefault(first, []).append((_column(left.decode()), first, min(last, LAST_ROW)))
        return formulas, merged

    def rows(self, most: int = LARGEST) -> Iterator[Numbered]:
        self.faults.clear()
        formulas = self._formula_rows() if self._has_formulas else None
        book = self._load(results=True)
        running: list[
            tuple[int, int, str]
        ] = []  # column, last row, text: merged cells that reach further down
        filled = 0
        try:
            sheet = book[self.sheet]
            sheet.reset_dimensions()  # the stated size may be wrong
            for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                if number > LAST_ROW:
                    raise DangerousWorkbook
                if len(cells) > MOST_COLUMNS:
                    cells = _narrowed(number, cells)
                texts, faulty = [_text(cell) for cell in cells], False
                for place, text in enumerate(texts):
                    if text[:1] == "#" and text in _ERROR_VALUES:
                        self.faults[number, place] = ErrorValue.code
                        texts[place], faulty = "", True
                if formulas is not None:
                    for place in next(formulas, ()):
                        if place >= len(cells) or cells[place] is None:
                            self.faults[number, place] = FormulaWithoutValue.code
                            faulty = True
                running = self._fill_merged(number, texts, running)
                row = trimmed(texts)
                if not row and not faulty:
                    continue
                filled += 1
                check_size(number, row, filled, most)
                yield number, row
        except (DangerousWorkbook, BrokenWorkbook):
            raise
        except (
            zipfile.BadZipFile,
            zlib.error,
            expat.ExpatError,
            SyntaxError,
            KeyError,
            ValueError,
            TypeError,
        ) as error:
            raise BrokenWorkbook from error
        finally:
            book.close()

    def _formula_rows(self) -> Iterator[list[int]]:
        """Columns with formulas, row by row: told from their text, since results look like any value."""
        book = self._load(results=False)
        try:
            sheet = book[self.sheet]
            sheet.reset_dimensions()
            for cells in sheet.iter_rows():
                yield [place for place, cell in enumerate(cells) if getattr(cell, "data_type", None) == "f"]
        finally:
            book.close()

    def _fill_merged(
        self, number: int, texts: list[str], running: list[tuple[int, int, str]]
    ) -> list[tuple[int, int, str]]:
        """Write the text of a cell merged downwards into each of its rows."""
        kept = [one for one in running if one[1] >= number]
        for column, _last, text in kept:
            if column < len(texts) and not texts[column]:
                texts[column] = text
            elif column >= len(texts) and any(texts):
                texts += [""] * (column - len(texts)) + [text]
        for column, _first, last in self._merged.get(number, ()):
            if column < len(texts) and texts[column]:
                kept.append((column, last, texts[column]))
        return kept


def _narrowed(number: int, cells: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row as wide as what stands in it; formatting often reaches to the last column of all."""
    last = max((place for place, cell in enumerate(cells) if cell is not None), default=-1)
    return cells[: last + 1]


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        if cell != cell or cell in (float("inf"), float("-inf")):
            return "#NUM!"
        if cell.is_integer():
            return str(int(cell))
        return format(Decimal(repr(cell)), "f").replace(".", ",")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time | timedelta):
        return str(cell)
    return str(cell)
