"""The donor's statement: what was given, where every gram of it went, and whom it reached."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.inventory.models import StockBalance, StockLot
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass
from aidtrack.reports.counting import Counted, ReachedRow
from aidtrack.reports.figures import NOTHING, Balance, Flow, Key, Side, add_up, balance
from aidtrack.reports.periods import ONE_DAY, Period
from aidtrack.reports.reader import Reader
from aidtrack.reports.reading import NO_AGREEMENT, LotFlow, Lots
from aidtrack.reports.scope import AskForStatement, Named, NamedItem, Scope, scope_for
from aidtrack.reports.suppression import Reached


@dataclass(frozen=True, slots=True)
class Line:
    """One item given under one agreement (or without one)."""

    agreement: Named | None
    item: NamedItem
    balance: Balance
    reached: Reached | None


@dataclass(frozen=True, slots=True)
class Given:
    """Units handed out at a place in a month, by agreement and item: what tables by month and place are made of."""

    month: date
    place: Named
    agreement: Named | None
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
    counted = Counted(scope, people, reader.people_before(period))
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


def _flows(flows: Iterable[LotFlow], lots: Lots, scope: Scope) -> Iterable[Flow]:
    sides = _sides(scope)
    for flow in flows:
        _, agreement, item = lots[flow.lot_id]
        own = flow.site_id in scope.reach.site_ids
        yield Flow(agreement, item, sides[flow.source_id], sides[flow.target_id], flow.units, flow.cause, own)


def _sides(scope: Scope) -> dict[int, Side]:
    return {place: scope.side(place) for place in scope.places}


def _given(by_month: dict[date, list[LotFlow]], lots: Lots, scope: Scope) -> Iterable[Given]:
    units: dict[tuple[date, int, int, int], int] = defaultdict(int)
    sides = _sides(scope)
    for month, flows in by_month.items():
        for flow in flows:
            source, target = sides[flow.source_id], sides[flow.target_id]
            _, agreement, item = lots[flow.lot_id]
            if target is Side.HANDED_OUT and source is not Side.ELSEWHERE:
                units[month, flow.source_id, agreement or NO_AGREEMENT, item] += flow.units
            elif source is Side.HANDED_OUT and target is not Side.ELSEWHERE:
                units[month, flow.target_id, agreement or NO_AGREEMENT, item] -= flow.units
    for (month, place, agreement, item), total in sorted(units.items()):
        if total:
            yield Given(month, scope.places[place], scope.agreements.get(agreement), scope.items[item], total)


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
