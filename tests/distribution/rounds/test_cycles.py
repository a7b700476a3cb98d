"""A cycle is changed: freely while nothing of it was issued, its names and last day afterwards."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.distribution import services
from aidtrack.distribution.commands import CreateCycle, EditCycle, IssueRound
from aidtrack.distribution.errors import (
    CodeTaken,
    CycleIssued,
    DatesReversed,
    OthersRoundOutside,
    OutsideCycle,
    RoundOutside,
)
from aidtrack.distribution.queries.rounds import cycle_by_id
from aidtrack.kernel.actor import Role
from aidtrack.kernel.errors import Forbidden, NotFound
from tests.distribution.rounds.conftest import LAST, NOW, TODAY, Place, Unit, new_id, plan
from tests.support.kinds import on_sqlite

DAY = timedelta(days=1)


def as_it_is(session: Session, place: Place) -> EditCycle:
    row = cycle_by_id(session, place.cycle)
    return EditCycle(row.id, row.code, row.cycle_name_uk, row.cycle_name_en, row.starts_on, row.ends_on)


def logged(session: Session) -> list[dict[str, object] | None]:
    query = select(AuditEvent.facts).where(AuditEvent.action == "cycle.edit").order_by(AuditEvent.id)
    return list(session.scalars(query))


def test_everything_but_the_programme_changes_while_nothing_was_issued(unit: Unit, place: Place) -> None:
    with unit() as session:
        was = as_it_is(session, place)
        shall = EditCycle(place.cycle, "C-9", "Зима", "Winter", was.starts_on - DAY, was.ends_on + DAY)
        services.edit_cycle(session, shall, actor=place.actor(), now=NOW)
    with unit() as session:
        assert as_it_is(session, place) == shall
        [facts] = logged(session)
    assert facts is not None
    assert facts["code"] == [was.code, "C-9"]
    assert facts["ends_on"] == [was.ends_on.isoformat(), shall.ends_on.isoformat()]


@on_sqlite
def test_saving_a_cycle_as_it_is_writes_nothing(unit: Unit, place: Place) -> None:
    with unit() as session:
        services.edit_cycle(session, as_it_is(session, place), actor=place.actor(), now=NOW)
        assert logged(session) == []


def test_once_issued_the_code_and_first_day_stand_and_names_and_last_day_change(
    unit: Unit, place: Place
) -> None:
    with unit() as session:
        services.issue_round(session, IssueRound(place.round), actor=place.actor(), now=NOW)
        was = as_it_is(session, place)
    for bad in (replace(was, code="C-9"), replace(was, starts_on=was.starts_on - DAY)):
        with unit() as session, pytest.raises(CycleIssued):
            services.edit_cycle(session, bad, actor=place.actor(), now=NOW)
    good = replace(was, name_uk="Осінь", ends_on=was.ends_on + 10 * DAY)
    with unit() as session:
        services.edit_cycle(session, good, actor=place.actor(), now=NOW)
    with unit() as session:
        assert as_it_is(session, place) == good
        assert [sorted(facts or ()) for facts in logged(session)] == [["ends_on", "name_uk"]]


@on_sqlite
def test_no_round_is_left_outside_and_another_sites_is_not_named(unit: Unit, place: Place) -> None:
    with unit() as session:
        was = as_it_is(session, place)
        with pytest.raises(RoundOutside) as refused:
            services.edit_cycle(session, replace(was, ends_on=LAST - DAY), actor=place.actor(), now=NOW)
        assert (refused.value.field, refused.value.facts["round"]) == ("ends_on", "Ж-1")
        with pytest.raises(RoundOutside) as refused:
            services.edit_cycle(session, replace(was, starts_on=TODAY + DAY), actor=place.actor(), now=NOW)
        assert refused.value.field == "starts_on"
        with pytest.raises(OthersRoundOutside) as hidden:
            services.edit_cycle(
                session, replace(was, ends_on=LAST - DAY), actor=place.actor(elsewhere=True), now=NOW
            )
        assert "Ж-1" not in str(hidden.value.facts)
        services.edit_cycle(session, replace(was, ends_on=LAST), actor=place.actor(), now=NOW)
        late = plan(place, "Ж-2", last_day=LAST + DAY)
        with pytest.raises(OutsideCycle):
            services.create_round(session, late, actor=place.actor(), now=NOW)


@on_sqlite
def test_a_cycle_ends_after_it_begins_and_its_code_is_its_programmes_own(unit: Unit, place: Place) -> None:
    other = CreateCycle(new_id(), place.programme, "C-2", "Ц", "C", TODAY, LAST)
    with unit() as session:
        services.create_cycle(session, other, actor=place.actor(), now=NOW)
        was = as_it_is(session, place)
        with pytest.raises(CodeTaken):
            services.edit_cycle(session, replace(was, code="C-2"), actor=place.actor(), now=NOW)
        with pytest.raises(DatesReversed):
            services.edit_cycle(
                session, replace(was, ends_on=was.starts_on - DAY), actor=place.actor(), now=NOW
            )


@on_sqlite
def test_planners_change_cycles_and_nobody_else(unit: Unit, place: Place) -> None:
    with unit() as session:
        was = as_it_is(session, place)
        with pytest.raises(Forbidden):
            services.edit_cycle(session, was, actor=place.actor(Role.WAREHOUSE), now=NOW)
        with pytest.raises(NotFound):
            services.edit_cycle(session, replace(was, cycle_id=987_654), actor=place.actor(), now=NOW)
        services.edit_cycle(
            session, replace(was, name_en="Ration"), actor=place.actor(Role.ADMINISTRATOR), now=NOW
        )
