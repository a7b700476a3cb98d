"""Who waits for a sitting, and the papers a case rests on."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from aidtrack.beneficiaries.cases.commands import DecisionBody, IntakeStatus, Result, SittingState
from aidtrack.beneficiaries.cases.rules import Act, act_for
from aidtrack.beneficiaries.models import (
    Household,
    HouseholdEnd,
    Intake,
    NeedsAssessment,
    Sitting,
    SittingCase,
)
from aidtrack.kernel.late import dataclass


def _on_an_agenda() -> ColumnElement[bool]:
    return exists(
        select(SittingCase.id)
        .join(Sitting, Sitting.id == SittingCase.sitting_id)
        .where(SittingCase.household_id == Household.id, Sitting.state == SittingState.PLANNED)
    )


def _of_site(site_id: int) -> Select[int]:
    ended = select(HouseholdEnd.household_id).where(HouseholdEnd.household_id == Household.id)
    return select(Household.id).where(Household.site_id == site_id, ~exists(ended), ~_on_an_agenda())


def ready_households(session: Session, site_id: int, on: date) -> list[int]:
    """Families with an open appeal and an act in force that day, on no agenda yet; the oldest appeal first."""
    first = (
        select(Intake.household_id, func.min(Intake.received_on).label("day"))
        .where(Intake.site_id == site_id, Intake.status == IntakeStatus.OPEN, Intake.received_on <= on)
        .group_by(Intake.household_id)
        .subquery()
    )
    act = exists(
        select(NeedsAssessment.id).where(
            NeedsAssessment.household_id == Household.id,
            NeedsAssessment.made_on <= on,
            NeedsAssessment.valid_until >= on,
        )
    )
    rows = session.scalars(
        _of_site(site_id)
        .join(first, first.c.household_id == Household.id)
        .where(act)
        .order_by(first.c.day, Household.id)
    )
    return list(rows)


@dataclass(frozen=True, slots=True)
class Postponed:
    """A case that a closed sitting put off, and no later one has settled."""

    case_id: int
    household_id: int
    corrects_id: int | None
    correction_reason: str | None


def postponed_cases(session: Session, site_id: int, body: DecisionBody) -> list[Postponed]:
    """Cases this body put off and nobody has settled since, the longest waiting first.

    A case is settled by a later grant or refusal of its family, at whatever sitting.
    """
    later_case, later = aliased(SittingCase), aliased(Sitting)
    settled = exists(
        select(later_case.id)
        .join(later, later.id == later_case.sitting_id)
        .where(
            later_case.household_id == SittingCase.household_id,
            later.state == SittingState.CLOSED,
            later_case.id > SittingCase.id,
        )
    )
    rows = session.execute(
        select(
            SittingCase.id, SittingCase.household_id, SittingCase.corrects_id, SittingCase.correction_reason
        )
        .join(Sitting, Sitting.id == SittingCase.sitting_id)
        .join(Household, Household.id == SittingCase.household_id)
        .where(
            Sitting.site_id == site_id,
            Sitting.body == body,
            Sitting.state == SittingState.CLOSED,
            SittingCase.result == Result.POSTPONED,
            SittingCase.household_id.in_(_of_site(site_id)),
            ~settled,
        )
        .order_by(Sitting.held_on, SittingCase.id)
    )
    return [Postponed(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Papers:
    """What a case rests on: the oldest open appeal, and the act of the day."""

    intake_id: int | None
    assessment_id: int | None


def papers_for(session: Session, household_ids: Collection[int], on: date) -> dict[int, Papers]:
    """The papers that belong to these families' cases at a sitting of that day."""
    ids = sorted(household_ids)
    intakes: dict[int, int] = {}
    rows = session.execute(
        select(Intake.household_id, Intake.id)
        .where(Intake.household_id.in_(ids), Intake.status == IntakeStatus.OPEN, Intake.received_on <= on)
        .order_by(Intake.received_on.desc(), Intake.id.desc())
    )
    for household_id, intake_id in rows:
        if household_id is not None:
            intakes[household_id] = intake_id
    acts: dict[int, dict[Act, int]] = defaultdict(dict)
    for household_id, act_id, made_on, valid_until in session.execute(
        select(
            NeedsAssessment.household_id, NeedsAssessment.id, NeedsAssessment.made_on, NeedsAssessment.valid_until
        )
        .where(NeedsAssessment.household_id.in_(ids))
        .order_by(NeedsAssessment.id)
    ):  # fmt: skip
        acts[household_id][Act(made_on, valid_until)] = act_id
    found = {}
    for household_id in ids:
        chosen = act_for(acts[household_id], on)
        found[household_id] = Papers(
            intakes.get(household_id), acts[household_id][chosen] if chosen is not None else None
        )
    return found
