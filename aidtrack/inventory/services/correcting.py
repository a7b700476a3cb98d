"""Losses, counts, lots held back, and documents taken back by their mirror image."""

from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.approvals import services as approvals
from aidtrack.accounts.approvals.errors import SecondPersonNeeded
from aidtrack.accounts.approvals.rules import loss_needs_two
from aidtrack.inventory import ledger
from aidtrack.inventory.commands import CountLot, SetLotStatus, WriteOff
from aidtrack.inventory.errors import DifferentCount, DispatchArrived, HandoutUndoneElsewhere
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, EntryKind, LossCause, PlaceKind, TransferState
from aidtrack.inventory.ledger import Move
from aidtrack.inventory.models import (
    Donation,
    Place,
    StockBalance,
    StockEntry,
    StockLot,
    StockMove,
    Transfer,
    TransferLine,
)
from aidtrack.inventory.queries.catalogue import PlaceRow
from aidtrack.inventory.services import alone as one_word
from aidtrack.inventory.services import documents
from aidtrack.inventory.services.documents import earlier, next_number, open_place, reason_of, remember
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import InvalidValue, NotFound
from aidtrack.kernel.quantity import MAX_UNITS

WRITE_OFF, COUNT = "inventory.write_off", "inventory.count"
LOSS_OF_TWO, COUNT_OF_TWO = "write_off", "count"  # as they wait for a second person
LOSS = VIRTUAL_PLACE_IDS[PlaceKind.LOSS]
SUSPENSE = VIRTUAL_PLACE_IDS[PlaceKind.SUSPENSE]


def write_off(session: Session, command: WriteOff, *, actor: Actor, now: datetime) -> int:
    """Take lost or spoilt goods off the books with their cause; gives the entry's id.

    Raises:
        SecondPersonNeeded: a large loss, one too many small ones or a theft that nobody else approved.
        NotEnoughStock, ReasonMissing, CommandReused, NotFound.
    """
    place, today = open_place(session, command.place_id, Permission.STOCK_CORRECT, actor=actor, now=now)
    before = earlier(session, command, WRITE_OFF)
    if before is not None:
        return before
    reason = reason_of(command.reason)
    book = ledger.balance(session, lot_id=command.lot_id, place_id=place.id)
    theft = command.cause is LossCause.THEFT
    approved = approvals.is_approved(session, LOSS_OF_TWO, asdict(command))
    # more than there is is refused by the ledger, and not by whoever would approve it
    if (
        command.units <= book
        and not approved
        and needs_two(
            session, place, command.lot_id, book=book, difference=-command.units, theft=theft, on=today
        )
    ):
        raise SecondPersonNeeded
    number = next_number(session, StockEntry.document, place.site_code, documents.WRITE_OFF, today)
    entry_id = ledger.post(
        session, kind=EntryKind.LOSS, document=number, effective_on=today, site_id=place.site_id,
        moves=[Move(command.lot_id, place.id, LOSS, command.units)], actor=actor, now=now, reason=reason,
        cause=command.cause,
    )  # fmt: skip
    if not approved:
        one_word.note(session, entry_id, {command.lot_id: -command.units}, place_id=place.id, on=today)
    audit.record(
        session, actor=actor, action=WRITE_OFF, object_type="stock_entry", object_id=entry_id,
        site_id=place.site_id, reason=reason, facts={"number": number, "cause": command.cause.value}, now=now,
    )  # fmt: skip
    remember(session, command, WRITE_OFF, entry_id, actor=actor, now=now)
    return entry_id


def count_lot(session: Session, command: CountLot, *, actor: Actor, now: datetime) -> int:
    """Record what was counted of a lot, as `post_count` does, a large difference with a second person's approval.

    Raises:
        SecondPersonNeeded: nobody else approved this difference.
        DifferentCount, ReasonMissing, CommandReused, NotFound.
    """
    return post_count(session, command, actor=actor, now=now)


def needs_two(
    session: Session, place: PlaceRow, lot_id: int, *, book: int, difference: int, theft: bool, on: date
) -> bool:
    """Whether a lot's difference is too much for one person's word, by itself or with those of the last days."""
    threshold = approvals.threshold_of(session, place.site_id)
    if loss_needs_two(threshold, book=book, difference=difference, theft=theft):
        return True
    together = one_word.by_item(session, {lot_id: difference})
    return bool(one_word.over_limit(session, together, site_id=place.site_id, place_id=place.id, on=on))


def post_count(
    session: Session, command: CountLot, *, actor: Actor, now: datetime, two_persons: bool | None = None
) -> int:
    """Record what was counted of a lot; only the difference is posted. Gives what the books say afterwards.

    A shortage is a loss by counting. A surplus comes out of suspense: the goods were there, and what the
    books say of them is still to be explained. A count that agrees leaves its audit row alone.

    Args:
        two_persons: whether a second person stands behind it, where the close of a day has judged and asked
            before; else it is judged here.

    Raises:
        SecondPersonNeeded: a large difference on one person's word.
        DifferentCount: the stock moved after the figure the count was made against was read.
        ReasonMissing, CommandReused, NotFound.
    """
    place, today = open_place(session, command.place_id, Permission.STOCK_CORRECT, actor=actor, now=now)
    if earlier(session, command, COUNT) is not None:
        return command.counted_units
    if not 0 <= command.counted_units <= MAX_UNITS:
        raise InvalidValue(field="counted", value=command.counted_units)
    reason = reason_of(command.reason)
    standing = session.execute(
        select(StockBalance.units)
        .where(StockBalance.lot_id == command.lot_id, StockBalance.place_id == place.id)
        .with_for_update()
    ).scalar_one_or_none()
    if standing is None:
        raise NotFound
    if standing != command.expected_units:
        raise DifferentCount
    difference = command.counted_units - standing
    theft = difference < 0 and command.cause is LossCause.THEFT
    if two_persons is None:
        two_persons = approvals.is_approved(session, COUNT_OF_TWO, asdict(command))
        if not two_persons and needs_two(
            session, place, command.lot_id, book=standing, difference=difference, theft=theft, on=today
        ):
            raise SecondPersonNeeded
    number = next_number(session, StockEntry.document, place.site_code, documents.COUNT, today)
    # goods were found where the book owes some: the debt is settled first, or it would swallow what was counted
    owed = ledger.shortage(session, lot_id=command.lot_id, place_id=place.id) if difference > 0 else 0
    entry_id = 0
    for units in filter(None, (owed, difference)):
        source, target = (place.id, LOSS) if units < 0 else (SUSPENSE, place.id)
        entry_id = ledger.post(
            session, kind=EntryKind.COUNT, document=number, effective_on=today, site_id=place.site_id,
            moves=[Move(command.lot_id, source, target, abs(units))], actor=actor, now=now, reason=reason,
            cause=command.cause if units < 0 else LossCause.COUNTING,
        )  # fmt: skip
    if difference and not two_persons:
        one_word.note(session, entry_id, {command.lot_id: difference}, place_id=place.id, on=today)
    audit.record(
        session, actor=actor, action=COUNT, object_type="stock_lot", object_id=command.lot_id,
        site_id=place.site_id, reason=reason, now=now,
        facts={"place_id": place.id, "expected": standing, "counted": command.counted_units},
    )  # fmt: skip
    remember(session, command, COUNT, command.lot_id, actor=actor, now=now)
    return command.counted_units


def set_lot_status(session: Session, command: SetLotStatus, *, actor: Actor, now: datetime) -> None:
    """Hold a lot back (quarantine, recall) or release it, wherever it stands.

    For sites that hold some of it, and for the site that received it. Allocation refuses it from the next
    transaction on.
    """
    actor.require(Permission.STOCK_CORRECT)
    reason = reason_of(command.reason)
    lot = session.execute(
        select(StockLot).where(StockLot.id == command.lot_id).with_for_update()
    ).scalar_one_or_none()
    if lot is None or not _touches(session, lot, actor):
        raise NotFound
    before, lot.status = lot.status, command.status
    session.flush()
    audit.record(
        session, actor=actor, action="inventory.lot_status", object_type="stock_lot", object_id=lot.id,
        reason=reason, facts={"before": before.value, "after": command.status.value}, now=now,
    )  # fmt: skip


def reverse_entry(session: Session, entry_id: int, *, reason: str, actor: Actor, now: datetime) -> int:
    """Take a document of the ledger back; gives the id of the (first) reversing entry.

    An arrival goes back as a whole, the losses noted with it included, and can then be recorded anew.

    Raises:
        AlreadyReversed, ReversalOfReversal, HandoutUndoneElsewhere, DispatchArrived, ReasonMissing, NotFound,
        NotEnoughStock: the goods have meanwhile moved on.
    """
    actor.require(Permission.STOCK_CORRECT)
    reason = reason_of(reason)
    entry = session.get(StockEntry, entry_id)
    if entry is None or entry.site_id not in actor.site_ids:
        raise NotFound
    if entry.kind in (EntryKind.HANDOUT, EntryKind.SHORTAGE):
        raise HandoutUndoneElsewhere
    transfer = session.execute(
        select(Transfer).where(Transfer.number == entry.document).with_for_update()
    ).scalar_one_or_none()
    if transfer is None or entry.reverses_id is not None:
        entry_ids = [entry_id]
    elif entry_id == transfer.dispatch_entry_id:
        if transfer.state is TransferState.ARRIVED:
            raise DispatchArrived(document=transfer.number)
        entry_ids = [entry_id]
    else:
        entry_ids = _standing_arrival(session, transfer) or [entry_id]
        _reopen(session, transfer)
    reversals = [ledger.reverse(session, one, reason=reason, actor=actor, now=now) for one in entry_ids]
    audit.record(
        session, actor=actor, action="inventory.reverse", object_type="stock_entry", object_id=entry_id,
        site_id=entry.site_id, reason=reason, facts={"number": entry.document, "kind": entry.kind.value}, now=now,
    )  # fmt: skip
    return reversals[0]


def reverse_receipt(session: Session, donation_id: int, *, reason: str, actor: Actor, now: datetime) -> int:
    """Take a whole receipt back because it was recorded wrongly (see `reverse_entry`)."""
    actor.require(Permission.STOCK_CORRECT)
    donation = session.get(Donation, donation_id)
    if donation is None or donation.site_id not in actor.site_ids:
        raise NotFound
    entry_id = session.execute(
        select(StockEntry.id).where(
            StockEntry.document == donation.number,
            StockEntry.kind == EntryKind.RECEIPT,
            StockEntry.reverses_id.is_(None),
        )
    ).scalar_one()
    return reverse_entry(session, entry_id, reason=reason, actor=actor, now=now)


def _standing_arrival(session: Session, transfer: Transfer) -> list[int]:
    """The entries of a transfer's arrival that still stand, newest first."""
    reversed_ids = select(StockEntry.reverses_id).where(StockEntry.reverses_id.is_not(None))
    query = (
        select(StockEntry.id)
        .where(
            StockEntry.document == transfer.number,
            StockEntry.id != transfer.dispatch_entry_id,
            StockEntry.reverses_id.is_(None),
            StockEntry.id.not_in(reversed_ids),
        )
        .order_by(StockEntry.id.desc())
    )
    return list(session.scalars(query))


def _reopen(session: Session, transfer: Transfer) -> None:
    transfer.state = TransferState.DISPATCHED
    transfer.arrival_entry_id = None
    for line in session.scalars(select(TransferLine).where(TransferLine.transfer_id == transfer.id)):
        line.arrived_units = line.cause = None
    session.flush()


def _touches(session: Session, lot: StockLot, actor: Actor) -> bool:
    """Whether the actor's sites received or hold some of the lot, or ever did."""
    own = select(Place.id).where(Place.site_id.in_(actor.site_ids))
    found = session.execute(
        select(StockMove.id)
        .where(StockMove.lot_id == lot.id, or_(StockMove.source_id.in_(own), StockMove.target_id.in_(own)))
        .limit(1)
    )
    return found.first() is not None
