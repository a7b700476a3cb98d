"""Exceptions settled by a second person, and the end of a right."""

from datetime import datetime

from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries.identifiers import clean_text
from aidtrack.beneficiaries.privacy import budget
from aidtrack.beneficiaries.queries import find_household
from aidtrack.distribution.models import Eligibility, EligibilityStatus
from aidtrack.distribution.rights import queries
from aidtrack.distribution.rights.commands import EndEligibility, EndMany, SettleOverride
from aidtrack.distribution.rights.errors import (
    AlreadyMarked,
    DaysReversed,
    NotLive,
    NotPending,
    ReasonNeeded,
    SecondPersonNeeded,
)
from aidtrack.distribution.rights.services.marking import today_at
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound


def _reason(text: str) -> str:
    reason = clean_text(text, 500, "reason")
    if reason is None or len(reason) < 5:
        raise ReasonNeeded()
    return reason


def open_exception(session: Session, eligibility_id: int, *, actor: Actor, now: datetime) -> queries.MarkRow:
    """The wish for an exception with its reason in a colleague's words: a look at the family, counted and logged."""
    actor.require(Permission.ELIGIBILITY_DECIDE)
    mark = queries.mark_at_sites(session, eligibility_id, actor)
    if mark is None:
        raise NotFound()
    household = find_household(session, mark.household_id, actor)
    budget.spend(session, opening=[household.id], actor=actor, now=now)
    audit.record(
        session, actor=actor, action="read.household", object_type="household", object_id=household.id,
        site_id=household.site_id, facts={"purpose": "exception"}, now=now,
    )  # fmt: skip
    return mark


def settle_override(session: Session, command: SettleOverride, *, actor: Actor, now: datetime) -> None:
    """A second caseworker approves or declines an exception (I17).

    Raises:
        SecondPersonNeeded: the actor asked for it, or is no person at all.
        NotPending: it was settled meanwhile.
    """
    actor.require(Permission.ELIGIBILITY_DECIDE)
    mark = queries.lock_mark(session, command.eligibility_id, actor)
    household = find_household(session, mark.household_id, actor)
    reason = _reason(command.reason)
    if (
        mark.status is not EligibilityStatus.REFUSED
        or mark.override_reason is None
        or mark.approved_by_id is not None
    ):
        raise NotPending()
    if actor.user_id is None or actor.user_id == mark.marked_by_id:
        raise SecondPersonNeeded()
    if command.approve:
        standing = queries.live_marks(session, mark.programme_id, [mark.household_id]).get(mark.household_id)
        if standing is not None:
            raise AlreadyMarked(since=standing.valid_from.isoformat())
        mark.status, mark.approved_by_id = EligibilityStatus.ELIGIBLE, actor.user_id
    else:
        mark.status = EligibilityStatus.ENDED
    session.flush()  # the constraint on one standing mark speaks here and not at commit
    audit.record(
        session, actor=actor, action="rights.approve_exception" if command.approve else "rights.decline_exception",
        object_type="household", object_id=mark.household_id, site_id=household.site_id, reason=reason,
        facts={"eligibility_id": mark.id, "programme_id": mark.programme_id}, now=now,
    )  # fmt: skip


def end_eligibility(session: Session, command: EndEligibility, *, actor: Actor, now: datetime) -> None:
    """Let a right end with a day. A day still to come only dates it; a past one ends it now."""
    actor.require(Permission.ELIGIBILITY_DECIDE)
    mark: Eligibility = queries.lock_mark(session, command.eligibility_id, actor)
    household = find_household(session, mark.household_id, actor)
    reason = _reason(command.reason)
    if mark.status is not EligibilityStatus.ELIGIBLE:
        raise NotLive()
    if command.last_day < mark.valid_from:
        raise DaysReversed(field="last_day")
    mark.valid_until = command.last_day
    if command.last_day < today_at(session, household.site_id, now):
        mark.status = EligibilityStatus.ENDED
    session.flush()
    audit.record(
        session, actor=actor, action="rights.end", object_type="household", object_id=mark.household_id,
        site_id=household.site_id, reason=reason,
        facts={
            "eligibility_id": mark.id, "programme_id": mark.programme_id,
            "last_day": command.last_day.isoformat(),
        },
        now=now,
    )  # fmt: skip


def end_many(session: Session, command: EndMany, *, actor: Actor, now: datetime) -> int:
    """End the standing marks of several families with one reason; gives how many were ended."""
    actor.require(Permission.ELIGIBILITY_DECIDE)
    live = queries.live_marks(session, command.programme_id, command.household_ids)
    for household_id in sorted(live):
        one = EndEligibility(live[household_id].id, command.last_day, command.reason)
        end_eligibility(session, one, actor=actor, now=now)
    return len(live)
