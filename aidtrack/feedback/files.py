"""The register as a table to take away: no text and nobody's name in it."""

from collections.abc import Iterable, Mapping
from typing import IO

import xlsxwriter
from flask_babel import gettext as _

from aidtrack.feedback.queries import ListRow
from aidtrack.feedback.words import CHANNELS, OUTCOMES, STATES
from aidtrack.feedback.working_days import Calendar, working_days_between
from aidtrack.web.csv_files import Writer


def heads() -> list[str]:
    return [
        _("Number"), _("Site"), _("How it came"), _("What it is about"), _("Received on"), _("Due on"), _("State"),
        _("Answered on"), _("Working days to the answer"), _("In time"), _("What was found"), _("Times opened again"),
        _("Mark"), _("Round"),
    ]  # fmt: skip


def cells(row: ListRow, kinds: Mapping[str, str], calendar: Calendar) -> list[str | int]:
    took = "" if row.answered_on is None else working_days_between(row.received_on, row.answered_on, calendar)
    in_time = "" if row.answered_on is None else _("yes") if row.answered_on <= row.due_on else _("no")
    return [
        row.number, row.site_code, _(CHANNELS[row.channel]), kinds.get(row.kind, row.kind), row.received_on.isoformat(),
        row.due_on.isoformat(), _(STATES[row.state][0]), row.answered_on.isoformat() if row.answered_on else "", took,
        in_time, _(OUTCOMES[row.outcome]) if row.outcome else "", row.times_reopened, row.rating or "",
        row.round_code or "",
    ]  # fmt: skip


def write_csv(
    stream: IO[bytes], rows: Iterable[ListRow], kinds: Mapping[str, str], calendar: Calendar, language: str
) -> None:
    out = Writer(stream, language)
    out.row(heads())
    for row in rows:
        out.row(cells(row, kinds, calendar))
    out.flush()


def write_xlsx(
    stream: IO[bytes], rows: Iterable[ListRow], kinds: Mapping[str, str], calendar: Calendar
) -> None:
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        sheet = book.add_worksheet(_("Feedback")[:31])
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        for column, head in enumerate(heads()):
            sheet.write_string(0, column, head, bold)
        sheet.set_column(0, len(heads()) - 1, 16)
        sheet.freeze_panes(1, 1)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(cells(row, kinds, calendar)):
                if isinstance(cell, int):
                    sheet.write_number(number, column, cell)
                else:
                    sheet.write_string(number, column, cell)
