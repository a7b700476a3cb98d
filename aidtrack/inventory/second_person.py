"""Losses, counts, arrivals with goods missing and debts that wait for a second person (DESIGN I17)."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.accounts.approvals import services as approvals
from aidtrack.accounts.approvals.acts import Act
from aidtrack.accounts.approvals.errors import SecondPersonNeeded
from aidtrack.accounts.approvals.models import Approval, ApprovalState
from aidtrack.accounts.models import Site
from aidtrack.inventory import services
from aidtrack.inventory.commands import CountLot, ReceiveTransfer, SettleDebt, WriteOff
from aidtrack.inventory.kinds import LossCause
from aidtrack.inventory.models import Item, Place, StockLot, Transfer, TransferLine
from aidtrack.inventory.queries import catalogue
from aidtrack.inventory.services import alone, debts, moving
from aidtrack.inventory.services.correcting import COUNT_OF_TWO, LOSS_OF_TWO
from aidtrack.inventory.services.debts import DEBT_OF_TWO
from aidtrack.inventory.services.documents import reason_of
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.quantity import BaseUnit
from aidtrack.web.filters import qty
from aidtrack.web.i18n import language

LOSS, COUNT, DEBT, ARRIVAL = LOSS_OF_TWO, COUNT_OF_TWO, DEBT_OF_TWO, moving.ARRIVAL_OF_TWO


def ask_write_off(session: Session, command: WriteOff, *, actor: Actor, now: datetime) -> int | None:
    """Record a loss, or put it before a second person; None where it waits."""
    try:
        return services.write_off(session, command, actor=actor, now=now)
    except SecondPersonNeeded:  # before anything was written
        place = catalogue.place(session, actor, command.place_id)
        _ask(session, LOSS, command, site_id=place.site_id, actor=actor, now=now)
        return None


def ask_count(session: Session, command: CountLot, *, actor: Actor, now: datetime) -> int | None:
    """Record a count, or put its difference before a second person; None where it waits."""
    try:
        return services.count_lot(session, command, actor=actor, now=now)
    except SecondPersonNeeded:
        place = catalogue.place(session, actor, command.place_id)
        _ask(session, COUNT, command, site_id=place.site_id, actor=actor, now=now)
        return None


def ask_arrival(session: Session, command: ReceiveTransfer, *, actor: Actor, now: datetime) -> int | None:
    """Record an arrival, or put what is missing before a second person; None where it waits, the goods on the way."""
    try:
        return services.receive_transfer(session, command, actor=actor, now=now)
    except SecondPersonNeeded:
        target_id = session.get_one(Transfer, command.transfer_id).target_id
        place = catalogue.place(session, actor, target_id)
        asked, reason = moving.as_asked(command), reason_of(command.reason or "")
        approvals.ask(session, ARRIVAL, asked, site_id=place.site_id, reason=reason, actor=actor, now=now)
        return None


def arrival_waits(session: Session, transfer_id: int) -> bool:
    """Whether somebody recorded the arrival already, and it waits for another person."""
    waiting = select(Approval.command).where(
        Approval.kind == ARRIVAL, Approval.state == ApprovalState.WAITING
    )
    return any(command["transfer_id"] == transfer_id for command in session.scalars(waiting))


def ask_settle_debt(session: Session, command: SettleDebt, *, actor: Actor, now: datetime) -> int:
    """A debt is settled by two persons, whatever its size."""
    place = catalogue.place(session, actor, command.place_id)
    return _ask(session, DEBT, command, site_id=place.site_id, actor=actor, now=now)


def _ask(
    session: Session, kind: str, command: WriteOff | CountLot | SettleDebt, *, site_id: int, actor: Actor,
    now: datetime,
) -> int:  # fmt: skip
    reason = reason_of(command.reason)
    return approvals.ask(session, kind, asdict(command), site_id=site_id, reason=reason, actor=actor, now=now)


Command = Mapping[str, Any]


def _with_cause(command: Command) -> dict[str, Any]:
    return {**command, "cause": LossCause(command["cause"])}


def _tell(session: Session, command: Command) -> list[tuple[Any, str]]:
    row = session.execute(
        select(StockLot.code, Item.name_uk, Item.name_en, Item.base_unit, Item.id.label("item_id"))
        .join(Item, Item.id == StockLot.item_id)
        .where(StockLot.id == command["lot_id"])
    ).one()
    place = session.execute(select(Place.name_uk, Place.name_en).where(Place.id == command["place_id"])).one()
    at = 0 if language() == "uk" else 1
    told: list[tuple[Any, str]] = [
        (_l("Lot"), f"{row[1 + at]}, {row[0]}"),
        (_l("Place"), place[at]),
    ]
    if "counted_units" in command:
        told.append((_l("In the book"), qty(command["expected_units"], row.base_unit)))
        told.append((_l("What was counted"), qty(command["counted_units"], row.base_unit)))
    else:
        told.append((_l("Quantity"), qty(command["units"], row.base_unit)))
    if "cause" in command:
        told.append((_l("Cause"), gettext(LossCause(command["cause"]).label)))
    return told + _lately(session, command["place_id"], {row.item_id: row.base_unit})


def _lately(session: Session, place_id: int, items: Mapping[int, BaseUnit]) -> list[tuple[Any, str]]:
    """What one person alone let pass there of these goods in the site's days: the reason why a small one waits."""
    place = session.execute(
        select(Site.id, Site.time_zone).join(Place, Place.site_id == Site.id).where(Place.id == place_id)
    ).one()
    days = approvals.threshold_of(session, place.id).loss_days
    found = alone.passed(session, place_id, items, on=local_date(utc_now(), place.time_zone), days=days)
    said = [qty(passed.units, items[item]) for item, passed in sorted(found.items()) if passed.units]
    return [(_l("Differences on one person’s word lately"), "; ".join(said))] if said else []


def _tell_arrival(session: Session, command: Command) -> list[tuple[Any, str]]:
    at = 0 if language() == "uk" else 1
    note, target_id, *place = session.execute(
        select(Transfer.number, Transfer.target_id, Place.name_uk, Place.name_en)
        .join(Place, Place.id == Transfer.target_id)
        .where(Transfer.id == command["transfer_id"])
    ).one()
    told: list[tuple[Any, str]] = [(_l("Transfer note"), note), (_l("Place"), place[at])]
    came = {line["lot_id"]: line for line in command["lines"]}
    rows = session.execute(
        select(
            StockLot.id,
            StockLot.code,
            Item.id,
            Item.name_uk,
            Item.name_en,
            Item.base_unit,
            TransferLine.units,
        )
        .join(StockLot, StockLot.id == TransferLine.lot_id)
        .join(Item, Item.id == StockLot.item_id)
        .where(TransferLine.transfer_id == command["transfer_id"])
        .order_by(TransferLine.id)
    )
    items: dict[int, BaseUnit] = {}
    for lot_id, code, item_id, *names, base_unit, sent in rows:
        line = came.get(lot_id)
        if line is None or line["units"] == sent:
            continue
        items[item_id] = base_unit
        missing = gettext(
            "%(missing)s of %(sent)s", missing=qty(sent - line["units"], base_unit), sent=qty(sent, base_unit)
        )
        cause = gettext(LossCause(line["cause"]).label) if line["cause"] else gettext("cause not known yet")
        told.append((_l("Missing"), f"{names[at]}, {code}: {missing}, {cause}"))
    return told + _lately(session, target_id, items)


def _write_off(session: Session, command: Command, maker: Actor, now: datetime) -> int:
    return services.write_off(session, WriteOff(**_with_cause(command)), actor=maker, now=now)


def _count(session: Session, command: Command, maker: Actor, now: datetime) -> int:
    services.count_lot(session, CountLot(**_with_cause(command)), actor=maker, now=now)
    return int(command["lot_id"])


def _settle(session: Session, command: Command, maker: Actor, now: datetime) -> int:
    return debts.settle_debt(session, SettleDebt(**command), actor=maker, now=now)


def _arrive(session: Session, command: Command, maker: Actor, now: datetime) -> int:
    return services.receive_transfer(session, moving.from_asked(command), actor=maker, now=now)


def _transfer(transfer_id: int) -> str:
    return url_for("inventory.transfer", transfer_id=transfer_id)


def _entry(entry_id: int) -> str:
    return url_for("inventory.entry", entry_id=entry_id)


def _lot(lot_id: int) -> str:
    return url_for("inventory.lot", lot_id=lot_id)


ACTS = (
    Act(LOSS, _l("Loss"), Permission.STOCK_CORRECT, _write_off, _tell, _entry, Permission.STOCK_READ),
    Act(
        COUNT,
        _l("Count with a difference"),
        Permission.STOCK_CORRECT,
        _count,
        _tell,
        _lot,
        Permission.STOCK_READ,
    ),
    Act(
        ARRIVAL,
        _l("Arrival with goods missing"),
        Permission.STOCK_TRANSFER,
        _arrive,
        _tell_arrival,
        _transfer,
        Permission.STOCK_READ,
    ),
    Act(
        DEBT,
        _l("Debt of a place for which no delivery comes"),
        Permission.STOCK_CORRECT,
        _settle,
        _tell,
        _entry,
        Permission.STOCK_READ,
    ),
)
