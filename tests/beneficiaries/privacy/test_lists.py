"""No page and no answer of the API lists more than 25 names. Papers that need them all are named, and logged."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert

from aidtrack.app import create_app
from aidtrack.beneficiaries import models as people
from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.services import seed_category_kinds
from aidtrack.db import db, unit_of_work
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from tests.beneficiaries.families import a_family, member
from tests.conftest import config_for
from tests.support.people import Somebody, add_person, add_site, bearer, sign_in
from tests.support.two_sites import bare

MOST = 25
NAME = "Однаковенко"
LETTERS = "абвгдежзиклмнопрстуфхцчшщюя"
# whole by law or purpose: printed on demand, each print logged
PAPERS = {"cases.journal_pdf", "cases.journal_file"}


@pytest.fixture(scope="module")
def crowded(
    sqlite_databases: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Flask, Somebody]]:
    """Forty families of one surname, each on every work list there is."""
    with sqlite_databases.fresh() as url:  # type: ignore[attr-defined]
        app = create_app(config_for(url, Path(tmp_path_factory.mktemp("crowded"))))
        now = utc_now()
        today = local_date(now)
        with app.app_context():
            with unit_of_work() as session:
                seed_category_kinds(session)
                site = add_site(session, "DN")
                who = add_person(session, Role.CASEWORKER, site_ids=[site])
            with unit_of_work() as session:
                families = [
                    a_family(site, head=member(NAME, "А" + LETTERS[n % 20] + LETTERS[n // 20], birth_date=date(1990, 1, 1) + timedelta(days=n)))
                    for n in range(40)
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
                for one in ids:
                    bare(
                        session, people.Intake, site_id=site, household_id=one, received_on=today - timedelta(days=40),
                        year=today.year, from_whom=f"{NAME} {one}", assigned_to_id=who.user_id,
                    )  # fmt: skip
        yield app, who
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def names_in(text: str) -> int:
    return text.count(NAME)


def test_no_list_shows_more_than_25_names(crowded: tuple[Flask, Somebody]) -> None:
    app, who = crowded
    client, headers = sign_in(app, who), bearer(app, Role.CASEWORKER, site="DN")
    shown: dict[str, int] = {}
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.arguments or rule.endpoint in PAPERS:
            continue
        answer = client.get(rule.rule, headers=headers if rule.rule.startswith("/api/") else {})
        if answer.mimetype in ("text/html", "application/json"):
            shown[rule.endpoint] = names_in(answer.get_data(as_text=True))
    assert {where: count for where, count in shown.items() if count > MOST} == {}
    assert max(shown.values()) > 5  # and some list shows some


def test_a_search_shows_25_and_says_that_there_are_more(crowded: tuple[Flask, Somebody]) -> None:
    app, who = crowded
    app.config["WTF_CSRF_ENABLED"] = False
    answer = sign_in(app, who).post("/families", data={"q": NAME}).get_data(as_text=True)
    assert 20 <= names_in(answer.replace(f'value="{NAME}"', "")) <= MOST
