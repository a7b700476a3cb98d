"""One handout, written down on a phone and elsewhere on the same day at the same place."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.distribution.models import Choice, ReviewCase
from aidtrack.distribution.review import services
from aidtrack.distribution.review.services import Settle
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import InvalidValue
from tests.distribution.field.conftest import Field
from tests.distribution.review.test_reviews import page_client
from tests.support.kinds import on_sqlite

AT_ONCE, NEXT_DAYS = 0.001, 24 * 60  # minutes; the first so few that no midnight lies between


def case_of_extra(place: Field, *, later: float = AT_ONCE) -> int:
    """Two phones at the point record the same voucher: the second is an extra. Gives its case."""
    place.bring(place.handout(0, at=-later))
    second = place.handout(0, phone=1)
    place.bring(second, phone=1)
    assert place.outcome(second) is Outcome.EXTRA
    with place.unit() as session:
        return session.scalars(select(ReviewCase.id)).one()


def test_one_press_puts_the_second_records_goods_back(place: Field, app: Flask) -> None:
    case_id = case_of_extra(place)
    assert place.stock() == (1_000, 0, 1_000)
    client = page_client(app, place, Role.CASEWORKER)
    page = client.get(f"/reviews/{case_id}").text
    assert "одна видача, записана двічі" in page
    assert client.post(f"/reviews/{case_id}", data={"same": "1"}).status_code == 303
    assert place.stock() == (1_500, 0, 500) and place.breaches() == []
    settled = client.get(f"/reviews/{case_id}").text
    assert "Та сама видача, записана" in settled and "записана двічі" not in settled
    assert client.post(f"/reviews/{case_id}", data={"same": "1"}).status_code == 422
    assert place.stock() == (1_500, 0, 500)


@on_sqlite
def test_the_phone_that_sends_it_again_hears_that_it_was_undone(place: Field, app: Flask) -> None:
    place.bring(place.handout(0, at=-AT_ONCE))
    second = place.handout(0, phone=1)
    place.bring(second, phone=1)
    with place.unit() as session:
        case_id = session.scalars(select(ReviewCase.id)).one()
    assert (
        page_client(app, place, Role.CASEWORKER).post(f"/reviews/{case_id}", data={"same": "1"}).status_code
        == 303
    )
    assert place.bring(second, phone=1).outcome is Outcome.UNDONE
    assert place.stock() == (1_500, 0, 500)


@on_sqlite
def test_an_extra_of_another_day_is_not_offered_as_the_same(place: Field, app: Flask) -> None:
    case_id = case_of_extra(place, later=NEXT_DAYS)
    client = page_client(app, place, Role.CASEWORKER)
    assert "записана двічі" not in client.get(f"/reviews/{case_id}").text
    assert client.post(f"/reviews/{case_id}", data={"same": "1"}).status_code == 422
    with place.unit() as session, pytest.raises(InvalidValue):
        services.settle_case(
            session, case_id, Settle(Choice.POSTED_TWICE, "те саме"),
            actor=replace(place.world.actor(Role.REVIEWER), user_id=None), now=utc_now(),
        )  # fmt: skip
    assert place.stock() == (1_000, 0, 1_000)
