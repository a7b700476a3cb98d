"""Undoing a merge: both registrations as they were, save for what somebody changed since."""

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.consequences import consequences
from aidtrack.beneficiaries.errors import LaterMergeFirst, MergeSettled
from aidtrack.beneficiaries.happenings import Happening, MergeState
from aidtrack.beneficiaries.models import Household, HouseholdEnd, Person, PersonAlias
from aidtrack.beneficiaries.services import checking
from aidtrack.beneficiaries.services.changing import changed, happened, today_at
from aidtrack.beneficiaries.services.merging.rows import COPIED, index_anew, kept, locked_merge, set_merge
from aidtrack.beneficiaries.services.sealing import rehome_people
from aidtrack.kernel.actor import Actor


def undo_merge(session: Session, merge_id: int, reason: str, *, actor: Actor, now: datetime) -> None:
    """Bring both registrations back as they were. What somebody changed since the merge stays as it is now.

    Raises:
        LaterMergeFirst: the family that goes on was merged into another one since.
    """
    merge = locked_merge(session, merge_id, actor)
    if merge.state is not MergeState.APPROVED or merge.before is None:
        raise MergeSettled()
    why = checking.needed(reason, 500, "reason")
    households = {
        number: queries.lock_household(session, number, actor)
        for number in sorted((merge.survivor_id, merge.loser_id))
    }
    staying, ending = households[merge.survivor_id], households[merge.loser_id]
    if session.get(HouseholdEnd, staying.id) is not None:
        raise LaterMergeFirst()
    before = json.loads(merge.before)
    today = today_at(session, staying, now)
    _give_back(session, Household, staying.id, before["family"])
    for number, fields in before["people"].items():
        _give_back(session, Person, int(number), fields)
        index_anew(session, int(number))
    session.execute(
        delete(PersonAlias)
        .where(PersonAlias.person_id.in_(before["aliases"]))
        .execution_options(synchronize_session=False)
    )
    _go_back(session, staying.id, ending.id, before)
    _remove_copies(session, before["copied"])
    session.execute(
        delete(HouseholdEnd)
        .where(HouseholdEnd.household_id == ending.id)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(HouseholdEnd)
        .where(HouseholdEnd.household_id.in_(before["led_here"]))
        .values(successor_id=ending.id)
        .execution_options(synchronize_session=False)
    )
    effects: dict[str, Any] = dict(merge.effects or {})
    for one in consequences():
        one.undone(session, staying.id, ending.id, effects.get(one.name, {}), actor, now)
    set_merge(
        session, merge.id, state=MergeState.UNDONE, undone_by=actor.label, undone_at=now, undo_reason=why,
    )  # fmt: skip
    for whose, other in ((staying, ending.id), (ending, staying.id)):
        happened(session, whose.id, Happening.MERGE_UNDONE, on=today, other_id=other, actor=actor, now=now)
        changed(session, whose, "undo_merge", facts={"merge_id": merge.id}, actor=actor, now=now)


def _give_back(session: Session, model: Any, row_id: int, fields: dict[str, Any]) -> None:
    """Values that the merge wrote and nobody changed since."""
    row = session.get_one(model, row_id, populate_existing=True)
    columns = {
        name: _read(model, name, was)
        for name, (was, became) in fields.items()
        if kept(getattr(row, name)) == became
    }
    if columns:
        session.execute(
            update(model)
            .where(model.id == row_id)
            .values(**columns)
            .execution_options(synchronize_session=False)
        )
        session.expire(row)


def _go_back(session: Session, staying_id: int, ending_id: int, before: dict[str, Any]) -> None:
    """Those who came along and are still there; whoever heads the family by now stays with it."""
    here = session.scalars(
        select(Person).where(
            Person.id.in_(before["came"]), Person.household_id == staying_id, Person.is_head.is_(False)
        )
    ).all()
    ids = [person.id for person in here]
    rehome_people(session, ids, ending_id)
    if before["head_came"] in ids:
        session.execute(
            update(Person)
            .where(Person.id == before["head_came"])
            .values(is_head=True)
            .execution_options(synchronize_session=False)
        )
    for person in here:
        session.expunge(person)


def _remove_copies(session: Session, copied: dict[str, list[int]]) -> None:
    for name, ids in copied.items():
        model = COPIED[name]
        for number in ids:
            try:
                with session.begin_nested():
                    session.execute(
                        delete(model).where(model.id == number).execution_options(synchronize_session=False)
                    )
            except IntegrityError:
                continue  # a mark was judged by this paper since: it stays with the family it was judged for


def _read(model: Any, name: str, stored: Any) -> Any:
    if stored is None:
        return None
    if name.endswith("_hash"):
        return bytes.fromhex(stored)
    if name in ("birth_date", "displaced_on", "arrived_on"):
        return date.fromisoformat(stored)
    return stored
