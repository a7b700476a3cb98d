"""Sums read from the ledger's rows for some days: the same for a statement and for closing a month."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from aidtrack.db.prepared import Prepared, as_date
from aidtrack.distribution.models import EntitlementPerson, Handout, HandoutKind
from aidtrack.inventory.models import VIRTUAL_PLACE_IDS, PlaceKind, StockEntry, StockLot, StockMove
from aidtrack.kernel.late import dataclass
from aidtrack.reports.bits import Bits, packed
from aidtrack.reports.periods import ONE_DAY, Period

HANDED_OUT_ID = VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT]


SEPARATOR = ","
NO_AGREEMENT = 0  # goods given without a paper; None stands for all goods


@dataclass(frozen=True, slots=True)
class Goods:
    """Which goods are asked for; None stands for all."""

    donor_id: int | None = None
    agreement_id: int | None = None
    item_id: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """For a select that has `StockLot` in it."""
        found = []
        if self.donor_id is not None:
            found.append(StockLot.donor_id == self.donor_id)
        if self.agreement_id is not None:
            found.append(StockLot.agreement_id.is_not_distinct_from(self.agreement_id or None))
        if self.item_id is not None:
            found.append(StockLot.item_id == self.item_id)
        return found


@dataclass(frozen=True, slots=True)
class LotFlow:
    """Units of one lot that went from one place to another by entries of one site, for one cause."""

    lot_id: int
    source_id: int
    target_id: int
    site_id: int
    cause: str
    units: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What reached sets are kept for."""

    donor_id: int
    agreement_id: int | None
    item_id: int
    place_id: int


@dataclass(frozen=True, slots=True)
class People:
    """Who was reached: sets of handouts, persons and households."""

    issues: Bits = field(default_factory=Bits)
    persons: Bits = field(default_factory=Bits)
    households: Bits = field(default_factory=Bits)

    @classmethod
    def union(cls, sets: Iterable["People"]) -> "People":
        """Everybody in any of those sets."""
        found = list(sets)
        return cls(
            issues=Bits.union(one.issues for one in found),
            persons=Bits.union(one.persons for one in found),
            households=Bits.union(one.households for one in found),
        )

    def without(self, other: "People") -> "People":
        """Those whom the other sets have not."""
        return People(
            issues=self.issues.without(other.issues),
            persons=self.persons.without(other.persons),
            households=self.households.without(other.households),
        )


Given = tuple[int, int | None, int]  # donor, agreement and item, as a lot has them
Lots = dict[int, Given]


def read_lots(session: Session, goods: Goods) -> Lots:
    """The lots of these goods. There are hundreds of them where there are millions of movements."""
    wanted = select(StockLot.id, StockLot.donor_id, StockLot.agreement_id, StockLot.item_id)
    return {row[0]: (row[1], row[2], row[3]) for row in session.execute(wanted.where(*goods.conditions()))}


def read_flows(session: Session, days: Period, lots: Lots, *, after: int = 0, upto: int) -> list[LotFlow]:
    """The movements of those lots on those days, added up.

    Args:
        after, upto: only entries with numbers above the one and up to the other.
    """
    rows = _FLOWS.rows(session, start=days.start, end=days.end, after=after, upto=upto)
    return [
        LotFlow(lot, source, target, site, cause, int(units))  # PostgreSQL sums to a decimal
        for lot, source, target, site, cause, units in rows
        if lot in lots
    ]


def read_flows_by_day(session: Session, days: Period, lots: Lots, *, upto: int) -> dict[date, list[LotFlow]]:
    """`read_flows` for each of those days."""
    found: dict[date, list[LotFlow]] = defaultdict(list)
    for day, lot, *way, units in _FLOWS_BY_DAY.rows(
        session, start=days.start, end=days.end, after=0, upto=upto
    ):
        if lot in lots:
            source, target, site, cause = way
            found[as_date(day)].append(LotFlow(lot, source, target, site, cause, int(units)))
    return found


def together(flows: Iterable[LotFlow]) -> list[LotFlow]:
    """Flows of several days or months, those alike added up."""
    units: dict[tuple[int, int, int, int, str], int] = defaultdict(int)
    for flow in flows:
        units[flow.lot_id, flow.source_id, flow.target_id, flow.site_id, flow.cause] += flow.units
    return [LotFlow(*way, total) for way, total in units.items()]


@dataclass(frozen=True, slots=True)
class Group:
    """The handouts of exactly the same goods at a place: their numbers and whom they reached, packed (see `bits`)."""

    place_id: int
    given: frozenset[Given]
    issues: bytes
    persons: bytes
    households: bytes


def read_groups(session: Session, days: Period, lots: Lots, *, after: int = 0, upto: int) -> list[Group]:
    """Whom the handouts of those days reached. One that was undone, on whatever day, reached nobody."""
    found = []
    rows = _ALIKE.rows(session, start=days.start, end=days.end, after=after, upto=upto)
    for place, combination, issues, households, persons in rows:
        given = frozenset(lots[lot] for lot in map(int, combination.split(SEPARATOR)) if lot in lots)
        if given:
            found.append(Group(place, given, packed(issues), packed(persons), packed(households)))
    return found


def people_of(groups: Iterable[Group]) -> dict[Cell, People]:
    """Sets by cell. Cells that the same groups reach share one object."""
    alike: dict[tuple[int, frozenset[Given]], list[Group]] = defaultdict(list)
    for group in groups:
        alike[group.place_id, group.given].append(group)
    cells: dict[Cell, list[People]] = defaultdict(list)
    for (place, given), found in alike.items():
        people = People(
            issues=Bits.of_packed(b"".join(group.issues for group in found)),
            persons=Bits.of_packed(b"".join(group.persons for group in found)),
            households=Bits.of_packed(b"".join(group.households for group in found)),
        )
        for donor, agreement, item in given:
            cells[Cell(donor, agreement, item, place)].append(people)
    united: dict[tuple[int, ...], People] = {}
    made = {}
    for cell, sets in cells.items():
        key = tuple(id(people) for people in sets)
        if key not in united:
            united[key] = People.union(sets) if len(sets) > 1 else sets[0]
        made[cell] = united[key]
    return made


def read_people(
    session: Session, days: Period, lots: Lots, *, after: int = 0, upto: int
) -> dict[Cell, People]:
    """`read_groups` by cell."""
    groups = []
    start = days.start
    while start <= days.end:
        # a week at a time: a busy month's numbers as text would take many megabytes
        end = min(start + timedelta(days=6), days.end)
        groups += read_groups(session, Period(start, end), lots, after=after, upto=upto)
        start = end + ONE_DAY
    return people_of(groups)


# -- the selects, run by the driver itself: a month has a hundred thousand rows -------------------------

_UNDOING, _UNDONE = aliased(StockEntry), aliased(StockEntry)
# the numbers' bounds stand on a sum that no index knows: else SQLite carries them over to the movements and
# walks through a million of those by number, instead of some days' entries
_number = StockEntry.id + 0
_ASKED = (
    StockEntry.effective_on >= bindparam("start"),
    StockEntry.effective_on <= bindparam("end"),
    _number > bindparam("after"),
    _number <= bindparam("upto"),
)
_STANDING = (
    *_ASKED,
    type_coerce(Handout.kind, String) != HandoutKind.REVERSAL.value,
    ~exists().where(_UNDOING.reverses_id == StockEntry.id, _UNDOING.id <= bindparam("upto")),
)
_CAUSE = func.coalesce(
    type_coerce(StockEntry.cause, String), type_coerce(_UNDONE.cause, String), literal_column("''")
)
_WAY = (StockMove.lot_id, StockMove.source_id, StockMove.target_id, StockEntry.site_id)


def _flows(*by: InstrumentedAttribute[Any]) -> Prepared:
    return Prepared(
        select(*by, *_WAY, _CAUSE, func.sum(StockMove.units))
        .select_from(StockEntry)
        .join(StockMove, StockMove.entry_id == StockEntry.id)
        .outerjoin(_UNDONE, _UNDONE.id == StockEntry.reverses_id)
        .where(*_ASKED)
        .group_by(*by, *_WAY, _CAUSE)
    )


_FLOWS = _flows()
_FLOWS_BY_DAY = _flows(StockEntry.effective_on)


# as a column, because a separator given as text is written only when SQLAlchemy runs a statement itself
_SEPARATOR: Any = literal_column(f"'{SEPARATOR}'")


def _joined(numbers: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[str]:
    return func.aggregate_strings(cast(numbers, String), _SEPARATOR)


# One row for all handouts of the same lots at a place, their numbers in texts: a week of 6 000 handouts is 47 rows
# instead of 47 000, which is half the work on SQLite and two thirds on PostgreSQL, taking the texts apart included.
_STANDING_HANDOUTS = (
    select(
        Handout.id.label("issue"),
        Handout.household_id.label("household"),
        Handout.place_id.label("place"),
        select(_joined(StockMove.lot_id))
        .where(StockMove.entry_id == StockEntry.id)
        .scalar_subquery()
        .label("lots"),
        select(_joined(EntitlementPerson.person_id))
        .where(EntitlementPerson.entitlement_id == Handout.entitlement_id)
        .scalar_subquery()
        .label("persons"),
    )
    .select_from(StockEntry)
    .join(Handout, Handout.entry_id == StockEntry.id)
    .where(*_STANDING)
    .subquery()
)
_of = _STANDING_HANDOUTS.c
_ALIKE = Prepared(
    select(
        _of.place,
        _of.lots,
        _joined(_of.issue),
        _joined(_of.household),
        func.aggregate_strings(_of.persons, _SEPARATOR),
    ).group_by(_of.place, _of.lots)
)
