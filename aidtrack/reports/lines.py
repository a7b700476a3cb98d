"""The lines behind every figure: documents, lots, places, days and units. Never a name or a number of a family."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased

from aidtrack.db.prepared import Prepared
from aidtrack.distribution.models import Handout, HandoutKind
from aidtrack.inventory.models import VIRTUAL_PLACE_IDS, EntryKind, PlaceKind, StockEntry, StockLot, StockMove
from aidtrack.kernel.late import dataclass
from aidtrack.reports.closing import newest_entry_id
from aidtrack.reports.figures import HOLDING, Figure, Side, belongs, parts_of
from aidtrack.reports.periods import Period
from aidtrack.reports.reader import Reader
from aidtrack.reports.reading import HANDED_OUT_ID, Goods
from aidtrack.reports.scope import Named, NamedItem, NamedPlace, Scope

PAGE = 100
SHELVES = (Figure.OPENING, Figure.CLOSING, Figure.ON_HAND, Figure.IN_TRANSIT)
_END = {
    Figure.RECEIVED: VIRTUAL_PLACE_IDS[PlaceKind.SUPPLIER],
    Figure.TRANSFERRED_AWAY: VIRTUAL_PLACE_IDS[PlaceKind.TRANSFERRED_AWAY],
    Figure.HANDED_OUT: HANDED_OUT_ID,
    Figure.LOST: VIRTUAL_PLACE_IDS[PlaceKind.LOSS],
    Figure.SUSPENSE: VIRTUAL_PLACE_IDS[PlaceKind.SUSPENSE],
}


@dataclass(frozen=True, slots=True)
class Movement:
    """One lot on one document. A correction has the opposite sign and says so.

    `document` is None where the reader sees aggregates only: a day's handouts from one lot are then one
    line, because single issues would give small cells away.
    """

    on: date
    entry_id: int
    move_id: int
    figure: Figure
    document: str | None
    kind: EntryKind
    is_correction: bool
    cause: str
    lot: str
    agreement: Named | None
    item: NamedItem
    source: NamedPlace
    target: NamedPlace
    units: int  # as the figure counts it: a correction takes off


@dataclass(frozen=True, slots=True)
class Shelf:
    """What of a lot stands at a place at the end of a day."""

    lot: str
    expires_on: date | None
    agreement: Named | None
    item: NamedItem
    place: NamedPlace
    units: int


Cursor = tuple[date, int, int]  # day, entry, movement of the last line shown


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of a figure, in the order of the ledger, and where the next ones begin."""

    movements: tuple[Movement, ...]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Which:
    """Which lines are asked for: those of a figure, or of a reached count (`people`), narrowed or not."""

    figure: Figure
    goods: Goods
    period: Period
    place_id: int | None = None
    cause: str | None = None
    people: bool = False  # only handouts that stand: what the reached counts are made of


def page(
    session: Session, scope: Scope, which: Which, *, after: Cursor | None = None, size: int = PAGE
) -> Page:
    """One page of the movements behind a figure."""
    statement = _movements(scope, which).limit(size + 1)
    if after is not None:
        statement = statement.where(
            tuple_(StockEntry.effective_on, StockEntry.id, StockMove.id) > tuple_(*after)
        )
    rows = [_movement(row, scope, which.figure) for row in session.execute(statement)]
    shown = tuple(rows[:size])
    more = len(rows) > size
    last = shown[-1] if shown else None
    if scope.aggregates_only and which.figure is Figure.HANDED_OUT:
        shown = tuple(by_day(list(shown)))
    return Page(shown, (last.on, last.entry_id, last.move_id) if more and last else None)


def all_movements(session: Session, scope: Scope, *, upto: int | None = None) -> Iterator[Movement]:
    """Every line of every figure in the statement's period, in the order of the ledger; a day at a time in memory.

    Not `page` for each figure: here all lines are wanted, so each day's entries are read once.

    Args:
        upto: as of that ledger entry; None is as of now.
    """
    upto = newest_entry_id(session) if upto is None else upto
    lots = {row.id: row for row in session.execute(_lots_of(scope.goods))}
    sides = {place: scope.side(place) for place in scope.places}
    days = (
        select(StockEntry.effective_on)
        .where(
            StockEntry.effective_on.between(scope.period.start, scope.period.end), StockEntry.id + 0 <= upto
        )
        .distinct()
        .order_by(StockEntry.effective_on)
    )
    for day in session.scalars(days).all():
        found = []
        for row in _DAY.rows(session, day=day, upto=upto):
            entry, move, document, kind, reverses, cause, undone_cause, site, lot, source, target, units = row
            if lot not in lots:
                continue
            if not belongs(sides[source], sides[target], at_own_site=site in scope.reach.site_ids):
                continue
            for figure, sign in parts_of(sides[source], sides[target]):
                line = Movement(
                    on=day,
                    entry_id=entry,
                    move_id=move,
                    figure=figure,
                    document=document,
                    kind=EntryKind(kind),
                    is_correction=reverses is not None,
                    cause=cause or undone_cause or "",
                    lot=lots[lot].code,
                    agreement=_agreement(lots[lot].agreement_id, scope),
                    item=scope.items[lots[lot].item_id],
                    source=scope.places[source],
                    target=scope.places[target],
                    units=sign * units,
                )
                found.append(line)
        if scope.aggregates_only:
            given = [line for line in found if line.figure is Figure.HANDED_OUT]
            found = [line for line in found if line.figure is not Figure.HANDED_OUT] + by_day(given)
        yield from found


def shelves(session: Session, scope: Scope, which: Which, *, upto: int | None = None) -> list[Shelf]:
    """What stood where, by lot: behind the opening (the day before the period) and the closing figures.

    Args:
        upto: as of that ledger entry; None is as of now.
    """
    wanted = {
        Figure.ON_HAND: {Side.HELD},
        Figure.IN_TRANSIT: {Side.TRANSIT},
    }.get(which.figure, set(HOLDING))
    first = session.scalar(select(func.min(StockEntry.effective_on)))
    until = which.period.start.fromordinal(which.period.start.toordinal() - 1)
    end = until if which.figure is Figure.OPENING else which.period.end
    held: dict[tuple[int, int], int] = defaultdict(int)
    if first is not None and first <= end:
        for flow in Reader(session, which.goods, upto=upto).flows(Period(first, end)):
            held[flow.lot_id, flow.source_id] -= flow.units
            held[flow.lot_id, flow.target_id] += flow.units
    places = set(scope.place_ids(*wanted))
    lots = {row.id: row for row in session.execute(_lots_of(which.goods))}
    found = [
        Shelf(
            lot=lots[lot].code,
            expires_on=lots[lot].expires_on,
            agreement=_agreement(lots[lot].agreement_id, scope),
            item=scope.items[lots[lot].item_id],
            place=scope.places[place],
            units=units,
        )
        for (lot, place), units in held.items()
        if place in places and units
    ]
    return sorted(found, key=lambda shelf: (shelf.item.code, shelf.lot, shelf.place.code))


def by_day(rows: list[Movement]) -> list[Movement]:
    """A day's handouts from one lot at one place as one line without a document."""
    together: dict[tuple[object, ...], Movement] = {}
    for row in rows:
        key = (row.on, row.lot, row.source.id, row.target.id)
        before = together.get(key)
        together[key] = replace(row, document=None, units=row.units + (before.units if before else 0))
    return list(together.values())


def _lots_of(goods: Goods) -> Any:
    columns = (StockLot.id, StockLot.code, StockLot.expires_on, StockLot.agreement_id, StockLot.item_id)
    return select(*columns).where(*goods.conditions())


_UNDONE = aliased(StockEntry)
_DAY = Prepared(
    select(
        StockEntry.id,
        StockMove.id,
        StockEntry.document,
        type_coerce(StockEntry.kind, String),
        StockEntry.reverses_id,
        type_coerce(StockEntry.cause, String),
        type_coerce(_UNDONE.cause, String),
        StockEntry.site_id,
        StockMove.lot_id,
        StockMove.source_id,
        StockMove.target_id,
        StockMove.units,
    )
    .select_from(StockEntry)
    .join(StockMove, StockMove.entry_id == StockEntry.id)
    .outerjoin(_UNDONE, _UNDONE.id == StockEntry.reverses_id)
    .where(StockEntry.effective_on == bindparam("day"), StockEntry.id <= bindparam("upto"))
    .order_by(StockEntry.id, StockMove.id)
)

# -- the select --------------------------------------------------------------------------------------


def _movements(scope: Scope, which: Which) -> Any:
    undone = aliased(StockEntry)
    inside, sign = _of_figure(scope, which.figure)
    # of handouts there are so many that a page is found soonest by walking through the days; the others are
    # found soonest by their lots, an index that a sum hides
    often = which.figure is Figure.HANDED_OUT
    statement: Any = (
        select(
            StockEntry.effective_on,
            StockEntry.id,
            StockMove.id,
            StockEntry.document,
            StockEntry.kind,
            StockEntry.reverses_id,
            StockEntry.cause,
            undone.cause,
            StockLot.code,
            StockLot.agreement_id,
            StockLot.item_id,
            StockMove.source_id,
            StockMove.target_id,
            StockMove.units * sign,
        )
        .select_from(StockEntry)
        .join(StockMove, StockMove.entry_id == StockEntry.id)
        .join(StockLot, StockLot.id == (StockMove.lot_id + 0 if often else StockMove.lot_id))
        .outerjoin(undone, undone.id == StockEntry.reverses_id)
        .where(
            StockEntry.effective_on.between(which.period.start, which.period.end),
            inside,
            *which.goods.conditions(),
        )
        .order_by(StockEntry.effective_on, StockEntry.id, StockMove.id)
    )
    if which.people or which.place_id is not None:
        statement = statement.join(Handout, Handout.entry_id == StockEntry.id)
    if which.people:
        undoing = aliased(StockEntry)
        statement = statement.where(
            Handout.kind != HandoutKind.REVERSAL, ~exists().where(undoing.reverses_id == StockEntry.id)
        )
    if which.place_id is not None:
        statement = statement.where(Handout.place_id == which.place_id)
    if which.cause is not None:
        statement = statement.where(func.coalesce(StockEntry.cause, undone.cause) == (which.cause or None))
    return statement


def _of_figure(scope: Scope, figure: Figure) -> tuple[ColumnElement[bool], ColumnElement[int] | int]:
    """Which movements make a figure, and with which sign: the SQL of `figures.belongs` and `Sums.add`."""
    source, target = StockMove.source_id, StockMove.target_id
    holding = scope.place_ids(*HOLDING)
    elsewhere = scope.place_ids(Side.ELSEWHERE)
    if figure is Figure.TRANSFERRED_IN:
        return and_(source.in_(elsewhere), target.in_(holding)), 1
    if figure is Figure.TRANSFERRED_OUT:
        return and_(source.in_(holding), target.in_(elsewhere)), 1
    end = _END.get(figure)
    if end is None:
        return false(), 1
    touches = or_(source == end, target == end)
    if scope.reach.whole:
        ours: ColumnElement[bool] = true()
    else:
        virtual = and_(source.not_in(elsewhere), target.not_in(elsewhere))
        ours = or_(
            source.in_(holding),
            target.in_(holding),
            and_(virtual, StockEntry.site_id.in_(scope.reach.site_ids)),
        )
    positive = source == end if figure is Figure.RECEIVED else target == end
    return and_(touches, ours), case((positive, 1), else_=-1)


def _movement(row: Any, scope: Scope, figure: Figure) -> Movement:
    (
        on, entry_id, move_id, document, kind, reverses_id, cause, undone_cause, lot, agreement_id, item_id,
        source_id, target_id, units,
    ) = row  # fmt: skip
    return Movement(
        on=on,
        entry_id=entry_id,
        move_id=move_id,
        figure=figure,
        document=document,
        kind=kind,
        is_correction=reverses_id is not None,
        cause=cause or undone_cause or "",
        lot=lot,
        agreement=_agreement(agreement_id, scope),
        item=scope.items[item_id],
        source=scope.places[source_id],
        target=scope.places[target_id],
        units=units,
    )


def _agreement(agreement_id: int | None, scope: Scope) -> Named | None:
    return None if agreement_id is None else scope.agreements[agreement_id]
