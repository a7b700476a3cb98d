"""The journal as a table: XLSX or CSV, without names, and nothing in it that a spreadsheet computes."""

from collections.abc import Sequence
from datetime import date
from typing import IO

from flask_babel import gettext as _

from aidtrack.beneficiaries.cases.queries.journal import JournalRow
from aidtrack.beneficiaries.cases.words import (
    CHANNEL_WORDS,
    KIND_WORDS,
    OUTCOME_WORDS,
    SENDER_WORDS,
    STATUS_WORDS,
)
from aidtrack.web.csv_files import Writer

Cell = str | date | int


def _heads() -> list[str]:
    return [
        _("Site"), _("Number"), _("Came on"), _("What it is"), _("How it came"), _("Who turned to us"), _("Family"),
        _("Caseworker"), _("State"), _("Outcome"), _("Closed on"),
    ]  # fmt: skip


def _cells(row: JournalRow) -> list[Cell]:
    return [
        row.site_code, row.number, row.received_on, str(KIND_WORDS[row.kind]),
        str(CHANNEL_WORDS[row.channel]) if row.channel else "", str(SENDER_WORDS[row.sender]) if row.sender else "",
        row.registration_no or "", row.assigned_to or "", str(STATUS_WORDS[row.status]),
        str(OUTCOME_WORDS[row.outcome]) if row.outcome else "", row.closed_on or "",
    ]  # fmt: skip


def write_csv(stream: IO[bytes], rows: Sequence[JournalRow], language: str) -> None:
    out = Writer(stream, language)
    out.row(_heads())
    for row in rows:
        out.row([cell.isoformat() if isinstance(cell, date) else cell for cell in _cells(row)])
    out.flush()


def write_xlsx(stream: IO[bytes], rows: Sequence[JournalRow], language: str) -> None:
    """Text is written as text whatever it looks like, so that no cell is a formula."""
    import xlsxwriter

    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(stream, options)
    sheet = book.add_worksheet(str(_("Journal"))[:31])
    bold = book.add_format({"bold": True, "text_wrap": True})
    as_day = book.add_format({"num_format": "yyyy-mm-dd" if language == "en" else "dd.mm.yyyy"})
    for column, word in enumerate(_heads()):
        sheet.write_string(0, column, word, bold)
        sheet.set_column(column, column, 18)
    for place, row in enumerate(rows, start=1):
        for column, cell in enumerate(_cells(row)):
            if isinstance(cell, date):
                sheet.write_datetime(place, column, cell, as_day)
            else:
                sheet.write_string(place, column, str(cell))
    sheet.freeze_panes(1, 0)
    book.close()
