"""Statements as files: one call for the page, the command line and whoever comes next."""

from datetime import date, datetime
from typing import IO

from flask_babel import force_locale
from sqlalchemy.orm import Session

from aidtrack.audit import chain
from aidtrack.audit.queries import latest_seal
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import InvalidValue
from aidtrack.kernel.late import dataclass
from aidtrack.reports.csv_files import write_csv, write_lines_csv
from aidtrack.reports.figures import Figure
from aidtrack.reports.lines import Which, all_movements, shelves
from aidtrack.reports.printing import Printed
from aidtrack.reports.scope import AskForStatement
from aidtrack.reports.statements import Statement, statement

MIME = {
    "csv": "text/csv; charset=utf-8",
    "lines": "text/csv; charset=utf-8",
    "table": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


@dataclass(frozen=True, slots=True)
class Again:
    """What a statement said of itself, so that the same file is written again; its day and time is `now`.

    All three stand on the statement itself, and in its audit row's neighbourhood: nothing else is stored.
    """

    ledger_entry_id: int
    checkpoint: str | None


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
    again: Again | None = None,
) -> Statement:
    """Write one donor's statement to a binary stream; gives what was written.

    Args:
        session: one whose queries all see the same state (`aidtrack.reports.snapshot`).
        fmt: csv (a row for each agreement and item), lines (a CSV of all movements), table (a CSV of what was
            handed out, a column for each item), xlsx or pdf.
        stream: need not be seekable; a row (xlsx, lines) or a page (pdf) is in memory at a time.
        language: of words, decimal marks and the CSV's separator; "uk" or "en".
        again: to write an earlier statement once more, with its `now`: the same bytes come out however many
            entries were made since, as long as nothing was renamed.

    Raises:
        NotFound: no such donor, or one that this actor's statements do not cover.
        InvalidValue: no such format.
    """
    if fmt not in MIME:
        raise InvalidValue(field="format", value=fmt)
    asked = AskForStatement(donor_code, start, end, agreement, item)
    upto = again.ledger_entry_id if again is not None else None
    made = statement(session, asked, actor=actor, now=now, upto=upto)
    checkpoint = again.checkpoint if again is not None else _checkpoint(session)
    # to the minute, as it is printed: who makes it again has only the paper to read it from
    printed = Printed(made, language, now.replace(second=0, microsecond=0), checkpoint)
    scope = made.scope
    closing = Which(Figure.CLOSING, scope.goods, scope.period)
    with force_locale(language):
        if fmt == "csv":
            write_csv(stream, printed)
        elif fmt == "lines":
            write_lines_csv(stream, printed, all_movements(session, scope, upto=upto))
        elif fmt == "table":
            from aidtrack.reports.wide_table import write_table_csv  # a start does not wait for its library

            write_table_csv(stream, printed)
        elif fmt == "xlsx":
            from aidtrack.reports.sheets import write_xlsx  # a start does not wait for its library

            write_xlsx(
                stream,
                printed,
                shelves(session, scope, closing, upto=upto),
                all_movements(session, scope, upto=upto),
            )
        else:
            from aidtrack.reports.paper import write_pdf  # a start does not wait for its library

            write_pdf(stream, printed, shelves(session, scope, closing, upto=upto))
    return made


def _checkpoint(session: Session) -> str | None:
    seal = latest_seal(session)
    return chain.checkpoint(seal.id, bytes(seal.hash)) if seal is not None else None


def filename(made_for: AskForStatement, fmt: str) -> str:
    """«statement-WFP-2022-09-01-2022-12-31.xlsx»"""
    kind = fmt if fmt in ("lines", "table") else "statement"
    ending = fmt if fmt in ("xlsx", "pdf") else "csv"
    donor = "".join(
        character if character.isalnum() or character in "-_" else "-" for character in made_for.donor
    )
    return f"{kind}-{donor}-{made_for.start.isoformat()}-{made_for.end.isoformat()}.{ending}"
