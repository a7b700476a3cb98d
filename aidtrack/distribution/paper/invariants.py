"""What must hold of papers and closed days after every commit."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.distribution.models import (
    DayClose,
    DayCountLine,
    DayCountLot,
    DayState,
    Handout,
    PaperRow,
    RowState,
)
from aidtrack.kernel.invariants import Breach

CODE = "I6"


def recorded_rows_have_handouts(session: Session) -> Iterator[Breach]:
    """Every row of a paper list that counts as recorded has its handout."""
    strays = (
        select(PaperRow.list_id, PaperRow.number)
        .where(PaperRow.state == RowState.HANDED_OUT, PaperRow.client_id.not_in(select(Handout.client_id)))
        .order_by(PaperRow.list_id, PaperRow.number)
    )
    for list_id, number in session.execute(strays):
        yield Breach(CODE, f"row {number} of paper list {list_id} counts as recorded and has no handout")


def closed_days_are_posted(session: Session) -> Iterator[Breach]:
    """Every difference of a closed day stands in the ledger."""
    strays = (
        select(DayClose.number, DayCountLot.lot_id)
        .join(DayCountLine, DayCountLine.close_id == DayClose.id)
        .join(DayCountLot, DayCountLot.line_id == DayCountLine.id)
        .where(DayClose.state == DayState.CLOSED, DayCountLot.difference != 0, DayCountLot.entry_id.is_(None))
        .order_by(DayClose.id, DayCountLot.lot_id)
    )
    for number, lot_id in session.execute(strays):
        yield Breach(CODE, f"act {number} found a difference of lot {lot_id} that was never posted")


CHECKS = (recorded_rows_have_handouts, closed_days_are_posted)
