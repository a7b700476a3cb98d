"""Sums read from the ledger's rows for some days: the same for a statement and for closing a month."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, exists, func, literal_column, select, type_coerce
from sqlalchemy.orm import Session, aliased

from aidtrack.distribution.models import EntitlementPerson, Handout, HandoutKind
from aidtrack.inventory.models import VIRTUAL_PLACE_IDS, PlaceKind, StockEntry, StockLot, StockMove
from aidtrack.reports.bits import bits_of
from aidtrack.reports.periods import Period

HANDED_OUT_ID = VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT]


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


@dataclass(slots=True)
class People:
    """Bit sets of handouts, persons and households (see `bits`)."""

    issues: int = 0
    persons: int = 0
    households: int = 0

    def unite(self, other: "People") -> None:
        self.issues |= other.issues
        self.persons |= other.persons
        self.households |= other.households


def read_flows(session: Session, days: Period, goods: Goods, upto: int) -> list[LotFlow]:
    """The movements of those days, added up; entries after number `upto` are left out."""
    reversed_entry = aliased(StockEntry)
    cause = func.coalesce(
        type_coerce(StockEntry.cause, String), type_coerce(reversed_entry.cause, String), literal_column("''")
    )
    group = (StockMove.lot_id, StockMove.source_id, StockMove.target_id, StockEntry.site_id)
    statement = (
        select(*group, cause, func.sum(StockMove.units))
        .select_from(StockEntry)
        .join(StockMove, StockMove.entry_id == StockEntry.id)
        .join(StockLot, StockLot.id == StockMove.lot_id)
        .outerjoin(reversed_entry, reversed_entry.id == StockEntry.reverses_id)
        .where(*_entries(days, upto), *goods.conditions())
        .group_by(*group, cause)
    )
    return [
        LotFlow(lot, source, target, site, str(why), int(units))
        for lot, source, target, site, why, units in session.execute(statement)
    ]


def read_people(session: Session, days: Period, goods: Goods, upto: int) -> dict[Cell, People]:
    """Whom the handouts of those days reached. One that was undone, on whatever day, reached nobody."""
    columns = (
        StockLot.donor_id, StockLot.agreement_id, StockLot.item_id, Handout.place_id,
        Handout.id, Handout.household_id, Handout.entitlement_id,
    )  # fmt: skip
    given = (
        select(*columns)
        .select_from(StockEntry)
        .join(Handout, Handout.entry_id == StockEntry.id)
        .join(StockMove, StockMove.entry_id == StockEntry.id)
        .join(StockLot, StockLot.id == StockMove.lot_id)
        .where(*_standing(days, upto), StockMove.target_id == HANDED_OUT_ID, *goods.conditions())
    )
    members = _members(session, days, upto)
    cells: dict[Cell, set[tuple[int, int, int]]] = defaultdict(set)
    names: dict[tuple[int, int | None, int, int], Cell] = {}
    for donor, agreement, item, place, handout, household, entitlement in session.execute(given):
        key = (donor, agreement, item, place)
        cell = names.get(key) or names.setdefault(key, Cell(*key))
        cells[cell].add((handout, household, entitlement))
    return {
        cell: People(
            issues=bits_of(handout for handout, _, _ in handouts),
            households=bits_of(household for _, household, _ in handouts),
            persons=bits_of(person for _, _, entitlement in handouts for person in members[entitlement]),
        )
        for cell, handouts in cells.items()
    }


def _members(session: Session, days: Period, upto: int) -> dict[int, list[int]]:
    """Persons by entitlement, for the handouts of those days."""
    statement = (
        select(EntitlementPerson.entitlement_id, EntitlementPerson.person_id)
        .select_from(StockEntry)
        .join(Handout, Handout.entry_id == StockEntry.id)
        .join(EntitlementPerson, EntitlementPerson.entitlement_id == Handout.entitlement_id)
        .where(*_standing(days, upto))
    )
    members: dict[int, list[int]] = defaultdict(list)
    for entitlement, person in session.execute(statement):
        members[entitlement].append(person)
    return members


def _entries(days: Period, upto: int) -> list[ColumnElement[bool]]:
    return [StockEntry.effective_on.between(days.start, days.end), StockEntry.id <= upto]


def _standing(days: Period, upto: int) -> list[ColumnElement[bool]]:
    """Handouts of those days that nobody has undone."""
    undoing = aliased(StockEntry)
    undone = exists().where(undoing.reverses_id == StockEntry.id, undoing.id <= upto)
    return [*_entries(days, upto), Handout.kind != HandoutKind.REVERSAL, ~undone]
