"""Pages of doubles: found in bulk, compared, merged by two people or remembered as two; while typing, numbers alone."""

import json
import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.errors import TooManyChecks
from aidtrack.beneficiaries.likeness import find_pairs
from aidtrack.beneficiaries.models import DoublesRun
from aidtrack.beneficiaries.privacy import settings
from aidtrack.beneficiaries.privacy.budget import Limits
from aidtrack.beneficiaries.services import doubles, search_households, while_typing
from aidtrack.beneficiaries.services.while_typing import Typed, typed_doubles
from aidtrack.beneficiaries.views.doubles import looking
from aidtrack.kernel.actor import Actor, Role
from aidtrack.kernel.clock import utc_now
from aidtrack.web.jobs import Job, jobs
from benchmarks.doubles_data import known
from benchmarks.doubles_registered import NOW, enter, found_in_bulk, warned_of
from tests.beneficiaries.conftest import Unit, somebody
from tests.beneficiaries.families import member, registered
from tests.support.kinds import on_sqlite
from tests.support.patience import until
from tests.support.people import Somebody, sign_in

BORN = date(1985, 3, 7)


@pytest.fixture
def desk(app: Flask, worker: Somebody) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in(app, worker)


def twice(unit: Unit, actor: Actor) -> tuple[int, int]:
    with unit() as session:
        return (
            registered(session, actor, head=member(birth_date=BORN), address="вул. Стара, 1"),
            registered(session, actor, head=member("Vyhadanenko", "Olena", birth_date=date(1985, 7, 3)), address="Нова, 2"),
        )  # fmt: skip


def ask(desk: FlaskClient, **typed: object) -> list[dict[str, str]]:
    answer = desk.post("/families/doubles/typed", json=typed)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    found: list[dict[str, str]] = answer.get_json()["found"]
    return found


def test_while_typing_numbers_and_reasons_are_shown_and_no_name(
    desk: FlaskClient, unit: Unit, caseworker: Actor, stranger: Actor
) -> None:
    here, _ = twice(unit, caseworker)
    with unit() as session:
        registered(session, stranger, head=member(birth_date=BORN), phone="067 111 22 33")
    found = ask(desk, surname="Вигадaненко", given_name="олена", birth_date="1985-07-03")
    assert len(found) == 2 and "вигаданенко" not in repr(found).lower()
    assert any("день і місяць" in one["why"] for one in found)
    assert ask(desk, surname="Вигаданенко", given_name="Олена") == [], "a name alone is no question"
    assert ask(desk, phone="067 111 22 33") == [], "another site's family is not told"
    assert ask(desk, surname="Вигаданенко", given_name="Олена", birth_date="1985-03-07", besides=here) != []
    for nonsense in ("[]", '"x"', "{", '{"surname": 7, "birth_date": "99.99.9999"}'):
        answer = desk.post("/families/doubles/typed", data=nonsense, content_type="application/json")
        assert answer.status_code == 200 and answer.get_json()["found"] == []
    with unit() as session:
        facts = session.scalars(
            select(AuditEvent.facts).where(AuditEvent.action == "read.household_list")
        ).all()
    assert {here, here + 1} in [set(json.loads(json.dumps(one))["households"]) for one in facts]


def test_who_asks_too_often_waits(unit: Unit, caseworker: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(while_typing, "CHECKS", 2)
    for asked in (1, 2, 3):
        with unit() as session:
            try:
                typed_doubles(session, Typed(phone="0671112233"), actor=caseworker, now=utc_now())
            except TooManyChecks:
                assert asked == 3
            else:
                assert asked < 3


LIKE_BOTH = {"surname": "Вигаданенко", "given_name": "Олена", "birth_date": "1985-07-03"}


@on_sqlite
def test_a_warning_counts_and_is_refused_in_words_when_the_hour_is_used_up(
    desk: FlaskClient, unit: Unit, caseworker: Actor, administrator: Actor
) -> None:
    twice(unit, caseworker)
    with unit() as session:
        settings.set_limits(session, Limits(60, 180, 1, 2), actor=administrator, now=utc_now())
    assert len(ask(desk, **LIKE_BOTH)) == 1, "as many as may be seen"
    refused = desk.post("/families/doubles/typed", json=LIKE_BOTH)
    words = refused.get_json()
    assert (refused.status_code, words["code"]) == (429, "view_budget_reached")
    assert words["url"] == "/privacy/go-on?form=1" and words["title"] and "1" in words["message"]
    nobody = desk.post("/families/doubles/typed", json={"phone": "0509998877"})
    assert nobody.get_json() == words, "a refusal does not say whether somebody is there"
    reason = {"reason": "реєстрація після обстрілу"}
    assert "іншій вкладці" in desk.post(words["url"], data=reason, follow_redirects=True).text
    assert len(ask(desk, **LIKE_BOTH)) == 2
    spent = desk.post("/families/doubles/typed", json=LIKE_BOTH)
    assert (spent.status_code, spent.get_json()["url"]) == (429, None), (
        "the end: only the administrator helps"
    )


@on_sqlite
def test_a_form_stopped_by_doubles_one_may_not_see_keeps_what_was_typed(
    desk: FlaskClient, unit: Unit, caseworker: Actor, administrator: Actor
) -> None:
    with unit() as session:
        settings.set_limits(session, Limits(60, 180, 1, 2), actor=administrator, now=utc_now())
        registered(session, caseworker, head=member("Давненко"), phone="067 111 22 33")
        registered(session, caseworker, head=member("Іншенко"))
        search_households(session, "Іншенко", actor=caseworker, now=utc_now())
    [site_id] = caseworker.site_ids
    fields = {
        "site_id": str(site_id), "settlement": "Дніпро", "members-0-surname": "Новенко", "members-0-given_name": "Олена",
        "members-0-sex": "female", "members-0-birth_date": "1985-05-17", "phone": "0671112233", "step": "save",
    }  # fmt: skip
    stopped = desk.post("/families/new", data=fields)
    assert stopped.status_code == 422 and 'value="Новенко"' in stopped.text
    assert 'href="/privacy/go-on?form=1" target="_blank"' in stopped.text and "Давненко" not in stopped.text
    desk.post("/privacy/go-on?form=1", data={"reason": "реєстрація після обстрілу"})
    assert "Давненко" in desk.post("/families/new", data=fields).text


def test_pairs_are_found_in_bulk_compared_proposed_and_approved_by_another(
    app: Flask, desk: FlaskClient, unit: Unit, caseworker: Actor
) -> None:
    here, there = twice(unit, caseworker)
    [site_id] = caseworker.site_ids
    with unit() as session:
        run_id = doubles.begin_look(session, site_id, actor=caseworker, now=utc_now())
    with app.app_context():
        assert doubles.look_through(run_id, site_id) == 1
    with unit() as session:
        done = session.get_one(DoublesRun, run_id)
        assert done.finished_at is not None and done.looked_at == 2
    page = desk.get(f"/families/doubles/{site_id}").get_data(as_text=True)
    assert f"/families/{here}/compare/{there}" in page and "день і місяць" in page
    page = desk.get(f"/families/{here}/compare/{there}").get_data(as_text=True)
    [person] = re.findall(r'name="p-(\d+)"', page)
    fields = {
        "step": "propose", "reason": "одна родина", "f-address": "ending", "version": "1", "other_version": "1",
        "command_id": "0b0f4f0e-0000-4000-8000-000000000001", f"p-{person}": str(int(person) - 1),
    }  # fmt: skip
    answer = desk.post(f"/families/{here}/compare/{there}", data=fields)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    where = answer.headers["Location"]
    assert "Ви пропонували" in desk.get(where).get_data(as_text=True)
    assert desk.post(where, data={"step": "approve"}).status_code == 403
    other = sign_in(app, somebody(unit, Role.CASEWORKER))
    assert "Об’єднання чекають на вас" in other.get("/").get_data(as_text=True)
    assert "Об’єднання чекають на вас" not in desk.get("/").get_data(as_text=True), (
        "of one's own one is not told"
    )
    assert "Нова, 2" in other.get(where).get_data(as_text=True)
    assert other.post(where, data={"step": "approve"}).status_code == 303
    page = other.get(f"/families/{here}").get_data(as_text=True)
    assert "Нова, 2" in page and f"/families/{there}" in page
    assert other.post(where, data={"step": "undo", "why": "помилка"}).status_code == 303
    assert "вул. Стара, 1" in other.get(f"/families/{here}").get_data(as_text=True)


def test_two_families_are_not_asked_about_again_until_it_is_taken_back(
    app: Flask, desk: FlaskClient, unit: Unit, caseworker: Actor
) -> None:
    here, there = twice(unit, caseworker)
    [site_id] = caseworker.site_ids
    answer = desk.post(f"/families/{here}/compare/{there}", data={"step": "not_same", "why": "сестри"})
    assert answer.status_code == 303
    with unit() as session:
        run_id = doubles.begin_look(session, site_id, actor=caseworker, now=utc_now())
    with app.app_context():
        assert doubles.look_through(run_id, site_id) == 0
    page = desk.get(f"/families/{there}").get_data(as_text=True)
    assert "сестри" in page
    [undo] = re.findall(r'action="(/families/not-same/\d+/undo)"', page)
    assert desk.post(undo).status_code == 303
    assert "сестри" not in desk.get(f"/families/{there}").get_data(as_text=True)


@on_sqlite
def test_a_look_that_broke_says_so_and_can_be_begun_again(
    app: Flask, desk: FlaskClient, caseworker: Actor
) -> None:
    [site_id] = caseworker.site_ids

    def breaks(_job: Job) -> None:
        raise ValueError

    with app.app_context():
        job = jobs().start(looking(site_id), "doubles", caseworker.label, breaks)
    until(lambda: job.finished)
    page = desk.get(f"/families/doubles/{site_id}").get_data(as_text=True)
    assert "Роботу зупинила помилка" in page
    assert desk.post(f"/families/doubles/{site_id}").status_code == 303
    with app.app_context():
        until(lambda: (newest := jobs().latest(looking(site_id))) is not None and newest.finished)
    page = desk.get(f"/families/doubles/{site_id}").get_data(as_text=True)
    assert "Роботу зупинила помилка" not in page and "Востаннє" in page


@on_sqlite
def test_the_run_is_begun_from_its_page_and_needs_the_site(desk: FlaskClient) -> None:
    page = desk.get("/families/doubles")
    assert page.status_code == 200 and "Переглянути" in page.get_data(as_text=True)
    assert desk.get("/families/doubles/987654").status_code == 404
    assert desk.post("/families/doubles/987654").status_code == 404


def test_doubles_of_a_made_up_registry_are_found_in_the_database_as_they_are_in_memory(
    unit: Unit, app: Flask, caseworker: Actor
) -> None:
    made = known(60, 30, seed=3)
    [site_id] = caseworker.site_ids
    with unit() as session:
        ids = enter(session, made, site_id, caseworker)
    with app.app_context():
        found = found_in_bulk(site_id, caseworker)
        again = next(high for _low, high in sorted(made.doubles))
        shown = warned_of(made.families[again - 1], ids[again - 1], caseworker, NOW)
    in_memory = {
        (ids[pair.low_id - 1], ids[pair.high_id - 1]): (pair.score, pair.reasons)
        for pair in find_pairs(made.profiles(), made.homes())
    }
    assert found == in_memory and len(found) >= 29
    assert shown == {ids[low - 1] for low, high in made.doubles if high == again}
