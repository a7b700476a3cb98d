"""Transfers, losses, counts, lots held back, and taking documents back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from aidtrack.inventory import ledger, queries
from aidtrack.inventory.allocation import plan_picks
from aidtrack.inventory.commands import (
    ArrivedLine,
    CountLot,
    DispatchTransfer,
    LotUnits,
    ReceiveTransfer,
    SetLotStatus,
    TransferAway,
    WriteOff,
)
from aidtrack.inventory.errors import (
    AlreadyArrived,
    ChosenTwice,
    DifferentCount,
    DispatchArrived,
    EmptyDocument,
    HandoutUndoneElsewhere,
    LinesDiffer,
    MoreThanSent,
    NotEnoughStock,
    ReasonMissing,
    ReversalOfReversal,
    SamePlace,
    TransferRecalled,
)
from aidtrack.inventory.kinds import (
    VIRTUAL_PLACE_IDS,
    EntryKind,
    LossCause,
    LotStatus,
    PlaceKind,
    TransferState,
)
from aidtrack.inventory.models import StockEntry, StockLot, Transfer
from aidtrack.inventory.services import (
    count_lot,
    dispatch_transfer,
    receive_transfer,
    reverse_entry,
    set_lot_status,
    transfer_away,
    write_off,
)
from aidtrack.kernel.actor import Role
from aidtrack.kernel.errors import Forbidden, NotFound
from aidtrack.kernel.ids import new_uuid
from tests.inventory.conftest import KG, NOW, TODAY, Centre, Unit, actor, line

SUPPLIER, IN_TRANSIT, HANDED_OUT, LOSS, SUSPENSE, AWAY = (
    VIRTUAL_PLACE_IDS[kind]
    for kind in (
        PlaceKind.SUPPLIER, PlaceKind.IN_TRANSIT, PlaceKind.HANDED_OUT, PlaceKind.LOSS, PlaceKind.SUSPENSE,
        PlaceKind.TRANSFERRED_AWAY,
    )
)  # fmt: skip


@pytest.fixture
def lot(unit: Unit, centre: Centre, received: Callable[..., int]) -> int:
    """100 kg of rice at the warehouse."""
    received(line(centre.rice, 100 * KG, expires_on=date(2023, 1, 1)))
    with unit() as session:
        return session.scalars(select(StockLot.id)).one()


@pytest.fixture
def where(unit: Unit, lot: int) -> Callable[[], dict[int, int]]:
    """Where the lot is by its moves alone, zeros left out; balances must agree wherever they are kept."""

    def look() -> dict[int, int]:
        with unit() as session:
            fold = {place: units for place, units in ledger.folded(session, lot_id=lot).items() if units}
            for place, units in fold.items():
                if place == IN_TRANSIT or place > AWAY:
                    assert ledger.balance(session, lot_id=lot, place_id=place) == units
        return fold

    return look


def send(centre: Centre, lot: int, units: int = 40 * KG, target: int | None = None) -> DispatchTransfer:
    return DispatchTransfer(
        command_id=str(new_uuid()), source_id=centre.warehouse, target_id=target or centre.point,
        lines=(LotUnits(lot, units),),
    )  # fmt: skip


def arrive(transfer_id: int, *lines: ArrivedLine, reason: str | None = None) -> ReceiveTransfer:
    return ReceiveTransfer(command_id=str(new_uuid()), transfer_id=transfer_id, lines=lines, reason=reason)


def test_goods_on_the_way_are_in_transit_until_the_receiver_counts_them(
    unit: Unit, centre: Centre, lot: int, where: Callable[[], dict[int, int]]
) -> None:
    with unit() as session:
        transfer_id = dispatch_transfer(session, send(centre, lot), actor=centre.keeper(), now=NOW)
    assert where() == {SUPPLIER: -100 * KG, centre.warehouse: 60 * KG, IN_TRANSIT: 40 * KG}
    with unit() as session:
        receive_transfer(
            session, arrive(transfer_id, ArrivedLine(lot, 40 * KG)), actor=centre.keeper(), now=NOW
        )
    assert where() == {SUPPLIER: -100 * KG, centre.warehouse: 60 * KG, centre.point: 40 * KG}


@pytest.mark.usefixtures("trusting")
def test_a_shortage_with_a_cause_is_a_loss_and_without_one_waits_in_suspense(
    unit: Unit, centre: Centre, lot: int, received: Callable[..., int], where: Callable[[], dict[int, int]]
) -> None:
    received(line(centre.oil, 10 * KG))
    with unit() as session:
        oil = session.scalars(select(StockLot.id).where(StockLot.item_id == centre.oil)).one()
        command = replace(send(centre, lot), lines=(LotUnits(lot, 40 * KG), LotUnits(oil, 10 * KG)))
        transfer_id = dispatch_transfer(session, command, actor=centre.keeper(), now=NOW)
    with unit() as session:
        came = (ArrivedLine(lot, 39 * KG, LossCause.WETTING), ArrivedLine(oil, 0))
        receive_transfer(
            session, arrive(transfer_id, *came, reason="rain on the road"), actor=centre.keeper(), now=NOW
        )
        assert ledger.folded(session, lot_id=oil)[SUSPENSE] == 10 * KG
        causes = session.execute(select(StockEntry.kind, StockEntry.cause).order_by(StockEntry.id)).all()[-2:]
    assert where() == {SUPPLIER: -100 * KG, centre.warehouse: 60 * KG, centre.point: 39 * KG, LOSS: KG}
    assert [tuple(row) for row in causes] == [(EntryKind.ARRIVAL, None), (EntryKind.LOSS, LossCause.WETTING)]


@pytest.mark.parametrize(
    ("lines", "reason", "refusal"),
    [
        ([], None, LinesDiffer),
        ([(0, 40 * KG), (0, 40 * KG)], None, LinesDiffer),
        ([(0, 41 * KG)], None, MoreThanSent),
        ([(0, 39 * KG)], None, ReasonMissing),
    ],
)
def test_what_cannot_arrive(
    unit: Unit,
    centre: Centre,
    lot: int,
    lines: list[tuple[int, int]],
    reason: str | None,
    refusal: type[Exception],
) -> None:
    with unit() as session:
        transfer_id = dispatch_transfer(session, send(centre, lot), actor=centre.keeper(), now=NOW)
    came = [ArrivedLine(lot, units) for _, units in lines]
    with pytest.raises(refusal), unit() as session:
        receive_transfer(session, arrive(transfer_id, *came, reason=reason), actor=centre.keeper(), now=NOW)


def test_a_transfer_to_another_site_is_received_there_and_nowhere_else(
    unit: Unit, centre: Centre, lot: int
) -> None:
    with unit() as session:
        command = send(centre, lot, target=centre.elsewhere)
        transfer_id = dispatch_transfer(session, command, actor=centre.keeper(), now=NOW)
    arrival = arrive(transfer_id, ArrivedLine(lot, 40 * KG))
    with pytest.raises(NotFound), unit() as session:
        receive_transfer(session, arrival, actor=centre.keeper(), now=NOW)
    other = actor(Role.WAREHOUSE, centre.other_site)
    with unit() as session:
        receive_transfer(session, arrival, actor=other, now=NOW)
        assert [row.units for row in queries.on_hand(session, other)] == [40 * KG]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"lines": ()}, EmptyDocument),
        ({"lines": "twice"}, ChosenTwice),
        ({"target_id": "source"}, SamePlace),
        ({"target_id": LOSS}, NotFound),
        ({"lines": "too much"}, NotEnoughStock),
    ],
)
def test_what_cannot_be_sent(
    unit: Unit, centre: Centre, lot: int, change: dict[str, object], refusal: type[Exception]
) -> None:
    filled = {
        "twice": (LotUnits(lot, 1), LotUnits(lot, 1)),
        "too much": (LotUnits(lot, 100 * KG + 1),),
        "source": centre.warehouse,
    }
    given = {
        name: filled.get(value, value) if isinstance(value, str) else value for name, value in change.items()
    }
    command = replace(send(centre, lot), **given)  # type: ignore[arg-type]
    with pytest.raises(refusal), unit() as session:
        dispatch_transfer(session, command, actor=centre.keeper(), now=NOW)


def test_the_same_dispatch_and_the_same_arrival_sent_twice_count_once(
    unit: Unit, centre: Centre, lot: int, where: Callable[[], dict[int, int]]
) -> None:
    command = send(centre, lot)
    made = []
    for _ in range(2):
        with unit() as session:
            made.append(dispatch_transfer(session, command, actor=centre.keeper(), now=NOW))
    arrival = arrive(made[0], ArrivedLine(lot, 40 * KG))
    for _ in range(2):
        with unit() as session:
            receive_transfer(session, arrival, actor=centre.keeper(), now=NOW)
    assert made[0] == made[1]
    assert where()[centre.point] == 40 * KG
    with pytest.raises(AlreadyArrived), unit() as session:
        receive_transfer(session, arrive(made[0], ArrivedLine(lot, 40 * KG)), actor=centre.keeper(), now=NOW)


@pytest.mark.usefixtures("trusting")
def test_an_arrival_taken_back_as_a_whole_can_be_recorded_anew(
    unit: Unit, centre: Centre, lot: int, where: Callable[[], dict[int, int]]
) -> None:
    with unit() as session:
        transfer_id = dispatch_transfer(session, send(centre, lot), actor=centre.keeper(), now=NOW)
    wrong = arrive(transfer_id, ArrivedLine(lot, 30 * KG, LossCause.TRANSPORT), reason="bags are missing")
    with unit() as session:
        receive_transfer(session, wrong, actor=centre.keeper(), now=NOW)
        transfer = session.get_one(Transfer, transfer_id)
        dispatch_id, arrival_id = transfer.dispatch_entry_id, transfer.arrival_entry_id
    assert arrival_id is not None
    with pytest.raises(DispatchArrived), unit() as session:
        reverse_entry(session, dispatch_id, reason="not sent", actor=centre.keeper(), now=NOW)
    with unit() as session:
        reverse_entry(session, arrival_id, reason="found behind the seats", actor=centre.keeper(), now=NOW)
        assert session.get_one(Transfer, transfer_id).state is TransferState.DISPATCHED
    assert where() == {SUPPLIER: -100 * KG, centre.warehouse: 60 * KG, IN_TRANSIT: 40 * KG}
    with unit() as session:
        receive_transfer(
            session, arrive(transfer_id, ArrivedLine(lot, 40 * KG)), actor=centre.keeper(), now=NOW
        )
    assert where() == {SUPPLIER: -100 * KG, centre.warehouse: 60 * KG, centre.point: 40 * KG}


def test_a_recalled_dispatch_brings_the_goods_back_and_cannot_arrive(
    unit: Unit, centre: Centre, lot: int, where: Callable[[], dict[int, int]]
) -> None:
    with unit() as session:
        transfer_id = dispatch_transfer(session, send(centre, lot), actor=centre.keeper(), now=NOW)
        entry_id = session.get_one(Transfer, transfer_id).dispatch_entry_id
        reversal_id = reverse_entry(
            session, entry_id, reason="the van broke down", actor=centre.keeper(), now=NOW
        )
    assert where() == {SUPPLIER: -100 * KG, centre.warehouse: 100 * KG}
    with pytest.raises(TransferRecalled), unit() as session:
        receive_transfer(
            session, arrive(transfer_id, ArrivedLine(lot, 40 * KG)), actor=centre.keeper(), now=NOW
        )
    with pytest.raises(ReversalOfReversal), unit() as session:
        reverse_entry(session, reversal_id, reason="it runs again", actor=centre.keeper(), now=NOW)


@pytest.mark.usefixtures("trusting")
def test_a_loss_has_a_number_a_cause_and_a_way_back(
    unit: Unit, centre: Centre, lot: int, where: Callable[[], dict[int, int]]
) -> None:
    command = WriteOff(
        command_id=str(new_uuid()), place_id=centre.warehouse, lot_id=lot, units=3 * KG, cause=LossCause.INFESTATION,
        reason="mice in one bag",
    )  # fmt: skip
    for _ in range(2):
        with unit() as session:
            entry_id = write_off(session, command, actor=centre.keeper(), now=NOW)
            entry = session.get_one(StockEntry, entry_id)
    assert (entry.document, entry.cause) == ("DN-W22-000001", LossCause.INFESTATION)
    assert where() == {SUPPLIER: -100 * KG, centre.warehouse: 97 * KG, LOSS: 3 * KG}
    with unit() as session:
        reverse_entry(session, entry_id, reason="the bag is fine", actor=centre.keeper(), now=NOW)
    assert where() == {SUPPLIER: -100 * KG, centre.warehouse: 100 * KG}


def test_more_than_there_is_cannot_be_lost_or_given_away(unit: Unit, centre: Centre, lot: int) -> None:
    lost = WriteOff(str(new_uuid()), centre.warehouse, lot, 100 * KG + 1, LossCause.THEFT, "stolen at night")
    with pytest.raises(NotEnoughStock), unit() as session:
        write_off(session, lost, actor=centre.keeper(), now=NOW)
    away = TransferAway(
        str(new_uuid()), centre.warehouse, "Children's hospital", (LotUnits(lot, 100 * KG + 1),)
    )
    with pytest.raises(NotEnoughStock), unit() as session:
        transfer_away(session, away, actor=centre.keeper(), now=NOW)


def test_goods_handed_to_another_organisation_leave_with_its_name(
    unit: Unit, centre: Centre, lot: int, where: Callable[[], dict[int, int]]
) -> None:
    command = TransferAway(
        str(new_uuid()), centre.warehouse, "Children's hospital", (LotUnits(lot, 25 * KG),)
    )
    with unit() as session:
        entry_id = transfer_away(session, command, actor=centre.keeper(), now=NOW)
        entry = session.get_one(StockEntry, entry_id)
    assert (entry.document, entry.reason) == ("DN-A22-000001", "Children's hospital")
    assert where() == {SUPPLIER: -100 * KG, centre.warehouse: 75 * KG, AWAY: 25 * KG}


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize(
    ("counted", "expected_fold"),
    [(98 * KG, {LOSS: 2 * KG}), (101 * KG, {SUSPENSE: -KG}), (100 * KG, {}), (0, {LOSS: 100 * KG})],
)
def test_a_count_posts_only_the_difference(
    unit: Unit,
    centre: Centre,
    lot: int,
    where: Callable[[], dict[int, int]],
    counted: int,
    expected_fold: dict[int, int],
) -> None:
    command = CountLot(str(new_uuid()), centre.warehouse, lot, 100 * KG, counted, "yearly count")
    with unit() as session:
        count_lot(session, command, actor=centre.keeper(), now=NOW)
    standing = {centre.warehouse: counted} if counted else {}
    assert where() == {SUPPLIER: -100 * KG, **standing, **expected_fold}


def test_a_count_made_against_an_old_figure_is_made_again(unit: Unit, centre: Centre, lot: int) -> None:
    with unit() as session:
        dispatch_transfer(session, send(centre, lot), actor=centre.keeper(), now=NOW)
    command = CountLot(str(new_uuid()), centre.warehouse, lot, 100 * KG, 98 * KG, "yearly count")
    with pytest.raises(DifferentCount), unit() as session:
        count_lot(session, command, actor=centre.keeper(), now=NOW)


def test_a_quarantined_lot_is_on_hand_and_not_allocated(unit: Unit, centre: Centre, lot: int) -> None:
    with unit() as session:
        command = SetLotStatus(lot, LotStatus.QUARANTINED, "sample sent to the laboratory")
        set_lot_status(session, command, actor=centre.keeper(), now=NOW)
    with unit() as session:
        assert [row.units for row in queries.on_hand(session, centre.keeper())] == [100 * KG]
        assert queries.available(session, place_id=centre.warehouse, programme_id=None, on=TODAY) == {
            centre.rice: 0
        }
        lots = queries.lots_for_update(session, centre.warehouse, [centre.rice])
        with pytest.raises(NotEnoughStock):
            plan_picks(lots[centre.rice], units=1, programme_id=None, on=TODAY)


def test_another_site_that_never_held_a_lot_cannot_hold_it_back(unit: Unit, centre: Centre, lot: int) -> None:
    command = SetLotStatus(lot, LotStatus.RECALLED, "the producer recalls it")
    with pytest.raises(NotFound), unit() as session:
        set_lot_status(session, command, actor=actor(Role.WAREHOUSE, centre.other_site), now=NOW)


def test_a_handout_is_not_undone_in_the_stock_ledger(unit: Unit, centre: Centre, lot: int) -> None:
    with unit() as session:
        entry_id = ledger.post(
            session, kind=EntryKind.HANDOUT, document="V1", effective_on=TODAY, site_id=centre.site,
            moves=[ledger.Move(lot, centre.warehouse, HANDED_OUT, KG)], actor=centre.keeper(), now=NOW,
        )  # fmt: skip
    with pytest.raises(HandoutUndoneElsewhere), unit() as session:
        reverse_entry(session, entry_id, reason="wrong family", actor=centre.keeper(), now=NOW)


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.DONOR_LIAISON, Role.REVIEWER, Role.ADMINISTRATOR])
def test_only_the_warehouse_moves_goods(unit: Unit, centre: Centre, lot: int, role: Role) -> None:
    with pytest.raises(Forbidden), unit() as session:
        dispatch_transfer(session, send(centre, lot), actor=actor(role, centre.site), now=NOW)
