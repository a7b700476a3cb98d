"""Cycles and rounds planned, changed, copied; the plan against stock."""

from dataclasses import replace
from datetime import timedelta

import pytest

from aidtrack.distribution import services
from aidtrack.distribution.commands import CopyRound, CreateCycle, EditRound, IssueRound, SetLine
from aidtrack.distribution.errors import (
    CodeTaken,
    DatesReversed,
    NothingDue,
    OutsideCycle,
    RoundNotPlanned,
    WrongBand,
    WrongPack,
)
from aidtrack.distribution.queries.rounds import cycles, round_by_id, rounds, set_lines
from aidtrack.distribution.rations import Basis
from aidtrack.kernel.actor import Role
from aidtrack.kernel.errors import CommandReused, DomainError, Forbidden, NotFound
from tests.distribution.rounds.conftest import (
    ADULT,
    LAST,
    NOW,
    TODAY,
    Place,
    Unit,
    add_families,
    new_id,
    plan,
)
from tests.support.kinds import on_sqlite


def edit(place: Place, **changes: object) -> EditRound:
    given = plan(place)
    command = EditRound(
        place.round, given.place_id, "Ж-1", given.first_day, given.last_day, given.hours, given.lines
    )
    return replace(command, **changes)  # type: ignore[arg-type]


def test_the_plan_sets_need_against_stock_before_anything_is_issued(unit: Unit, place: Place) -> None:
    with unit() as session:
        add_families(session, place, [ADULT] * 30, [])
        found = services.plan_round(session, place.round, on=TODAY, actor=place.actor())
    needed = {
        line.item_code: (line.needed, line.available, line.promised, line.short) for line in found.lines
    }
    assert needed == {"RICE": (105_000, 100_000, 0, 5_000), "DIAPERS": (40, 400, 0, 0)}
    assert (found.households, found.persons, found.empty, found.served) == (4, 35, 1, 0)
    assert not found.covered


def test_goods_promised_on_open_vouchers_are_not_planned_twice(unit: Unit, place: Place) -> None:
    with unit() as session:
        services.issue_round(session, IssueRound(place.round), actor=place.actor(), now=NOW)
        add_families(session, place, [ADULT] * 29)
        found = services.plan_round(session, place.round, on=TODAY, actor=place.actor())
    rice = found.lines[0]
    assert (rice.needed, rice.promised, rice.short) == (87_000, 15_000, 2_000)
    assert found.served == 3


def test_a_round_is_planned_once_however_often_the_form_is_sent(unit: Unit, place: Place) -> None:
    command = plan(place, "Ж-2")
    made = []
    for _ in range(2):
        with unit() as session:
            made.append(services.create_round(session, command, actor=place.actor(), now=NOW))
    assert made[0] == made[1]
    with unit() as session, pytest.raises(CommandReused):
        services.create_round(session, replace(command, code="Ж-3"), actor=place.actor(), now=NOW)


def test_a_planned_round_is_changed_whole(unit: Unit, place: Place) -> None:
    with unit() as session:
        line = SetLine(place.rice, Basis.HOUSEHOLD, 5_000)
        services.edit_round(
            session,
            edit(place, code="Ж-5", lines=(line,), print_head_name=True),
            actor=place.actor(),
            now=NOW,
        )
    with unit() as session:
        round_ = round_by_id(session, place.round, actor=place.actor())
        lines = set_lines(session, place.round)
    assert (round_.code, round_.print_head_name) == ("Ж-5", True)
    assert [(line.item_id, line.basis, line.units) for line in lines] == [
        (place.rice, Basis.HOUSEHOLD, 5_000)
    ]


@on_sqlite
def test_a_round_with_vouchers_is_not_changed(unit: Unit, place: Place) -> None:
    with unit() as session:
        services.issue_round(session, IssueRound(place.round), actor=place.actor(), now=NOW)
    with unit() as session, pytest.raises(RoundNotPlanned):
        services.edit_round(session, edit(place), actor=place.actor(), now=NOW)


@on_sqlite
def test_the_next_round_is_copied_with_its_goods(unit: Unit, place: Place) -> None:
    week = timedelta(days=7)
    with unit() as session:
        copied = services.copy_round(
            session,
            CopyRound(new_id(), place.round, place.cycle, "Ж-2", TODAY + week, LAST + week),
            actor=place.actor(),
            now=NOW,
        )
        model, copy = (round_by_id(session, one, actor=place.actor()) for one in (place.round, copied))
        assert set_lines(session, copied) == set_lines(session, place.round)
    assert (copy.place_id, copy.hours, copy.first_day) == (model.place_id, model.hours, TODAY + week)
    assert copy.tag != model.tag


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"last_day": TODAY - timedelta(days=1)}, DatesReversed, "last_day"),
        ({"first_day": TODAY - timedelta(days=9)}, OutsideCycle, "first_day"),
        ({"last_day": TODAY + timedelta(days=99)}, OutsideCycle, "first_day"),
        ({"code": "Ж-1"}, CodeTaken, "code"),
        ({"place_id": 1}, NotFound, None),  # the supplier is no place to hand out
        ({"place_id": 10**9}, NotFound, None),
    ],
)
def test_what_a_round_cannot_be(
    unit: Unit, place: Place, changes: dict[str, object], refusal: type[DomainError], field: str | None
) -> None:
    command = replace(plan(place, "Ж-2"), **changes)  # type: ignore[arg-type]
    with unit() as session, pytest.raises(refusal) as refused:
        services.create_round(session, command, actor=place.actor(), now=NOW)
    assert refused.value.field == field


@on_sqlite
def test_ages_belong_to_age_bands_and_packs_to_their_items(unit: Unit, place: Place) -> None:
    good = SetLine(place.rice, Basis.HOUSEHOLD, 1_000)
    for bad, refusal, field in (
        (SetLine(place.rice, Basis.AGE_BAND, 1), WrongBand, "lines-1-age_from"),
        (SetLine(place.rice, Basis.MEMBER, 1, age_from=3), WrongBand, "lines-1-age_from"),
        (SetLine(place.rice, Basis.AGE_BAND, 1, age_from=9, age_to=3), WrongBand, "lines-1-age_from"),
        (SetLine(place.rice, Basis.AGE_BAND, 1, age_to=-1), WrongBand, "lines-1-age_from"),
        (SetLine(place.rice, Basis.HOUSEHOLD, 1, pack_id=place.diaper_pack), WrongPack, "lines-1-pack_id"),
    ):
        with unit() as session, pytest.raises(refusal) as refused:
            services.create_round(
                session, plan(place, "Ж-2", lines=(good, bad)), actor=place.actor(), now=NOW
            )
        assert refused.value.field == field


@on_sqlite
def test_a_round_without_goods_has_no_plan(unit: Unit, place: Place) -> None:
    with unit() as session:
        empty = services.create_round(session, plan(place, "Ж-2", lines=()), actor=place.actor(), now=NOW)
        with pytest.raises(NothingDue):
            services.plan_round(session, empty, on=TODAY, actor=place.actor())


def test_a_cycles_code_is_its_programmes_own(unit: Unit, place: Place) -> None:
    command = CreateCycle(new_id(), place.programme, "C-1", "Ц", "C", TODAY, LAST)
    with unit() as session, pytest.raises(CodeTaken):
        services.create_cycle(session, command, actor=place.actor(), now=NOW)
    with unit() as session, pytest.raises(DatesReversed):
        services.create_cycle(
            session,
            replace(command, code="C-2", ends_on=TODAY - timedelta(days=1)),
            actor=place.actor(),
            now=NOW,
        )
    with unit() as session:
        services.create_cycle(
            session, replace(command, code="C-2"), actor=place.actor(Role.ADMINISTRATOR), now=NOW
        )
        assert [cycle.code for cycle in cycles(session, programme_id=place.programme)] == ["C-2", "C-1"]


def test_rounds_are_planned_by_caseworkers_and_seen_at_their_site(unit: Unit, place: Place) -> None:
    with unit() as session, pytest.raises(Forbidden):
        services.create_round(session, plan(place, "Ж-2"), actor=place.actor(Role.WAREHOUSE), now=NOW)
    with unit() as session, pytest.raises(NotFound):
        services.create_round(session, plan(place, "Ж-2"), actor=place.actor(elsewhere=True), now=NOW)
    with unit() as session:
        assert [row.code for row in rounds(session, actor=place.actor())] == ["Ж-1"]
        assert rounds(session, actor=place.actor(elsewhere=True)) == []
        with pytest.raises(NotFound):
            services.plan_round(session, place.round, on=TODAY, actor=place.actor(elsewhere=True))
