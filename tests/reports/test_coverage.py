"""Coverage counts each family once where it lives, and leaves out what was undone and other sites."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import update

from aidtrack.beneficiaries.models import Household
from aidtrack.db import unit_of_work
from aidtrack.kernel.actor import PERMISSIONS, Actor, Role
from aidtrack.places import services as places
from aidtrack.places.commands import LoadPopulation
from aidtrack.reports.coverage.figures import Level, Reached, coverage
from aidtrack.reports.coverage.views import percent
from aidtrack.reports.periods import Period
from tests.places.test_places import HROMADA, NOW, ONE, district, load
from tests.support.people import OPERATOR
from tests.support.two_sites import half, shared


@pytest.mark.parametrize(
    ("persons", "population", "permille", "shown"),
    [(1, 2000, 1, "0,1"), (1, 2001, 0, "0,0"), (1234, 10_000, 123, "12,3"), (5, None, None, "—"), (10, 10, 1000, "100,0")],
)  # fmt: skip
def test_a_share_is_rounded_half_up_and_needs_a_population(
    persons: int, population: int | None, permille: int | None, shown: str
) -> None:
    found = Reached("c", "n", 1, persons, population)
    assert found.permille == permille
    assert percent(found.permille, ",") == shown


def test_a_family_counts_once_where_it_lives_and_only_at_ones_own_sites(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        load(session)
        places.load_population(session, LoadPopulation({HROMADA: 1000}, "test"), actor=OPERATOR, now=NOW)
        places.save_district(session, district("LIV", ONE), actor=OPERATOR, now=NOW)
        common = shared(session)
        halves = [half(session, code, common) for code in ("DN", "ZH")]
        session.execute(update(Household).values(katottg=ONE))
        actor = Actor(
            "reader",
            Role.CASEWORKER,
            frozenset({halves[0].site_id}),
            permissions=PERMISSIONS[Role.CASEWORKER],
        )
        year = Period(date(2000, 1, 1), date(2099, 12, 31))
        by = {
            level: coverage(session, year, level, actor=actor, language="uk") for level in Level
        }  # fmt: skip
        assert [(one.code, one.name, one.households, one.population) for one in by[Level.HROMADA].rows] == [
            (HROMADA, "Дніпровська", 1, 1000)
        ]
        assert by[Level.DISTRICT].rows[0].code == "LIV" and by[Level.DISTRICT].rows[0].population is None
        assert by[Level.SETTLEMENT].rows[0].name.startswith("Кам'янка — Дніпровська громада")
        both = Actor("all", None, frozenset(at.site_id for at in halves))
        assert coverage(session, year, Level.HROMADA, actor=both, language="uk").total.households == 2
        nobody = coverage(
            session, Period(date(1999, 1, 1), date(1999, 2, 1)), Level.HROMADA, actor=both, language="uk"
        )
        assert nobody.rows == ()
