"""Reads of stock: what stands where, what may be handed out, how a balance came about."""

import statistics
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, func, literal, or_, select, true
from sqlalchemy.orm import Session, aliased

from aidtrack.inventory.allocation import LotOnHand, may_use
from aidtrack.inventory.kinds import REAL_PLACES, EntryKind, LotCondition, LotStatus, PlaceKind
from aidtrack.inventory.models import (
    Donation,
    DonationLine,
    Donor,
    Item,
    Place,
    Programme,
    StockBalance,
    StockEntry,
    StockLot,
    StockMove,
)
from aidtrack.inventory.queries.catalogue import Named
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.quantity import BaseUnit

USUAL_LINES = 15  # how many earlier lines say what is usual


@dataclass(frozen=True, slots=True)
class StockRow(Named):
    """What one place holds of one lot; the names are the item's."""

    place_id: int
    place_code: str
    place_name_uk: str
    place_name_en: str
    item_id: int
    item_code: str
    name_uk: str
    name_en: str
    base_unit: BaseUnit
    lot_id: int
    lot_code: str
    donor_id: int
    donor_code: str
    agreement_id: int | None
    programme_id: int | None
    earmarked: bool
    batch: str | None
    expires_on: date | None
    received_on: date
    condition: LotCondition
    status: LotStatus
    units: int

    def expired(self, on: date) -> bool:
        return self.expires_on is not None and self.expires_on < on

    def usable(self, on: date) -> bool:
        return self.status is LotStatus.USABLE and not self.expired(on)


@dataclass(frozen=True, slots=True)
class ItemTotal(Named):
    """One item over all the places the actor may see; `usable_units` leaves out expired and held-back lots."""

    item_id: int
    item_code: str
    name_uk: str
    name_en: str
    base_unit: BaseUnit
    units: int
    usable_units: int


@dataclass(frozen=True, slots=True)
class CardRow:
    """One line of a stock card. `balance` is what stood there after it, over all lots of the item.

    `document` and `reason` are empty for handouts on a liaison's card: a voucher's serial, and words that may
    be about a family, are not theirs to see.
    """

    entry_id: int
    on: date
    document: str
    kind: EntryKind
    reversal: bool
    reason: str | None
    units_in: int
    units_out: int
    balance: int
    lot_id: int
    lot_code: str
    donor_code: str
    other_place_kind: PlaceKind
    other_place_name_uk: str
    other_place_name_en: str
    actor_label: str


@dataclass(frozen=True, slots=True)
class Card:
    """A stretch of a stock card: the balance before it, its lines, and how many lines there are in all."""

    opening: int
    rows: list[CardRow]
    lines: int
    closing: int


# -- for handing out and planning --------------------------------------------------------------------


def _lots_at(place_id: int, item_ids: Collection[int] | None) -> Select[*tuple[Any, ...]]:
    query = (
        select(
            StockLot.item_id, StockLot.id, StockBalance.units, StockLot.expires_on, StockLot.programme_id,
            StockLot.earmarked, StockLot.received_on, StockLot.status,
        )
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .where(StockBalance.place_id == place_id, StockBalance.units > 0)
        .order_by(StockLot.id)
    )  # fmt: skip
    return query if item_ids is None else query.where(StockLot.item_id.in_(item_ids))


def _by_item(rows: Iterable[Any]) -> dict[int, list[LotOnHand]]:
    found: dict[int, list[LotOnHand]] = {}
    for row in rows:
        found.setdefault(row.item_id, []).append(
            LotOnHand(
                lot_id=row.id,
                units=row.units,
                expires_on=row.expires_on,
                programme_id=row.programme_id,
                earmarked=row.earmarked,
                received_on=row.received_on,
                usable=row.status is LotStatus.USABLE,
            )
        )
    return found


def lots_for_update(session: Session, place_id: int, item_ids: Collection[int]) -> dict[int, list[LotOnHand]]:
    """Every lot of these items that the place holds, by item, locked until the transaction ends.

    Usable or not: the allocation judges. Locked in lot order, as the ledger locks, so that nobody waits in
    a ring. The caller has authorised the act at the place.
    """
    query = _lots_at(place_id, item_ids).with_for_update(of=StockBalance)
    return _by_item(session.execute(query))


def lots_at(
    session: Session, place_id: int, item_ids: Collection[int] | None = None
) -> dict[int, list[LotOnHand]]:
    """The same for looking only: nothing is locked, so nothing is promised."""
    return _by_item(session.execute(_lots_at(place_id, item_ids)))


def available(session: Session, *, place_id: int, programme_id: int | None, on: date) -> dict[int, int]:
    """Base units by item that the programme may hand out at the place that day."""
    return {
        item_id: sum(lot.units for lot in lots if may_use(lot, programme_id=programme_id, on=on))
        for item_id, lots in lots_at(session, place_id).items()
    }


def whole(total: ColumnElement[Any]) -> ColumnElement[int]:
    """A sum of base units as an integer: PostgreSQL widens sums of 64-bit integers to NUMERIC."""
    return cast(total, BigInteger)


# -- for people --------------------------------------------------------------------------------------


def _own(actor: Actor) -> ColumnElement[bool]:
    """Real places of the actor's sites, and for a liaison only lots of the donors they serve."""
    own = and_(Place.kind.in_(REAL_PLACES), Place.site_id.in_(actor.site_ids))
    return own if actor.donor_ids is None else and_(own, StockLot.donor_id.in_(actor.donor_ids))


def on_hand(
    session: Session,
    actor: Actor,
    *,
    place_id: int | None = None,
    item_id: int | None = None,
    lot_id: int | None = None,
    donor_id: int | None = None,
) -> list[StockRow]:
    """What stands at the actor's places, lot by lot, soonest expiry first within place and item."""
    query = (
        select(
            Place.id, Place.code, Place.name_uk, Place.name_en, Item.id, Item.code, Item.name_uk, Item.name_en,
            Item.base_unit, StockLot.id, StockLot.code, Donor.id, Donor.code, StockLot.agreement_id,
            StockLot.programme_id, StockLot.earmarked, StockLot.batch, StockLot.expires_on,
            StockLot.received_on, StockLot.condition, StockLot.status, StockBalance.units,
        )
        .select_from(StockBalance)
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .join(Item, Item.id == StockLot.item_id)
        .join(Place, Place.id == StockBalance.place_id)
        .join(Donor, Donor.id == StockLot.donor_id)
        .where(StockBalance.units > 0, _own(actor))
        .order_by(
            Place.code, Item.code, StockLot.expires_on.is_(None), StockLot.expires_on, StockLot.received_on,
            StockLot.id,
        )
    )  # fmt: skip
    for column, wanted in (
        (Place.id, place_id), (Item.id, item_id), (StockLot.id, lot_id), (Donor.id, donor_id),
    ):  # fmt: skip
        if wanted is not None:
            query = query.where(column == wanted)
    found: Iterable[Any] = session.execute(query)
    return [StockRow(*row) for row in found]


def totals(session: Session, actor: Actor, *, on: date) -> list[ItemTotal]:
    """Sums by item, for those who may know how much there is but not whose and where."""
    good = and_(
        StockLot.status == LotStatus.USABLE, or_(StockLot.expires_on.is_(None), StockLot.expires_on >= on)
    )
    query = (
        select(
            Item.id, Item.code, Item.name_uk, Item.name_en, Item.base_unit, whole(func.sum(StockBalance.units)),
            whole(func.sum(case((good, StockBalance.units), else_=0))),
        )
        .select_from(StockBalance)
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .join(Item, Item.id == StockLot.item_id)
        .join(Place, Place.id == StockBalance.place_id)
        .where(StockBalance.units > 0, _own(actor))
        .group_by(Item.id, Item.code, Item.name_uk, Item.name_en, Item.base_unit)
        .order_by(Item.code)
    )  # fmt: skip
    found: Iterable[Any] = session.execute(query)
    return [ItemTotal(*row) for row in found]


def stock_card(
    session: Session,
    actor: Actor,
    *,
    item_id: int,
    place_id: int,
    first_day: date | None = None,
    last_day: date | None = None,
    offset: int = 0,
    limit: int = 200,
) -> Card:
    """Every movement of an item at a place, in the ledger's order within a day, with the running balance.

    The caller has looked the place up through `catalogue.place`, which judges the site. A liaison's card
    holds the lots of their own donors alone, so its balance is theirs too.
    """
    other = aliased(Place)
    into = StockMove.target_id == place_id
    signed = case((into, StockMove.units), else_=-StockMove.units)
    here = or_(StockMove.source_id == place_id, StockMove.target_id == place_id)
    scope = and_(StockLot.item_id == item_id, here, _of_donors(actor))
    moves = (
        select(
            StockEntry.id.label("entry_id"), StockEntry.effective_on, StockEntry.document, StockEntry.kind,
            StockEntry.reverses_id.is_not(None).label("reversal"), StockEntry.reason, StockEntry.actor_label,
            case((into, StockMove.units), else_=0).label("units_in"),
            case((into, 0), else_=StockMove.units).label("units_out"),
            whole(func.sum(signed).over(order_by=(StockEntry.effective_on, StockMove.id))).label("balance"),
            StockMove.id.label("move_id"), StockMove.lot_id,
            case((into, StockMove.source_id), else_=StockMove.target_id).label("other_id"),
        )
        .join(StockEntry, StockEntry.id == StockMove.entry_id)
        .join(StockLot, StockLot.id == StockMove.lot_id)
        .where(scope)
        .subquery()
    )  # fmt: skip
    inside = and_(
        moves.c.effective_on >= first_day if first_day else true(),
        moves.c.effective_on <= last_day if last_day else true(),
    )
    lines = session.execute(select(func.count()).select_from(moves).where(inside)).scalar_one()
    opening = _sum_until(session, scope, signed, StockEntry.effective_on < first_day) if first_day else 0
    closing = _sum_until(session, scope, signed, StockEntry.effective_on <= last_day if last_day else true())
    query = (
        select(
            moves.c.entry_id, moves.c.effective_on, moves.c.document, moves.c.kind, moves.c.reversal,
            moves.c.reason, moves.c.units_in, moves.c.units_out, moves.c.balance, moves.c.lot_id, StockLot.code,
            Donor.code, other.kind, other.name_uk, other.name_en, moves.c.actor_label,
        )
        .join(StockLot, StockLot.id == moves.c.lot_id)
        .join(Donor, Donor.id == StockLot.donor_id)
        .join(other, other.id == moves.c.other_id)
        .where(inside)
        .order_by(moves.c.effective_on, moves.c.move_id)
        .offset(offset)
        .limit(limit)
    )  # fmt: skip
    found: Iterable[Any] = session.execute(query)
    rows = [CardRow(*row) for row in found]
    if actor.donor_ids is not None:
        rows = [
            replace(row, document="", reason=None) if row.kind is EntryKind.HANDOUT else row for row in rows
        ]
    return Card(opening=opening, rows=rows, lines=lines, closing=closing)


def _of_donors(actor: Actor) -> ColumnElement[bool]:
    return literal(True) if actor.donor_ids is None else StockLot.donor_id.in_(actor.donor_ids)


def _sum_until(
    session: Session, scope: ColumnElement[bool], signed: ColumnElement[int], until: ColumnElement[bool]
) -> int:
    query = (
        select(func.coalesce(func.sum(signed), 0))
        .select_from(StockMove)
        .join(StockEntry, StockEntry.id == StockMove.entry_id)
        .join(StockLot, StockLot.id == StockMove.lot_id)
        .where(scope, until)
    )
    return int(session.execute(query).scalar_one())


def usual_units(session: Session, item_id: int) -> int | None:
    """The item's usual line: the median of its latest received lines; None for an item that never came."""
    rows = session.execute(
        select(DonationLine.units)
        .where(DonationLine.item_id == item_id)
        .order_by(DonationLine.id.desc())
        .limit(USUAL_LINES)
    )
    units = [row.units for row in rows]
    return statistics.median_low(units) if units else None


def programme_names(session: Session) -> dict[int, str]:
    return {row.id: row.code for row in session.execute(select(Programme.id, Programme.code))}


def donors_of_stock(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Donors whose goods ever came to the actor's sites, for filters."""
    query = (
        select(Donor.id, Donor.code)
        .join(Donation, Donation.donor_id == Donor.id)
        .where(Donation.site_id.in_(actor.site_ids))
        .distinct()
        .order_by(Donor.code)
    )
    if actor.donor_ids is not None:
        query = query.where(Donor.id.in_(actor.donor_ids))
    return [(row.id, row.code) for row in session.execute(query)]
