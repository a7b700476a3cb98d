"""Reads of papers: transfers with their lines, single entries of the ledger, losses."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from aidtrack.inventory.kinds import (
    EntryKind,
    LossCause,
    TransferState,
)
from aidtrack.inventory.models import (
    Donation,
    Donor,
    Item,
    Place,
    StockEntry,
    StockLot,
    StockMove,
    Transfer,
    TransferLine,
)
from aidtrack.inventory.queries.catalogue import Named
from aidtrack.inventory.queries.donations import Reversal, reversal_of
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit

# -- transfers ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TransferRow:
    id: int
    number: str
    state: TransferState
    dispatched_on: date
    source_id: int
    source_name_uk: str
    source_name_en: str
    target_id: int
    target_name_uk: str
    target_name_en: str
    dispatch_entry_id: int
    arrival_entry_id: int | None
    recalled: bool
    leaves_own_site: bool
    comes_to_own_site: bool


@dataclass(frozen=True, slots=True)
class TransferLineRow(Named):
    lot_id: int
    lot_code: str
    donor_code: str
    expires_on: date | None
    item_id: int
    name_uk: str
    name_en: str
    base_unit: BaseUnit
    units: int
    arrived_units: int | None
    cause: LossCause | None


def transfers(
    session: Session,
    actor: Actor,
    *,
    transfer_id: int | None = None,
    open_only: bool = False,
    limit: int = 100,
) -> list[TransferRow]:
    """Transfers that leave or reach the actor's sites, the newest first."""
    source, target, reversal = aliased(Place), aliased(Place), aliased(StockEntry)
    leaves = source.site_id.in_(actor.site_ids)
    comes = target.site_id.in_(actor.site_ids)
    query = (
        select(
            Transfer.id, Transfer.number, Transfer.state, Transfer.dispatched_on, Transfer.source_id,
            source.name_uk, source.name_en, Transfer.target_id, target.name_uk, target.name_en,
            Transfer.dispatch_entry_id, Transfer.arrival_entry_id, reversal.id.is_not(None), leaves, comes,
        )
        .join(source, source.id == Transfer.source_id)
        .join(target, target.id == Transfer.target_id)
        .outerjoin(reversal, reversal.reverses_id == Transfer.dispatch_entry_id)
        .where(or_(leaves, comes))
        .order_by(Transfer.id.desc())
        .limit(limit)
    )  # fmt: skip
    if transfer_id is not None:
        query = query.where(Transfer.id == transfer_id)
    if open_only:
        query = query.where(Transfer.state == TransferState.DISPATCHED, reversal.id.is_(None))
    found: Iterable[Any] = session.execute(query)
    return [TransferRow(*row) for row in found]


def transfer(session: Session, actor: Actor, transfer_id: int) -> tuple[TransferRow, list[TransferLineRow]]:
    """One transfer with its lines, or NotFound."""
    rows = transfers(session, actor, transfer_id=transfer_id)
    if not rows:
        raise NotFound
    query = (
        select(
            StockLot.id, StockLot.code, Donor.code, StockLot.expires_on, Item.id, Item.name_uk, Item.name_en,
            Item.base_unit, TransferLine.units, TransferLine.arrived_units, TransferLine.cause,
        )
        .join(StockLot, StockLot.id == TransferLine.lot_id)
        .join(Donor, Donor.id == StockLot.donor_id)
        .join(Item, Item.id == StockLot.item_id)
        .where(TransferLine.transfer_id == transfer_id)
        .order_by(TransferLine.id)
    )  # fmt: skip
    found: Iterable[Any] = session.execute(query)
    return rows[0], [TransferLineRow(*row) for row in found]


# -- entries -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EntryLine(Named):
    lot_id: int
    lot_code: str
    donor_code: str
    item_id: int
    name_uk: str
    name_en: str
    base_unit: BaseUnit
    source: Place
    target: Place
    units: int


@dataclass(frozen=True, slots=True)
class EntryDetail:
    entry: StockEntry
    lines: list[EntryLine]
    reversal: Reversal | None
    donation_id: int | None
    transfer_id: int | None


def entry(session: Session, actor: Actor, entry_id: int) -> EntryDetail:
    """One document of the ledger with its moves, or NotFound where it is another site's."""
    found_entry = session.get(StockEntry, entry_id)
    if found_entry is None or found_entry.site_id not in actor.site_ids:
        raise NotFound
    if actor.donor_ids is not None and found_entry.kind is EntryKind.HANDOUT:
        raise NotFound  # it names a voucher, which is not a liaison's to see
    source, target = aliased(Place), aliased(Place)
    query = (
        select(
            StockLot.id, StockLot.code, Donor.code, Item.id, Item.name_uk, Item.name_en, Item.base_unit, source,
            target, StockMove.units,
        )
        .select_from(StockMove)
        .join(StockLot, StockLot.id == StockMove.lot_id)
        .join(Donor, Donor.id == StockLot.donor_id)
        .join(Item, Item.id == StockLot.item_id)
        .join(source, source.id == StockMove.source_id)
        .join(target, target.id == StockMove.target_id)
        .where(StockMove.entry_id == entry_id)
        .order_by(StockMove.id)
    )  # fmt: skip
    if actor.donor_ids is not None:
        query = query.where(StockLot.donor_id.in_(actor.donor_ids))
    rows: Iterable[Any] = session.execute(query)
    lines = [EntryLine(*row) for row in rows]
    if not lines:
        raise NotFound
    document = found_entry.document
    note = select(Transfer.id).where(Transfer.number == document)
    return EntryDetail(
        entry=found_entry,
        lines=lines,
        reversal=reversal_of(session, entry_id),
        donation_id=session.scalar(select(Donation.id).where(Donation.number == document)),
        # a liaison is not shown the note: it may hold other donors' goods
        transfer_id=session.scalar(note) if actor.donor_ids is None else None,
    )


def losses(session: Session, actor: Actor, *, limit: int = 100) -> list[StockEntry]:
    """Write-offs, counts and goods given away at the actor's sites, the newest first."""
    kinds = (EntryKind.LOSS, EntryKind.COUNT, EntryKind.TRANSFER_AWAY)
    query = (
        select(StockEntry)
        .where(StockEntry.kind.in_(kinds), StockEntry.site_id.in_(actor.site_ids))
        .order_by(StockEntry.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))
