"""Reads sums for a period: closed months, or days of them, as kept, the rest from the ledger's rows."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from aidtrack.inventory.models import StockEntry, StockLot
from aidtrack.reports import closing
from aidtrack.reports.days import kept_flows
from aidtrack.reports.days import kept_people as kept_people_of_days
from aidtrack.reports.models import MonthMove, MonthReached
from aidtrack.reports.people import kept_people
from aidtrack.reports.periods import ONE_DAY, Period, Pieces, first_of_month, last_of_month, pieces
from aidtrack.reports.reading import Cell, Goods, LotFlow, People, read_flows, read_lots, read_people


class Reader:
    """Every read of one statement, in one session."""

    def __init__(self, session: Session, goods: Goods, *, upto: int | None, from_rows: bool = False) -> None:
        self.session = session
        self.goods = goods
        self.kept = closing.Kept({}, {}) if from_rows else closing.kept_months(session, upto=upto)
        self.lots = read_lots(session, goods)
        self.upto = closing.newest_entry_id(session) if upto is None else upto
        # two queries: asked for both at once, SQLite reads the whole index
        self.first = session.scalar(select(func.min(StockEntry.effective_on)))
        self.last = session.scalar(select(func.max(StockEntry.effective_on)))

    def _pieces(self, period: Period) -> Pieces:
        """The period as far as anything ever happened in it."""
        if self.first is None or self.last is None or self.first > period.end or self.last < period.start:
            return Pieces((), (), ())
        # whole months, so that the first one is still recognised as closed
        start = max(period.start, first_of_month(self.first))
        return pieces(Period(start, min(period.end, last_of_month(self.last))), self.kept.months)

    def flows(self, period: Period) -> list[LotFlow]:
        """All movements of a period added up."""
        parts = self._pieces(period)
        group = (
            MonthMove.lot_id,
            MonthMove.source_id,
            MonthMove.target_id,
            MonthMove.site_id,
            MonthMove.cause,
        )
        kept = (
            select(*group, func.sum(MonthMove.units))
            .join(StockLot, StockLot.id == MonthMove.lot_id)
            .where(MonthMove.month.in_(parts.closed), *self.goods.conditions())
            .group_by(*group)
        )
        found = [LotFlow(*row[:5], int(row[5])) for row in self.session.execute(kept)] if parts.closed else []
        for days in parts.days:
            found += kept_flows(self.session, days, self.goods)
        for days, after in self._open(parts):
            found += read_flows(self.session, days, self.lots, after=after, upto=self.upto)
        return found

    def _open(self, parts: Pieces) -> Iterator[tuple[Period, int]]:
        """What is read from rows: days of no closed month, and entries later than a closed month's sums."""
        for days in parts.open:
            yield days, 0
        whole = (Period(month, last_of_month(month)) for month in parts.closed)
        for days in (*whole, *parts.days):
            month = first_of_month(days.start)
            if month in self.kept.later:
                yield days, self.kept.months[month]

    def flows_by_month(self, period: Period) -> dict[date, list[LotFlow]]:
        parts = self._pieces(period)
        kept = (
            select(
                MonthMove.month,
                MonthMove.lot_id,
                MonthMove.source_id,
                MonthMove.target_id,
                MonthMove.site_id,
                MonthMove.cause,
                MonthMove.units,
            )
            .join(StockLot, StockLot.id == MonthMove.lot_id)
            .where(MonthMove.month.in_(parts.closed), *self.goods.conditions())
        )
        found: dict[date, list[LotFlow]] = defaultdict(list)
        for row in self.session.execute(kept) if parts.closed else ():
            found[row[0]].append(LotFlow(*row[1:]))
        for days in parts.days:
            found[first_of_month(days.start)] += kept_flows(self.session, days, self.goods)
        for days, after in self._open(parts):
            flows = read_flows(self.session, days, self.lots, after=after, upto=self.upto)
            found[first_of_month(days.start)] += flows
        return found

    def people(self, period: Period) -> list[tuple[date, Cell, People]]:
        """Reached sets by month and cell. Cells with the same people share one object."""
        parts = self._pieces(period)
        found: list[tuple[date, Cell, People]] = []
        if parts.closed:
            found = kept_people(self.session, MonthReached.month.in_(parts.closed), *self._cells())
        for days in parts.days:
            cells = kept_people_of_days(self.session, days, self.goods)
            found += [(first_of_month(days.start), cell, people) for cell, people in cells.items()]
        for days, after in self._open(parts):
            cells = read_people(self.session, days, self.lots, after=after, upto=self.upto)
            found += [(first_of_month(days.start), cell, people) for cell, people in cells.items()]
        return found

    def people_before(self, period: Period) -> list[tuple[date, Cell, People]]:
        """Who was reached earlier in the year in which the period begins."""
        new_year = period.start.replace(month=1, day=1)
        return [] if new_year == period.start else self.people(Period(new_year, period.start - ONE_DAY))

    def _cells(self) -> list[ColumnElement[bool]]:
        goods = self.goods
        found: list[ColumnElement[bool]] = [MonthReached.donor_id == goods.donor_id]
        if goods.agreement_id is not None:
            found.append(MonthReached.agreement_id.is_not_distinct_from(goods.agreement_id or None))
        if goods.item_id is not None:
            found.append(MonthReached.item_id == goods.item_id)
        return found
