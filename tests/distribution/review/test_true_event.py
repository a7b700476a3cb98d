"""The true event comes after an untrusted copy of it was posted by hand; and locks that must not form a ring."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.distribution.field.taking import Sent
from aidtrack.distribution.models import CaseKind, Choice, Handout
from aidtrack.distribution.review.services import Settle
from aidtrack.inventory.models import Donor, StockLot
from aidtrack.kernel.actor import Role, system_actor
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.reports.scope import AskForStatement
from aidtrack.reports.statements import statement
from tests.distribution.field.conftest import Field
from tests.distribution.review.test_reviews import open_cases, page_client, settle
from tests.support import field as phones
from tests.support.databases import waiting_for_locks
from tests.support.kinds import on_sqlite
from tests.support.patience import until

TAKE = Settle(Choice.TAKEN_FROM_BOOK, "родина отримала рис")
TWICE = Settle(Choice.POSTED_TWICE, "та сама видача")


def unsigned_copy_posted(place: Field) -> Sent:
    """A handout whose file was damaged on the way: posted by hand, and then the phone comes home itself."""
    sent = place.handout(0)
    place.bring(type(sent)(sent.body, bytes(64)))
    (case,) = open_cases(place)
    settle(place, case.id, TAKE)
    assert place.stock() == (1_500, 0, 500)
    return sent


def test_the_true_event_is_recorded_and_the_double_posting_is_put_before_a_person(
    place: Field, app: Flask
) -> None:
    receipt = place.bring(unsigned_copy_posted(place))
    assert receipt.outcome is Outcome.RECORDED and "posted_by_hand" in receipt.notes
    assert place.stock() == (1_000, 0, 1_000)
    (case,) = open_cases(place)
    assert case.kind is CaseKind.NOTED
    page = page_client(app, place, Role.WAREHOUSE).get(f"/reviews/{case.id}").text
    assert "REVIEW-" in page and "posted_twice" in page
    settle(place, case.id, TWICE)
    assert place.stock() == (1_500, 0, 500)
    assert open_cases(place) == [] and place.breaches() == []


@on_sqlite
def test_other_cases_offer_no_taking_back_of_a_posting(place: Field, app: Flask) -> None:
    place.bring(place.handout(0))
    place.bring(place.handout(0, phone=1, at=-24 * 60))  # another day: no second record of it
    (case,) = open_cases(place)
    assert "posted_twice" not in page_client(app, place, Role.WAREHOUSE).get(f"/reviews/{case.id}").text


def test_a_donors_statement_closes_over_goods_posted_by_hand(place: Field) -> None:
    unsigned_copy_posted(place)
    with place.unit() as session:
        donor = session.scalars(
            select(Donor.code)
            .join(StockLot, StockLot.donor_id == Donor.id)
            .where(StockLot.id == place.lot_id)
        ).one()
        today = local_date(utc_now())
        asked = AskForStatement(donor, today - timedelta(days=400), today)
        made = statement(session, asked, actor=system_actor("test"), now=utc_now())
        assert session.scalar(select(func.count()).select_from(Handout)) == 0
    assert made.closes
    (line,) = (line for line in made.lines if line.item.code == "RICE")
    assert line.balance.handed_out == 500 and made.reached is not None and made.reached.households == 0


@on_sqlite
def test_a_handout_of_before_the_enrolment_is_noted(place: Field) -> None:
    receipt = place.bring(place.handout(0, at=-3 * 24 * 60))
    assert receipt.outcome is Outcome.RECORDED and "before_enrolment" in receipt.notes
    assert [case.kind for case in open_cases(place)] == [CaseKind.NOTED]


@pytest.mark.parametrize("what", ["handout", "undo"])
def test_two_phones_that_change_each_others_shortage_never_wait_in_a_ring(
    place: Field, what: str, app: Flask
) -> None:
    """One holds the lot and relabels a family whose next event the other is taking at that moment."""
    late = place.handout(1, at=20, lines=place.rice(1_800, due=1_800))
    place.bring(late)
    early = place.handout(0, at=1)
    second = (
        place.handout(1, phone=1, at=25)
        if what == "handout"
        else place.phones[0].undo(late, est=place.at(26))
    )
    failures: list[BaseException] = []

    def other() -> None:
        try:
            place.bring(second, phone=1 if what == "handout" else 0)
        except BaseException as error:  # noqa: BLE001  (told below)
            failures.append(error)

    with place.unit() as session:
        if session.get_bind().dialect.name == "sqlite":
            return  # one writes at a time
        session.execute(text("SELECT units FROM stock_balance FOR UPDATE"))
        thread = threading.Thread(target=other)
        thread.start()
        until(lambda: waiting_for_locks(session), "the other's waiting")
        phones.bring(session, place.phones[0], early, now=utc_now())
    thread.join()
    assert failures == [] and place.breaches() == []
