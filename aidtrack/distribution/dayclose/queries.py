"""Closes of days as pages, papers and services read them, within the actor's sites."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from aidtrack.accounts.approvals.rules import Threshold, loss_needs_two
from aidtrack.accounts.approvals.services import threshold_of
from aidtrack.accounts.models import Site
from aidtrack.distribution.dayclose.rules import LotInBook
from aidtrack.distribution.models import DayClose, DayCountLine, DayCountLot, DayState
from aidtrack.distribution.queries.rounds import Named
from aidtrack.inventory.kinds import LossCause, LotCondition, LotStatus
from aidtrack.inventory.models import (
    Donor,
    Item,
    Place,
    StockBalance,
    StockEntry,
    StockLot,
    StockMove,
    StockShortage,
)
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit

Rows = Select[*tuple[Any, ...]]
LATEST = 40


@dataclass(frozen=True, slots=True)
class CloseRow(Named):
    """A close with its place."""

    id: int
    number: str
    state: DayState
    day: date
    by_item: bool
    book_entry_id: int
    book_at: datetime
    started_by: str
    counted_at: datetime | None
    counted_by: str | None
    second_person: bool
    approved_by: str | None
    sent_back_reason: str | None
    unsent_events: int | None
    note: str | None
    closed_at: datetime | None
    closed_by: str | None
    reopened_at: datetime | None
    reopened_by: str | None
    reopen_reason: str | None
    place_id: int
    place_code: str
    place_name_uk: str
    place_name_en: str
    site_id: int
    time_zone: str


@dataclass(frozen=True, slots=True)
class CountedLot:
    """A lot behind a line, with what tells it from another on the shelf."""

    lot_id: int
    code: str
    donor_code: str
    batch: str | None
    expires_on: date | None
    received_on: date
    condition: LotCondition
    status: LotStatus
    book_units: int
    difference: int | None
    entry_id: int | None
    owed: int  # given out beyond the book at this place, base units; goods of the lot that come pay it first

    def in_book(self) -> LotInBook:
        return LotInBook(self.lot_id, self.book_units, self.expires_on, self.received_on)


@dataclass(frozen=True, slots=True)
class CountLine(Named):
    """One thing to count. What the book says is for after the count."""

    id: int
    position: int
    item_id: int
    item_name_uk: str
    item_name_en: str
    base_unit: BaseUnit
    counted_units: int | None
    as_typed: str | None
    counted_by: str | None
    cause: LossCause | None
    reason: str | None
    lots: tuple[CountedLot, ...]
    threshold: Threshold  # the site's

    @property
    def book_units(self) -> int:
        return sum(lot.book_units for lot in self.lots)

    @property
    def difference(self) -> int:
        return (self.counted_units or 0) - self.book_units

    @property
    def owed_units(self) -> int:
        return sum(lot.owed for lot in self.lots)

    @property
    def second_person(self) -> bool:
        """Whether this line by itself is too much for one person's word."""
        return loss_needs_two(
            self.threshold,
            book=self.book_units,
            difference=self.difference,
            theft=self.cause is LossCause.THEFT,
        )


def differences(lines: Iterable[CountLine]) -> dict[int, int]:
    """What the lines differ by, whatever the sign, by item."""
    found: dict[int, int] = defaultdict(int)
    for line in lines:
        found[line.item_id] += abs(line.difference)
    return {item_id: units for item_id, units in found.items() if units}


def _closes() -> Rows:
    c = DayClose
    return (
        select(
            c.id, c.number, c.state, c.day, c.by_item, c.book_entry_id, c.book_at, c.started_by, c.counted_at,
            c.counted_by, c.second_person, c.approved_by, c.sent_back_reason, c.unsent_events, c.note, c.closed_at,
            c.closed_by, c.reopened_at, c.reopened_by, c.reopen_reason, Place.id, Place.code, Place.name_uk,
            Place.name_en, Site.id, Site.time_zone,
        )
        .join(Place, Place.id == c.place_id)
        .join(Site, Site.id == c.site_id)
    )  # fmt: skip


def close_by_id(session: Session, close_id: int, *, actor: Actor) -> CloseRow:
    """One close; NotFound for a missing one and for another site's alike (I14)."""
    row = session.execute(_closes().where(DayClose.id == close_id, Site.id.in_(actor.site_ids))).one_or_none()
    if row is None:
        raise NotFound
    return CloseRow(*row)


def closes(session: Session, *, actor: Actor, limit: int = LATEST, offset: int = 0) -> list[CloseRow]:
    """The latest closes of the actor's places, newest day first."""
    query = _closes().where(Site.id.in_(actor.site_ids)).order_by(DayClose.day.desc(), DayClose.id.desc())
    return [CloseRow(*row) for row in session.execute(query.limit(limit).offset(offset))]


def how_many(session: Session, *, actor: Actor) -> int:
    query = select(func.count()).select_from(DayClose).where(DayClose.site_id.in_(actor.site_ids))
    return session.execute(query).scalar_one()


def standing(session: Session, place_id: int, day: date) -> DayClose | None:
    """The close of that place and day that was not reopened."""
    return session.execute(
        select(DayClose).where(
            DayClose.place_id == place_id, DayClose.day == day, DayClose.state != DayState.REOPENED
        )
    ).scalar_one_or_none()


def unfinished(session: Session, *, actor: Actor) -> list[CloseRow]:
    """Closes that wait for somebody, oldest first."""
    query = (
        _closes()
        .where(Site.id.in_(actor.site_ids), DayClose.state.not_in((DayState.CLOSED, DayState.REOPENED)))
        .order_by(DayClose.day, DayClose.id)
    )
    return [CloseRow(*row) for row in session.execute(query)]


def lines(session: Session, close_id: int) -> list[CountLine]:
    """What is counted, in the order of the sheet."""
    lots: dict[int, list[CountedLot]] = defaultdict(list)
    behind = (
        select(
            DayCountLot.line_id, StockLot.id, StockLot.code, Donor.code, StockLot.batch, StockLot.expires_on,
            StockLot.received_on, StockLot.condition, StockLot.status, DayCountLot.book_units,
            DayCountLot.difference, DayCountLot.entry_id, func.coalesce(StockShortage.units, 0),
        )
        .join(DayCountLine, DayCountLine.id == DayCountLot.line_id)
        .join(DayClose, DayClose.id == DayCountLine.close_id)
        .outerjoin(
            StockShortage,
            (StockShortage.lot_id == DayCountLot.lot_id) & (StockShortage.place_id == DayClose.place_id),
        )
        .join(StockLot, StockLot.id == DayCountLot.lot_id)
        .join(Donor, Donor.id == StockLot.donor_id)
        .where(DayCountLine.close_id == close_id)
        .order_by(StockLot.id)
    )  # fmt: skip
    for line_id, *lot in session.execute(behind):
        lots[line_id].append(CountedLot(*lot))
    query = (
        select(
            DayCountLine.id, DayCountLine.position, Item.id, Item.name_uk, Item.name_en, Item.base_unit,
            DayCountLine.counted_units, DayCountLine.as_typed, DayCountLine.counted_by, DayCountLine.cause,
            DayCountLine.reason,
        )
        .join(Item, Item.id == DayCountLine.item_id)
        .where(DayCountLine.close_id == close_id)
        .order_by(DayCountLine.position)
    )  # fmt: skip
    site_id = session.execute(select(DayClose.site_id).where(DayClose.id == close_id)).scalar_one()
    threshold = threshold_of(session, site_id)
    return [CountLine(*row, lots=tuple(lots[row[0]]), threshold=threshold) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class ShelfLot:
    """A lot that can be found at a place on a day: it stands there, some of it left that day, or it is owed there."""

    lot_id: int
    item_id: int
    item_code: str
    batch: str | None
    expires_on: date | None
    received_on: date
    condition: LotCondition
    status: LotStatus
    units: int

    @property
    def looks(self) -> tuple[Any, ...]:
        """What a person at the shelf can see of it; the donor is not written on a bag."""
        return self.item_id, self.batch, self.expires_on, self.condition, self.status


def shelf(session: Session, place_id: int, day: date, *, locked: bool = False) -> list[ShelfLot]:
    """The lots to count. `locked` holds their balances, in the ledger's order, until the unit ends."""
    held: Rows = (
        select(StockBalance.lot_id, StockBalance.units)
        .where(StockBalance.place_id == place_id)
        .order_by(StockBalance.lot_id)
    )
    if locked:
        held = held.with_for_update()
    units: dict[int, int] = {row[0]: row[1] for row in session.execute(held)}
    left = (
        select(StockMove.lot_id)
        .join(StockEntry, StockEntry.id == StockMove.entry_id)
        .where(StockMove.source_id == place_id, StockEntry.effective_on == day)
    )
    looked_for = set(session.execute(left.distinct()).scalars())
    beyond = select(StockShortage.lot_id).where(StockShortage.place_id == place_id, StockShortage.units > 0)
    looked_for |= set(session.execute(beyond).scalars())
    wanted = [lot_id for lot_id, standing in units.items() if standing or lot_id in looked_for]
    query = (
        select(
            StockLot.id, Item.id, Item.code, StockLot.batch, StockLot.expires_on, StockLot.received_on,
            StockLot.condition, StockLot.status,
        )
        .join(Item, Item.id == StockLot.item_id)
        .where(StockLot.id.in_(wanted))
        .order_by(
            Item.code, StockLot.expires_on.is_(None), StockLot.expires_on, StockLot.received_on, StockLot.id
        )
    )  # fmt: skip
    return [ShelfLot(*row, units=units[row[0]]) for row in session.execute(query)]


def last_entry(session: Session) -> int:
    """The ledger's sequence number."""
    return session.execute(select(func.max(StockEntry.id))).scalar_one() or 0
