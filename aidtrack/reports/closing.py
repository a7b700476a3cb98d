"""Keeping the sums of closed months true.

A statement never needs this to be right: a month whose sum is missing or stale is read from its rows.
It needs it to be quick.

Source: docs/adr/0005-closed-months.md
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime

from sqlalchemy import delete, func, insert, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from aidtrack.db import unit_of_work
from aidtrack.inventory.models import StockEntry
from aidtrack.kernel.late import dataclass
from aidtrack.reports.days import forget_days, keep_days
from aidtrack.reports.models import ClosedMonth, MonthMove, MonthPeople, MonthReached
from aidtrack.reports.people import keep_people
from aidtrack.reports.periods import Period, first_of_month, last_of_month, months_of
from aidtrack.reports.reading import (
    Cell,
    Goods,
    Group,
    LotFlow,
    People,
    people_of,
    read_flows_by_day,
    read_groups,
    read_lots,
    together,
)
from aidtrack.reports.snapshot import snapshot

ENTRIES_TO_ADD = 2_000  # so many of a month's entries a statement adds to its sums itself
ENTRIES_AT_ONCE = 100_000  # so many are summed in about a second
ENTRIES_TO_LOOK_THROUGH = 20_000  # so many new entries it looks through for those of summed months


@dataclass(frozen=True, slots=True)
class MonthSums:
    """A month as it is kept, from all entries up to `last_entry_id`."""

    month: date
    last_entry_id: int
    flows: dict[date, list[LotFlow]]  # by day
    groups: dict[date, list[Group]]  # by day

    def flows_together(self) -> list[LotFlow]:
        return together(flow for flows in self.flows.values() for flow in flows)

    def people_together(self) -> dict[Cell, People]:
        return people_of(group for groups in self.groups.values() for group in groups)


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


@dataclass(frozen=True, slots=True)
class Kept:
    """What the sums are good for, as one transaction sees them and the ledger.

    `months` have sums that hold, each up to an entry. Later entries of such a month (`later` says how many)
    are read from their rows and added. A month of which a later entry undoes something that was summed is
    not among them: units could be taken off its sums, but a family cannot be taken out of a united set.
    """

    months: dict[date, int]
    later: dict[date, int]


def kept_months(session: Session, *, upto: int | None = None) -> Kept:
    """Which sums can be used, and where entries have to be added to them.

    Args:
        upto: for a statement as of that ledger entry: months summed beyond it are of no use.
    """
    rows = session.execute(select(ClosedMonth.month, ClosedMonth.last_entry_id))
    closed = {month: last for month, last in rows if upto is None or last <= upto}
    newest = newest_entry_id(session) if upto is None else upto
    if not closed or newest <= min(closed.values()):
        return Kept(closed, {})
    undone = aliased(StockEntry)
    # by number only: with days in the condition or a grouping, SQLite walks all the days before instead
    entries = (
        select(StockEntry.id, StockEntry.effective_on, undone.id, undone.effective_on)
        .outerjoin(undone, undone.id == StockEntry.reverses_id)
        .where(StockEntry.id > min(closed.values()), StockEntry.id <= newest)
    )
    later: dict[date, int] = defaultdict(int)
    broken = set()
    for number, day, undone_number, undone_day in session.execute(entries):
        month = first_of_month(day)
        if closed.get(month, number) < number:
            later[month] += 1
        if undone_number is not None:
            undone_month = first_of_month(undone_day)
            if undone_number <= closed.get(undone_month, 0) < number:
                broken.add(undone_month)
    return Kept(
        {month: last for month, last in closed.items() if month not in broken},
        {month: count for month, count in later.items() if month not in broken},
    )


def months_to_sum(session: Session, today: date) -> list[date]:
    """Months whose sums are missing, broken, or behind by more entries than a statement should add.

    The running month is summed too once it has so many, and again after as many more.
    """
    first = session.scalar(select(func.min(StockEntry.effective_on)))
    if first is None or first > today:
        return []
    kept = kept_months(session)
    return [
        month
        for month in months_of(Period(first, today))
        if (month not in kept.months or kept.later.get(month, 0) > ENTRIES_TO_ADD)
        and (month < first_of_month(today) or _is_busy(session, month))
    ]


def many_to_sum(session: Session, today: date) -> list[date]:
    """`months_to_sum`, when they hold more entries than somebody should wait for without a word."""
    months = months_to_sum(session, today)
    if not months:
        return []
    some = (
        select(StockEntry.id)
        .where(or_(*(StockEntry.effective_on.between(month, last_of_month(month)) for month in months)))
        .limit(ENTRIES_AT_ONCE + 1)
        .subquery()
    )
    return months if (session.scalar(select(func.count()).select_from(some)) or 0) > ENTRIES_AT_ONCE else []


def _is_busy(session: Session, month: date) -> bool:
    some = (
        select(StockEntry.id)
        .where(StockEntry.effective_on.between(month, last_of_month(month)))
        .limit(ENTRIES_TO_ADD + 1)
        .subquery()
    )
    return (session.scalar(select(func.count()).select_from(some)) or 0) > ENTRIES_TO_ADD


def sum_month(session: Session, month: date, upto: int) -> MonthSums:
    """Add a month up from its rows, day by day."""
    days = Period(month, last_of_month(month))
    lots = read_lots(session, Goods())
    flows = read_flows_by_day(session, days, lots, upto=upto)
    return MonthSums(
        month=month,
        last_entry_id=upto,
        flows=flows,
        # no handout without a movement; years in which nothing moved are gone through at every first statement
        groups={day: read_groups(session, Period(day, day), lots, upto=upto) for day in sorted(flows)},
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
        session.execute(delete(MonthPeople).where(MonthPeople.month == sums.month))
        forget_days(session, sums.month)
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
        for flow in sums.flows_together()
    ]
    if moves:
        session.execute(insert(MonthMove), moves)
    keep_people(session, sums.month, sums.people_together())
    keep_days(session, sums.month, sums.flows, sums.groups)


def still_true(session: Session, months: Iterable[date], upto: int) -> None:
    """Note that these months' sums hold up to a later entry too, so that it is not asked again."""
    session.execute(
        update(ClosedMonth)
        .where(ClosedMonth.month.in_(list(months)), ClosedMonth.last_entry_id < upto)
        .values(last_entry_id=upto)
    )


def close_months(
    *, today: date, now: datetime, on_month: Callable[[int, int], None] | None = None
) -> list[date]:
    """Bring the sums of all months up to date; for adapters, as it opens units of work.

    Each month is read without a lock and written in a unit of its own, so the counter never waits for
    more than a few rows. Two who do it at once do it twice and no harm.

    Args:
        on_month: called with how many months are done and how many there are to do.

    Returns:
        the months that were summed.
    """
    with snapshot() as session:
        missing = months_to_sum(session, today)
        newest = newest_entry_id(session)
        oldest = session.scalar(select(func.min(ClosedMonth.last_entry_id))) or newest
    if not missing and newest - oldest < ENTRIES_TO_LOOK_THROUGH:
        return []
    with unit_of_work() as session:
        settled = settled_entry_id(session)
    with snapshot() as session:
        kept = kept_months(session)
    with unit_of_work() as session:
        still_true(session, [month for month in kept.months if month not in kept.later], settled)
    for number, month in enumerate(missing):
        if on_month is not None:
            on_month(number, len(missing))
        with snapshot() as session:
            sums = sum_month(session, month, settled)
        with unit_of_work() as session:
            keep_month(session, sums, now=now)
    return missing
