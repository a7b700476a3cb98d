"""Goods arrive, are typed as the papers say it, move to the points; some are lost, and the books say why."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import select

from aidtrack.accounts.approvals.models import Approval, ApprovalState
from aidtrack.accounts.approvals.services import Decide, decide
from aidtrack.db import read_session, unit_of_work
from aidtrack.demo.centre import WAREHOUSE
from aidtrack.demo.stage import Stage, command_id
from aidtrack.inventory import second_person, services
from aidtrack.inventory.allocation import plan_picks
from aidtrack.inventory.commands import (
    ArrivedLine,
    CountLot,
    DispatchTransfer,
    LotUnits,
    ReceivedLine,
    ReceiveDonation,
    ReceiveTransfer,
    TransferAway,
    WriteOff,
)
from aidtrack.inventory.kinds import LossCause
from aidtrack.inventory.queries.stock import lots_at
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import read_quantity


@dataclass(frozen=True, slots=True)
class Delivery:
    """One consignment; every line is item, quantity as typed, announced as typed, batch and expiry."""

    name: str
    day: date
    donor: str
    lines: tuple[tuple[str, str, str | None, str, date | None], ...]
    agreement: str | None = None
    programme: str | None = None
    place: str = WAREHOUSE
    by: str = "warehouse"
    earmarked: bool = False
    channel: str | None = None
    back_donor: str | None = None
    note: str | None = None


def _wfp(number: int, day: date, *lines: tuple[str, str, str | None, date]) -> Delivery:
    return Delivery(
        f"WFP {number}", day, "WFP", agreement="WFP", programme="WFP-FOOD", earmarked=True,
        lines=tuple((item, typed, announced, f"{item[0]}-22{day.month:02}", expires)
                    for item, typed, announced, expires in lines),
    )  # fmt: skip


# What the WFP gave adds up to 29,378 т of rice, 29,65 т of flour and 7,82 т of oil, as the report says.
DELIVERIES = (
    Delivery(
        "children 1", date(2022, 3, 28), "LOCAL",
        (
            ("DIAPER", "280 упаковок", None, "D-2203", None),
            ("FORMULA", "240 банок", None, "F-2203", date(2023, 6, 30)),
            ("PUREE", "135 ящиків", None, "P-2203", date(2023, 3, 31)),
        ),
        note="Передали кілька благодійних фондів міста",
    ),
    Delivery(
        "children 2", date(2022, 8, 8), "LOCAL",
        (
            ("DIAPER", "330 упаковок", None, "D-2208", None),
            ("FORMULA", "120 000 г", None, "F-2208", date(2023, 11, 30)),
            ("PUREE", "1 900 шт.", None, "P-2208", date(2023, 9, 30)),
        ),
    ),
    _wfp(1, date(2022, 9, 5), ("RICE", "8,5 т", None, date(2024, 3, 31)),
         ("FLOUR", "360 мішків", None, date(2023, 6, 30)), ("OIL", "2,3 т", None, date(2023, 11, 30))),
    _wfp(2, date(2022, 10, 3), ("RICE", "370 мішків", None, date(2024, 4, 30)),
         ("FLOUR", "8,4 т", "8,45 т", date(2023, 7, 31)), ("OIL", "2 500 пляшок", None, date(2023, 12, 31))),
    _wfp(3, date(2022, 11, 1), ("RICE", "7 т", None, date(2024, 5, 31)),
         ("FLOUR", "7,25 т", None, date(2023, 8, 31)), ("OIL", "2,1 т", None, date(2024, 1, 31))),
    _wfp(4, date(2022, 11, 28), ("RICE", "4,628 т", None, date(2024, 5, 31)),
         ("FLOUR", "5 т", None, date(2023, 9, 30)), ("OIL", "1 120 кг", None, date(2024, 1, 31))),
    Delivery(
        "city kits", date(2022, 10, 17), "CITY",
        (
            ("FOOD-KIT", "13 ящиків", None, "К-22", date(2023, 4, 30)),
            ("HYGIENE-KIT", "65 шт.", None, "К-22", None),
        ),
        agreement="CITY", programme="CITY-2226", earmarked=True,
    ),
    Delivery(
        "winter clothing", date(2022, 11, 14), "MINRE",
        (("WINTER-1-3", "43 ящики", "1 075 шт.", "З-22", None),),
        agreement="MINRE", programme="WINTER-KIDS", earmarked=True,
    ),
)  # fmt: skip


def receive(stage: Stage, delivery: Delivery, now: datetime) -> None:
    """The warehouse counts what arrived and types it as the papers do."""
    lines = []
    for item, typed, announced, batch, expires_on in delivery.lines:
        goods = stage.goods[item]
        lines.append(
            ReceivedLine(
                goods.id, units_of(stage, item, typed), typed,
                announced_units=None if announced is None else units_of(stage, item, announced),
                batch=batch, expires_on=expires_on,
            )
        )  # fmt: skip
    command = ReceiveDonation(
        command_id=str(command_id(f"delivery {delivery.name}")),
        place_id=stage.places[delivery.place],
        donor_id=stage.donors[delivery.donor],
        arrived_on=delivery.day,
        lines=tuple(lines),
        back_donor_id=stage.donors[delivery.back_donor] if delivery.back_donor else None,
        channel_id=stage.donors[delivery.channel] if delivery.channel else None,
        agreement_id=stage.agreements[delivery.agreement] if delivery.agreement else None,
        programme_id=stage.programmes[delivery.programme] if delivery.programme else None,
        earmarked=delivery.earmarked,
        waybill=f"ТТН-{delivery.day:%y%m%d}",
        note=delivery.note,
    )
    with unit_of_work() as session:
        services.receive_donation(
            session, command, actor=stage.actors[delivery.by], now=now, choose=stage.rng.choice
        )


def units_of(stage: Stage, item: str, typed: str) -> int:
    """Base units of a typed quantity, read as the page reads it."""
    goods = stage.goods[item]
    return read_quantity(typed, goods.unit, packs=goods.packs, density_g_per_l=goods.density_g_per_l).units


def picked(
    stage: Stage, place: str, wanted: Mapping[str, int], *, on: date, programme: str | None = None
) -> list[tuple[str, LotUnits]]:
    """Item and lot for so many base units by item at a place, soonest expiry first."""
    held = lots_at(read_session(), stage.places[place], [stage.goods[item].id for item in wanted])
    programme_id = stage.programmes[programme] if programme else None
    return [
        (item, LotUnits(pick.lot_id, pick.units))
        for item, units in wanted.items()
        for pick in plan_picks(
            held.get(stage.goods[item].id, []), units=units, programme_id=programme_id, on=on
        )
    ]


def standing(stage: Stage, place: str, item: str) -> list[LotUnits]:
    """What a place holds of an item, lot by lot, whatever its state."""
    held = lots_at(read_session(), stage.places[place], [stage.goods[item].id])
    return [LotUnits(lot.lot_id, lot.units) for lot in held.get(stage.goods[item].id, [])]


@dataclass(frozen=True, slots=True)
class Missing:
    """What did not arrive of an item on a way."""

    item: str
    units: int
    cause: LossCause
    why: str


def send(
    stage: Stage,
    name: str,
    wanted: Mapping[str, int],
    now: datetime,
    *,
    source: str = WAREHOUSE,
    target: str,
    programme: str | None = None,
    missing: Missing | None = None,
) -> None:
    """Goods go from one place of the site to another and are counted there by a second person."""
    picks = picked(stage, source, wanted, on=local_date(now), programme=programme)
    dispatch = DispatchTransfer(
        str(command_id(f"dispatch {name}")),
        stage.places[source],
        stage.places[target],
        tuple(line for _, line in picks),
    )
    with unit_of_work() as session:
        transfer_id = services.dispatch_transfer(session, dispatch, actor=stage.actors["warehouse"], now=now)
    arrived: list[ArrivedLine] = []
    reason: str | None = None
    for item, line in picks:
        if missing is not None and missing.item == item and missing.units < line.units:
            arrived.append(ArrivedLine(line.lot_id, line.units - missing.units, missing.cause))
            reason, missing = missing.why, None
        else:
            arrived.append(ArrivedLine(line.lot_id, line.units))
    command = ReceiveTransfer(str(command_id(f"arrive {name}")), transfer_id, tuple(arrived), reason)
    with unit_of_work() as session:
        done = second_person.ask_arrival(
            session, command, actor=stage.actors["warehouse2"], now=now + timedelta(minutes=25)
        )
    if done is None:
        _approve(stage, command.command_id, now + timedelta(minutes=40), by="warehouse")


def write_off(
    stage: Stage, name: str, item: str, units: int, now: datetime, cause: LossCause, reason: str,
    *, place: str = WAREHOUSE, lot_id: int | None = None,
) -> None:  # fmt: skip
    """Goods that are no longer fit; from the lot that would be next unless one is named."""
    if lot_id is None:
        held = lots_at(read_session(), stage.places[place], [stage.goods[item].id])[stage.goods[item].id]
        lot_id = next(lot.lot_id for lot in held if lot.units >= units)
    command = WriteOff(str(command_id(name)), stage.places[place], lot_id, units, cause, reason)
    with unit_of_work() as session:
        done = second_person.ask_write_off(session, command, actor=stage.actors["warehouse"], now=now)
    if done is None:
        _approve(stage, command.command_id, now + timedelta(minutes=20))


def _approve(stage: Stage, asked_as: str, now: datetime, *, by: str = "warehouse2") -> None:
    """The other one of the warehouse looks at it and approves."""
    with unit_of_work() as session:
        approval_id = session.scalars(select(Approval.id).where(Approval.command_id == asked_as)).one()
        decision = Decide(approval_id, ApprovalState.APPROVED)
        decide(session, decision, actor=stage.actors[by], now=now)


def count(stage: Stage, item: str, short: int, now: datetime) -> None:
    """The warehouse counts its largest lot of an item and finds a little less than the books say."""
    lot = max(standing(stage, WAREHOUSE, item), key=lambda lot: lot.units)
    command = CountLot(
        str(command_id(f"count {item}")), stage.places[WAREHOUSE], lot.lot_id, lot.units, lot.units - short,
        "Планова інвентаризація",
    )  # fmt: skip
    with unit_of_work() as session:
        done = second_person.ask_count(session, command, actor=stage.actors["warehouse2"], now=now)
    if done is None:
        _approve(stage, command.command_id, now + timedelta(minutes=20), by="warehouse")


def give_away(stage: Stage, name: str, items: tuple[str, ...], recipient: str, now: datetime) -> None:
    """All that the warehouse holds of these items goes to another organisation, by a paper."""
    lines = tuple(line for item in items for line in standing(stage, WAREHOUSE, item))
    command = TransferAway(str(command_id(name)), stage.places[WAREHOUSE], recipient, lines)
    with unit_of_work() as session:
        services.transfer_away(session, command, actor=stage.actors["warehouse"], now=now)
