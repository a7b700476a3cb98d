"""Goods between places: a transfer has two ends and goods in transit between them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.approvals import services as approvals
from aidtrack.accounts.approvals.errors import SecondPersonNeeded
from aidtrack.accounts.approvals.rules import loss_needs_two
from aidtrack.inventory import ledger
from aidtrack.inventory.commands import ArrivedLine, DispatchTransfer, LotUnits, ReceiveTransfer, TransferAway
from aidtrack.inventory.errors import (
    AlreadyArrived,
    ChosenTwice,
    EmptyDocument,
    LinesDiffer,
    MoreThanSent,
    ReasonMissing,
    SamePlace,
    TransferRecalled,
)
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, EntryKind, LossCause, PlaceKind, TransferState
from aidtrack.inventory.ledger import Move
from aidtrack.inventory.models import Place, StockEntry, Transfer, TransferLine
from aidtrack.inventory.queries.catalogue import PlaceRow
from aidtrack.inventory.services import alone, documents
from aidtrack.inventory.services.documents import earlier, next_number, open_place, reason_of, remember
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound

DISPATCH, ARRIVE, AWAY = "inventory.dispatch", "inventory.arrive", "inventory.transfer_away"
ARRIVAL_OF_TWO = "arrive"  # as it waits for a second person
IN_TRANSIT = VIRTUAL_PLACE_IDS[PlaceKind.IN_TRANSIT]


def dispatch_transfer(session: Session, command: DispatchTransfer, *, actor: Actor, now: datetime) -> int:
    """Send lots from one place to another, possibly another site's; gives the transfer's id.

    Raises:
        NotEnoughStock, SamePlace, EmptyDocument, ChosenTwice, CommandReused, NotFound.
    """
    place, today = open_place(session, command.source_id, Permission.STOCK_TRANSFER, actor=actor, now=now)
    before = earlier(session, command, DISPATCH)
    if before is not None:
        return before
    _judge_lines(command.lines)
    if command.target_id == command.source_id:
        raise SamePlace
    target = session.get(Place, command.target_id)
    if target is None or target.site_id is None or not target.active:
        raise NotFound(field="target_id")
    number = next_number(session, Transfer.number, place.site_code, documents.TRANSFER, today)
    entry_id = ledger.post(
        session, kind=EntryKind.DISPATCH, document=number, effective_on=today, site_id=place.site_id,
        moves=[Move(line.lot_id, place.id, IN_TRANSIT, line.units) for line in command.lines],
        actor=actor, now=now,
    )  # fmt: skip
    transfer = Transfer(
        number=number, state=TransferState.DISPATCHED, source_id=place.id, target_id=target.id,
        dispatch_entry_id=entry_id, dispatched_on=today, recorded_at=now,
    )  # fmt: skip
    session.add(transfer)
    session.flush()  # its lines need the id
    session.add_all(
        TransferLine(transfer_id=transfer.id, lot_id=line.lot_id, units=line.units) for line in command.lines
    )
    session.flush()
    audit.record(
        session, actor=actor, action=DISPATCH, object_type="transfer", object_id=transfer.id,
        site_id=place.site_id, facts={"number": number, "lines": len(command.lines)}, now=now,
    )  # fmt: skip
    remember(session, command, DISPATCH, transfer.id, actor=actor, now=now)
    return transfer.id


def receive_transfer(session: Session, command: ReceiveTransfer, *, actor: Actor, now: datetime) -> int:
    """Record what arrived of a transfer, as the receiver counted it; gives the transfer's id.

    What is missing leaves transit as a loss where the receiver knows the cause, else it stands in suspense
    until somebody explains it. Each cause has an entry of its own, so that losses can be told by cause.

    Raises:
        SecondPersonNeeded: so much is missing, by itself or with what was lost here lately, that one person's word
            is not enough; the goods are on the way until then.
        AlreadyArrived, TransferRecalled, LinesDiffer, MoreThanSent, ReasonMissing, CommandReused, NotFound.
    """
    actor.require(Permission.STOCK_TRANSFER)
    transfer = session.execute(
        select(Transfer).where(Transfer.id == command.transfer_id).with_for_update()
    ).scalar_one_or_none()
    if transfer is None:
        raise NotFound
    place, today = open_place(session, transfer.target_id, Permission.STOCK_TRANSFER, actor=actor, now=now)
    before = earlier(session, command, ARRIVE)
    if before is not None:
        return before
    if transfer.state is TransferState.ARRIVED:
        raise AlreadyArrived(document=transfer.number)
    if _is_reversed(session, transfer.dispatch_entry_id):
        raise TransferRecalled(document=transfer.number)
    sent = {
        line.lot_id: line
        for line in session.scalars(select(TransferLine).where(TransferLine.transfer_id == transfer.id))
    }
    _judge_arrival(command.lines, {lot_id: line.units for lot_id, line in sent.items()})
    reason = (command.reason or "").strip() or None
    if reason is None and any(line.units < sent[line.lot_id].units for line in command.lines):
        raise ReasonMissing
    approved = approvals.is_approved(session, ARRIVAL_OF_TWO, as_asked(command))
    if not approved and _needs_two(session, command.lines, sent, place=place, on=today):
        raise SecondPersonNeeded
    for line in command.lines:
        sent[line.lot_id].arrived_units = line.units
        sent[line.lot_id].cause = line.cause
    entry_ids = []
    for cause, moves in _arrivals(command.lines, sent, place.id):
        entry_id = ledger.post(
            session, kind=EntryKind.LOSS if cause else EntryKind.ARRIVAL, document=transfer.number,
            effective_on=today, site_id=place.site_id, moves=moves, actor=actor, now=now, reason=reason, cause=cause,
        )  # fmt: skip
        entry_ids.append(entry_id)
        if not approved:
            missing = {move.lot_id: -move.units for move in moves if move.target_id != place.id}
            alone.note(session, entry_id, missing, place_id=place.id, on=today)
    transfer.state = TransferState.ARRIVED
    transfer.arrival_entry_id = entry_ids[0]
    session.flush()
    audit.record(
        session, actor=actor, action=ARRIVE, object_type="transfer", object_id=transfer.id,
        site_id=place.site_id, reason=reason, facts={"number": transfer.number}, now=now,
    )  # fmt: skip
    remember(session, command, ARRIVE, transfer.id, actor=actor, now=now)
    return transfer.id


def as_asked(command: ReceiveTransfer) -> dict[str, Any]:
    """The arrival as it waits for a second person: what JSON gives back is the same."""
    lines = [{**asdict(line), "cause": line.cause.value if line.cause else None} for line in command.lines]
    return {**asdict(command), "lines": lines}


def from_asked(asked: Mapping[str, Any]) -> ReceiveTransfer:
    lines = tuple(
        ArrivedLine(line["lot_id"], line["units"], LossCause(line["cause"]) if line["cause"] else None)
        for line in asked["lines"]
    )
    return ReceiveTransfer(asked["command_id"], asked["transfer_id"], lines, asked["reason"])


def _needs_two(
    session: Session, lines: Sequence[ArrivedLine], sent: dict[int, TransferLine], *, place: PlaceRow, on: date
) -> bool:  # fmt: skip
    """Whether what is missing is too much for the receiver's word alone; of each lot the book is what was sent."""
    threshold = approvals.threshold_of(session, place.site_id)
    missing = {line.lot_id: sent[line.lot_id].units - line.units for line in lines}
    if any(
        missing[line.lot_id]
        and loss_needs_two(
            threshold, book=sent[line.lot_id].units, difference=missing[line.lot_id],
            theft=line.cause is LossCause.THEFT,
        )
        for line in lines
    ):  # fmt: skip
        return True
    together = alone.over_limit(
        session, alone.by_item(session, missing), site_id=place.site_id, place_id=place.id, on=on,
        arriving={lot_id: line.units for lot_id, line in sent.items()},
    )  # fmt: skip
    return bool(together)


def transfer_away(session: Session, command: TransferAway, *, actor: Actor, now: datetime) -> int:
    """Hand lots over to another organisation, which is named on the paper; gives the entry's id."""
    place, today = open_place(session, command.place_id, Permission.STOCK_TRANSFER, actor=actor, now=now)
    before = earlier(session, command, AWAY)
    if before is not None:
        return before
    _judge_lines(command.lines)
    number = next_number(session, StockEntry.document, place.site_code, documents.AWAY, today)
    away = VIRTUAL_PLACE_IDS[PlaceKind.TRANSFERRED_AWAY]
    entry_id = ledger.post(
        session, kind=EntryKind.TRANSFER_AWAY, document=number, effective_on=today, site_id=place.site_id,
        moves=[Move(line.lot_id, place.id, away, line.units) for line in command.lines],
        actor=actor, now=now, reason=reason_of(command.recipient),
    )  # fmt: skip
    audit.record(
        session, actor=actor, action=AWAY, object_type="stock_entry", object_id=entry_id,
        site_id=place.site_id, facts={"number": number, "lines": len(command.lines)}, now=now,
    )  # fmt: skip
    remember(session, command, AWAY, entry_id, actor=actor, now=now)
    return entry_id


def _judge_lines(lines: Sequence[LotUnits]) -> None:
    if not lines:
        raise EmptyDocument
    if len({line.lot_id for line in lines}) < len(lines):
        raise ChosenTwice


def _judge_arrival(lines: Sequence[ArrivedLine], sent: dict[int, int]) -> None:
    if len(lines) != len(sent) or {line.lot_id for line in lines} != set(sent):
        raise LinesDiffer
    for index, line in enumerate(lines):
        if line.units > sent[line.lot_id]:
            raise MoreThanSent(field=f"lines-{index}-arrived")


def _arrivals(
    lines: Iterable[ArrivedLine], sent: dict[int, TransferLine], place_id: int
) -> list[tuple[LossCause | None, list[Move]]]:
    """The moves of an arrival by cause of loss; what arrived and what stays unexplained come first."""
    moves: defaultdict[LossCause | None, list[Move]] = defaultdict(list)
    for line in lines:
        if line.units:
            moves[None].append(Move(line.lot_id, IN_TRANSIT, place_id, line.units))
        missing = sent[line.lot_id].units - line.units
        if missing:
            gone = PlaceKind.LOSS if line.cause else PlaceKind.SUSPENSE
            moves[line.cause].append(Move(line.lot_id, IN_TRANSIT, VIRTUAL_PLACE_IDS[gone], missing))
    return sorted(moves.items(), key=lambda part: part[0] or "")


def _is_reversed(session: Session, entry_id: int) -> bool:
    found = session.execute(select(StockEntry.id).where(StockEntry.reverses_id == entry_id))
    return found.first() is not None
