"""Approving a merge: the second person's yes makes one registration of two."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.consequences import consequences
from aidtrack.beneficiaries.errors import MergeOutdated, MergeSettled, OwnMerge
from aidtrack.beneficiaries.happenings import EndedAs, Happening, MergeState
from aidtrack.beneficiaries.models import Household, HouseholdEnd
from aidtrack.beneficiaries.services.changing import changed, happened, locked_pair, today_at
from aidtrack.beneficiaries.services.merging.carrying import (
    come_along,
    copy_categories,
    copy_rows,
    pair,
    take,
)
from aidtrack.beneficiaries.services.merging.rows import is_own, locked_merge, set_merge
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import Conflict


def approve_merge(session: Session, merge_id: int, *, actor: Actor, now: datetime) -> None:
    """Make one registration of two.

    Raises:
        OwnMerge: who proposed does not approve, nor does a program, which may be the same person's.
        MergeOutdated: one of the families changed since it was proposed.
    """
    merge = locked_merge(session, merge_id, actor)
    if merge.state is not MergeState.PROPOSED:
        raise MergeSettled()
    if is_own(merge, actor) or actor.token_id is not None:
        raise OwnMerge()
    try:
        staying, ending = locked_pair(
            session, (merge.survivor_id, merge.survivor_version), (merge.loser_id, merge.loser_version), actor
        )
    except Conflict:
        raise MergeOutdated() from None
    today = today_at(session, staying, now)
    choices = json.loads(merge.choices)
    before: dict[str, Any] = {"copied": {}}
    before["family"] = take(session, Household, staying, ending, choices["taken"])
    before["people"] = pair(session, choices["people"])
    come_along(session, staying.id, ending.id, choices["people"], before)
    copy_categories(session, staying.id, ending.id, choices["people"], before)
    copy_rows(session, staying.id, ending.id, today, before)
    moved = update(HouseholdEnd).where(
        HouseholdEnd.successor_id == ending.id, HouseholdEnd.ended_as == EndedAs.MERGED
    )
    before["led_here"] = list(
        session.scalars(
            select(HouseholdEnd.household_id).where(
                HouseholdEnd.successor_id == ending.id, HouseholdEnd.ended_as == EndedAs.MERGED
            )
        )
    )
    session.execute(moved.values(successor_id=staying.id).execution_options(synchronize_session=False))
    end = {
        "household_id": ending.id,
        "ended_on": today,
        "ended_as": EndedAs.MERGED,
        "successor_id": staying.id,
    }
    queries.insert_many(session, HouseholdEnd, [end])
    effects = {one.name: one.merged(session, staying.id, ending.id, actor, now) for one in consequences()}
    set_merge(
        session, merge.id, state=MergeState.APPROVED, decided_by=actor.label, decided_by_id=actor.user_id,
        decided_at=now, before=json.dumps(before, default=_plain), effects=effects,
    )  # fmt: skip
    for whose, other in ((staying, ending.id), (ending, staying.id)):
        happened(session, whose.id, Happening.MERGED, on=today, other_id=other, actor=actor, now=now)
        changed(
            session, whose, "approve_merge", facts={"merge_id": merge.id, "with": other}, actor=actor, now=now
        )


def _plain(value: Any) -> str:
    return str(value)
