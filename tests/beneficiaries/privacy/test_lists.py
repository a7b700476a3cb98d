"""No page and no answer of the API lists more than 25 names. Papers that need them all are named, and logged."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from aidtrack.beneficiaries import models as people
from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.cases.rules import MOST_CASES
from aidtrack.beneficiaries.services import seed_category_kinds
from aidtrack.db import db, unit_of_work
from aidtrack.distribution import models as distribution
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from tests.beneficiaries.families import a_family, member
from tests.conftest import build, config_for
from tests.support.people import Somebody, add_person, bearer, sign_in
from tests.support.two_sites import TODAY, Half, bare, half, shared
from tests.support.visible import FAMILY_PAGES, MAY_SEE

MOST, MANY = 25, 60
NAME = "Однаковенко"
LETTERS = "абвгдежзиклмнопрстуфхцчшщюя"
# whole by law or purpose: printed on demand, each print logged
PAPERS = {"cases.journal_pdf", "cases.journal_file"}


@pytest.fixture(scope="module")
def crowded(
    sqlite_databases: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Flask, Somebody, Half]]:
    """Sixty families of one surname, each on every list there is."""
    with sqlite_databases.fresh() as url:  # type: ignore[attr-defined]
        app = build(config_for(url, Path(tmp_path_factory.mktemp("crowded"))))
        now = utc_now()
        today = local_date(now)
        with app.app_context():
            with unit_of_work() as session:
                seed_category_kinds(session)
                at = half(session, "DN", shared(session))
                site = at.site_id
                who = add_person(session, Role.CASEWORKER, site_ids=[site])
            with unit_of_work() as session:
                families = [
                    a_family(site, head=member(NAME, "А" + LETTERS[n % 20] + LETTERS[n // 20], birth_date=date(1990, 1, 1) + timedelta(days=n)))
                    for n in range(MANY)
                ]  # fmt: skip
                ids = services.register_many(session, families, actor=who.actor, now=now)
                long_ago = today - timedelta(days=400)
                common = {
                    "made_on": long_ago,
                    "valid_until": long_ago + timedelta(days=300),
                    "recorded_by": "x",
                }
                session.execute(
                    insert(people.NeedsAssessment),
                    [{"household_id": one, "act_number": f"А-{one}", **common} for one in ids],
                )
                run = bare(session, people.DoublesRun, site_id=site, finished_at=now)
                for one in ids:
                    on_lists(session, at, one, run)
                    bare(
                        session, people.Intake, site_id=site, household_id=one, received_on=today - timedelta(days=40),
                        year=today.year, from_whom=f"{NAME} {one}", assigned_to_id=who.user_id,
                    )  # fmt: skip
        yield app, who, at
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def on_lists(session: Session, at: Half, family: int, run: int) -> None:
    """Where else a list of names could come from: a round's times, a trial of a rule, categories that end, doubles."""
    numbers = at.numbers
    day = session.scalars(
        select(distribution.Slot.day_id).where(distribution.Slot.id == numbers["slot_id"])
    ).one()
    bare(
        session, distribution.SlotBooking, round_id=numbers["round_id"], household_id=family, slot_id=numbers["slot_id"],
        day_id=day, ticket=family,
    )  # fmt: skip
    for trial, comes_in in (
        ("trial_id", False),
        ("trial_id", True),
        ("qualify_id", True),
        ("marks_id", False),
    ):
        if trial != "trial_id" or comes_in is (family % 2 == 0):
            change = {"trial_id": numbers[trial], "household_id": family, "comes_in": comes_in}
            session.execute(insert(distribution.RuleTrialChange).values(change))
    bare(
        session, people.Category, household_id=family, kind="test", valid_from=TODAY - timedelta(days=30),
        valid_until=TODAY + timedelta(days=9),
    )  # fmt: skip
    pair = {"low_id": numbers["household_id"], "high_id": family}
    session.execute(insert(people.DoublesFound).values(run_id=run, score=90, reasons=["surname"], **pair))


def readable(answer: TestResponse) -> str:
    """What a program reads too: in JSON letters may stand as numbers."""
    return json.dumps(answer.get_json(), ensure_ascii=False) if answer.is_json else answer.text


def names_in(text: str) -> int:
    return text.count(NAME)


def places(app: Flask, at: Half) -> Iterator[tuple[str, str]]:
    """Every list, with the round, the trial, the day it is of, its later pages and what it can be narrowed to."""
    for rule in app.url_map.iter_rules():
        about_one = rule.arguments - AROUND
        if "GET" not in (rule.methods or ()) or about_one or rule.endpoint in PAPERS:
            continue
        fixed = {name: at.numbers[name] for name in rule.arguments if name in at.numbers}
        for way in ("in", "out") if "way" in rule.arguments else ("",):
            for trial in ("trial_id", "qualify_id", "marks_id") if "trial_id" in rule.arguments else ("",):
                values = (
                    fixed | ({"way": way} if way else {}) | ({"trial_id": at.numbers[trial]} if trial else {})
                )
                address = app.url_map.bind("localhost").build(rule.endpoint, values)
                asked = QUERIES if rule.endpoint in WITH_NAMES else ("",)
                yield from ((rule.endpoint, address + query) for query in asked)


AROUND = {
    "round_id",
    "trial_id",
    "way",
    "sitting_id",
    "list_id",
    "site_id",
    "slot_id",
    "place_id",
    "programme_id",
}
QUERIES = ("", "?page=3", f"?day={TODAY:%d.%m.%Y}&q={NAME[:3]}&all=1&per_page=500&limit=500&size=500")
# where a name may stand at all, if not on one family's page: the canaries see to it that it is nowhere else
WITH_NAMES = {where for words, where, roles in MAY_SEE if words & {"surname", "from whom"}} - FAMILY_PAGES


def test_no_list_shows_more_than_25_names(crowded: tuple[Flask, Somebody, Half]) -> None:
    app, who, at = crowded
    client, headers = sign_in(app, who), bearer(app, Role.CASEWORKER, site="DN")
    shown: dict[str, int] = {}
    with app.app_context(), unit_of_work() as session:  # who looks at all of it is not stopped on the way
        bare(
            session,
            people.PrivacySettings,
            id=1,
            opened_soft=9999,
            opened_hard=9999,
            listed_soft=9999,
            listed_hard=9999,
            export_hours=4,
        )
    for endpoint, address in places(app, at):
        answer = client.get(address, headers=headers if address.startswith("/api/") else {})
        assert answer.status_code < 500 and answer.status_code != 429, (address, answer.status_code)
        if answer.mimetype in ("text/html", "application/json"):
            shown[endpoint] = max(shown.get(endpoint, 0), names_in(readable(answer)))
    assert {where: count for where, count in shown.items() if count > MOST} == {}
    full = {where for where, count in shown.items() if count > MOST - 3}
    assert full >= {
        "cases.due",
        "cases_api.DueView",
        "cases.journal",
        "rights.trial_list",
        "slots.phone_list",
        "proofs.expiring",
    }
    assert MOST_CASES <= MOST, "a sitting's pages have no more cases than this"


def test_a_search_shows_25_and_says_that_there_are_more(crowded: tuple[Flask, Somebody, Half]) -> None:
    app, who, _at = crowded
    app.config["WTF_CSRF_ENABLED"] = False
    answer = sign_in(app, who).post("/families", data={"q": NAME}).get_data(as_text=True)
    assert 20 <= names_in(answer.replace(f'value="{NAME}"', "")) <= MOST
