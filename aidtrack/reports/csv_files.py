"""Statements as CSV; how a spreadsheet is served is in `aidtrack.web.csv_files`."""

from collections.abc import Iterable
from typing import IO

from flask_babel import gettext

from aidtrack.kernel.quantity import base_word, plain_unit, show_plain
from aidtrack.reports.figures import Figure
from aidtrack.reports.lines import Movement
from aidtrack.reports.printing import Printed
from aidtrack.reports.suppression import Reached
from aidtrack.reports.words import cause_name, figure_name, withheld_text
from aidtrack.web.csv_files import Number, Writer


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
