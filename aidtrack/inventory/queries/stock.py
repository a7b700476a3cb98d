"""Reads of stock: what stands where and what may be handed out."""

import statistics
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session

from aidtrack.inventory.allocation import LotOnHand, may_use
from aidtrack.inventory.kinds import REAL_PLACES, LotCondition, LotStatus
from aidtrack.inventory.models import (
    DonationLine,
    Donor,
    Item,
    Place,
    StockBalance,
    StockLot,
)
from aidtrack.inventory.queries.catalogue import Named
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass
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
