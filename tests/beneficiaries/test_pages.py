"""The pages: forms with bad input lose nothing, every look is logged, other sites see nothing."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aidtrack.accounts.models import UserAccount
from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.commands import ChangeHousehold, NewCategory
from aidtrack.beneficiaries.models import Category, Household, Person
from aidtrack.kernel.actor import Actor, Role
from aidtrack.kernel.clock import local_date, utc_now
from tests.beneficiaries.families import BAD_TAX_ID, NOW, TODAY, member, registered, with_grant
from tests.support.people import Somebody, client_as, sign_in

Unit = Callable[[], AbstractContextManager[Session]]
TOKEN = re.compile(r'name="csrf_token" (?:type="hidden" )?value="([^"]+)"')
HIDDEN = re.compile(r'<input[^>]*id="(command_id|version)"[^>]*value="([^"]*)"')


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Services are tested on both databases, and so are search and a family's page (test_looking)."""
    return sqlite_url


@pytest.fixture
def desk(app: Flask, worker: Somebody) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(app, worker)


def hidden(page: str) -> dict[str, str]:
    return dict(HIDDEN.findall(page))


def typed(site_id: int, **more: str) -> dict[str, str]:
    return {
        "site_id": str(site_id), "settlement": "Дніпро", "members-0-surname": "Вигаданенко",
        "members-0-given_name": "Олена", "members-0-sex": "female", "members-0-birth_date": "1985-05-17",
        "step": "save", **more,
    }  # fmt: skip


def site_of(actor: Actor) -> int:
    [site_id] = actor.site_ids
    return site_id


def test_searching_begins_without_a_list(desk: FlaskClient, caseworker: Actor, unit: Unit) -> None:
    with unit() as session:
        registered(session, caseworker)
    page = desk.get("/families").text
    assert "Вигаданенко" not in page
    assert "<table" not in page
    # what kind of part of a name finds is said before somebody types another one (docs/adr/0014)
    assert "літери з середини слова нічого не знайдуть" in page
    assert "Вигаданенко" not in desk.post("/families", data={"q": "данен"}).text


def test_too_few_letters_are_asked_for_more(desk: FlaskClient) -> None:
    answer = desk.post("/families", data={"q": "Іл"})
    assert answer.status_code == 422
    assert 'value="Іл"' in answer.text


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.WAREHOUSE, Role.DONOR_LIAISON, Role.REVIEWER])
def test_other_roles_never_see_a_family(app: Flask, caseworker: Actor, unit: Unit, role: Role) -> None:
    with unit() as session:
        household_id = registered(session, caseworker)
    client, _who = client_as(app, role)
    for address in ("/families", "/families/new", f"/families/{household_id}"):
        assert client.get(address).status_code == 403


def test_registering_on_the_page(desk: FlaskClient, caseworker: Actor, unit: Unit) -> None:
    page = desk.get("/families/new").text
    fields = typed(
        site_of(caseworker), **hidden(page), phone="80671234567",
        **{"members-1-surname": "Вигаданенко", "members-1-given_name": "Марко", "members-1-sex": "male",
           "members-1-categories": "idp", "members-1-evidence": "довідка 12", "categories": "szho"},
    )  # fmt: skip
    first = desk.post("/families/new", data=fields)
    assert first.status_code == 303, first.text
    assert desk.post("/families/new", data=fields).location == first.location  # the second tab
    with unit() as session:
        assert len(session.scalars(select(Household)).all()) == 1
        assert [one.is_head for one in session.scalars(select(Person).order_by(Person.id))] == [True, False]
        kept = session.scalars(select(Category).order_by(Category.kind)).all()
        assert [(one.kind, one.proven) for one in kept] == [("idp", True), ("szho", False)]
    assert "067 123 4567" in desk.get(first.location or "").text


def test_members_are_added_and_left_out_without_scripts(desk: FlaskClient, caseworker: Actor) -> None:
    fields = typed(site_of(caseworker), **{"members-0-birth_date": "у травні", "step": "add"})
    page = desk.post("/families/new", data=fields).text
    assert 'name="members-1-surname"' in page
    assert 'value="у травні"' in page
    fields |= {"members-1-surname": "Зайва", "members-2-surname": "Остання", "step": "remove-1"}
    page = desk.post("/families/new", data=fields).text
    assert "Зайва" not in page
    assert 'name="members-1-surname"' in page
    assert 'value="Остання"' in page
    assert 'value="у травні"' in page


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("members-0-birth_date", "2999-01-01"),
        ("members-0-birth_date", "1890-01-01"),
        ("members-0-birth_date", "30.02.1985"),
        ("members-0-surname", "<script>alert(1)</script>"),
        ("members-0-tax_id", BAD_TAX_ID),
        ("members-0-tax_id", "сто"),
        ("phone", "немає"),
        ("katottg", "Дніпро"),
        ("members-0-document", "д" * 90),
        ("displaced_on", "2999-01-01"),
        ("members-0-given_name", ""),
    ],
)
def test_bad_input_is_refused_in_words_and_nothing_typed_is_lost(
    desk: FlaskClient, caseworker: Actor, unit: Unit, field: str, text: str
) -> None:
    fields = typed(site_of(caseworker), address="вул. Вигадана, 3", **{field: text})
    answer = desk.post("/families/new", data=fields)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert "<script>alert" not in answer.text
    assert "вул. Вигадана, 3" in answer.text
    assert (text == "") or text.replace("<", "&lt;").replace(">", "&gt;") in answer.text
    with unit() as session:
        assert session.scalars(select(Household)).all() == []


def test_a_doubtful_tax_number_is_asked_about_and_can_be_confirmed(
    desk: FlaskClient, caseworker: Actor
) -> None:
    fields = typed(site_of(caseworker), **{"members-0-tax_id": BAD_TAX_ID})
    assert 'name="members-0-tax_id_confirmed"' in desk.post("/families/new", data=fields).text
    confirmed = {**fields, "members-0-tax_id_confirmed": "y"}
    assert desk.post("/families/new", data=confirmed).status_code == 303


def test_a_possible_double_is_shown_and_a_reason_goes_on(
    desk: FlaskClient, caseworker: Actor, unit: Unit
) -> None:
    with unit() as session:
        there = registered(session, caseworker)
    fields = typed(site_of(caseworker))
    answer = desk.post("/families/new", data=fields)
    assert answer.status_code == 422
    assert f"/families/{there}" in answer.text
    assert 'name="go_on_reason"' in answer.text
    assert desk.post("/families/new", data={**fields, "go_on_reason": "тезка"}).status_code == 303


def test_the_page_escapes_what_was_typed(desk: FlaskClient, caseworker: Actor, unit: Unit) -> None:
    with unit() as session:
        household_id = registered(
            session, caseworker, address="<img src=x onerror=alert(1)>", settlement="<i>Село</i>"
        )
    page = desk.get(f"/families/{household_id}").text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_protected_categories_are_seen_only_under_a_grant(
    app: Flask, desk: FlaskClient, worker: Somebody, administrator: Actor, unit: Unit
) -> None:
    with unit() as session:
        head = member(categories=(NewCategory("gbv_survivor", TODAY, evidence="припис 77"),))
        household_id = registered(session, with_grant(worker.actor), head=head)
    for address in (f"/families/{household_id}", f"/families/{household_id}/categories/new"):
        page = desk.get(address).text
        assert "gbv_survivor" not in page
        assert "припис 77" not in page
        assert "насильства" not in page
    assert desk.get(f"/families/{household_id}/protected/1/end").status_code == 403
    grant = {"user_id": str(worker.user_id), "days": "10", "reason": "веде ці справи"}
    app.config["WTF_CSRF_ENABLED"] = False
    boss, _who = client_as(app, Role.ADMINISTRATOR)
    assert boss.post("/families/protection", data=grant).status_code == 303
    assert "припис 77" in desk.get(f"/families/{household_id}").text
    with unit() as session:
        assert "read.protected" in session.scalars(select(AuditEvent.action)).all()
    assert boss.post("/families/protection/1/end").status_code == 303
    assert "припис 77" not in desk.get(f"/families/{household_id}").text


CHANGED = {
    "uk": "%s змінює ці самі дані: останній запис 20.11.2026, 11:00. Порівняйте обидва варіанти нижче",
    "en": "%s changed this on 20 Nov 2026, 11:00. Compare both versions below",
}


def test_two_people_changing_one_family_see_both_versions(
    desk: FlaskClient, caseworker: Actor, unit: Unit
) -> None:
    with unit() as session:
        household_id = registered(session, caseworker, address="вул. Стара, 1")
    mine = hidden(desk.get(f"/families/{household_id}/edit").text)
    with unit() as session:
        theirs = ChangeHousehold(household_id, 1, "Дніпро", address="вул. Їхня, 2")
        services.change_household(session, theirs, actor=caseworker, now=NOW)
    fields = {**mine, "settlement": "Кам'янське", "address": "вул. Моя, 3"}
    for language, sentence in CHANGED.items():  # who, when, and both versions
        with unit() as session:
            session.execute(update(UserAccount).values(language=language))
        answer = desk.post(f"/families/{household_id}/edit", data=fields)
        assert answer.status_code == 422
        for part in (sentence % caseworker.label, "вул. Їхня, 2", "вул. Моя, 3"):
            assert part in unescape(answer.text), language
    again = {**fields, **hidden(answer.text)}
    assert desk.post(f"/families/{household_id}/edit", data=again).status_code == 303
    with unit() as session:
        assert session.get_one(Household, household_id).address == "вул. Моя, 3"


def test_a_member_joins_changes_becomes_head_and_the_old_head_leaves(
    desk: FlaskClient, caseworker: Actor, unit: Unit
) -> None:
    with unit() as session:
        household_id = registered(session, caseworker)
    where = f"/families/{household_id}/members"
    fields = {"surname": "Вигаданенко", "given_name": "Тарас", "sex": "male", "birth_date": "2008-03-01"}
    joined = desk.post(f"{where}/new", data={**hidden(desk.get(f"{where}/new").text), **fields})
    assert joined.status_code == 303, joined.text
    with unit() as session:
        head_id, son_id = session.scalars(select(Person.id).order_by(Person.id)).all()
    edit = hidden(desk.get(f"{where}/{son_id}").text)
    assert desk.post(f"{where}/{son_id}", data={**edit, **fields, "is_head": "y"}).status_code == 303
    leave = hidden(desk.get(f"{where}/{head_id}/leave").text)
    assert desk.post(f"{where}/{head_id}/leave", data={**leave, "left_on": "2999-01-01"}).status_code == 422
    today = desk.post(
        f"{where}/{head_id}/leave", data={**leave, "left_on": local_date(utc_now()).isoformat()}
    )
    assert today.status_code == 303, today.text
    with unit() as session:
        people = session.scalars(select(Person).order_by(Person.id)).all()
        assert [(one.is_head, one.left_on is None) for one in people] == [(False, False), (True, True)]


def test_the_head_cannot_leave(desk: FlaskClient, caseworker: Actor, unit: Unit) -> None:
    with unit() as session:
        household_id = registered(session, caseworker)
        [head_id] = session.scalars(select(Person.id)).all()
    where = f"/families/{household_id}/members/{head_id}/leave"
    answer = desk.post(
        where, data={**hidden(desk.get(where).text), "left_on": local_date(utc_now()).isoformat()}
    )
    assert answer.status_code == 422


def test_a_category_is_added_and_ended(desk: FlaskClient, caseworker: Actor, unit: Unit) -> None:
    with unit() as session:
        household_id = registered(session, caseworker)
        [person_id] = session.scalars(select(Person.id)).all()
    where = f"/families/{household_id}/categories"
    fields = {"kind": "idp", "person_id": str(person_id), "valid_from": "2022-03-01"}
    assert desk.post(f"{where}/new", data={**fields, "person_id": ""}).status_code == 422
    assert desk.post(f"{where}/new", data=fields).status_code == 303
    with unit() as session:
        [category_id] = session.scalars(select(Category.id)).all()
    assert desk.post(f"{where}/{category_id}/end", data={"valid_until": "2021-01-01"}).status_code == 422
    assert desk.post(f"{where}/{category_id}/end", data={"valid_until": "2026-01-01"}).status_code == 303
    assert desk.get(f"{where}/999/end").status_code == 404
