"""Two cycles of one programme issue at the same moment: a cap counts what both give."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from aidtrack.distribution import services
from aidtrack.distribution.commands import CreateCycle, IssueOne, IssueRound
from aidtrack.distribution.models import ProgrammeRule, Voucher
from aidtrack.distribution.rights.errors import CapReached
from aidtrack.kernel.ids import registration_number
from tests.distribution.rounds.conftest import NOW, TODAY, Place, Unit, new_id, plan
from tests.support.in_turn import while_the_first_is_open


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    """On SQLite writers queue for the whole file."""
    return postgresql_url


@pytest.fixture
def two_rounds(unit: Unit, place: Place) -> tuple[int, int]:
    """Of two cycles of one programme that serves a family once."""
    with unit() as session:
        session.execute(
            sa.insert(ProgrammeRule).values(
                programme_id=place.programme, version=2, valid_from=TODAY, rule={"is": "all", "of": []},
                terms={"cap_household": 1}, created_at=NOW, created_by="t",
            )
        )  # fmt: skip
        first, actor = place.round, place.actor()
        cycle = CreateCycle(new_id(), place.programme, "C-2", "Ц", "C", TODAY, TODAY + timedelta(days=40))
        place.cycle = services.create_cycle(session, cycle, actor=actor, now=NOW)
        return first, services.create_round(session, plan(place, "Р-2"), actor=actor, now=NOW)


def test_a_late_comer_of_one_cycle_waits_for_the_run_of_another(
    app: Flask, unit: Unit, place: Place, two_rounds: tuple[int, int]
) -> None:
    one, other = two_rounds
    run = IssueRound(one, accept_shortage=True)
    late = IssueOne(new_id(), other, registration_number("DN", 2022, 1))
    refused = while_the_first_is_open(
        app,
        unit,
        lambda session: services.issue_round(session, run, actor=place.actor(), now=NOW),
        lambda session: services.issue_one(session, late, actor=place.actor(), now=NOW),
    )
    assert isinstance(refused, CapReached)


def test_a_run_of_one_cycle_waits_for_a_late_comer_of_another(
    app: Flask, unit: Unit, place: Place, two_rounds: tuple[int, int]
) -> None:
    one, other = two_rounds
    late = IssueOne(new_id(), one, registration_number("DN", 2022, 1))
    run = IssueRound(other, accept_shortage=True)
    assert not while_the_first_is_open(
        app,
        unit,
        lambda session: services.issue_one(session, late, actor=place.actor(), now=NOW),
        lambda session: services.issue_round(session, run, actor=place.actor(), now=NOW),
    )
    with unit() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Voucher)) == len(place.marked)
