"""Papers that prove categories, incomes, and what ends soon: on their pages and for programs."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from aidtrack.beneficiaries import services as families
from aidtrack.beneficiaries.commands import NewCategory
from aidtrack.beneficiaries.household import IncomeFact
from aidtrack.beneficiaries.models import Category, HouseholdIncome
from aidtrack.beneficiaries.proofs import queries, services
from aidtrack.beneficiaries.proofs.commands import RecordIncome
from aidtrack.beneficiaries.proofs.errors import IncomeInFuture
from aidtrack.beneficiaries.proofs.money import read_money, shown_money
from aidtrack.beneficiaries.proofs.seed import PAPERS
from aidtrack.beneficiaries.queries import household_facts
from aidtrack.beneficiaries.services.kinds import KINDS
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from tests.beneficiaries.families import idp, member, registered
from tests.support.people import add_person, add_site, sign_in


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Plain rows; the walk over a registry is tested on both databases."""
    return sqlite_url


def test_every_group_of_the_sources_has_a_kind_and_a_paper() -> None:
    proven = {kind for _code, _uk, _en, kinds in PAPERS for kind in kinds}
    assert {kind.code for kind in KINDS} <= proven
    assert proven <= {kind.code for kind in KINDS}
    assert len({code for code, *_rest in PAPERS}) == len(PAPERS)


@pytest.mark.parametrize(("typed", "kopiykas"), [("6500", 650_000), ("6 500,50", 650_050), ("0,5", 50)])
def test_money_is_read_to_the_kopiyka(typed: str, kopiykas: int) -> None:
    assert read_money(typed) == kopiykas
    assert read_money(shown_money(kopiykas)) == kopiykas


@pytest.mark.parametrize("typed", ["", "6.500", "багато", "-5", "1,234"])
def test_what_may_be_thousands_is_no_sum(typed: str) -> None:
    with pytest.raises(ValueError):
        read_money(typed)


def test_pages_of_papers_incomes_and_what_ends_soon(app: Flask) -> None:
    today = local_date(utc_now())
    with app.app_context(), unit_of_work() as session:
        families.seed_category_kinds(session)
        site = add_site(session)
        admin = add_person(session, Role.ADMINISTRATOR, site_ids=[site])
        worker = add_person(session, Role.CASEWORKER, site_ids=[site])
        soon = NewCategory(
            "low_income", date(2022, 1, 1), today + timedelta(days=20), evidence="№ 5", proven=True
        )
        home = registered(session, worker.actor, head=member("Строченко", categories=(soon, idp())))
    desk, office = sign_in(app, worker), sign_in(app, admin)
    assert "Довідка про взяття на облік ВПО" in office.get("/categories").text
    assert office.get("/categories/kinds/idp").status_code == 200
    assert desk.get("/categories").status_code == 403
    listed = desk.get("/categories/expiring").text
    assert "Строченко" in listed
    assert "Малозабезпечена особа" in listed
    assert "Категорії, строк яких спливає" in desk.get("/").text
    income = RecordIncome(uuid4(), home, 650_050, today, evidence="довідка № 7")
    with app.app_context():
        with unit_of_work() as session:
            assert services.record_income(session, income, actor=worker.actor, now=utc_now())
            services.record_income(session, income, actor=worker.actor, now=utc_now())
            late = RecordIncome(uuid4(), home, 1, today + timedelta(days=3))
            with pytest.raises(IncomeInFuture):
                services.record_income(session, late, actor=worker.actor, now=utc_now())
        session = read_session()
        assert [one.total for one in queries.incomes(session, home)] == [650_050]
        raw = session.connection().exec_driver_sql("SELECT total FROM household_income").scalar_one()
        assert b"650050" not in bytes(raw)
        facts = household_facts(session, [home], today, protected=False)[home]
        assert facts.incomes == (IncomeFact(650_050, today),)
        assert session.scalar(select(Category.seen_on).where(Category.kind == "low_income")) is not None
        assert len(session.scalars(select(HouseholdIncome.id)).all()) == 1
    told = desk.get(f"/families/{home}/held").text
    assert told.count("довідка № 7") == 1, "what is held is told once"
