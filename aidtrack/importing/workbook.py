"""An XLSX workbook, opened only after its directory was found harmless."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
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
from aidtrack.importing.reading import LARGEST, Numbered, check_size, trimmed
from aidtrack.importing.sheets import LAST_ROW, Dates, SheetRow, column_number, shared_texts, sheet_rows

MEGABYTE = 1024 * 1024
MOST_PARTS = 2000
MOST_UNPACKED = 300 * MEGABYTE
MOST_STRINGS = 100 * MEGABYTE  # shared strings are held in memory
MOST_OTHER = 20 * MEGABYTE  # styles and the like
MOST_RATIO = 150  # a table packs ten to forty times; a bomb a thousand times
RATIO_FROM = 4 * MEGABYTE
MOST_MERGED = 50_000

_ERROR_VALUES = frozenset(
    {"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA"}
)
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
        self._texts: list[str] | None = None
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = set(archive.namelist())
        if "[Content_Types].xml" not in parts or not any(name.startswith("xl/") for name in parts):
            raise NotATable  # a text document or an archive of something else
        self._parts, self._texts_part, self._dates = self._described()
        if not self._parts:
            raise NotATable
        self.sheets = tuple(self._parts)
        if sheet is not None and sheet not in self._parts:
            raise NoSuchSheet
        self.sheet: str | None = sheet or self._first_filled()
        self._merged = self._merged_downwards()

    def _described(self) -> tuple[dict[str, str], str | None, Dates]:
        """Sheets with their parts, those that are seen first; the part of shared texts; which styles are days."""
        from openpyxl.reader.excel import ExcelReader
        from openpyxl.xml.constants import SHARED_STRINGS

        class WithoutTexts(ExcelReader):
            def read_strings(self) -> None:
                """They are read once, when somebody wants the rows."""

        try:
            reader: Any = WithoutTexts(
                io.BytesIO(self._body), read_only=True, data_only=True, keep_links=False, keep_vba=False
            )
            with reader.archive:
                reader.read()
                book = reader.wb
                texts = reader.package.find(SHARED_STRINGS)
                seen = sorted(book.worksheets, key=lambda one: one.sheet_state != "visible")
                parts = {one.title: str(one._worksheet_path) for one in seen}
                dates = Dates(book.epoch, frozenset(book._date_formats), frozenset(book._timedelta_formats))
        except Exception as error:  # openpyxl raises whatever a broken part makes it stumble over
            raise BrokenWorkbook from error
        return parts, None if texts is None else texts.PartName[1:], dates

    def _first_filled(self) -> str:
        for name in self.sheets:
            for row in self._sheet_rows(name):
                if row.texts or row.unfinished:
                    return name
                if row.number > 1000:
                    break
        raise EmptyFile

    def _sheet_rows(self, name: str) -> Iterator[SheetRow]:
        try:
            with zipfile.ZipFile(io.BytesIO(self._body)) as archive:
                if self._texts is None and self._texts_part is not None:
                    with archive.open(self._texts_part) as stream:
                        self._texts = shared_texts(stream)
                with archive.open(self._parts[name]) as stream:
                    yield from sheet_rows(stream, self._texts or [], self._dates)
        except (DangerousWorkbook, BrokenWorkbook):
            raise
        except (
            zipfile.BadZipFile, zlib.error, EOFError, expat.ExpatError, KeyError, IndexError, ValueError,
            OverflowError,
        ) as error:  # fmt: skip
            raise BrokenWorkbook from error

    def _merged_downwards(self) -> dict[int, list[tuple[int, int, int]]]:
        """Cells merged downwards: first row -> (column, first, last)."""
        assert self.sheet is not None  # it was just chosen
        found, tail = [], b""
        try:
            with (
                zipfile.ZipFile(io.BytesIO(self._body)) as archive,
                archive.open(self._parts[self.sheet]) as stream,
            ):
                while chunk := stream.read(_CHUNK):
                    text = tail + chunk
                    if b"mergeCell" in text:
                        found += _MERGED.findall(text)
                    if len(found) > MOST_MERGED:
                        raise DangerousWorkbook
                    tail = text[-200:]
            merged: dict[int, list[tuple[int, int, int]]] = {}
            for left, top, _right, bottom in set(found):
                first, last = int(top), min(int(bottom), LAST_ROW)
                if last > first:
                    merged.setdefault(first, []).append((column_number(left.decode()), first, last))
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError) as error:
            raise BrokenWorkbook from error
        return merged

    def rows(self, most: int = LARGEST) -> Iterator[Numbered]:
        assert self.sheet is not None
        self.faults.clear()
        # column, last row, text: merged cells that reach further down
        running: list[tuple[int, int, str]] = []
        filled = 0
        for found in self._sheet_rows(self.sheet):
            number, faulty = found.number, bool(found.unfinished)
            texts = [""] * (max(found.texts, default=-1) + 1)
            for place, text in found.texts.items():
                if text[:1] == "#" and text in _ERROR_VALUES:
                    self.faults[number, place] = ErrorValue.code
                    faulty = True
                else:
                    texts[place] = text
            for place in found.unfinished:
                self.faults[number, place] = FormulaWithoutValue.code
            if running or self._merged:
                running = self._fill_merged(number, texts, running)
            row = trimmed(texts)
            if not row and not faulty:
                continue
            filled += 1
            check_size(number, row, filled, most)
            yield number, row

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
