"""Everything that happened in one family's case. The caller has opened the family, and logged it."""

from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.cases.commands import (
    Channel,
    DecisionBody,
    IntakeKind,
    IntakeStatus,
    Outcome,
    Result,
    SittingState,
)
from aidtrack.beneficiaries.cases.queries.lists import EntryRow, ticked
from aidtrack.beneficiaries.models import (
    AnnulledDecision,
    CaseDecision,
    EligibilityDecision,
    Intake,
    NeedsAssessment,
    Sitting,
    SittingCase,
    SittingCaseProgramme,
)
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class AppealEvent:
    id: int
    number: str
    kind: IntakeKind
    channel: Channel | None
    received_on: date
    status: IntakeStatus
    outcome: Outcome | None
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class ActEvent:
    id: int
    act_number: str
    made_on: date
    valid_until: date
    at_home: bool
    living_conditions: bool
    notes: str | None
    ticks: tuple[EntryRow, ...]


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """A case before a sitting; `annulled` when a later one replaced what it decided."""

    id: int
    sitting_id: int
    body: DecisionBody
    held_on: date
    state: SittingState
    minutes_number: str | None
    minutes_on: date | None
    result: Result | None
    reason: str | None
    valid_from: date | None
    valid_until: date | None
    any_programme: bool
    words: str | None
    corrects: bool
    programme_ids: tuple[int, ...]
    annulled: bool


@dataclass(frozen=True, slots=True)
class DecisionEvent:
    """A decision that was entered from its paper, without a sitting kept here."""

    id: int
    body: DecisionBody
    number: str
    decided_on: date
    valid_from: date
    valid_until: date | None
    programme_id: int | None
    annulled: bool


@dataclass(frozen=True, slots=True)
class Story:
    appeals: tuple[AppealEvent, ...]
    acts: tuple[ActEvent, ...]
    cases: tuple[CaseEvent, ...]
    decisions: tuple[DecisionEvent, ...]


_HOUSEHOLD: Any = bindparam("household_id")
_APPEALS = (
    select(
        Intake.id, Intake.number, Intake.kind, Intake.channel, Intake.received_on, Intake.status, Intake.outcome,
        Intake.closed_on,
    )
    .where(Intake.household_id == _HOUSEHOLD)
    .order_by(Intake.received_on, Intake.id)
)  # fmt: skip
_ACTS = (
    select(
        NeedsAssessment.id, NeedsAssessment.act_number, NeedsAssessment.made_on, NeedsAssessment.valid_until,
        NeedsAssessment.at_home, NeedsAssessment.living_conditions, NeedsAssessment.notes,
    )
    .where(NeedsAssessment.household_id == _HOUSEHOLD)
    .order_by(NeedsAssessment.made_on, NeedsAssessment.id)
)  # fmt: skip
_CASES = (
    select(SittingCase, Sitting)
    .join(Sitting, Sitting.id == SittingCase.sitting_id)
    .where(SittingCase.household_id == _HOUSEHOLD)
    .order_by(Sitting.held_on, SittingCase.id)
)
_CASE_IDS: Any = bindparam("case_ids", expanding=True)
_PROGRAMMES = (
    select(SittingCaseProgramme.case_id, SittingCaseProgramme.programme_id)
    .where(SittingCaseProgramme.case_id.in_(_CASE_IDS))
    .order_by(SittingCaseProgramme.programme_id)
)
# whatever a settled correction replaced, grants in words alone included
_REPLACED = (
    select(SittingCase.corrects_id)
    .join(Sitting, Sitting.id == SittingCase.sitting_id)
    .where(
        SittingCase.corrects_id.in_(_CASE_IDS),
        Sitting.state == SittingState.CLOSED,
        SittingCase.result != Result.POSTPONED,
    )
)
_DECISIONS = (
    select(
        EligibilityDecision.id, EligibilityDecision.body, EligibilityDecision.number,
        EligibilityDecision.decided_on, EligibilityDecision.valid_from, EligibilityDecision.valid_until,
        EligibilityDecision.programme_id, AnnulledDecision.case_id.is_not(None),
    )
    .outerjoin(CaseDecision, CaseDecision.decision_id == EligibilityDecision.id)
    .outerjoin(AnnulledDecision, AnnulledDecision.decision_id == EligibilityDecision.id)
    .where(EligibilityDecision.household_id == _HOUSEHOLD, CaseDecision.case_id.is_(None))
    .order_by(EligibilityDecision.decided_on, EligibilityDecision.id)
)  # fmt: skip


def story_of(session: Session, household_id: int, actor: Actor) -> Story:
    """Appeals, acts, sittings and decisions of a family, each in the order of their days."""
    return Story(
        _appeals(session, household_id),
        _acts(session, household_id, actor),
        _cases(session, household_id),
        _decisions(session, household_id),
    )


def _appeals(session: Session, household_id: int) -> tuple[AppealEvent, ...]:
    rows = session.execute(_APPEALS, {"household_id": household_id})
    return tuple(AppealEvent(*row) for row in rows)


def _acts(session: Session, household_id: int, actor: Actor) -> tuple[ActEvent, ...]:
    rows = session.execute(_ACTS, {"household_id": household_id}).all()
    ticks = ticked(session, [row[0] for row in rows], actor)
    return tuple(ActEvent(*row, tuple(ticks.get(row[0], ()))) for row in rows)


def _cases(session: Session, household_id: int) -> tuple[CaseEvent, ...]:
    rows = session.execute(_CASES, {"household_id": household_id}).all()
    if not rows:
        return ()
    ids = {"case_ids": [row[0].id for row in rows]}
    programmes: dict[int, list[int]] = {}
    for case_id, programme_id in session.execute(_PROGRAMMES, ids):
        programmes.setdefault(case_id, []).append(programme_id)
    replaced = set(session.scalars(_REPLACED, ids))
    return tuple(
        CaseEvent(
            id=case.id,
            sitting_id=sitting.id,
            body=sitting.body,
            held_on=sitting.held_on,
            state=sitting.state,
            minutes_number=sitting.minutes_number,
            minutes_on=sitting.minutes_on,
            result=case.result,
            reason=case.reason,
            valid_from=case.valid_from,
            valid_until=case.valid_until,
            any_programme=case.any_programme,
            words=case.words,
            corrects=case.corrects_id is not None,
            programme_ids=tuple(programmes.get(case.id, ())),
            annulled=case.id in replaced,
        )
        for case, sitting in rows
    )


def _decisions(session: Session, household_id: int) -> tuple[DecisionEvent, ...]:
    rows = session.execute(_DECISIONS, {"household_id": household_id})
    return tuple(DecisionEvent(*row) for row in rows)
