"""Two registrations of one family become one: proposed by one person, approved by another (I17), undone if need be.

Rows of handouts, papers and history stay where they are; the registration that ends becomes a name that leads to the
other. Whatever is changed or copied is noted in `before`, so that undoing brings both back as they were.
"""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, or_, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.commands import ProposeMerge
from aidtrack.beneficiaries.consequences import consequences
from aidtrack.beneficiaries.errors import (
    AtTwoSites,
    LaterMergeFirst,
    MergeOpen,
    MergeOutdated,
    MergeSettled,
    OwnMerge,
    PeoplePairedTwice,
    SameFamily,
)
from aidtrack.beneficiaries.happenings import EndedAs, Happening, MergeState
from aidtrack.beneficiaries.models import (
    Category,
    Collector,
    EligibilityDecision,
    Household,
    HouseholdEnd,
    HouseholdMerge,
    NameToken,
    NeedsAssessment,
    Person,
    PersonAlias,
    ProtectedCategory,
)
from aidtrack.beneficiaries.queries.facts import still_counts
from aidtrack.beneficiaries.search_index import tokens_of
from aidtrack.beneficiaries.services import checking
from aidtrack.beneficiaries.services.bodies import secret_body
from aidtrack.beneficiaries.services.changing import changed, happened, locked_pair, today_at
from aidtrack.beneficiaries.services.registration import insert_tokens
from aidtrack.beneficiaries.services.sealing import rehome_people
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import Conflict, NotFound

# what may be taken over field by field; hashes go with what they are hashes of
OF_FAMILY = ("settlement", "katottg", "address", "phone", "displaced_on")
OF_PERSON = ("surname", "given_name", "patronymic", "sex", "birth_date", "document")
_HASHES = {"phone": "phone_hash", "document": "document_hash"}
_COPIED: dict[str, Any] = {
    "category": Category, "protected": ProtectedCategory, "collector": Collector, "assessment": NeedsAssessment,
    "decision": EligibilityDecision,
}  # fmt: skip


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
    _record(session, staying, "propose_merge", merge_id, ending.id, actor=actor, now=now)
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
    own = _is_own(merge, actor)
    state = MergeState.WITHDRAWN if own else MergeState.DECLINED
    decided = {} if own else {"decided_by": actor.label, "decided_by_id": actor.user_id, "decided_at": now}
    _set(session, merge.id, state=state, **decided)
    household = queries.lock_household(session, merge.survivor_id, actor)
    action = "withdraw_merge" if own else "decline_merge"
    _record(session, household, action, merge.id, merge.loser_id, actor=actor, now=now)


def approve_merge(session: Session, merge_id: int, *, actor: Actor, now: datetime) -> None:
    """Make one registration of two.

    Raises:
        OwnMerge: who proposed does not approve.
        MergeOutdated: one of the families changed since it was proposed.
    """
    merge = locked_merge(session, merge_id, actor)
    if merge.state is not MergeState.PROPOSED:
        raise MergeSettled()
    if _is_own(merge, actor):
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
    before["family"] = _take(session, Household, staying, ending, choices["taken"])
    before["people"] = _pair(session, choices["people"])
    _come_along(session, staying.id, ending.id, choices["people"], before)
    _copy_categories(session, staying.id, ending.id, choices["people"], before)
    _copy_rows(session, staying.id, ending.id, today, before)
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
    _set(
        session, merge.id, state=MergeState.APPROVED, decided_by=actor.label, decided_by_id=actor.user_id,
        decided_at=now, before=json.dumps(before, default=_plain), effects=effects,
    )  # fmt: skip
    for whose, other in ((staying, ending.id), (ending, staying.id)):
        happened(session, whose.id, Happening.MERGED, on=today, other_id=other, actor=actor, now=now)
        changed(
            session, whose, "approve_merge", facts={"merge_id": merge.id, "with": other}, actor=actor, now=now
        )


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
        _index_anew(session, int(number))
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
    _set(
        session, merge.id, state=MergeState.UNDONE, undone_by=actor.label, undone_at=now, undo_reason=why,
    )  # fmt: skip
    for whose, other in ((staying, ending.id), (ending, staying.id)):
        happened(session, whose.id, Happening.MERGE_UNDONE, on=today, other_id=other, actor=actor, now=now)
        changed(session, whose, "undo_merge", facts={"merge_id": merge.id}, actor=actor, now=now)


def locked_merge(session: Session, merge_id: int, actor: Actor) -> HouseholdMerge:
    """The merge, held; NotFound outside the actor's sites."""
    actor.require(Permission.HOUSEHOLD_WRITE)
    merge = session.scalar(
        select(HouseholdMerge)
        .join(Household, Household.id == HouseholdMerge.survivor_id)
        .where(HouseholdMerge.id == merge_id, Household.site_id.in_(sorted(actor.site_ids)))
        .with_for_update(of=HouseholdMerge)
        .execution_options(populate_existing=True)
    )
    if merge is None:
        raise NotFound()
    return merge


# -- proposing -----------------------------------------------------------------------------------------


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


def _is_own(merge: HouseholdMerge, actor: Actor) -> bool:
    same_user = merge.proposed_by_id is not None and merge.proposed_by_id == actor.user_id
    return same_user or merge.proposed_by == actor.label


# -- approving -----------------------------------------------------------------------------------------


def _take(session: Session, model: Any, staying: Any, ending: Any, names: Iterable[str]) -> dict[str, Any]:
    """Take values over; gives what each was and became, so that undoing can tell what changed since."""
    columns = {name: getattr(ending, name) for name in names if name in (*OF_FAMILY, *OF_PERSON)}
    columns |= {_HASHES[name]: getattr(ending, _HASHES[name]) for name in names if name in _HASHES}
    columns = {name: value for name, value in columns.items() if getattr(staying, name) != value}
    before = {name: [_kept(getattr(staying, name)), _kept(value)] for name, value in columns.items()}
    if columns:
        session.execute(
            update(model)
            .where(model.id == staying.id)
            .values(**columns)
            .execution_options(synchronize_session=False)
        )
    return before


def _pair(session: Session, people: list[list[Any]]) -> dict[str, Any]:
    before: dict[str, Any] = {}
    for ending_id, staying_id, names in people:
        ending, staying = _fresh(session, ending_id), _fresh(session, staying_id)
        taken = list(names)
        fields = _take(session, Person, staying, ending, taken)
        if staying.tax_id_hash is None and ending.tax_id_hash is not None:
            fields |= {"tax_id_hash": [None, _kept(ending.tax_id_hash)]}
            session.execute(
                update(Person)
                .where(Person.id == staying_id)
                .values(tax_id_hash=ending.tax_id_hash)
                .execution_options(synchronize_session=False)
            )
        if fields:
            before[str(staying_id)] = fields
        session.expire(staying)
        _index_anew(session, staying_id)
    queries.insert_many(session, PersonAlias, [{"person_id": one[0], "same_as_id": one[1]} for one in people])
    return before


def _come_along(
    session: Session, staying_id: int, ending_id: int, people: list[list[Any]], before: dict[str, Any]
) -> None:
    """Members only the ending registration has become members of the one that goes on; nobody as its head."""
    paired = {one[0] for one in people}
    coming = [
        person
        for person in session.scalars(
            select(Person)
            .where(Person.household_id == ending_id)
            .order_by(Person.id)
            .execution_options(populate_existing=True)
        )
        if person.id not in paired
    ]
    before["aliases"] = sorted(paired)
    before["came"] = [person.id for person in coming]
    before["head_came"] = next((person.id for person in coming if person.is_head), None)
    ids = [person.id for person in coming]
    session.execute(
        update(Person)
        .where(Person.id.in_(ids))
        .values(is_head=False)
        .execution_options(synchronize_session=False)
    )
    rehome_people(session, ids, staying_id)
    for person in coming:
        session.expunge(person)


def _copy_categories(
    session: Session, staying_id: int, ending_id: int, people: list[list[Any]], before: dict[str, Any]
) -> None:
    """Categories that only the ending registration knows hold on, its own rows stay. Protected ones unseen."""
    same = {None: None, **{one[0]: one[1] for one in people}}
    for name, drawer in (("category", Category), ("protected", ProtectedCategory)):
        known = {
            (row.person_id, row.kind)
            for row in session.execute(
                select(drawer.person_id, drawer.kind).where(drawer.household_id == staying_id)
            )
        }
        columns = [column for column in drawer.__table__.columns if column.name != "id"]
        rows = session.execute(
            select(*columns).where(drawer.household_id == ending_id).order_by(drawer.id)
        ).all()
        copies = [
            {**row._mapping, "household_id": staying_id, "person_id": same[row.person_id]}
            for row in rows
            if row.person_id in same and (same[row.person_id], row.kind) not in known
        ]
        before["copied"][name] = queries.insert_returning(session, drawer, copies)


def _copy_rows(
    session: Session, staying_id: int, ending_id: int, today: date, before: dict[str, Any]
) -> None:
    """Collectors, acts and decisions in force hold for the one family."""
    named = set(session.scalars(select(Collector.name).where(Collector.household_id == staying_id)))
    for name in ("collector", "assessment", "decision"):
        model = _COPIED[name]
        columns = [column for column in model.__table__.columns if column.name not in ("id", "household_id")]
        rows = session.execute(
            select(*columns)
            .where(
                model.household_id == ending_id,
                or_(model.valid_until.is_(None), model.valid_until >= today),
                still_counts() if model is EligibilityDecision else true(),
            )
            .order_by(model.id)
        ).all()
        copies = [
            {**row._mapping, "household_id": staying_id}
            for row in rows
            if name != "collector" or row.name not in named
        ]
        before["copied"][name] = queries.insert_returning(session, model, copies)


def _index_anew(session: Session, person_id: int) -> None:
    person = _fresh(session, person_id)
    session.execute(delete(NameToken).where(NameToken.person_id == person_id))
    columns = {name: getattr(person, name) for name in (*OF_PERSON, "document_hash", "tax_id_hash")}
    insert_tokens(session, [(token, person_id) for token in tokens_of(columns)])


def _fresh(session: Session, person_id: int) -> Person:
    return session.get_one(Person, person_id, populate_existing=True)


# -- undoing -------------------------------------------------------------------------------------------


def _give_back(session: Session, model: Any, row_id: int, fields: dict[str, Any]) -> None:
    """Values that the merge wrote and nobody changed since."""
    row = session.get_one(model, row_id, populate_existing=True)
    columns = {
        name: _read(model, name, was)
        for name, (was, became) in fields.items()
        if _kept(getattr(row, name)) == became
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
        model = _COPIED[name]
        for number in ids:
            try:
                with session.begin_nested():
                    session.execute(
                        delete(model).where(model.id == number).execution_options(synchronize_session=False)
                    )
            except IntegrityError:
                continue  # a mark was judged by this paper since: it stays with the family it was judged for


# -- shared --------------------------------------------------------------------------------------------


def _kept(value: Any) -> Any:
    """A value as JSON keeps it; hashes as hexadecimal digits."""
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, date) else value


def _read(model: Any, name: str, kept: Any) -> Any:
    if kept is None:
        return None
    if name.endswith("_hash"):
        return bytes.fromhex(kept)
    if name in ("birth_date", "displaced_on"):
        return date.fromisoformat(kept)
    return kept


def _plain(value: Any) -> str:
    return str(value)


def _set(session: Session, merge_id: int, **values: Any) -> None:
    session.execute(
        update(HouseholdMerge)
        .where(HouseholdMerge.id == merge_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _record(
    session: Session,
    household: Household,
    action: str,
    merge_id: int,
    other_id: int,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    audit.record(
        session, actor=actor, action=f"beneficiaries.{action}", object_type="household", object_id=household.id,
        site_id=household.site_id, facts={"merge_id": merge_id, "with": other_id}, now=now,
    )  # fmt: skip
