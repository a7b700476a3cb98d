"""A sitting from the agenda to closed minutes: who waits, what is written once, what comes back, what replaces."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.cases import services
from aidtrack.beneficiaries.cases.commands import (
    AddCases,
    CaseResult,
    CloseMinutes,
    CorrectCase,
    DecisionBody,
    DropCase,
    IntakeStatus,
    Outcome,
    PlanSitting,
    RecordResults,
    Result,
)
from aidtrack.beneficiaries.cases.errors import CaseRefused
from aidtrack.beneficiaries.cases.queries.figures import figures
from aidtrack.beneficiaries.cases.queries.sittings import SittingFile, sitting_file
from aidtrack.beneficiaries.cases.queries.story import story_of
from aidtrack.beneficiaries.models import EligibilityDecision, Intake
from aidtrack.beneficiaries.queries import household_facts
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from tests.beneficiaries.cases.test_journal import an_act, appeal, code_of
from tests.beneficiaries.families import NOW, TODAY, registered

Unit = Callable[[], AbstractContextManager[Session]]
PROGRAMME = 7  # programmes live in a room this one does not know


def planned(session: Session, actor: Actor, held_on: date = TODAY) -> int:
    [site_id] = actor.site_ids
    command = PlanSitting(
        uuid4(), site_id, DecisionBody.COUNCIL, held_on, "вул. Робоча, 23", held_on, held_on + timedelta(180)
    )
    made = services.plan_sitting(session, command, actor=actor, now=NOW)
    assert services.plan_sitting(session, command, actor=actor, now=NOW) == made
    return made


def ready(session: Session, actor: Actor, day: date) -> int:
    """A family with an open appeal and an act in force."""
    household_id = registered(session, actor, go_on_reason="інша")
    papers: list[Any] = [appeal(actor, household_id, received_on=day), an_act(household_id, day)]
    services.record_papers(session, papers, actor=actor, now=NOW)
    return household_id


def grant(case_id: int) -> CaseResult:
    return CaseResult(case_id, Result.GRANTED, valid_from=TODAY, programme_ids=(PROGRAMME,))


def keep(session: Session, file: SittingFile, actor: Actor, *results: CaseResult) -> SittingFile:
    command = RecordResults(file.sitting.id, file.sitting.version, results)
    services.record_results(session, command, actor=actor, now=NOW)
    session.expire_all()
    return sitting_file(session, file.sitting.id, actor)


def closing(file: SittingFile, number: str = "1") -> CloseMinutes:
    return CloseMinutes(file.sitting.id, file.sitting.version, number, TODAY)


def decisions(session: Session, household_id: int) -> list[EligibilityDecision]:
    rows = session.scalars(
        select(EligibilityDecision).where(EligibilityDecision.household_id == household_id)
    )
    return list(rows)


def test_a_sitting_decides_once_and_what_it_postpones_comes_back_by_itself(
    unit: Unit, caseworker: Actor, stranger: Actor
) -> None:
    actor = caseworker
    with unit() as session:
        first, second, third = (ready(session, actor, TODAY - timedelta(9 - n)) for n in range(3))
        no_act = registered(session, actor, go_on_reason="інша")
        services.record_paper(session, appeal(actor, no_act), actor=actor, now=NOW)
        ready(session, stranger, TODAY)
        sitting = planned(session, actor)
        assert services.add_cases(session, AddCases(sitting), actor=actor, now=NOW) == 3
        assert services.add_cases(session, AddCases(sitting), actor=actor, now=NOW) == 0
        file = sitting_file(session, sitting, actor)
        assert [case.household_id for case in file.cases] == [first, second, third]  # the oldest appeal first
        with pytest.raises(NotFound):
            services.open_sitting(session, sitting, actor=stranger, now=NOW)
        with pytest.raises(CaseRefused) as refused:
            services.add_cases(session, AddCases(planned(session, actor), (first,)), actor=actor, now=NOW)
        assert code_of(refused) == "on_the_agenda"
        one, two, three = (case.id for case in file.cases)
        refusal = CaseResult(two, Result.REFUSED)
        file = keep(
            session, file, actor, grant(one), refusal, CaseResult(three, Result.POSTPONED, "нема довідки")
        )
        with pytest.raises(CaseRefused) as refused:
            services.close_minutes(session, closing(file), actor=actor, now=NOW)
        assert refused.value.facts == {"cases": {"2": ["no_reason"]}}
        stale = replace(closing(file), version=file.sitting.version - 1)
        with pytest.raises(CaseRefused) as refused:
            services.close_minutes(session, stale, actor=actor, now=NOW)
        assert code_of(refused) == "sitting_changed"
        file = keep(session, file, actor, replace(refusal, reason="дохід вищий"))
        assert services.close_minutes(session, closing(file), actor=actor, now=NOW) == 1
        with pytest.raises(CaseRefused) as refused:
            services.close_minutes(session, closing(file), actor=actor, now=NOW)
        assert code_of(refused) == "sitting_closed"
    with unit() as session:
        [written] = decisions(session, first)
        assert (written.number, written.decided_on, written.programme_id) == ("1", TODAY, PROGRAMME)
        assert decisions(session, second) == decisions(session, third) == []
        ends = {row.household_id: (row.status, row.outcome) for row in session.scalars(select(Intake))}
        assert (ends[first], ends[second], ends[third]) == (
            (IntakeStatus.CLOSED, Outcome.GRANTED),
            (IntakeStatus.CLOSED, Outcome.REFUSED),
            (IntakeStatus.OPEN, None),
        )
        # an agenda was being prepared already: the postponed case went to it when the minutes were closed
        session.expire_all()
        waiting = [case for case in story_of(session, third, actor).cases if case.result is None]
        assert len(waiting) == 1
        assert [case.result for case in story_of(session, second, actor).cases] == [Result.REFUSED]
        counted = figures(session, actor, TODAY - timedelta(30), TODAY)
        assert (counted.appeals.papers, counted.appeals.households, counted.sittings) == (4, 4, 1)
        assert (counted.acts.households, counted.decided.households, counted.granted.households) == (3, 2, 1)
        assert counted.acts.of_before == 75
        assert counted.results == {Result.GRANTED: 1, Result.REFUSED: 1, Result.POSTPONED: 1}


def test_a_grant_without_an_act_in_force_is_asked_about_and_one_before_it_refused(
    unit: Unit, caseworker: Actor
) -> None:
    actor = caseworker
    with unit() as session:
        early, late = (registered(session, actor, go_on_reason="інша") for _ in range(2))
        services.record_papers(
            session,
            [an_act(early, TODAY), an_act(late, TODAY - timedelta(90), 30)],
            actor=actor,
            now=NOW,
        )
        sitting = planned(session, actor, TODAY - timedelta(3))
        services.add_cases(session, AddCases(sitting, (early, late)), actor=actor, now=NOW)
        file = sitting_file(session, sitting, actor)
        before, expired = (case.id for case in file.cases)
        file = keep(session, file, actor, grant(before), grant(expired))
        with pytest.raises(CaseRefused) as refused:
            services.close_minutes(session, closing(file), actor=actor, now=NOW)
        assert refused.value.facts == {"cases": {"1": ["before_act"]}}
        services.drop_case(session, DropCase(sitting, before), actor=actor, now=NOW)
        session.expire_all()
        file = sitting_file(session, sitting, actor)
        with pytest.raises(CaseRefused) as refused:
            services.close_minutes(session, closing(file), actor=actor, now=NOW)
        assert (code_of(refused), refused.value.facts) == (
            "results_doubtful",
            {"cases": {"2": ["act_expired"]}},
        )
        confirmed = replace(closing(file), doubts_confirmed=True)
        assert services.close_minutes(session, confirmed, actor=actor, now=NOW) == 1
        ahead = sitting_file(session, planned(session, actor, TODAY + timedelta(1)), actor)
        with pytest.raises(CaseRefused) as refused:
            services.close_minutes(session, closing(ahead, "2"), actor=actor, now=NOW)
        assert code_of(refused) == "sitting_in_future"


def test_a_correction_is_a_new_decision_and_the_old_one_grants_nothing_any_more(
    unit: Unit, caseworker: Actor
) -> None:
    actor = caseworker
    with unit() as session:
        household_id = ready(session, actor, TODAY)

        def granted() -> list[int | None]:
            [facts] = household_facts(session, [household_id], TODAY, protected=False).values()
            return [one.programme_id for one in facts.decisions]

        sitting = planned(session, actor)
        services.add_cases(session, AddCases(sitting), actor=actor, now=NOW)
        file = sitting_file(session, sitting, actor)
        [case] = file.cases
        file = keep(session, file, actor, grant(case.id))
        services.close_minutes(session, closing(file), actor=actor, now=NOW)
        assert granted() == [PROGRAMME]
        later = planned(session, actor)
        command = CorrectCase(case.id, later, "Не та програма")
        made = services.correct_case(session, command, actor=actor, now=NOW)
        assert granted() == [PROGRAMME]  # until it is decided anew
        with pytest.raises(CaseRefused) as refused:
            services.correct_case(session, command, actor=actor, now=NOW)
        assert code_of(refused) == "corrected_already"
        session.expire_all()
        file = sitting_file(session, later, actor)
        words = CaseResult(
            made, Result.GRANTED, valid_from=TODAY, words="соціальний супровід", reason="помилка"
        )
        file = keep(session, file, actor, words)
        with pytest.raises(CaseRefused) as refused:
            services.close_minutes(session, closing(file, "1"), actor=actor, now=NOW)
        assert code_of(refused) == "number_taken"
        # words alone entitle to no programme
        assert services.close_minutes(session, closing(file, "2"), actor=actor, now=NOW) == 0
        assert granted() == []
        assert [one.annulled for one in story_of(session, household_id, actor).cases] == [True, False]
