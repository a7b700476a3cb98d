"""Goods of a handout that a person read were brought back: whole or in part, lot by lot, once."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from aidtrack.distribution.field import returning
from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.distribution.held import HOLDINGS
from aidtrack.distribution.models import Choice, GoodsReturned, Handout, ReviewCase, Settlement, Voucher
from aidtrack.distribution.review import services
from aidtrack.distribution.review.errors import MoreThanGiven, NothingCameBack
from aidtrack.distribution.review.services import Settle
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory.models import StockEntry, StockLot
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.reports import closing
from aidtrack.reports.scope import AskForStatement
from aidtrack.reports.statements import Statement, make, statement
from tests.distribution.field.conftest import Field
from tests.distribution.review.test_reviews import extra, page_client, reader
from tests.support import world as made


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is asked of the database here is asked of both elsewhere."""
    return sqlite_url


def settle(place: Field, case_id: int, choice: Choice, back: dict[int, int] | None = None) -> None:
    with place.unit() as session:
        command = Settle(choice, "з'ясовано з родиною", back)
        services.settle_case(session, case_id, command, actor=reader(place), now=utc_now())


def test_all_of_an_extra_that_came_back_stands_in_the_book_again(place: Field) -> None:
    case = extra(place)
    assert place.stock() == (1_000, 0, 1_000)
    settle(place, case.id, Choice.GOODS_RETURNED)
    assert place.stock() == (1_500, 0, 500) and place.breaches() == []
    with place.unit() as session:
        assert session.get_one(ReviewCase, case.id).how is Settlement.ACTED
        reversal = session.scalars(select(StockEntry).where(StockEntry.reverses_id.is_not(None))).one()
        assert (reversal.actor_label, reversal.reason) == ("reader-777", "з'ясовано з родиною")


@pytest.mark.parametrize("choice", [Choice.EXPLAINED, Choice.KEEP_AN_EYE])
def test_what_was_not_brought_back_moves_nothing(place: Field, choice: Choice) -> None:
    case = extra(place)
    settle(place, case.id, choice, {place.lot_id: 500})
    assert place.stock() == (1_000, 0, 1_000)


def test_a_part_comes_back_lot_by_lot_and_the_handout_stands(place: Field) -> None:
    with place.unit() as session:
        other = made.add_lot(session, place.world, "RICE", 1_000, donor="MINRE")
        code = session.get_one(StockLot, other).code
    place.bring(place.handout(0))
    second = place.phones[1].handout(
        place.world.codes[0], [("RICE", 500, 500, [(place.lot, 300), (code, 200)])], est=place.at(9)
    )
    place.bring(second, phone=1)
    with place.unit() as session:
        case_id = session.scalars(select(ReviewCase.id)).one()
    settle(place, case_id, Choice.GOODS_RETURNED, {place.lot_id: 120, other: 0})
    assert place.stock() == (1_320, 0, 680) and place.stock(other) == (800, 0, 200)
    assert place.outcome(second) is Outcome.EXTRA and place.breaches() == []
    with place.unit() as session:
        handout_id = session.scalars(select(GoodsReturned.handout_id)).one()
        left = [(lot.lot_id, lot.left, lot.donor_code) for lot in returning.given_lots(session, handout_id)]
        household_id = session.scalars(select(Handout.household_id).where(Handout.id == handout_id)).one()
        [held] = [one for one in HOLDINGS if "handout" in one.tables]
        told = [pair for one in held.read(session, household_id, "en") for pair in one.facts]
    assert left == [(place.lot_id, 180, "WFP"), (other, 200, "MINRE")]
    assert [text for label, text in told if label.startswith("Brought back")] == ["120\N{NO-BREAK SPACE}g"]


@pytest.mark.parametrize(
    ("back", "refusal"), [(501, MoreThanGiven), (-1, MoreThanGiven), (0, NothingCameBack)]
)
def test_never_more_than_was_given_and_not_nothing(place: Field, back: int, refusal: type[Exception]) -> None:
    case = extra(place)
    with pytest.raises(refusal):
        settle(place, case.id, Choice.GOODS_RETURNED, {place.lot_id: back})
    with pytest.raises(MoreThanGiven):
        settle(place, case.id, Choice.GOODS_RETURNED, {place.lot_id: 500, 999_999: 1})
    assert place.stock() == (1_000, 0, 1_000)


def test_a_phones_undo_after_a_part_came_back_counts_no_unit_twice(place: Field) -> None:
    place.bring(place.handout(0))
    second = place.handout(0, phone=1, at=9)
    place.bring(second, phone=1)
    with place.unit() as session:
        case_id = session.scalars(select(ReviewCase.id)).one()
    settle(place, case_id, Choice.GOODS_RETURNED, {place.lot_id: 200})
    assert place.stock() == (1_200, 0, 800)
    place.bring(place.phones[1].undo(second, est=place.at(10)), phone=1)
    assert place.stock() == (1_500, 0, 500) and place.breaches() == []


def test_what_came_back_and_left_again_is_owed_when_the_handout_is_undone(place: Field) -> None:
    place.bring(place.handout(0))
    second = place.handout(0, phone=1, at=9)
    place.bring(second, phone=1)
    with place.unit() as session:
        case_id = session.scalars(select(ReviewCase.id)).one()
    settle(place, case_id, Choice.GOODS_RETURNED, {place.lot_id: 200})
    for n in range(1, 5):  # 1 200 in the book, 2 000 leave
        place.bring(place.handout(n, at=20 + n))
    assert place.stock() == (0, 800, 2_800)
    place.bring(place.phones[1].undo(second, est=place.at(30)), phone=1)
    assert place.stock() == (0, 500, 2_500) and place.breaches() == []


def test_a_familys_own_handout_that_came_back_whole_opens_its_paper_again(place: Field) -> None:
    sent = place.handout(0, lines=place.rice(600, due=600))  # more than was due is worth a look
    place.bring(sent)
    with place.unit() as session:
        case_id = session.scalars(select(ReviewCase.id)).one()
    settle(place, case_id, Choice.GOODS_RETURNED)
    assert place.stock() == (2_000, 0, 0) and place.outcome(sent) is Outcome.UNDONE
    with place.unit() as session:
        assert session.get_one(Voucher, place.world.voucher_ids[0]).state is VoucherState.ISSUED
    assert place.breaches() == []


def test_the_page_asks_how_much_and_shows_it_afterwards(place: Field, app: Flask) -> None:
    case = extra(place)
    client = page_client(app, place, Role.CASEWORKER)
    address = f"/reviews/{case.id}"
    page = client.get(address).text
    assert "Якщо товари повернули: скільки" in page and f"партія {place.lot}" in page
    sent = {"choice": "goods_returned", "reason": "повернули частину", "back-0-lot_id": str(place.lot_id)}
    for typed in ("", "0,6 кг", "багато"):
        assert client.post(address, data={**sent, "back-0-quantity": typed}).status_code == 422
    assert place.stock() == (1_000, 0, 1_000)
    assert client.post(address, data={**sent, "back-0-quantity": "120 г"}).status_code == 303
    assert place.stock() == (1_120, 0, 880)
    shown = client.get(address).text
    assert "повернули 120" in shown and "Якщо товари повернули" not in shown


def test_verify_names_more_that_came_back_than_was_given(place: Field) -> None:
    case = extra(place)
    settle(place, case.id, Choice.GOODS_RETURNED, {place.lot_id: 400})
    assert place.breaches() == []
    with place.unit() as session:
        assert case.handout_id is not None
        returning.bring_back(
            session, case.handout_id, {place.lot_id: 200}, document="X", reason="planted", actor=reader(place),
            now=utc_now(),
        )  # fmt: skip
    assert [one for one in place.breaches() if one.startswith("I6")] != []


def wfps_statement(place: Field) -> Statement:
    with place.unit() as session:
        now = utc_now()
        asked = AskForStatement("WFP", local_date(now) - timedelta(days=3), local_date(now))
        return statement(session, asked, actor=reader(place), now=now)


@pytest.mark.parametrize("months_closed", [False, True])
def test_the_donors_statement_closes_to_the_gram_after_a_part_came_back(
    place: Field, months_closed: bool
) -> None:
    case = extra(place)
    place.bring(place.handout(1, at=2))
    before = wfps_statement(place)
    if months_closed:  # the sums of a closed month are the same figures
        with place.unit() as session:
            month = local_date(utc_now()).replace(day=1)
            closing.keep_month(
                session, closing.sum_month(session, month, closing.newest_entry_id(session)), now=utc_now()
            )
    settle(place, case.id, Choice.GOODS_RETURNED, {place.lot_id: 120})
    after = wfps_statement(place)
    [was], [now_is] = before.lines, after.lines
    assert before.closes and after.closes
    assert (was.balance.handed_out, now_is.balance.handed_out) == (1_500, 1_380)
    assert (was.balance.on_hand, now_is.balance.on_hand) == (500, 620)
    assert was.reached == now_is.reached and before.reached == after.reached, "who was served stays served"
    assert after.reached is not None and after.reached.households == 2
    assert sum(given.units for given in after.given) == 1_380
    with place.unit() as session:
        assert make(session, after.scope, from_rows=True).lines == after.lines
