"""Mark one household as eligible, with everything it was judged by."""

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.models import Site
from aidtrack.beneficiaries.eligibility import Verdict, reason_to_json
from aidtrack.beneficiaries.household import HouseholdFacts, facts_to_json
from aidtrack.beneficiaries.identifiers import clean_text
from aidtrack.beneficiaries.models import EligibilityDecision, NeedsAssessment
from aidtrack.beneficiaries.queries import lock_household, portions
from aidtrack.beneficiaries.services.changing import require_living
from aidtrack.db.among import among
from aidtrack.distribution.models import Eligibility, EligibilityStatus, Ground
from aidtrack.distribution.rights import queries
from aidtrack.distribution.rights.commands import MarkEligible
from aidtrack.distribution.rights.errors import (
    AlreadyMarked,
    DaysReversed,
    DecisionElsewhere,
    NotEntitled,
    PaperNeeded,
    PaperNotYet,
    PaperOutdated,
    ReasonNeeded,
)
from aidtrack.distribution.rights.services.judging import judge_household
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class Marked:
    """What marking did. `waits` for a second person; a refusal that was only recorded has neither."""

    eligibility_id: int
    status: EligibilityStatus
    verdict: Verdict

    @property
    def waits(self) -> bool:
        return self.status is EligibilityStatus.REFUSED and not self.verdict.allowed


def today_at(session: Session, site_id: int, now: datetime) -> date:
    return local_date(now, session.scalar(select(Site.time_zone).where(Site.id == site_id)) or "Europe/Kyiv")


def mark_eligible(session: Session, command: MarkEligible, *, actor: Actor, now: datetime) -> Marked:
    """Mark a household as eligible for a programme, by the rule in force on the right's first day.

    Raises:
        NotEntitled: the rule is not met and neither an exception nor a recorded refusal is asked for.
        AlreadyMarked: a mark stands.
        PaperNeeded, PaperOutdated, PaperNotYet, DecisionElsewhere: the ground's paper does not carry it.
    """
    actor.require(Permission.ELIGIBILITY_DECIDE)
    household = lock_household(session, command.household_id, actor)
    body = {**asdict(command), "override_reason": bool(command.override_reason)}
    done = audit.already_done(session, command_id=str(command.command_id), kind="mark_eligible", body=body)
    if done is not None and done.object_id is not None:
        before = session.get_one(Eligibility, done.object_id)
        return Marked(before.id, before.status, Verdict())
    require_living(session, household.id)
    start = command.valid_from or today_at(session, household.site_id, now)
    if command.valid_until is not None and command.valid_until < start:
        raise DaysReversed()
    _make_room(session, command, start)
    papers = _papers(session, command, start)
    judgement = judge_household(session, command.household_id, command.programme_id, start, actor=actor)
    reason = clean_text(command.override_reason, 500, "override_reason")
    allowed = judgement.verdict.allowed
    reasons = [reason_to_json(one) for one in judgement.verdict.reasons]
    if not allowed and not reason and not command.record_refusal:
        raise NotEntitled(reasons=reasons)
    if not allowed and reason and len(reason) < 5:
        raise ReasonNeeded(field="override_reason")
    status = EligibilityStatus.ELIGIBLE if allowed else EligibilityStatus.REFUSED
    columns = mark_columns(
        command.household_id, judgement.rule, judgement.facts, status, command.ground, papers, start,
        command.valid_until, actor, now,
    )  # fmt: skip
    columns |= {"reasons": reasons or None, "override_reason": None if allowed else reason}
    mark_id = session.scalars(insert(Eligibility).returning(Eligibility.id), [columns]).one()
    action = "mark" if allowed else "ask_exception" if reason else "refuse"
    audit.record(
        session, actor=actor, action=f"rights.{action}", object_type="household", object_id=household.id,
        site_id=household.site_id,
        facts={
            "eligibility_id": mark_id, "programme_id": command.programme_id,
            "rule_version": judgement.rule.version, "reasons": [one["code"] for one in reasons],
        },
        now=now,
    )  # fmt: skip
    audit.mark_done(
        session, command_id=str(command.command_id), kind="mark_eligible", body=body, object_id=mark_id,
        actor=actor, now=now,
    )  # fmt: skip
    return Marked(mark_id, status, judgement.verdict)


def _make_room(session: Session, command: MarkEligible, start: date) -> None:
    """One standing mark per household and programme: one that ran out makes room for the next."""
    live = queries.live_marks(session, command.programme_id, [command.household_id]).get(command.household_id)
    if live is None:
        return
    if live.valid_until is None or live.valid_until >= start:
        raise AlreadyMarked(since=live.valid_from.isoformat())
    end_marks(session, [live.id])


def end_marks(session: Session, mark_ids: list[int]) -> None:
    """These marks no longer stand."""
    for portion in portions(mark_ids):
        session.execute(
            update(Eligibility)
            .where(among(Eligibility.id, portion))
            .values(status=EligibilityStatus.ENDED)
            .execution_options(synchronize_session=False)
        )


def _papers(session: Session, command: MarkEligible, start: date) -> queries.Papers:
    """The papers the mark rests on: those named, else the newest in force."""
    newest = queries.papers_of(session, [command.household_id], start, command.programme_id)
    found = newest.get(command.household_id, queries.Papers())
    assessment_id, decision_id = found.assessment_id, found.decision_id
    if command.assessment_id is not None:
        act = session.get(NeedsAssessment, command.assessment_id)
        if act is None or act.household_id != command.household_id:
            raise NotFound()
        if act.valid_until < start:
            raise PaperOutdated(valid_until=act.valid_until.isoformat())
        if act.made_on > start:
            raise PaperNotYet(field="assessment_id", valid_from=act.made_on.isoformat())
        assessment_id = act.id
    if command.decision_id is not None:
        decision = session.get(EligibilityDecision, command.decision_id)
        if decision is None or decision.household_id != command.household_id:
            raise NotFound()
        if decision.programme_id not in (None, command.programme_id):
            raise DecisionElsewhere()
        if decision.valid_until is not None and decision.valid_until < start:
            raise PaperOutdated(field="decision_id", valid_until=decision.valid_until.isoformat())
        if decision.valid_from > start:
            raise PaperNotYet(valid_from=decision.valid_from.isoformat())
        decision_id = decision.id
    if command.ground is Ground.NEEDS_ASSESSMENT and assessment_id is None:
        raise PaperNeeded()
    if command.ground is Ground.DEPARTMENT_DECISION and decision_id is None:
        raise PaperNeeded()
    return queries.Papers(assessment_id, decision_id)


def mark_columns(
    household_id: int,
    rule: queries.RuleRow,
    facts: HouseholdFacts,
    status: EligibilityStatus,
    ground: Ground,
    papers: queries.Papers,
    valid_from: date,
    valid_until: date | None,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """A mark's row without reasons and exception."""
    return {
        "household_id": household_id,
        "programme_id": rule.programme_id,
        "status": status,
        "rule_id": rule.id,
        "facts": json.dumps(facts_to_json(facts), separators=(",", ":")),
        "ground": ground,
        "assessment_id": papers.assessment_id,
        "decision_id": papers.decision_id,
        "valid_from": valid_from,
        "valid_until": valid_until,
        "marked_at": now,
        "marked_by_id": actor.user_id,
    }
