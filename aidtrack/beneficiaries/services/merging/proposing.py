"""Proposing that two registrations are one family, and saying that they are not."""

import json
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.commands import ProposeMerge
from aidtrack.beneficiaries.errors import AtTwoSites, MergeOpen, MergeSettled, PeoplePairedTwice, SameFamily
from aidtrack.beneficiaries.happenings import MergeState
from aidtrack.beneficiaries.models import HouseholdMerge, Person
from aidtrack.beneficiaries.services import checking
from aidtrack.beneficiaries.services.bodies import secret_body
from aidtrack.beneficiaries.services.changing import locked_pair
from aidtrack.beneficiaries.services.merging.rows import (
    OF_FAMILY,
    OF_PERSON,
    is_own,
    locked_merge,
    record,
    set_merge,
)
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound


def propose_merge(session: Session, command: ProposeMerge, *, actor: Actor, now: datetime) -> int:
    """Put a merge before a second person; the same command id has one effect. Gives the merge's id.

    Raises:
        Conflict: one of the families changed since the person looked.
        MergeOpen: one of them is part of a merge already.
    """
    actor.require(Permission.HOUSEHOLD_WRITE)
    queries.find_household(session, command.household_id, actor)
    body = secret_body(command)
    done = audit.already_done(session, command_id=str(command.command_id), kind="propose_merge", body=body)
    if done is not None and done.object_id is not None:
        return done.object_id
    if command.household_id == command.ending_id:
        raise SameFamily()
    staying, ending = locked_pair(
        session, (command.household_id, command.version), (command.ending_id, command.ending_version), actor
    )
    if staying.site_id != ending.site_id:
        raise AtTwoSites()
    _require_free(session, staying.id, ending.id)
    _require_pairs(session, command, staying.id, ending.id)
    choices = {
        "taken": sorted(command.taken & set(OF_FAMILY)),
        "people": [
            [one.ending_id, one.staying_id, sorted(one.taken & set(OF_PERSON))] for one in command.people
        ],
    }
    row = {
        "survivor_id": staying.id, "loser_id": ending.id, "state": MergeState.PROPOSED,
        "reason": checking.needed(command.reason, 500, "reason"), "choices": json.dumps(choices),
        "survivor_version": staying.version, "loser_version": ending.version, "proposed_by": actor.label,
        "proposed_by_id": actor.user_id, "proposed_at": now,
    }  # fmt: skip
    [merge_id] = queries.insert_returning(session, HouseholdMerge, [row])
    record(session, staying, "propose_merge", merge_id, ending.id, actor=actor, now=now)
    audit.mark_done(
        session, command_id=str(command.command_id), kind="propose_merge", body=body, object_id=merge_id,
        actor=actor, now=now,
    )  # fmt: skip
    return merge_id


def decline_merge(session: Session, merge_id: int, *, actor: Actor, now: datetime) -> None:
    """Two families they stay. Whoever proposed it withdraws it instead."""
    merge = locked_merge(session, merge_id, actor)
    if merge.state is not MergeState.PROPOSED:
        raise MergeSettled()
    own = is_own(merge, actor)
    state = MergeState.WITHDRAWN if own else MergeState.DECLINED
    decided = {} if own else {"decided_by": actor.label, "decided_by_id": actor.user_id, "decided_at": now}
    set_merge(session, merge.id, state=state, **decided)
    household = queries.lock_household(session, merge.survivor_id, actor)
    action = "withdraw_merge" if own else "decline_merge"
    record(session, household, action, merge.id, merge.loser_id, actor=actor, now=now)


def _require_free(session: Session, staying_id: int, ending_id: int) -> None:
    both = (staying_id, ending_id)
    taken = select(HouseholdMerge.id).where(
        HouseholdMerge.state == MergeState.PROPOSED,
        or_(HouseholdMerge.survivor_id.in_(both), HouseholdMerge.loser_id.in_(both)),
    )
    if session.scalars(taken).first() is not None:
        raise MergeOpen()


def _require_pairs(session: Session, command: ProposeMerge, staying_id: int, ending_id: int) -> None:
    endings = [one.ending_id for one in command.people]
    stayings = [one.staying_id for one in command.people]
    if len(set(endings)) < len(endings) or len(set(stayings)) < len(stayings):
        raise PeoplePairedTwice()
    for ids, household_id in ((endings, ending_id), (stayings, staying_id)):
        known = set(session.scalars(select(Person.id).where(Person.household_id == household_id)))
        if not set(ids) <= known:
            raise NotFound()
