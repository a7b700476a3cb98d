"""The donor's statement: what was given, where every gram of it went, and whom it reached."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from aidtrack.inventory.models import StockBalance, StockEntry, StockLot
from aidtrack.kernel.actor import Actor
from aidtrack.reports import closing
from aidtrack.reports.bits import unpacked
from aidtrack.reports.figures import NOTHING, Balance, Flow, Key, Side, add_up, balance
from aidtrack.reports.models import MonthMove, MonthReached
from aidtrack.reports.periods import ONE_DAY, Period, Pieces, first_of_month, last_of_month, pieces
from aidtrack.reports.reading import Cell, Goods, LotFlow, Lots, People, read_flows, read_lots, read_people
from aidtrack.reports.scope import AskForStatement, Named, NamedItem, Scope, scope_for
from aidtrack.reports.suppression import Reached, withheld


@dataclass(frozen=True, slots=True)
class ReachedRow:
    """One row of a breakdown. `reached` is None where the counts are withheld from this reader."""

    reached: Reached | None
    month: date | None = None
    place: Named | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One item given under one agreement (or without one)."""

    agreement: Named | None
    item: NamedItem
    balance: Balance
    reached: Reached | None


@dataclass(frozen=True, slots=True)
class Given:
    """Units of an item handed out at a place in a month: what the tables by month and place are made of."""

    month: date
    place: Named
    item: NamedItem
    units: int


@dataclass(frozen=True, slots=True)
class Statement:
    """What is shown, printed and exported. `ledger_entry_id` says up to which entry of the ledger."""

    scope: Scope
    ledger_entry_id: int
    lines: tuple[Line, ...]
    reached: Reached | None
    by_month: tuple[ReachedRow, ...]
    by_place: tuple[ReachedRow, ...]
    given: tuple[Given, ...]

    @property
    def closes(self) -> bool:
        return all(line.balance.difference == 0 for line in self.lines)


def statement(
    session: Session, asked: AskForStatement, *, actor: Actor, now: datetime, upto: int | None = None
) -> Statement:
    """Make one donor's statement from the closed months and the rows around them.

    Args:
        session: one whose queries all see the same state (`snapshot`).
        upto: as of that ledger entry, to run an earlier statement again; None is as of now.
    """
    return make(session, scope_for(session, asked, actor=actor, now=now), upto=upto)


def make(session: Session, scope: Scope, *, upto: int | None = None, from_rows: bool = False) -> Statement:
    """`statement` for a scope already judged; `from_rows` leaves the closed months aside, to check them."""
    reader = Reader(session, scope.goods, upto=upto, from_rows=from_rows)
    period = scope.period
    lots = reader.lots
    before: list[LotFlow] = []
    if reader.first is not None and reader.first < period.start:
        before = reader.flows(Period(reader.first, period.start - ONE_DAY))
    by_month = reader.flows_by_month(period)
    sums_before = add_up(_flows(before, lots, scope))
    sums = add_up(_flows((flow for flows in by_month.values() for flow in flows), lots, scope))
    people = reader.people(period)
    counted = _Counted(scope, people, reader.people_before(period))
    shelves = _shelves(session, scope) if upto is None and _reaches_today(reader, scope) else None
    lines = []
    hidden = counted.by_line()
    for key in sorted({*sums_before, *sums, *hidden}, key=lambda key: _order(key, scope)):
        shelf = None if shelves is None else shelves.get(key, 0)
        found = balance(sums_before.get(key, NOTHING), sums.get(key, NOTHING), shelf)
        if not found.is_empty or key in hidden:
            agreement = None if key[0] is None else scope.agreements[key[0]]
            lines.append(Line(agreement, scope.items[key[1]], found, hidden.get(key, Reached())))
    return Statement(
        scope=scope,
        ledger_entry_id=reader.upto,
        lines=tuple(lines),
        reached=counted.total(),
        by_month=counted.by_month(),
        by_place=counted.by_place(),
        given=tuple(_given(by_month, lots, scope)),
    )


class Reader:
    """Reads sums for a period: closed months as kept, the rest from the ledger's rows."""

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
            return Pieces((), ())
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
        for days, after in self._open(parts):
            found += read_flows(self.session, days, self.lots, after=after, upto=self.upto)
        return found

    def _open(self, parts: Pieces) -> Iterator[tuple[Period, int]]:
        """What is read from rows: days of no closed month, and entries later than a closed month's sums."""
        for days in parts.open:
            yield days, 0
        for month in parts.closed:
            if month in self.kept.later:
                yield Period(month, last_of_month(month)), self.kept.months[month]

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
        for days, after in self._open(parts):
            flows = read_flows(self.session, days, self.lots, after=after, upto=self.upto)
            found[first_of_month(days.start)] += flows
        return found

    def people(self, period: Period) -> list[tuple[date, Cell, People]]:
        """Reached sets by month and cell."""
        parts = self._pieces(period)
        kept = select(
            MonthReached.month,
            MonthReached.donor_id,
            MonthReached.agreement_id,
            MonthReached.item_id,
            MonthReached.place_id,
            MonthReached.issues,
            MonthReached.persons,
            MonthReached.households,
        ).where(MonthReached.month.in_(parts.closed), *self._cells())
        found = []
        sets: dict[
            bytes, int
        ] = {}  # one family often gets several items at once: the same set, unpacked once
        for month, donor, agreement, item, place, *stored in (
            self.session.execute(kept) if parts.closed else ()
        ):
            bits = []
            for packed in map(bytes, stored):
                if packed not in sets:
                    sets[packed] = unpacked(packed)
                bits.append(sets[packed])
            found.append((month, Cell(donor, agreement, item, place), People(*bits)))
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


class _Counted:
    """Turns sets into counts, each row united before it is counted, and withholds small ones."""

    def __init__(
        self,
        scope: Scope,
        people: list[tuple[date, Cell, People]],
        earlier: list[tuple[date, Cell, People]],
    ) -> None:
        own = set(scope.place_ids(Side.HELD))
        self.scope = scope
        self.people = [row for row in people if row[1].place_id in own]
        self.earlier = People()
        for _, cell, found in earlier:
            if cell.place_id in own:
                self.earlier.unite(found)

    def total(self) -> Reached | None:
        return self._shown([self._count(found for _, _, found in self.people)])[0]

    def by_line(self) -> dict[Key, Reached | None]:
        rows: dict[Key, list[People]] = defaultdict(list)
        for _, cell, found in self.people:
            rows[cell.agreement_id, cell.item_id].append(found)
        return dict(zip(rows, self._shown([self._count(found) for found in rows.values()]), strict=True))

    def by_month(self) -> tuple[ReachedRow, ...]:
        rows: dict[date, list[People]] = defaultdict(list)
        for month, _, found in self.people:
            rows[month].append(found)
        months = sorted(rows)
        counts = self._shown([self._count(rows[month]) for month in months])
        return tuple(ReachedRow(found, month=month) for month, found in zip(months, counts, strict=True))

    def by_place(self) -> tuple[ReachedRow, ...]:
        rows: dict[int, list[People]] = defaultdict(list)
        for _, cell, found in self.people:
            rows[cell.place_id].append(found)
        places = sorted(rows, key=lambda place: self.scope.places[place].code)
        counts = self._shown([self._count(rows[place]) for place in places])
        return tuple(
            ReachedRow(found, place=self.scope.places[place])
            for place, found in zip(places, counts, strict=True)
        )

    def _count(self, sets: Iterable[People]) -> Reached:
        whole = People()
        for found in sets:
            whole.unite(found)
        return Reached(
            issues=whole.issues.bit_count(),
            persons=whole.persons.bit_count(),
            households=whole.households.bit_count(),
            new_persons=(whole.persons & ~self.earlier.persons).bit_count(),
            new_households=(whole.households & ~self.earlier.households).bit_count(),
        )

    def _shown(self, rows: list[Reached]) -> list[Reached | None]:
        if not self.scope.aggregates_only:
            return list(rows)
        return [
            None if hidden else row.without_small_newness()
            for row, hidden in zip(rows, withheld(rows), strict=True)
        ]


def _flows(flows: Iterable[LotFlow], lots: Lots, scope: Scope) -> Iterable[Flow]:
    sides = {place: scope.side(place) for place in scope.places}
    for flow in flows:
        _, agreement, item = lots[flow.lot_id]
        own = flow.site_id in scope.reach.site_ids
        yield Flow(agreement, item, sides[flow.source_id], sides[flow.target_id], flow.units, flow.cause, own)


def _given(by_month: dict[date, list[LotFlow]], lots: Lots, scope: Scope) -> Iterable[Given]:
    units: dict[tuple[date, int, int], int] = defaultdict(int)
    for month, flows in by_month.items():
        for flow in flows:
            source, target = scope.side(flow.source_id), scope.side(flow.target_id)
            if target is Side.HANDED_OUT and source is not Side.ELSEWHERE:
                units[month, flow.source_id, lots[flow.lot_id][2]] += flow.units
            elif source is Side.HANDED_OUT and target is not Side.ELSEWHERE:
                units[month, flow.target_id, lots[flow.lot_id][2]] -= flow.units
    for (month, place, item), total in sorted(units.items()):
        if total:
            yield Given(month, scope.places[place], scope.items[item], total)


def _reaches_today(reader: Reader, scope: Scope) -> bool:
    """Whether the stock's own balances are those of the period's end."""
    end = scope.period.end
    return end >= scope.today and (reader.last is None or reader.last <= end)


def _shelves(session: Session, scope: Scope) -> dict[Key, int]:
    """What the balances say is held now, by agreement and item."""
    wanted = (
        select(StockLot.agreement_id, StockLot.item_id, func.sum(StockBalance.units))
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .where(StockBalance.place_id.in_(scope.place_ids(Side.HELD, Side.TRANSIT)), *scope.goods.conditions())
        .group_by(StockLot.agreement_id, StockLot.item_id)
    )
    return {(agreement, item): int(units) for agreement, item, units in session.execute(wanted)}


def _order(key: Key, scope: Scope) -> tuple[str, str]:
    agreement = "" if key[0] is None else scope.agreements[key[0]].code
    return agreement, scope.items[key[1]].code
