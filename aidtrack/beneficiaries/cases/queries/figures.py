"""How many appeals became acts and decisions: papers, and different families beside them (FIELD §3)."""

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.cases.commands import Channel, IntakeKind, IntakeStatus, Result, SittingState
from aidtrack.beneficiaries.cases.rules import Step, funnel
from aidtrack.beneficiaries.models import (
    CaseDecision,
    EligibilityDecision,
    Household,
    Intake,
    NeedsAssessment,
    Sitting,
    SittingCase,
)
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """A period's figures. Steps are appeals, acts, cases decided, cases granted."""

    appeals: Step
    acts: Step
    decided: Step
    granted: Step
    unknown_families: int  # appeals whose family is not registered: papers without a household
    sittings: int
    results: dict[Result, int]
    at_home: int
    by_kind: dict[IntakeKind, int]
    by_channel: dict[Channel | None, int]
    by_status: dict[IntakeStatus, int]


def figures(session: Session, actor: Actor, first: date, last: date) -> Figures:
    """What came, was assessed and decided from `first` to `last`, both included, at the actor's sites.

    A family counts once in each step, however many papers it has there. Decisions entered from their papers
    count as cases granted, once for each number and day.
    """
    sites = sorted(actor.site_ids)
    came = (Intake.site_id.in_(sites), Intake.received_on.between(first, last))
    appeals = session.execute(select(Intake.household_id).where(*came)).scalars().all()
    acts = session.execute(
        select(NeedsAssessment.household_id, NeedsAssessment.at_home)
        .join(Household, Household.id == NeedsAssessment.household_id)
        .where(Household.site_id.in_(sites), NeedsAssessment.made_on.between(first, last))
    ).all()
    cases = _cases(session, sites, first, last)
    results = {result: sum(1 for _, one in cases if one is result) for result in Result}
    final = [household_id for household_id, result in cases if result is not Result.POSTPONED]
    granted = [household_id for household_id, result in cases if result is Result.GRANTED]
    known = [one for one in appeals if one is not None]
    steps = funnel(
        [
            (len(appeals), frozenset(known)),
            (len(acts), frozenset(row[0] for row in acts)),
            (len(final), frozenset(final)),
            (len(granted), frozenset(granted)),
        ]
    )
    sittings = select(func.count()).where(
        Sitting.site_id.in_(sites), Sitting.state == SittingState.CLOSED, Sitting.held_on.between(first, last)
    )
    appeals_made, acts_made, decided, granted_cases = steps
    return Figures(
        appeals=appeals_made,
        acts=acts_made,
        decided=decided,
        granted=granted_cases,
        unknown_families=len(appeals) - len(known),
        sittings=session.scalar(sittings) or 0,
        results=results,
        at_home=sum(1 for row in acts if row[1]),
        by_kind=_by(session, Intake.kind, came),
        by_channel=_by(session, Intake.channel, came),
        by_status=_by(session, Intake.status, came),
    )


def _cases(session: Session, sites: list[int], first: date, last: date) -> list[tuple[int, Result]]:
    rows = session.execute(
        select(SittingCase.household_id, SittingCase.result)
        .join(Sitting, Sitting.id == SittingCase.sitting_id)
        .where(
            Sitting.site_id.in_(sites),
            Sitting.state == SittingState.CLOSED,
            Sitting.held_on.between(first, last),
            SittingCase.result.is_not(None),
        )
    )
    found = [(household_id, result) for household_id, result in rows if result is not None]
    on_paper = session.execute(
        select(EligibilityDecision.household_id)
        .join(Household, Household.id == EligibilityDecision.household_id)
        .outerjoin(CaseDecision, CaseDecision.decision_id == EligibilityDecision.id)
        .where(
            Household.site_id.in_(sites),
            EligibilityDecision.decided_on.between(first, last),
            CaseDecision.case_id.is_(None),
        )
        .group_by(
            EligibilityDecision.household_id, EligibilityDecision.number, EligibilityDecision.decided_on
        )
    )
    return found + [(household_id, Result.GRANTED) for (household_id,) in on_paper]


def _by(session: Session, column: Any, conditions: tuple[Any, ...]) -> dict[Any, int]:
    rows = session.execute(
        select(column, func.count()).select_from(Intake).where(*conditions).group_by(column)
    )
    return {value: count for value, count in rows}  # noqa: C416  (rows are no pairs to the type checker)
