"""Paper lists as pages and papers read them, within the actor's sites."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, aliased

from aidtrack.distribution.models import Entitlement, PaperList, PaperRow, RowState, Voucher
from aidtrack.distribution.queries.rounds import RoundRow, round_by_id
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass

Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list with how far its entering is: rows by what is said of them."""

    id: int
    number: str
    uid: str
    round_id: int
    place_id: int
    made_on: date
    made_at: datetime
    made_by: str
    closed_at: datetime | None
    closed_by: str | None
    rows: int
    spare: int
    open: int
    handed_out: int
    noted: int
    empty: int

    @property
    def entered(self) -> int:
        return self.rows - self.open


@dataclass(frozen=True, slots=True)
class RowRow:
    """One row: printed for a voucher, or spare; and what was entered of it. No name."""

    number: int
    voucher_id: int | None
    serial: str | None
    persons: int | None
    profile_id: int | None
    state: RowState
    used_serial: str | None
    happened_on: date | None
    refusal: str | None
    note: str | None
    entered_by: str | None
    settlement: str | None

    @property
    def spare(self) -> bool:
        return self.voucher_id is None


def _lists() -> Rows:
    def counted(state: RowState) -> Any:
        return func.coalesce(func.sum(case((PaperRow.state == state, 1), else_=0)), 0)

    spare = func.coalesce(func.sum(case((PaperRow.voucher_id.is_(None), 1), else_=0)), 0)
    one = PaperList
    return (
        select(
            one.id, one.number, one.uid, one.round_id, one.place_id, one.made_on, one.made_at, one.made_by,
            one.closed_at, one.closed_by, func.count(PaperRow.number), spare, counted(RowState.OPEN),
            counted(RowState.HANDED_OUT), counted(RowState.NOTED), counted(RowState.EMPTY),
        )
        .outerjoin(PaperRow, PaperRow.list_id == one.id)
        .group_by(one.id)
    )  # fmt: skip


def lists(session: Session, round_id: int) -> list[ListRow]:
    """A round's lists, newest first. The caller has looked the round up within its sites."""
    query = _lists().where(PaperList.round_id == round_id).order_by(PaperList.id.desc())
    return [_list(row) for row in session.execute(query)]


def list_by_id(session: Session, list_id: int, *, actor: Actor) -> tuple[ListRow, RoundRow]:
    """One list with its round; NotFound for another site's and for a missing one alike (I14)."""
    row = session.execute(
        _lists().where(PaperList.id == list_id, PaperList.site_id.in_(actor.site_ids))
    ).one_or_none()
    if row is None:
        raise NotFound
    found = _list(row)
    return found, round_by_id(session, found.round_id, actor=actor)


def unfinished(session: Session, *, actor: Actor) -> list[ListRow]:
    """Lists with rows nobody has spoken of, oldest first."""
    query = (
        _lists()
        .where(PaperList.site_id.in_(actor.site_ids), PaperList.closed_at.is_(None))
        .order_by(PaperList.id)
    )
    return [_list(row) for row in session.execute(query)]


def rows(
    session: Session,
    list_id: int,
    *,
    state: RowState | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[RowRow]:
    used = aliased(Voucher)
    query: Rows = (
        select(
            PaperRow.number, PaperRow.voucher_id, Voucher.serial, Entitlement.persons, Entitlement.profile_id,
            PaperRow.state, used.serial, PaperRow.happened_on, PaperRow.refusal, PaperRow.note,
            PaperRow.entered_by, PaperRow.settlement,
        )
        .outerjoin(Voucher, Voucher.id == PaperRow.voucher_id)
        .outerjoin(Entitlement, Entitlement.id == Voucher.entitlement_id)
        .outerjoin(used, used.id == PaperRow.used_voucher_id)
        .where(PaperRow.list_id == list_id)
        .order_by(PaperRow.number)
    )  # fmt: skip
    if state is not None:
        query = query.where(PaperRow.state == state)
    if limit is not None:
        query = query.limit(limit).offset(offset)
    return [RowRow(*row) for row in session.execute(query)]


def _list(row: Any) -> ListRow:
    return ListRow(*row[:10], *(int(count) for count in row[10:]))
