"""Reads of donations: the list, and one with the lines of its receipt act."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from aidtrack.accounts.models import Site
from aidtrack.inventory.kinds import (
    EntryKind,
    LotCondition,
)
from aidtrack.inventory.models import (
    Agreement,
    Donation,
    DonationLine,
    Donor,
    Item,
    Place,
    Programme,
    StockEntry,
    StockLot,
)
from aidtrack.inventory.queries.catalogue import Named
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit


@dataclass(frozen=True, slots=True)
class DonationRow(Named):
    """One donation of a list; the names are the donor's."""

    id: int
    number: str
    arrived_on: date
    donor_code: str
    name_uk: str
    name_en: str
    place_name_uk: str
    place_name_en: str
    lines: int
    reversed: bool


@dataclass(frozen=True, slots=True)
class ReceivedLineRow(Named):
    """One line of a receipt act; the names are the item's."""

    item_id: int
    item_code: str
    name_uk: str
    name_en: str
    base_unit: BaseUnit
    units: int
    announced_units: int | None
    as_typed: str
    lot_id: int | None
    lot_code: str
    batch: str | None
    expires_on: date | None
    condition: LotCondition


@dataclass(frozen=True, slots=True)
class Reversal:
    on: date
    at: datetime
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class DonationDetail:
    donation: Donation
    place: Place
    site: Site
    donor: Donor
    back_donor: Donor | None
    channel: Donor | None
    agreement: Agreement | None
    programme: Programme | None
    lines: list[ReceivedLineRow]
    entry_id: int
    reversal: Reversal | None


def _own_donations(actor: Actor) -> ColumnElement[bool]:
    own = Donation.site_id.in_(actor.site_ids)
    return own if actor.donor_ids is None else and_(own, Donation.donor_id.in_(actor.donor_ids))


def _receipt(original: Any) -> ColumnElement[bool]:
    return and_(
        original.document == Donation.number,
        original.kind == EntryKind.RECEIPT,
        original.reverses_id.is_(None),
    )


def donations(
    session: Session, actor: Actor, *, donor_id: int | None = None, offset: int = 0, limit: int = 50
) -> tuple[list[DonationRow], int]:
    """The newest donations first, and how many there are in all."""
    receipt, reversal = aliased(StockEntry), aliased(StockEntry)
    lines = (
        select(func.count())
        .where(DonationLine.donation_id == Donation.id)
        .correlate(Donation)
        .scalar_subquery()
    )
    scope = _own_donations(actor)
    if donor_id is not None:
        scope = and_(scope, Donation.donor_id == donor_id)
    total = session.execute(select(func.count()).select_from(Donation).where(scope)).scalar_one()
    query = (
        select(
            Donation.id, Donation.number, Donation.arrived_on, Donor.code, Donor.name_uk, Donor.name_en,
            Place.name_uk, Place.name_en, lines, reversal.id.is_not(None),
        )
        .join(Donor, Donor.id == Donation.donor_id)
        .join(Place, Place.id == Donation.place_id)
        .outerjoin(receipt, _receipt(receipt))
        .outerjoin(reversal, reversal.reverses_id == receipt.id)
        .where(scope)
        .order_by(Donation.arrived_on.desc(), Donation.id.desc())
        .offset(offset)
        .limit(limit)
    )  # fmt: skip
    found: Iterable[Any] = session.execute(query)
    return [DonationRow(*row) for row in found], total


def donation(session: Session, actor: Actor, donation_id: int) -> DonationDetail:
    """One donation with its lines, or NotFound where it is another site's or donor's."""
    back, channel = aliased(Donor), aliased(Donor)
    row = session.execute(
        select(Donation, Place, Site, Donor, back, channel, Agreement, Programme)
        .join(Place, Place.id == Donation.place_id)
        .join(Site, Site.id == Donation.site_id)
        .join(Donor, Donor.id == Donation.donor_id)
        .outerjoin(back, back.id == Donation.back_donor_id)
        .outerjoin(channel, channel.id == Donation.channel_id)
        .outerjoin(Agreement, Agreement.id == Donation.agreement_id)
        .outerjoin(Programme, Programme.id == Donation.programme_id)
        .where(Donation.id == donation_id, _own_donations(actor))
    ).one_or_none()
    if row is None:
        raise NotFound
    entry_id = session.execute(
        select(StockEntry.id).where(
            StockEntry.document == row[0].number,
            StockEntry.kind == EntryKind.RECEIPT,
            StockEntry.reverses_id.is_(None),
        )
    ).scalar_one()
    return DonationDetail(
        donation=row[0], place=row[1], site=row[2], donor=row[3], back_donor=row[4], channel=row[5],
        agreement=row[6], programme=row[7], lines=_received_lines(session, donation_id), entry_id=entry_id,
        reversal=reversal_of(session, entry_id),
    )  # fmt: skip


def _received_lines(session: Session, donation_id: int) -> list[ReceivedLineRow]:
    query = (
        select(
            Item.id, Item.code, Item.name_uk, Item.name_en, Item.base_unit, DonationLine.units,
            DonationLine.announced_units, DonationLine.as_typed, DonationLine.lot_id, StockLot.code,
            StockLot.batch, StockLot.expires_on, StockLot.condition,
        )
        .join(Item, Item.id == DonationLine.item_id)
        .join(StockLot, StockLot.id == DonationLine.lot_id)
        .where(DonationLine.donation_id == donation_id)
        .order_by(DonationLine.id)
    )  # fmt: skip
    found: Iterable[Any] = session.execute(query)
    return [ReceivedLineRow(*row) for row in found]


def reversal_of(session: Session, entry_id: int) -> Reversal | None:
    """How and why an entry was taken back, if it was."""
    row = session.execute(
        select(
            StockEntry.effective_on, StockEntry.recorded_at, StockEntry.reason, StockEntry.actor_label
        ).where(StockEntry.reverses_id == entry_id)
    ).one_or_none()
    return Reversal(row.effective_on, row.recorded_at, row.reason or "", row.actor_label) if row else None
