"""Statements as files: one call for the page, the command line and whoever comes next."""

from datetime import date, datetime
from typing import IO

from flask_babel import force_locale
from sqlalchemy.orm import Session

from aidtrack.audit import chain
from aidtrack.audit.queries import latest_seal
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import InvalidValue
from aidtrack.reports.csv_files import write_csv, write_lines_csv
from aidtrack.reports.figures import Figure
from aidtrack.reports.lines import Which, all_movements, shelves
from aidtrack.reports.printing import Printed
from aidtrack.reports.scope import AskForStatement
from aidtrack.reports.statements import Statement, statement

MIME = {
    "csv": "text/csv; charset=utf-8",
    "lines": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def write_statement(
    session: Session,
    *,
    donor_code: str,
    start: date,
    end: date,
    fmt: str,
    stream: IO[bytes],
    actor: Actor,
    now: datetime,
    language: str = "uk",
    agreement: str | None = None,
    item: str | None = None,
) -> Statement:
    """Write one donor's statement to a binary stream; gives what was written.

    Args:
        session: one whose queries all see the same state (`aidtrack.reports.snapshot`).
        fmt: csv (a row for each agreement and item), lines (a CSV of all movements), xlsx or pdf.
        stream: need not be seekable; a row (xlsx, lines) or a page (pdf) is in memory at a time.
        language: of words, decimal marks and the CSV's separator; "uk" or "en".

    Raises:
        NotFound: no such donor, or one that this actor's statements do not cover.
        InvalidValue: no such format.
    """
    if fmt not in MIME:
        raise InvalidValue(field="format", value=fmt)
    asked = AskForStatement(donor_code, start, end, agreement, item)
    made = statement(session, asked, actor=actor, now=now)
    seal = latest_seal(session)
    checkpoint = chain.checkpoint(seal.id, bytes(seal.hash)) if seal is not None else None
    printed = Printed(made, language, now, checkpoint)
    scope = made.scope
    closing = Which(Figure.CLOSING, scope.goods, scope.period)
    with force_locale(language):
        if fmt == "csv":
            write_csv(stream, printed)
        elif fmt == "lines":
            write_lines_csv(stream, printed, all_movements(session, scope))
        elif fmt == "xlsx":
            from aidtrack.reports.sheets import write_xlsx  # a start does not wait for its library

            write_xlsx(stream, printed, shelves(session, scope, closing), all_movements(session, scope))
        else:
            from aidtrack.reports.paper import write_pdf  # a start does not wait for its library

            write_pdf(stream, printed, shelves(session, scope, closing))
    return made


def filename(made_for: AskForStatement, fmt: str) -> str:
    """«statement-WFP-2022-09-01-2022-12-31.xlsx»"""
    kind = "lines" if fmt == "lines" else "statement"
    ending = "csv" if fmt == "lines" else fmt
    donor = "".join(
        character if character.isalnum() or character in "-_" else "-" for character in made_for.donor
    )
    return f"{kind}-{donor}-{made_for.start.isoformat()}-{made_for.end.isoformat()}.{ending}"
