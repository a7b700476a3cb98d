"""What people are shown of the stock, and what they are not."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from aidtrack.inventory import ledger, queries
from aidtrack.inventory.commands import ArrivedLine, DispatchTransfer, LotUnits, ReceiveTransfer, WriteOff
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, EntryKind, LossCause, PlaceKind
from aidtrack.inventory.models import StockLot
from aidtrack.inventory.queries import donations, lots, papers
from aidtrack.inventory.services import dispatch_transfer, receive_transfer, reverse_receipt, write_off
from aidtrack.kernel.actor import Role
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.ids import new_uuid
from tests.inventory.conftest import KG, NOW, TODAY, Centre, Unit, actor, line

Receive = Callable[..., int]
HANDED_OUT = VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT]


def hand_out(unit: Unit, centre: Centre, lot_id: int, units: int, on: date = TODAY) -> int:
    with unit() as session:
        return ledger.post(
            session, kind=EntryKind.HANDOUT, document="V1", effective_on=on, site_id=centre.site,
            moves=[ledger.Move(lot_id, centre.warehouse, HANDED_OUT, units)], actor=centre.keeper(), now=NOW,
        )  # fmt: skip


def only_lot(unit: Unit) -> int:
    with unit() as session:
        return session.scalars(select(StockLot.id)).one()


def test_a_liaison_sees_only_what_their_donors_gave(unit: Unit, centre: Centre, received: Receive) -> None:
    received(line(centre.rice, 10 * KG))
    ministry = received(line(centre.kit, 7), donor_id=centre.ministry)
    liaison = actor(Role.DONOR_LIAISON, centre.site, donors=frozenset({centre.ministry}))
    with unit() as session:
        assert [(row.donor_code, row.units) for row in queries.on_hand(session, liaison)] == [("MIN", 7)]
        assert [row.item_code for row in queries.totals(session, liaison, on=TODAY)] == ["KIT"]
        assert [row.id for row in donations.donations(session, liaison)[0]] == [ministry]
        card = queries.stock_card(session, liaison, item_id=centre.rice, place_id=centre.warehouse)
        assert (card.lines, card.closing) == (0, 0)


def test_another_site_sees_nothing(unit: Unit, centre: Centre, received: Receive) -> None:
    received(line(centre.rice, 10 * KG))
    stranger = actor(Role.WAREHOUSE, centre.other_site)
    with unit() as session:
        assert queries.on_hand(session, stranger) == []
        assert queries.totals(session, stranger, on=TODAY) == []
        assert donations.donations(session, stranger) == ([], 0)


def test_stock_is_narrowed_by_place_item_lot_and_donor(unit: Unit, centre: Centre, received: Receive) -> None:
    received(line(centre.rice, 10 * KG))
    received(line(centre.rice, 5 * KG), place_id=centre.point, donor_id=centre.ministry)
    with unit() as session:
        rows = queries.on_hand(session, centre.keeper())

        def units(**wanted: int) -> list[int]:
            return [row.units for row in queries.on_hand(session, centre.keeper(), **wanted)]

        assert units() == [5 * KG, 10 * KG]
        assert units(place_id=centre.point) == [5 * KG]
        assert units(donor_id=centre.wfp) == [10 * KG]
        assert units(lot_id=rows[0].lot_id) == [5 * KG]
        assert units(item_id=centre.oil) == []


def test_totals_tell_the_usable_from_the_rest(unit: Unit, centre: Centre, received: Receive) -> None:
    received(line(centre.rice, 10 * KG, expires_on=TODAY + timedelta(days=5)), line(centre.rice, 4 * KG))
    caseworker = actor(Role.CASEWORKER, centre.site)
    with unit() as session:
        today, later = (
            queries.totals(session, caseworker, on=TODAY + timedelta(days=days))[0] for days in (5, 6)
        )
    assert (today.units, today.usable_units) == (14 * KG, 14 * KG)
    assert (later.units, later.usable_units) == (14 * KG, 4 * KG)


def test_what_a_programme_may_hand_out_leaves_out_others_earmarks_and_past_dates(
    unit: Unit, centre: Centre, received: Receive
) -> None:
    received(line(centre.rice, 10 * KG), programme_id=centre.winter, earmarked=True)
    received(line(centre.rice, 3 * KG, expires_on=TODAY))
    received(line(centre.kit, 7))
    with unit() as session:

        def may(programme_id: int | None, on: date) -> dict[int, int]:
            return queries.available(session, place_id=centre.warehouse, programme_id=programme_id, on=on)

        assert may(centre.winter, TODAY) == {centre.rice: 13 * KG, centre.kit: 7}
        assert may(centre.food, TODAY) == {centre.rice: 3 * KG, centre.kit: 7}
        assert may(None, TODAY + timedelta(days=1)) == {centre.rice: 0, centre.kit: 7}


def test_lots_are_locked_by_item_and_in_lot_order(unit: Unit, centre: Centre, received: Receive) -> None:
    received(line(centre.rice, 10 * KG), line(centre.oil, KG), line(centre.rice, 2 * KG))
    with unit() as session:
        found = queries.lots_for_update(session, centre.warehouse, [centre.rice])
    assert {item_id: [lot.units for lot in lots] for item_id, lots in found.items()} == {
        centre.rice: [10 * KG, 2 * KG]
    }


@pytest.mark.usefixtures("trusting")
def test_a_stock_card_runs_from_the_first_receipt_to_todays_balance(
    unit: Unit, centre: Centre, received: Receive
) -> None:
    received(line(centre.rice, 10 * KG), arrived_on=TODAY - timedelta(days=3))
    lot_id = only_lot(unit)
    hand_out(unit, centre, lot_id, 4 * KG, TODAY - timedelta(days=1))
    with unit() as session:
        lost = WriteOff(str(new_uuid()), centre.warehouse, lot_id, KG, LossCause.WETTING, "roof leaks")
        write_off(session, lost, actor=centre.keeper(), now=NOW)
    with unit() as session:
        card = queries.stock_card(session, centre.keeper(), item_id=centre.rice, place_id=centre.warehouse)
        part = queries.stock_card(
            session, centre.keeper(), item_id=centre.rice, place_id=centre.warehouse,
            first_day=TODAY - timedelta(days=2), last_day=TODAY - timedelta(days=1),
        )  # fmt: skip
        second = queries.stock_card(
            session, centre.keeper(), item_id=centre.rice, place_id=centre.warehouse, offset=1, limit=1
        )
    assert [(row.kind, row.units_in, row.units_out, row.balance) for row in card.rows] == [
        (EntryKind.RECEIPT, 10 * KG, 0, 10 * KG), (EntryKind.HANDOUT, 0, 4 * KG, 6 * KG),
        (EntryKind.LOSS, 0, KG, 5 * KG),
    ]  # fmt: skip
    assert (card.opening, card.closing, card.lines) == (0, 5 * KG, 3)
    assert (part.opening, part.closing, [row.balance for row in part.rows]) == (10 * KG, 6 * KG, [6 * KG])
    assert ([row.balance for row in second.rows], second.lines) == ([6 * KG], 3)


def test_a_reversal_stands_on_the_card_with_its_reason(unit: Unit, centre: Centre, received: Receive) -> None:
    donation_id = received(line(centre.rice, 10 * KG))
    with unit() as session:
        reverse_receipt(session, donation_id, reason="counted twice", actor=centre.keeper(), now=NOW)
    with unit() as session:
        card = queries.stock_card(session, centre.keeper(), item_id=centre.rice, place_id=centre.warehouse)
        detail = donations.donation(session, centre.keeper(), donation_id)
    assert [(row.reversal, row.reason, row.balance) for row in card.rows] == [
        (False, None, 10 * KG), (True, "counted twice", 0),
    ]  # fmt: skip
    assert detail.reversal is not None
    assert detail.reversal.reason == "counted twice"


@pytest.mark.usefixtures("trusting")
def test_a_lot_says_where_it_is_and_where_it_went_and_the_sums_close(
    unit: Unit, centre: Centre, received: Receive
) -> None:
    received(line(centre.rice, 100 * KG))
    lot_id = only_lot(unit)
    hand_out(unit, centre, lot_id, 30 * KG)
    keeper = centre.keeper()
    with unit() as session:
        for target, units in ((centre.elsewhere, 20 * KG), (centre.point, 10 * KG)):
            sent = DispatchTransfer(str(new_uuid()), centre.warehouse, target, (LotUnits(lot_id, units),))
            transfer_id = dispatch_transfer(session, sent, actor=keeper, now=NOW)
            if target == centre.elsewhere:
                row = papers.transfer(session, keeper, transfer_id)[0]
                other = actor(Role.WAREHOUSE, centre.other_site)
                came = ArrivedLine(lot_id, 18 * KG, LossCause.TRANSPORT)
                arrived = ReceiveTransfer(str(new_uuid()), row.id, (came,), "torn bags")
                receive_transfer(session, arrived, actor=other, now=NOW)
    with unit() as session:
        found = lots.lot(session, keeper, lot_id)
    assert {place.kind: place.units for place in found.places} == {
        PlaceKind.WAREHOUSE: 40 * KG, PlaceKind.IN_TRANSIT: 10 * KG,
    }  # fmt: skip
    assert (found.elsewhere_units, found.handed_out_units, found.losses) == (
        18 * KG, 30 * KG, [(LossCause.TRANSPORT, 2 * KG)],
    )  # fmt: skip
    told = sum(place.units for place in found.places) + found.elsewhere_units + found.handed_out_units
    told += found.away_units + found.suspense_units + sum(units for _cause, units in found.losses)
    assert told == found.received_units == 100 * KG


def test_the_usual_line_is_the_median_of_the_latest(unit: Unit, centre: Centre, received: Receive) -> None:
    with unit() as session:
        assert queries.usual_units(session, centre.rice) is None
    for units in (1, 2, 3, 1000, 2000):
        received(line(centre.rice, units * KG))
    with unit() as session:
        assert queries.usual_units(session, centre.rice) == 3 * KG


def test_an_open_transfer_is_seen_from_both_ends_and_not_from_a_third(
    unit: Unit, centre: Centre, received: Receive
) -> None:
    received(line(centre.rice, 100 * KG))
    with unit() as session:
        sent = DispatchTransfer(str(new_uuid()), centre.warehouse, centre.elsewhere, (LotUnits(1, KG),))
        dispatch_transfer(session, sent, actor=centre.keeper(), now=NOW)
    with unit() as session:
        ends = [
            [
                (row.leaves_own_site, row.comes_to_own_site)
                for row in papers.transfers(session, who, open_only=True)
            ]
            for who in (centre.keeper(), actor(Role.WAREHOUSE, centre.other_site), actor(Role.WAREHOUSE, 77))
        ]
    assert ends == [[(True, False)], [(False, True)], []]


def test_a_liaisons_card_keeps_voucher_serials_to_itself(
    unit: Unit, centre: Centre, received: Receive
) -> None:
    received(line(centre.rice, 10 * KG))
    entry_id = hand_out(unit, centre, only_lot(unit), KG)
    liaison = actor(Role.DONOR_LIAISON, centre.site, donors=frozenset({centre.wfp}))
    with unit() as session:
        card = queries.stock_card(session, liaison, item_id=centre.rice, place_id=centre.warehouse)
        with pytest.raises(NotFound):
            papers.entry(session, liaison, entry_id)
        assert papers.entry(session, centre.keeper(), entry_id).entry.document == "V1"
    assert [row.document for row in card.rows] == ["DN-R22-000001", ""]
