"""Small losses and differences that one person alone lets pass: together they need a second person too."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from aidtrack.accounts.approvals.errors import SecondPersonNeeded
from aidtrack.accounts.approvals.models import Approval, ApprovalState, SecondPersonRule
from aidtrack.accounts.approvals.services import Decide, decide
from aidtrack.inventory import ledger, second_person
from aidtrack.inventory.commands import (
    ArrivedLine,
    CountLot,
    DispatchTransfer,
    LotUnits,
    ReceiveTransfer,
    TransferAway,
    WriteOff,
)
from aidtrack.inventory.kinds import LossCause, TransferState
from aidtrack.inventory.models import LossAlone, StockLot, Transfer
from aidtrack.inventory.services import (
    count_lot,
    dispatch_transfer,
    receive_transfer,
    reverse_entry,
    transfer_away,
    write_off,
)
from aidtrack.kernel.actor import Role
from aidtrack.kernel.ids import new_uuid
from tests.inventory.conftest import KG, NOW, Centre, Unit, actor, line
from tests.inventory.pages import send
from tests.inventory.test_stock_pages import keeper as keeper  # a fixture of these pages


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def lot(unit: Unit, received: Callable[..., int], centre: Centre) -> int:
    """100 kg of rice at the warehouse: 2 kg may go on one person's word."""
    received(line(centre.rice, 100 * KG))
    with unit() as session:
        return session.scalars(select(StockLot.id)).one()


@pytest.fixture
def lose(unit: Unit, centre: Centre, lot: int) -> Callable[..., int]:
    def lost(units: int, *, day: int = 0, of: int = 0) -> int:
        with unit() as session:
            command = WriteOff(
                str(new_uuid()), centre.warehouse, of or lot, units, LossCause.WETTING, "намокло"
            )
            return write_off(session, command, actor=centre.keeper(), now=NOW + timedelta(days=day))

    return lost


Lose = Callable[..., int]


def test_the_one_that_takes_the_sum_above_the_limit_needs_a_second_person(lose: Lose) -> None:
    lose(1_500)
    with pytest.raises(SecondPersonNeeded):
        lose(501)
    lose(500)
    with pytest.raises(SecondPersonNeeded):
        lose(1)


def test_after_the_sites_days_they_count_no_more(unit: Unit, centre: Centre, lose: Lose) -> None:
    lose(1_900)
    with pytest.raises(SecondPersonNeeded):
        lose(1_000, day=29)
    lose(1_000, day=30)
    with unit() as session:
        session.add(
            SecondPersonRule(
                site_id=centre.site,
                loss_percent=2,
                loss_days=60,
                reprints_a_day=5,
                changed_at=NOW,
                changed_by="x",
            )
        )
    with pytest.raises(SecondPersonNeeded):
        lose(1, day=31)


def test_another_item_and_another_place_have_sums_of_their_own(
    unit: Unit, centre: Centre, lose: Lose, lot: int, received: Callable[..., int]
) -> None:
    lose(2_000)
    received(line(centre.oil, 100 * KG))
    received(line(centre.rice, 100 * KG), place_id=centre.point)
    with unit() as session:
        oil = session.scalars(select(StockLot.id).where(StockLot.item_id == centre.oil)).one()
        there = session.scalars(select(func.max(StockLot.id))).one()
        assert there is not None
        write_off(
            session, WriteOff(str(new_uuid()), centre.point, there, 1_500, LossCause.WETTING, "намокло"),
            actor=centre.keeper(), now=NOW,
        )  # fmt: skip
    lose(1_500, of=oil)


def test_another_lot_of_the_item_is_the_same_goods(
    unit: Unit, lose: Lose, received: Callable[..., int], centre: Centre
) -> None:
    lose(1_900)
    received(line(centre.rice, 100 * KG))
    with unit() as session:
        second = session.scalars(select(func.max(StockLot.id))).one()
    assert second is not None
    lose(1_900, of=second)  # 3.8 kg of 200
    with pytest.raises(SecondPersonNeeded):
        lose(300, of=second)


def test_what_was_given_out_meanwhile_was_looked_after_too(
    unit: Unit, centre: Centre, lot: int, lose: Lose
) -> None:
    lose(1_000)
    with unit() as session:
        away = TransferAway(str(new_uuid()), centre.warehouse, "Червоний Хрест", (LotUnits(lot, 59 * KG),))
        transfer_away(session, away, actor=centre.keeper(), now=NOW)
    lose(800)  # of the 40 kg that stand there, and 1.8 of the 100 there were
    with pytest.raises(SecondPersonNeeded):
        lose(300)


def test_what_was_reversed_counts_no_more(unit: Unit, centre: Centre, lose: Lose) -> None:
    entry_id = lose(2_000)
    with unit() as session:
        reverse_entry(session, entry_id, reason="знайшлося", actor=centre.keeper(), now=NOW)
    lose(2_000)


def test_a_surplus_and_a_shortage_are_added_not_set_off(unit: Unit, centre: Centre, lot: int) -> None:
    for expected, counted in ((100 * KG, 101 * KG), (101 * KG, 100 * KG)):
        with unit() as session:
            command = CountLot(str(new_uuid()), centre.warehouse, lot, expected, counted, "звірка")
            count_lot(session, command, actor=centre.keeper(), now=NOW)
    with unit() as session, pytest.raises(SecondPersonNeeded):
        count_lot(
            session, CountLot(str(new_uuid()), centre.warehouse, lot, 100 * KG, 100 * KG - 50, "звірка"),
            actor=centre.keeper(), now=NOW,
        )  # fmt: skip


def decided(app: Flask, unit: Unit, centre: Centre, state: ApprovalState, command: object) -> None:
    """Ask for an act that one person may not do, and let another decide."""
    asks: dict[type, Callable[..., int | None]] = {
        WriteOff: second_person.ask_write_off, ReceiveTransfer: second_person.ask_arrival,
    }  # fmt: skip
    with app.app_context():
        with unit() as session:
            assert asks[type(command)](session, command, actor=centre.keeper(), now=NOW) is None
        with unit() as session:
            approval_id = session.scalars(select(func.max(Approval.id))).one()
            assert approval_id is not None
            other = replace(actor(Role.WAREHOUSE, centre.site), label="borys")
            decide(session, Decide(approval_id, state, "так"), actor=other, now=NOW)


def test_what_two_persons_stood_behind_is_not_one_persons_word(
    app: Flask, unit: Unit, centre: Centre, lot: int, lose: Lose
) -> None:
    lose(1_000)
    command = WriteOff(str(new_uuid()), centre.warehouse, lot, 1_500, LossCause.WETTING, "дах")
    decided(app, unit, centre, ApprovalState.APPROVED, command)
    with unit() as session:
        assert session.scalars(select(func.sum(LossAlone.difference))).one() == -1_000
    lose(900)  # 1.9 kg of 98.5 on one person's word
    with pytest.raises(SecondPersonNeeded):
        lose(100)


# -- goods lost on the way -------------------------------------------------------------------------------


@pytest.fixture
def on_the_way(unit: Unit, centre: Centre, lot: int) -> int:
    """40 kg of rice between the warehouse and the point."""
    return dispatched(unit, centre, lot, 40 * KG)


def dispatched(unit: Unit, centre: Centre, lot: int, units: int) -> int:
    with unit() as session:
        command = DispatchTransfer(str(new_uuid()), centre.warehouse, centre.point, (LotUnits(lot, units),))
        return dispatch_transfer(session, command, actor=centre.keeper(), now=NOW)


def arrived(transfer_id: int, lot: int, units: int, cause: LossCause | None = None) -> ReceiveTransfer:
    return ReceiveTransfer(str(new_uuid()), transfer_id, (ArrivedLine(lot, units, cause),), "порвані мішки")


def receive(unit: Unit, centre: Centre, command: ReceiveTransfer) -> None:
    with unit() as session:
        receive_transfer(session, command, actor=centre.keeper(), now=NOW)


@pytest.mark.parametrize(
    ("units", "cause"),
    [(39_199, LossCause.TRANSPORT), (39_199, None), (39_999, LossCause.THEFT), (0, None)],
)
def test_much_missing_or_theft_on_the_way_needs_a_second_person(
    unit: Unit, centre: Centre, lot: int, on_the_way: int, units: int, cause: LossCause | None
) -> None:
    with pytest.raises(SecondPersonNeeded):
        receive(unit, centre, arrived(on_the_way, lot, units, cause))
    with unit() as session:
        assert session.get_one(Transfer, on_the_way).state is TransferState.DISPATCHED
        assert ledger.balance(session, lot_id=lot, place_id=centre.point) == 0


def test_what_is_lost_on_the_way_and_at_the_place_is_added_up(unit: Unit, centre: Centre, lot: int) -> None:
    receive(unit, centre, arrived(dispatched(unit, centre, lot, 20 * KG), lot, 20 * KG - 350))
    lost = WriteOff(str(new_uuid()), centre.point, lot, 100, LossCause.WETTING, "намокло")
    with unit() as session, pytest.raises(SecondPersonNeeded):  # 400 g of the 20 kg that were sent there
        write_off(session, replace(lost, units=51), actor=centre.keeper(), now=NOW)
    receive(unit, centre, arrived(dispatched(unit, centre, lot, 5 * KG), lot, 5 * KG))
    with unit() as session:  # 500 g of 25 kg
        write_off(session, lost, actor=centre.keeper(), now=NOW)
    with unit() as session, pytest.raises(SecondPersonNeeded):
        write_off(
            session, replace(lost, command_id=str(new_uuid()), units=51), actor=centre.keeper(), now=NOW
        )


def test_goods_that_travel_there_and_back_are_one_stock_however_often(
    unit: Unit, centre: Centre, lot: int
) -> None:
    """A van that loses a little on each way home: no trip is above the limit, the third takes the sum above it."""
    load = 40 * KG
    for missing, needs_two in ((700, False), (650, False), (690, True)):
        receive(unit, centre, arrived(dispatched(unit, centre, lot, load), lot, load))
        with unit() as session:
            home = DispatchTransfer(str(new_uuid()), centre.point, centre.warehouse, (LotUnits(lot, load),))
            back = dispatch_transfer(session, home, actor=centre.keeper(), now=NOW)
        if needs_two:
            with pytest.raises(SecondPersonNeeded):
                receive(unit, centre, arrived(back, lot, load - missing))
        else:
            receive(unit, centre, arrived(back, lot, load - missing))
        load -= missing


def test_the_second_persons_yes_records_the_arrival_once_and_their_no_leaves_it_on_the_way(
    app: Flask, unit: Unit, centre: Centre, lot: int, on_the_way: int
) -> None:
    decided(app, unit, centre, ApprovalState.REFUSED, arrived(on_the_way, lot, 30 * KG))
    with unit() as session:
        assert session.get_one(Transfer, on_the_way).state is TransferState.DISPATCHED
    command = arrived(on_the_way, lot, 30 * KG, LossCause.TRANSPORT)
    decided(app, unit, centre, ApprovalState.APPROVED, command)
    receive(unit, centre, command)  # sent again: one effect
    with unit() as session:
        assert ledger.balance(session, lot_id=lot, place_id=centre.point) == 30 * KG
        assert session.scalars(select(LossAlone.entry_id)).all() == []


def test_the_transfers_page_says_that_it_waits(keeper: FlaskClient, lot: int, on_the_way: int) -> None:
    address = f"/transfers/{on_the_way}"
    typed = {"lines__0__arrived": "30 кг", "lines__0__cause": "transport", "reason": "порвані мішки"}
    assert send(keeper, f"{address}/arrival", keeper.get(address), **typed).status_code == 303
    page = keeper.get(address).text
    assert "воно чекає на другу особу" in page and "Записати прибуття" not in page
    waiting = keeper.get("/approvals").text
    assert "Прибуття з нестачею" in waiting and "10\N{NO-BREAK SPACE}кг із 40\N{NO-BREAK SPACE}кг" in waiting
