"""A row whose handout was taken back is free again: for another entry, a note, or nobody."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from aidtrack.distribution.models import Handout, PaperList, PaperRow, RowState


def free(session: Session, row: PaperRow) -> bool:
    """The row is recorded, and its handout no longer stands. The caller holds the row."""
    return row.state is RowState.HANDED_OUT and row.client_id is not None and _undone(session, row.client_id)


def reset(session: Session, row: PaperRow) -> None:
    """Nothing is said of the row any more; the undone handout keeps its own paper trail."""
    row.state, row.client_id, row.used_voucher_id, row.happened_on = RowState.OPEN, None, None, None
    session.flush()


def next_id(session: Session, made: PaperList, number: int) -> uuid.UUID:
    """The handout's id for this turn of the row: entered twice it is one handout, entered after an undo another."""
    turn = 0
    while True:
        name = str(number) if turn == 0 else f"{number}.{turn}"
        found = uuid.uuid5(uuid.UUID(made.uid), name)
        if not _undone(session, str(found)):
            return found
        turn += 1


def _undone(session: Session, client_id: str) -> bool:
    back = aliased(Handout)
    query = (
        select(back.id).join(Handout, Handout.id == back.reverses_id).where(Handout.client_id == client_id)
    )
    return session.execute(query).first() is not None
