"""Receiving a donation, and taking a wrong receipt back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from aidtrack.inventory import ledger, queries
from aidtrack.inventory.errors import (
    AgreementOfAnother,
    AlreadyReversed,
    DateAhead,
    EarmarkNeedsProgramme,
    EmptyDocument,
    ExpiredOnArrival,
    NotEnoughStock,
    ReasonMissing,
)
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, EntryKind, PlaceKind
from aidtrack.inventory.models import Donation, DonationLine, StockEntry, StockLot
from aidtrack.inventory.services import receive_donation, reverse_receipt
from aidtrack.kernel.actor import Role
from aidtrack.kernel.errors import CommandReused, Forbidden, NotFound
from tests.inventory.conftest import KG, NOW, TODAY, Centre, Unit, actor, line

Receive = Callable[..., int]
HANDED_OUT = VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT]


def test_a_receipt_makes_one_lot_per_line_that_knows_its_donor(
    unit: Unit, centre: Centre, received: Receive
) -> None:
    donation_id = received(
        line(centre.rice, 29_378 * KG, expires_on=date(2023, 9, 1), batch="A7"),
        line(centre.oil, 7_820 * KG),
        agreement_id=centre.agreement, programme_id=centre.food, earmarked=True,
    )  # fmt: skip
    with unit() as session:
        rows = queries.on_hand(session, centre.keeper())
        lots = session.scalars(select(StockLot).order_by(StockLot.id)).all()
        lines = session.scalars(select(DonationLine).where(DonationLine.donation_id == donation_id)).all()
    assert [(row.item_code, row.units, row.donor_code) for row in rows] == [
        ("OIL", 7_820 * KG, "WFP"), ("RICE", 29_378 * KG, "WFP"),
    ]  # fmt: skip
    assert [(lot.agreement_id, lot.programme_id, lot.earmarked, lot.batch) for lot in lots] == [
        (centre.agreement, centre.food, True, "A7"), (centre.agreement, centre.food, True, None),
    ]  # fmt: skip
    assert {one.lot_id for one in lines} == {lot.id for lot in lots}


def test_receipt_acts_are_numbered_by_site_and_year(unit: Unit, centre: Centre, received: Receive) -> None:
    ids = [received(line(centre.rice, KG)) for _ in range(2)]
    ids.append(received(line(centre.rice, KG), arrived_on=date(2021, 12, 30)))
    with unit() as session:
        numbers = [session.get_one(Donation, id_).number for id_ in ids]
    assert numbers == ["DN-R22-000001", "DN-R22-000002", "DN-R21-000001"]


def test_the_same_form_sent_twice_has_one_effect(unit: Unit, centre: Centre) -> None:
    command = centre.receive(line(centre.rice, 5 * KG))
    made = []
    for _ in range(2):
        with unit() as session:
            made.append(receive_donation(session, command, actor=centre.keeper(), now=NOW))
    with unit() as session:
        donations = session.scalar(select(func.count()).select_from(Donation))
        assert [row.units for row in queries.on_hand(session, centre.keeper())] == [5 * KG]
    assert made[0] == made[1]
    assert donations == 1


def test_the_same_id_for_another_body_is_refused(unit: Unit, centre: Centre) -> None:
    command = centre.receive(line(centre.rice, 5 * KG))
    with unit() as session:
        receive_donation(session, command, actor=centre.keeper(), now=NOW)
    other = replace(command, lines=(line(centre.rice, 6 * KG),))
    with pytest.raises(CommandReused), unit() as session:
        receive_donation(session, other, actor=centre.keeper(), now=NOW)


def test_goods_past_their_date_are_refused_and_the_line_is_named(unit: Unit, centre: Centre) -> None:
    command = centre.receive(
        line(centre.oil, KG), line(centre.rice, KG, expires_on=TODAY - timedelta(days=1))
    )
    with pytest.raises(ExpiredOnArrival) as refused, unit() as session:
        receive_donation(session, command, actor=centre.keeper(), now=NOW)
    assert refused.value.field == "lines-1-expires_on"


def test_goods_that_expire_on_the_day_of_arrival_are_taken(centre: Centre, received: Receive) -> None:
    assert received(line(centre.rice, KG, expires_on=TODAY))


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"lines": ()}, EmptyDocument),
        ({"arrived_on": TODAY + timedelta(days=1)}, DateAhead),
        ({"earmarked": True}, EarmarkNeedsProgramme),
        ({"donor_id": 999}, NotFound),
        ({"programme_id": 999}, NotFound),
        ({"agreement_id": 999}, NotFound),
    ],
)
def test_what_cannot_be_received(
    unit: Unit, centre: Centre, changes: dict[str, object], refusal: type[Exception]
) -> None:
    command = replace(centre.receive(line(centre.rice, KG)), **changes)  # type: ignore[arg-type]
    with pytest.raises(refusal), unit() as session:
        receive_donation(session, command, actor=centre.keeper(), now=NOW)
    with unit() as session:
        assert session.scalar(select(func.count()).select_from(StockEntry)) == 0


def test_an_agreement_belongs_to_one_of_the_three_roles(
    unit: Unit, centre: Centre, received: Receive
) -> None:
    received(
        line(centre.rice, KG),
        donor_id=centre.ministry,
        back_donor_id=centre.wfp,
        agreement_id=centre.agreement,
    )
    command = centre.receive(line(centre.rice, KG), donor_id=centre.ministry, agreement_id=centre.agreement)
    with pytest.raises(AgreementOfAnother), unit() as session:
        receive_donation(session, command, actor=centre.keeper(), now=NOW)


def test_another_sites_place_is_missing_and_a_caseworker_is_refused(unit: Unit, centre: Centre) -> None:
    command = centre.receive(line(centre.rice, KG))
    with pytest.raises(NotFound), unit() as session:
        receive_donation(session, command, actor=actor(Role.WAREHOUSE, centre.other_site), now=NOW)
    with pytest.raises(Forbidden), unit() as session:
        receive_donation(session, command, actor=actor(Role.CASEWORKER, centre.site), now=NOW)


def test_a_reversed_receipt_leaves_nothing_on_hand_and_both_documents(
    unit: Unit, centre: Centre, received: Receive
) -> None:
    donation_id = received(line(centre.rice, 5 * KG), line(centre.oil, KG))
    with unit() as session:
        reverse_receipt(session, donation_id, reason="counted twice", actor=centre.keeper(), now=NOW)
    with unit() as session:
        assert queries.on_hand(session, centre.keeper()) == []
        entries = session.scalars(select(StockEntry).order_by(StockEntry.id)).all()
    assert [entry.document for entry in entries] == ["DN-R22-000001"] * 2
    assert entries[1].reverses_id == entries[0].id
    assert entries[1].kind is EntryKind.RECEIPT


def test_a_receipt_is_reversed_once_and_with_a_reason(unit: Unit, centre: Centre, received: Receive) -> None:
    donation_id = received(line(centre.rice, 5 * KG))
    with pytest.raises(ReasonMissing), unit() as session:
        reverse_receipt(session, donation_id, reason="  ", actor=centre.keeper(), now=NOW)
    with unit() as session:
        reverse_receipt(session, donation_id, reason="wrong item", actor=centre.keeper(), now=NOW)
    with pytest.raises(AlreadyReversed), unit() as session:
        reverse_receipt(session, donation_id, reason="wrong item", actor=centre.keeper(), now=NOW)


def test_a_receipt_whose_goods_have_left_cannot_be_reversed(
    unit: Unit, centre: Centre, received: Receive
) -> None:
    donation_id = received(line(centre.rice, 5 * KG))
    with unit() as session:
        lot_id = session.scalars(select(StockLot.id)).one()
        ledger.post(
            session, kind=EntryKind.HANDOUT, document="V1", effective_on=TODAY, site_id=centre.site,
            moves=[ledger.Move(lot_id, centre.warehouse, HANDED_OUT, 1)], actor=centre.keeper(), now=NOW,
        )  # fmt: skip
    with pytest.raises(NotEnoughStock), unit() as session:
        reverse_receipt(session, donation_id, reason="wrong item", actor=centre.keeper(), now=NOW)
    with unit() as session:
        assert ledger.balance(session, lot_id=lot_id, place_id=centre.warehouse) == 5 * KG - 1


def test_another_site_cannot_reverse(unit: Unit, centre: Centre, received: Receive) -> None:
    donation_id = received(line(centre.rice, 5 * KG))
    with pytest.raises(NotFound), unit() as session:
        reverse_receipt(
            session, donation_id, reason="wrong item", actor=actor(Role.WAREHOUSE, centre.other_site), now=NOW
        )


def _at_once(work: list[Callable[[], int]]) -> list[int]:
    with ThreadPoolExecutor(len(work)) as pool:
        return [done.result(timeout=300) for done in [pool.submit(one) for one in work]]


def test_one_form_sent_from_four_windows_at_once_is_one_donation(unit: Unit, centre: Centre) -> None:
    command = centre.receive(line(centre.rice, 5 * KG))

    def send() -> int:
        with unit() as session:
            return receive_donation(session, command, actor=centre.keeper(), now=NOW)

    assert len(set(_at_once([send] * 4))) == 1
    with unit() as session:
        assert session.scalar(select(func.count()).select_from(Donation)) == 1


def test_four_receipts_at_once_have_four_numbers(unit: Unit, centre: Centre) -> None:
    def send() -> int:
        with unit() as session:
            command = centre.receive(line(centre.rice, 5 * KG))
            return receive_donation(session, command, actor=centre.keeper(), now=NOW)

    _at_once([send] * 4)
    with unit() as session:
        numbers = session.scalars(select(Donation.number).order_by(Donation.number)).all()
    assert numbers == [f"DN-R22-{serial:06}" for serial in range(1, 5)]
