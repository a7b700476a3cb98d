"""Keeping the sums of closed months true.

A statement never needs this to be right: a month whose sum is missing or stale is read from its rows.
It needs it to be quick.

Source: docs/adr/0005-closed-months.md
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, insert, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from aidtrack.db import unit_of_work
from aidtrack.inventory.models import StockEntry
from aidtrack.reports.bits import packed
from aidtrack.reports.models import ClosedMonth, MonthMove, MonthReached
from aidtrack.reports.periods import Period, first_of_month, last_of_month, months_of
from aidtrack.reports.reading import Cell, Goods, LotFlow, People, read_flows, read_people
from aidtrack.reports.snapshot import snapshot

# so many entries of the running month may be looked through at each statement before it is noted that
# they left the closed months as they were
ENTRIES_WORTH_NOTING = 20_000


@dataclass(frozen=True, slots=True)
class MonthSums:
    """A month as it is kept, from all entries up to `last_entry_id`."""

    month: date
    last_entry_id: int
    flows: list[LotFlow]
    people: dict[Cell, People]


def settled_entry_id(session: Session) -> int:
    """The newest entry number below which no entry can appear any more.

    On PostgreSQL numbers are drawn before their transactions commit, so a lower one may still be on its
    way. Nobody holds a row that is not committed once the SHARE lock is given; it is let go with this
    short transaction, and the sums are read afterwards, without any lock, from rows that never change.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE stock_entry IN SHARE MODE"))
    return newest_entry_id(session)


def newest_entry_id(session: Session) -> int:
    """The highest number in the ledger as this transaction sees it."""
    return session.scalar(select(func.max(StockEntry.id))) or 0


def fresh_months(session: Session, *, upto: int | None = None) -> set[date]:
    """The closed months whose sums say what the rows say, as this transaction sees both.

    A later entry makes a month stale when its day lies in it, and also when it undoes an entry of that
    month on a later day: who was reached then has changed.

    Args:
        upto: a statement as of that ledger entry: months summed beyond it are of no use.
    """
    closed = dict(session.execute(select(ClosedMonth.month, ClosedMonth.last_entry_id)).all())
    if upto is not None:
        closed = {month: last for month, last in closed.items() if last <= upto}
    if not closed:
        return set()
    undone = aliased(StockEntry)
    end = last_of_month(max(closed))
    undone_on = func.coalesce(undone.effective_on, StockEntry.effective_on)
    later = (
        select(StockEntry.effective_on, undone_on, func.max(StockEntry.id))
        .outerjoin(undone, undone.id == StockEntry.reverses_id)
        .where(StockEntry.id > min(closed.values()))
        .where(or_(StockEntry.effective_on <= end, undone_on <= end))
        .group_by(StockEntry.effective_on, undone_on)
    )
    if upto is not None:
        later = later.where(StockEntry.id <= upto)
    stale = set()
    for day, undone_day, newest in session.execute(later):
        touched = {first_of_month(day), first_of_month(undone_day)}
        stale |= {month for month in touched if closed.get(month, newest) < newest}
    return set(closed) - stale


def closable_months(session: Session, today: date) -> list[date]:
    """Every month from the first entry's to the one before today's."""
    first = session.scalar(select(func.min(StockEntry.effective_on)))
    this_month = first_of_month(today)
    if first is None or first >= this_month:
        return []
    return [month for month in months_of(Period(first, today)) if month < this_month]


def sum_month(session: Session, month: date, upto: int) -> MonthSums:
    """Add a month up from its rows."""
    days = Period(month, last_of_month(month))
    return MonthSums(
        month=month,
        last_entry_id=upto,
        flows=read_flows(session, days, Goods(), upto),
        people=read_people(session, days, Goods(), upto),
    )


def keep_month(session: Session, sums: MonthSums, *, now: datetime) -> None:
    """Put a month's sums in the place of older ones; newer ones, made by somebody else meanwhile, stay."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE closed_month IN SHARE ROW EXCLUSIVE MODE"))  # one keeper at a time
    kept = session.scalar(select(ClosedMonth.last_entry_id).where(ClosedMonth.month == sums.month))
    if kept is not None and kept >= sums.last_entry_id:
        return
    if kept is None:
        session.execute(
            insert(ClosedMonth).values(month=sums.month, last_entry_id=sums.last_entry_id, built_at=now)
        )
    else:
        session.execute(delete(MonthMove).where(MonthMove.month == sums.month))
        session.execute(delete(MonthReached).where(MonthReached.month == sums.month))
        session.execute(
            update(ClosedMonth)
            .where(ClosedMonth.month == sums.month)
            .values(last_entry_id=sums.last_entry_id, built_at=now)
        )
    moves = [
        {
            "month": sums.month,
            "lot_id": flow.lot_id,
            "source_id": flow.source_id,
            "target_id": flow.target_id,
            "site_id": flow.site_id,
            "cause": flow.cause,
            "units": flow.units,
        }
        for flow in sums.flows
    ]
    reached = [
        {
            "month": sums.month,
            "donor_id": cell.donor_id,
            "agreement_id": cell.agreement_id,
            "item_id": cell.item_id,
            "place_id": cell.place_id,
            "households": packed(people.households),
            "persons": packed(people.persons),
            "issues": packed(people.issues),
        }
        for cell, people in sums.people.items()
    ]
    if moves:
        session.execute(insert(MonthMove), moves)
    if reached:
        session.execute(insert(MonthReached), reached)


def still_fresh(session: Session, months: Iterable[date], upto: int) -> None:
    """Note that these months' sums hold up to a later entry too, so that it is not asked again."""
    session.execute(
        update(ClosedMonth)
        .where(ClosedMonth.month.in_(list(months)), ClosedMonth.last_entry_id < upto)
        .values(last_entry_id=upto)
    )


def close_months(
    *, today: date, now: datetime, on_month: Callable[[int, int], None] | None = None
) -> list[date]:
    """Bring the sums of all months before today's up to date; for adapters, as it opens units of work.

    Each month is read without a lock and written in a unit of its own, so the counter never waits for
    more than a few rows. Two who do it at once do it twice and no harm.

    Args:
        on_month: called with how many months are done and how many there are to do.

    Returns:
        the months that were summed.
    """
    with snapshot() as session:
        wanted = closable_months(session, today)
        missing = sorted(set(wanted) - fresh_months(session))
        newest = newest_entry_id(session)
        oldest = session.scalar(select(func.min(ClosedMonth.last_entry_id)))
    if not missing and (oldest is None or newest - oldest < ENTRIES_WORTH_NOTING):
        return []
    with unit_of_work() as session:
        settled = settled_entry_id(session)
    with snapshot() as session:
        fresh = fresh_months(session)
    missing = sorted(set(wanted) - fresh)
    with unit_of_work() as session:
        still_fresh(session, fresh, settled)
    for number, month in enumerate(missing):
        if on_month is not None:
            on_month(number, len(missing))
        with snapshot() as session:
            sums = sum_month(session, month, settled)
        with unit_of_work() as session:
            keep_month(session, sums, now=now)
    return missing
