"""A signed row of a family that had been served elsewhere: the goods leave the book, and a person reads it."""

from datetime import timedelta

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import select, update

from aidtrack.distribution.errors import QuantityRaised, ReasonNeeded
from aidtrack.distribution.models import Choice, Handout, PaperRow, RowState
from aidtrack.distribution.review import queries, services
from aidtrack.distribution.review.choices import OF_EXTRA_ON_PAPER
from aidtrack.distribution.review.errors import NothingToSettle
from aidtrack.distribution.review.services import Settle
from aidtrack.inventory import ledger
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import InvalidValue
from tests.distribution.paper.conftest import TODAY, Office
from tests.support.kinds import on_sqlite
from tests.support.people import add_person, sign_in

YESTERDAY = TODAY - timedelta(days=1)


def rice(office: Office) -> int:
    with office.unit() as session:
        return ledger.balance(session, lot_id=office.rice, place_id=office.world.place_id)


def breaches(office: Office) -> list[str]:
    with office.unit() as session:
        checks = current_app.extensions["aidtrack_invariants"]
        return [f"{breach.code}: {breach.sentence}" for check in checks for breach in check(session)]


def served_today_and_on_paper_yesterday(office: Office) -> int:
    list_id = office.make(made_on=YESTERDAY)
    office.at_the_counter(0)
    entered = office.enter(list_id, 1, on=YESTERDAY)
    assert entered.refusal is not None and entered.refusal.code == "already_collected"
    assert entered.state is RowState.HANDED_OUT
    return list_id


def waiting(office: Office) -> list[queries.NotedRow]:
    with office.unit() as session:
        return queries.noted_rows(session, actor=office.person(Role.REVIEWER))


def twice(office: Office) -> int:
    """A family that was served at the counter and signed the list too, on the same day at the same place."""
    list_id = office.make()
    office.at_the_counter(0)
    assert office.enter(list_id, 1).state is RowState.NOTED
    return list_id


def settle(office: Office, list_id: int, choice: Choice) -> None:
    with office.unit() as session:
        services.settle_row(
            session, list_id, 1, Settle(choice, "з'ясовано"), actor=office.person(Role.CASEWORKER, label="other"),
            now=utc_now(),
        )  # fmt: skip


def test_what_happened_on_another_day_is_posted_as_an_extra_once_and_read(office: Office) -> None:
    list_id = served_today_and_on_paper_yesterday(office)
    assert rice(office) == 19_000 and len(office.handouts()) == 2
    again = office.enter(list_id, 1, on=YESTERDAY)
    assert again.receipt is not None and again.receipt.repeated
    assert rice(office) == 19_000
    (row,) = waiting(office)
    assert row.extra_id is not None and row.refusal == "already_collected"
    assert breaches(office) == []
    settle(office, list_id, Choice.EXPLAINED)
    assert waiting(office) == [] and rice(office) == 19_000


@pytest.mark.parametrize("choice", [Choice.POSTED_TWICE, Choice.GOODS_RETURNED])
def test_an_extra_that_was_none_or_came_back_stands_in_the_book_again(office: Office, choice: Choice) -> None:
    assert choice in OF_EXTRA_ON_PAPER
    list_id = served_today_and_on_paper_yesterday(office)
    settle(office, list_id, choice)
    assert rice(office) == 19_500 and breaches(office) == []


@on_sqlite
def test_the_same_day_at_the_same_place_may_be_one_handout_and_posts_nothing(office: Office) -> None:
    twice(office)
    assert rice(office) == 19_500
    assert [row.extra_id for row in waiting(office)] == [None]


@on_sqlite
def test_one_press_settles_it_as_the_same_handout_and_moves_nothing(app: Flask, office: Office) -> None:
    list_id = twice(office)
    client = reader(app, office)
    address = f"/reviews/paper/{list_id}?row=1"
    page = client.get(address).text
    assert "одна видача, записана двічі" in page and "Це одна видача: вирішено" in page
    assert client.post(address, data={"same": "1"}).status_code == 303
    assert waiting(office) == [] and rice(office) == 19_500 and breaches(office) == []
    assert "Та сама видача, записана" in client.get(address).text
    assert client.post(address, data={"same": "1"}).status_code == 422


def test_goods_given_a_second_time_leave_the_book_only_when_a_person_says_so(office: Office) -> None:
    list_id = twice(office)
    settle(office, list_id, Choice.TAKEN_FROM_BOOK)
    assert rice(office) == 19_000 and len(office.handouts()) == 2
    assert waiting(office) == [] and breaches(office) == []
    with office.unit() as session, pytest.raises(NothingToSettle):
        services.settle_row(
            session, list_id, 1, Settle(Choice.TAKEN_FROM_BOOK, "ще раз"),
            actor=office.person(Role.CASEWORKER, label="other"), now=utc_now(),
        )  # fmt: skip


def test_a_smaller_quantity_on_the_paper_is_kept_and_posted_as_it_is(app: Flask, office: Office) -> None:
    list_id = office.make()
    office.at_the_counter(0)
    item = office.world.item_ids["RICE"]
    entered = office.enter(list_id, 1, quantities={item: 100}, reason="розсипано")
    assert entered.state is RowState.NOTED and rice(office) == 19_500
    (row,) = waiting(office)
    with office.unit() as session:
        said = [(one.due, one.units) for one in queries.said_goods(session, row)]
    assert said == [(920, 920), (500, 100)]
    assert "100\N{NO-BREAK SPACE}г" in reader(app, office).get(f"/reviews/paper/{list_id}?row=1").text
    settle(office, list_id, Choice.TAKEN_FROM_BOOK)
    assert rice(office) == 19_400 and breaches(office) == []
    with office.unit() as session:
        handout = session.scalars(select(Handout).order_by(Handout.id.desc()).limit(1)).one()
    assert handout.reason == "розсипано"


def test_a_row_of_before_quantities_were_kept_is_posted_only_as_a_whole(office: Office) -> None:
    list_id = office.make()
    office.at_the_counter(0)
    office.enter(list_id, 1, quantities={office.world.item_ids["RICE"]: 100}, reason="розсипано")
    with office.unit() as session:
        session.execute(update(PaperRow).values(quantities=None))
    with pytest.raises(InvalidValue):
        settle(office, list_id, Choice.TAKEN_FROM_BOOK)
    assert rice(office) == 19_500


@on_sqlite
def test_a_quantity_that_cannot_be_is_refused_although_the_row_would_only_be_kept(office: Office) -> None:
    list_id = office.make()
    office.at_the_counter(0)
    rice_id = office.world.item_ids["RICE"]
    with pytest.raises(QuantityRaised):
        office.enter(list_id, 1, quantities={rice_id: 501}, reason="більше")
    with pytest.raises(ReasonNeeded):
        office.enter(list_id, 1, quantities={rice_id: 100})
    assert waiting(office) == []


def test_a_part_of_an_extra_on_paper_comes_back_and_the_rest_stays_out(office: Office) -> None:
    list_id = served_today_and_on_paper_yesterday(office)
    with office.unit() as session:
        services.settle_row(
            session, list_id, 1, Settle(Choice.GOODS_RETURNED, "принесли рис", {office.rice: 200, office.oil: 0}),
            actor=office.person(Role.CASEWORKER, label="other"), now=utc_now(),
        )  # fmt: skip
        assert ledger.balance(session, lot_id=office.oil, place_id=office.world.place_id) == 7_360
    assert rice(office) == 19_200 and breaches(office) == []


@on_sqlite
def test_another_days_handout_is_no_second_record_of_it(app: Flask, office: Office) -> None:
    list_id = served_today_and_on_paper_yesterday(office)
    client = reader(app, office)
    address = f"/reviews/paper/{list_id}?row=1"
    assert "записана двічі" not in client.get(address).text
    assert client.post(address, data={"same": "1"}).status_code == 422
    assert len(waiting(office)) == 1


def reader(app: Flask, office: Office) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    with office.unit() as session:
        who = add_person(session, Role.CASEWORKER, site_ids=[office.world.site_id])
    return sign_in(app, who)
