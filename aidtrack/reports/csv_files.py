"""Statements as CSV that a spreadsheet opens rightly and cannot be tricked by.

A Ukrainian Excel separates by semicolon and marks decimals by comma, an English one by comma and point;
each file follows the language it is made in. The file begins with a byte order mark, without which Excel
reads Cyrillic as nonsense. Text that a spreadsheet would take for a formula gets an apostrophe in front.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import IO

from flask_babel import gettext

from aidtrack.kernel.quantity import base_word, plain_unit, show_plain
from aidtrack.reports.figures import Figure
from aidtrack.reports.lines import Movement
from aidtrack.reports.printing import Printed
from aidtrack.reports.suppression import Reached
from aidtrack.reports.words import cause_name, figure_name, withheld_text

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
ROWS_AT_ONCE = 1000


def safe(text: str) -> str:
    """Text as a cell that no spreadsheet computes."""
    return f"'{text}" if text.startswith(FORMULA) else text


class Writer:
    """Rows of text and numbers, encoded in handfuls."""

    def __init__(self, stream: IO[bytes], language: str) -> None:
        self.stream = stream
        self.decimal = "," if language == "uk" else "."
        self.buffer = io.StringIO(newline="")
        self.rows = csv.writer(self.buffer, delimiter=";" if language == "uk" else ",", lineterminator="\r\n")
        self.waiting = 0
        self.buffer.write(MARK)

    def row(self, cells: Sequence[str | int]) -> None:
        """Strings are text; ints are numbers. Numbers with decimals come as `Number`."""
        self.rows.writerow([str(cell) if isinstance(cell, int | Number) else safe(cell) for cell in cells])
        self.waiting += 1
        if self.waiting >= ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        self.stream.write(self.buffer.getvalue().encode())
        self.buffer.seek(0)
        self.buffer.truncate()
        self.waiting = 0


class Number(str):
    """Digits written by us: a leading minus is a number's, not a formula's."""

    __slots__ = ()


def write_csv(stream: IO[bytes], printed: Printed) -> None:
    """One row for each agreement and item: every figure in kg, l or pieces, and exactly in base units."""
    made, language = printed.statement, printed.language
    out = Writer(stream, language)
    exact = gettext("base units")
    out.row(
        [gettext("Donor"), gettext("From"), gettext("To"), gettext("Agreement"), gettext("Item code"), gettext("Item"),
         gettext("Unit"), *map(figure_name, Figure), gettext("Issues"), gettext("Households"),
         gettext("Persons"), gettext("Base unit"),
         *(f"{figure_name(figure)}, {exact}" for figure in Figure),
         gettext("Ledger up to entry no.")]
    )  # fmt: skip
    period = made.scope.period
    for line in made.lines:
        unit = line.item.unit
        units = [line.balance.of(figure) for figure in Figure]
        out.row(
            [made.scope.donor.code, period.start.isoformat(), period.end.isoformat(),
             printed.agreement(line.agreement), line.item.code, line.item.name(language), plain_unit(unit, language),
             *(Number(show_plain(value, unit, mark=out.decimal)) for value in units),
             *_counts(line.reached), base_word(unit, language), *units, made.ledger_entry_id]
        )  # fmt: skip
    out.flush()


def write_lines_csv(stream: IO[bytes], printed: Printed, movements: Iterable[Movement]) -> None:
    """All movements of the period, one a row."""
    language = printed.language
    out = Writer(stream, language)
    out.row(
        [gettext("Date"), gettext("Document"), gettext("Figure"), gettext("Agreement"), gettext("Item code"),
         gettext("Item"), gettext("Lot"), gettext("From place"), gettext("To place"), gettext("Quantity"),
         gettext("Unit"), gettext("In base units"), gettext("Base unit"), gettext("Remark")]
    )  # fmt: skip
    for line in movements:
        unit = line.item.unit
        remark = gettext("correction of a line above") if line.is_correction else ""
        out.row(
            [line.on.isoformat(), line.document or "", figure_name(line.figure), printed.agreement(line.agreement),
             line.item.code, line.item.name(language), line.lot, line.source.name(language),
             line.target.name(language), Number(show_plain(line.units, unit, mark=out.decimal)),
             plain_unit(unit, language), line.units, base_word(unit, language),
             remark or (cause_name(line.cause) if line.cause else "")]
        )  # fmt: skip
    out.flush()


def _counts(reached: Reached | None) -> list[str | int]:
    if reached is None:
        return [withheld_text()] * 3
    return [reached.issues, reached.households, reached.persons]
