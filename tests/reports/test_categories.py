"""Categories overlap: their totals are distinct families and people, and small cells are withheld."""

from datetime import date

import pytest
from flask import Flask

from aidtrack.beneficiaries import services as families
from aidtrack.beneficiaries.commands import NewCategory
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Role
from aidtrack.reports.categories import category_figures
from tests.beneficiaries.families import TODAY, idp, member, registered
from tests.support.people import add_person, add_site, sign_in

SINCE = date(2022, 1, 1)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One statement of plain SQL, counted over the page."""
    return sqlite_url


def test_a_family_in_three_categories_is_one_family_and_few_are_withheld(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        families.seed_category_kinds(session)
        site = add_site(session)
        worker = add_person(session, Role.CASEWORKER, site_ids=[site])
        clerk = add_person(session, Role.WAREHOUSE, site_ids=[site])
        for number in range(6):
            several = (idp(), NewCategory("low_income", SINCE, evidence="№ 1", proven=True))
            registered(
                session, worker.actor, member("Друженко", "Іван", categories=(idp(),)),
                head=member(f"Родиненко{'абвгде'[number]}", categories=several if number < 2 else (idp(),)),
                categories=(NewCategory("szho", SINCE),) if number < 2 else (), go_on_reason="тезки",
            )  # fmt: skip
    with app.app_context():
        found = category_figures(read_session(), on=TODAY, actor=worker.actor)
        assert (found.households, found.persons) == (6, 12)
        assert {row.kind: (row.households, row.persons, row.unproven) for row in found.rows} == {
            "idp": (6, 12, 6), "low_income": (2, 2, 0), "szho": (2, 4, 2),
        }  # fmt: skip
        before = category_figures(read_session(), on=date(2021, 1, 1), actor=worker.actor)
        assert (before.rows, before.households) == ((), 0)
        seen = category_figures(read_session(), on=TODAY, actor=clerk.actor)
        assert seen.hidden
        assert {row.kind: row.households for row in seen.rows} == {
            "idp": None,
            "low_income": None,
            "szho": None,
        }
    page = sign_in(app, clerk).get("/category-figures")
    assert page.status_code == 200
    assert "…" in page.text
