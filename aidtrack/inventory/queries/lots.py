"""One lot: where it is, and by sums where it went; names nobody it was handed to."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from aidtrack.inventory.kinds import (
    REAL_PLACES,
    VIRTUAL_PLACE_IDS,
    LossCause,
    PlaceKind,
)
from aidtrack.inventory.models import (
    Agreement,
    Donation,
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
from aidtrack.inventory.queries.stock import whole
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class LotPlace(Named):
    """What of a lot stands at one of the actor's places, or is on the way."""

    place_id: int
    kind: PlaceKind
    name_uk: str
    name_en: str
    units: int


@dataclass(frozen=True, slots=True)
class LotDetail:
    """A lot, where it is and where it went; `elsewhere_units` stand at places of other sites."""

    lot: StockLot
    item: Item
    donor: Donor
    agreement: Agreement | None
    programme: Programme | None
    donation_id: int
    donation_number: str
    received_units: int
    places: list[LotPlace]
    elsewhere_units: int
    handed_out_units: int
    away_units: int
    suspense_units: int
    losses: list[tuple[LossCause | None, int]]


def lot(session: Session, actor: Actor, lot_id: int) -> LotDetail:
    """One lot that the actor's sites received or ever held; names nobody it was handed to."""
    row = session.execute(
        select(StockLot, Item, Donor, Agreement, Programme, Donation.number)
        .join(Item, Item.id == StockLot.item_id)
        .join(Donor, Donor.id == StockLot.donor_id)
        .join(Donation, Donation.id == StockLot.donation_id)
        .outerjoin(Agreement, Agreement.id == StockLot.agreement_id)
        .outerjoin(Programme, Programme.id == StockLot.programme_id)
        .where(StockLot.id == lot_id, _own_lots(actor))
    ).one_or_none()
    if row is None:
        raise NotFound
    into, out_of = _flows(session, lot_id, StockMove.target_id), _flows(session, lot_id, StockMove.source_id)

    def net(kind: PlaceKind) -> int:
        place_id = VIRTUAL_PLACE_IDS[kind]
        return into.get(place_id, 0) - out_of.get(place_id, 0)

    places, elsewhere = _standing(session, actor, lot_id)
    return LotDetail(
        lot=row[0], item=row[1], donor=row[2], agreement=row[3], programme=row[4], donation_id=row[0].donation_id,
        donation_number=row[5], received_units=-net(PlaceKind.SUPPLIER), places=places, elsewhere_units=elsewhere,
        handed_out_units=net(PlaceKind.HANDED_OUT), away_units=net(PlaceKind.TRANSFERRED_AWAY),
        suspense_units=net(PlaceKind.SUSPENSE), losses=_losses(session, lot_id),
    )  # fmt: skip


def _own_lots(actor: Actor) -> ColumnElement[bool]:
    own_places = select(Place.id).where(Place.kind.in_(REAL_PLACES), Place.site_id.in_(actor.site_ids))
    touched = (
        select(StockMove.id)
        .where(
            StockMove.lot_id == StockLot.id,
            or_(StockMove.source_id.in_(own_places), StockMove.target_id.in_(own_places)),
        )
        .exists()
    )
    return touched if actor.donor_ids is None else and_(touched, StockLot.donor_id.in_(actor.donor_ids))


def _flows(session: Session, lot_id: int, place: Any) -> dict[int, int]:
    query = select(place, whole(func.sum(StockMove.units))).where(StockMove.lot_id == lot_id).group_by(place)
    return {row[0]: row[1] for row in session.execute(query)}


def _standing(session: Session, actor: Actor, lot_id: int) -> tuple[list[LotPlace], int]:
    query = (
        select(Place.id, Place.kind, Place.name_uk, Place.name_en, StockBalance.units, Place.site_id)
        .join(StockBalance, StockBalance.place_id == Place.id)
        .where(StockBalance.lot_id == lot_id, StockBalance.units > 0)
        .order_by(Place.code)
    )
    own: list[LotPlace] = []
    elsewhere = 0
    for row in session.execute(query):
        if row.site_id is None or row.site_id in actor.site_ids:
            own.append(LotPlace(row.id, row.kind, row.name_uk, row.name_en, row.units))
        else:
            elsewhere += row.units
    return own, elsewhere


def _losses(session: Session, lot_id: int) -> list[tuple[LossCause | None, int]]:
    loss = VIRTUAL_PLACE_IDS[PlaceKind.LOSS]
    totals: dict[LossCause | None, int] = {}
    query = (
        select(StockEntry.cause, StockMove.target_id, StockMove.units)
        .join(StockEntry, StockEntry.id == StockMove.entry_id)
        .where(StockMove.lot_id == lot_id, or_(StockMove.target_id == loss, StockMove.source_id == loss))
    )
    for cause, target_id, units in session.execute(query):
        totals[cause] = totals.get(cause, 0) + (units if target_id == loss else -units)
    return [(cause, units) for cause, units in totals.items() if units]
