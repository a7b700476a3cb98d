"""A family is searched for and opened, on both databases: found as typed, logged, and never another site's."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.models import Household
from aidtrack.kernel.actor import Actor
from tests.beneficiaries.conftest import Unit
from tests.beneficiaries.families import member, registered
from tests.support.people import Somebody, sign_in


@pytest.fixture
def desk(app: Flask, worker: Somebody) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(app, worker)


@pytest.mark.parametrize("wanted", ["вига", "Vyhadan", "ВИГАДАНЕНКО олена", "067 123 45 67", "АН123456"])
def test_a_family_is_found_and_the_look_is_logged(
    desk: FlaskClient, caseworker: Actor, unit: Unit, wanted: str
) -> None:
    with unit() as session:
        household_id = registered(
            session, caseworker, head=member(document="паспорт АН 123456"), phone="0671234567"
        )
    answer = desk.post("/families", data={"q": wanted})
    assert answer.status_code == 200
    assert "Вигаданенко Олена" in answer.text
    with unit() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "read.household_list")).one()
        assert (event.facts or {})["households"] == [household_id]
        assert wanted not in str(event.facts)


def test_a_registration_number_leads_straight_to_the_family(
    desk: FlaskClient, caseworker: Actor, unit: Unit
) -> None:
    with unit() as session:
        household_id = registered(session, caseworker)
        number = session.get_one(Household, household_id).registration_no
    answer = desk.post("/families", data={"q": number.lower().replace("-", " ")})
    assert (answer.status_code, answer.location) == (303, f"/families/{household_id}")
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    assert desk.post("/families", data={"q": wrong}).status_code == 422


def test_a_list_shows_25_names_at_most(desk: FlaskClient, caseworker: Actor, unit: Unit) -> None:
    with unit() as session:
        for n in range(27):
            registered(session, caseworker, head=member(birth_date=date(1980, 1, 1 + n)))
    page = desk.post("/families", data={"q": "Вигаданенко"}).text
    assert page.count("/families/") - page.count("/families/new") - page.count("/families/doubles") == 25


def test_another_sites_family_is_as_if_missing(desk: FlaskClient, stranger: Actor, unit: Unit) -> None:
    with unit() as session:
        theirs = registered(session, stranger, head=member("Чужаненко"))
    assert "Чужаненко Олена" not in desk.post("/families", data={"q": "Чужаненко"}).text
    for tail in ("", "/edit", "/members/new", "/categories/new"):
        other, missing = desk.get(f"/families/{theirs}{tail}"), desk.get(f"/families/999999{tail}")
        assert (other.status_code, missing.status_code) == (404, 404), tail
        assert "Чужаненко" not in other.text


def test_opening_a_family_is_logged(desk: FlaskClient, caseworker: Actor, unit: Unit) -> None:
    with unit() as session:
        household_id = registered(session, caseworker)
    assert desk.get(f"/families/{household_id}").status_code == 200
    with unit() as session:
        reads = session.scalars(select(AuditEvent).where(AuditEvent.action.like("read.%"))).all()
        assert [(one.action, one.object_id, one.actor_label) for one in reads] == [
            ("read.household", household_id, caseworker.label)
        ]
