"""Goods handed out beyond the book for which no delivery will ever come."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.approvals import services as approvals
from aidtrack.inventory import ledger
from aidtrack.inventory.commands import SettleDebt
from aidtrack.inventory.errors import DebtDiffers
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, EntryKind, LossCause, PlaceKind
from aidtrack.inventory.ledger import Move
from aidtrack.inventory.models import Item, Place, StockEntry, StockLot, StockShortage
from aidtrack.inventory.services import documents
from aidtrack.inventory.services.documents import earlier, next_number, open_place, reason_of, remember
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit

SETTLE_DEBT = "inventory.settle_debt"
DEBT_OF_TWO = "settle_debt"  # as it waits for a second person
LOSS = VIRTUAL_PLACE_IDS[PlaceKind.LOSS]


@dataclass(frozen=True, slots=True)
class Debt:
    """What a place owes of a lot."""

    place_id: int
    place_code: str
    place_name_uk: str
    place_name_en: str
    lot_id: int
    lot_code: str
    item_name_uk: str
    item_name_en: str
    base_unit: BaseUnit
    units: int


def debts(
    session: Session, actor: Actor, *, lot_id: int | None = None, place_id: int | None = None
) -> list[Debt]:
    """Everything that is owed at the actor's sites."""
    actor.require(Permission.STOCK_CORRECT)
    query: Select[*tuple[Any, ...]] = (
        select(
            Place.id, Place.code, Place.name_uk, Place.name_en, StockLot.id, StockLot.code, Item.name_uk,
            Item.name_en, Item.base_unit, StockShortage.units,
        )
        .join(Place, Place.id == StockShortage.place_id)
        .join(StockLot, StockLot.id == StockShortage.lot_id)
        .join(Item, Item.id == StockLot.item_id)
        .where(StockShortage.units > 0, Place.site_id.in_(actor.site_ids))
        .order_by(Place.code, Item.code, StockLot.code)
    )  # fmt: skip
    if lot_id is not None:
        query = query.where(StockLot.id == lot_id)
    if place_id is not None:
        query = query.where(Place.id == place_id)
    return [Debt(*row) for row in session.execute(query)]


def settle_debt(session: Session, command: SettleDebt, *, actor: Actor, now: datetime) -> int:
    """Regain for the lot what was given of another one, whose own count lost it; gives the entry's id.

    The units come to the place from the losses by counting and pay the debt at once, so that the handouts that
    carried it are in order and nothing of the lot stands under clarification any more.

    Raises:
        SecondPersonNeeded: nobody else approved it; two persons settle a debt, whatever its size.
        DebtDiffers: something was delivered, counted or handed out since it was asked for.
        ReasonMissing, CommandReused, NotFound.
    """
    place, today = open_place(session, command.place_id, Permission.STOCK_CORRECT, actor=actor, now=now)
    before = earlier(session, command, SETTLE_DEBT)
    if before is not None:
        return before
    reason = reason_of(command.reason)
    approvals.require_approved(session, DEBT_OF_TWO, asdict(command))
    ledger.hold(session, [command.lot_id], place.id)
    if ledger.shortage(session, lot_id=command.lot_id, place_id=place.id) != command.units:
        raise DebtDiffers
    number = next_number(session, StockEntry.document, place.site_code, documents.COUNT, today)
    entry_id = ledger.post(
        session, kind=EntryKind.COUNT, document=number, effective_on=today, site_id=place.site_id,
        moves=[Move(command.lot_id, LOSS, place.id, command.units)], actor=actor, now=now, reason=reason,
        cause=LossCause.COUNTING, balances_locked=True,
    )  # fmt: skip
    audit.record(
        session, actor=actor, action=SETTLE_DEBT, object_type="stock_entry", object_id=entry_id,
        site_id=place.site_id, reason=reason, facts={"number": number, "lot_id": command.lot_id}, now=now,
    )  # fmt: skip
    remember(session, command, SETTLE_DEBT, entry_id, actor=actor, now=now)
    return entry_id
