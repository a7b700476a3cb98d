"""Families part and come together: some found a household of their own, or come to live with another one.

A person keeps their number wherever they live, so that whom handouts reached is counted once. What was handed out,
the papers of the case and the history stay with the household they belong to.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select, true, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.models import Site
from aidtrack.beneficiaries import identifiers, queries
from aidtrack.beneficiaries.commands import JoinHouseholds, SplitHousehold
from aidtrack.beneficiaries.errors import (
    DatesOutOfOrder,
    HeadAmongThem,
    HeadStays,
    NobodyChosen,
    NotPresent,
    SameFamily,
    SomebodyStays,
    TooManyMembers,
)
from aidtrack.beneficiaries.happenings import EndedAs, Happening
from aidtrack.beneficiaries.models import (
    EligibilityDecision,
    Household,
    HouseholdEnd,
    NeedsAssessment,
    Person,
)
from aidtrack.beneficiaries.queries.facts import still_counts
from aidtrack.beneficiaries.services import checking
from aidtrack.beneficiaries.services.bodies import secret_body
from aidtrack.beneficiaries.services.changing import (
    changed,
    happened,
    locked,
    locked_pair,
    make_head,
    today_at,
)
from aidtrack.beneficiaries.services.registration import give_numbers
from aidtrack.beneficiaries.services.sealing import rehome_people
from aidtrack.beneficiaries.services.ticks import copy_ticks
from aidtrack.kernel.actor import Actor, Permission


def split_household(session: Session, command: SplitHousehold, *, actor: Actor, now: datetime) -> int:
    """Some members found a household of their own, with a number of its own; gives its id.

    Their categories and papers go with them; those of the family as a whole stay.
    """
    actor.require(Permission.HOUSEHOLD_WRITE)
    queries.find_household(session, command.household_id, actor)
    body = secret_body(command)
    done = audit.already_done(session, command_id=str(command.command_id), kind="split_household", body=body)
    if done is not None and done.object_id is not None:
        return done.object_id
    household = locked(session, command.household_id, command.version, actor)
    today = today_at(session, household, now)
    on = checking.past_day(command.on, today, "on")
    present = _present(session, household.id)
    going = _going(present, command.person_ids, on)
    staying = [one for one in present if one.id not in {person.id for person in going}]
    if not staying:
        raise SomebodyStays()
    if command.head_id not in {person.id for person in going}:
        raise HeadAmongThem()
    follower = _follower(going, staying, command.new_head_id)
    for one in (*going, *staying):
        if one.id in (command.head_id, follower):
            checking.ask_about_head(one, on, sure=command.young_head)
    columns = _home_columns(command, household, today, on)
    new_id = _found(session, household, columns, actor=actor, now=now)
    _move(session, going, new_id, on)
    make_head(session, new_id, command.head_id)
    if follower is not None:
        make_head(session, household.id, follower)
        happened(session, household.id, Happening.NEW_HEAD, on=on, person_id=follower, actor=actor, now=now)
    if command.keep_papers:
        _copy_papers(session, household.id, new_id, on)
    happened(session, new_id, Happening.FOUNDED, on=on, other_id=household.id, actor=actor, now=now)
    for person in going:
        for whose, kind, other in (
            (household.id, Happening.WENT_TO, new_id), (new_id, Happening.CAME_FROM, household.id)
        ):  # fmt: skip
            happened(session, whose, kind, on=on, person_id=person.id, other_id=other, actor=actor, now=now)
    happened(session, household.id, Happening.SPLIT_OFF, on=on, other_id=new_id, actor=actor, now=now)
    facts: dict[str, object] = {"persons": [person.id for person in going], "new_household_id": new_id}
    changed(session, household, "split_household", facts=facts, actor=actor, now=now)
    audit.record(
        session, actor=actor, action="beneficiaries.register_household", object_type="household", object_id=new_id,
        site_id=household.site_id, facts={"members": len(going), "split_from": household.id}, now=now,
    )  # fmt: skip
    audit.mark_done(
        session, command_id=str(command.command_id), kind="split_household", body=body, object_id=new_id,
        actor=actor, now=now,
    )  # fmt: skip
    return new_id


def join_households(session: Session, command: JoinHouseholds, *, actor: Actor, now: datetime) -> None:
    """People of one family come to live with another. If all do, theirs ends and leads to the other.

    The head of the family they come to stays its head. Two real families they were: both keep what they were
    given and may still collect on vouchers that were issued before.
    """
    actor.require(Permission.HOUSEHOLD_WRITE)
    queries.find_household(session, command.household_id, actor)
    if command.household_id == command.from_id:
        raise SameFamily()
    household, other = locked_pair(
        session, (command.household_id, command.version), (command.from_id, command.from_version), actor
    )
    on = checking.past_day(command.on, today_at(session, household, now), "on")
    present = _present(session, other.id)
    going = _going(present, command.person_ids, on)
    staying = [one for one in present if one.id not in {person.id for person in going}]
    follower = _follower(going, staying, command.new_head_id) if staying else None
    for one in staying:
        if one.id == follower:
            checking.ask_about_head(one, on, sure=command.young_head)
    if len(_everybody(session, household.id)) + len(going) > checking.MOST_MEMBERS:
        raise TooManyMembers(most=checking.MOST_MEMBERS)
    _move(session, going, household.id, on)
    if follower is not None:
        make_head(session, other.id, follower)
        happened(session, other.id, Happening.NEW_HEAD, on=on, person_id=follower, actor=actor, now=now)
    for person in going:
        for whose, kind, that in (
            (other.id, Happening.WENT_TO, household.id), (household.id, Happening.CAME_FROM, other.id)
        ):  # fmt: skip
            happened(session, whose, kind, on=on, person_id=person.id, other_id=that, actor=actor, now=now)
    if not staying:
        queries.insert_many(
            session,
            HouseholdEnd,
            [
                {
                    "household_id": other.id,
                    "ended_on": on,
                    "ended_as": EndedAs.JOINED,
                    "successor_id": household.id,
                }
            ],
        )
        happened(session, other.id, Happening.ENDED, on=on, other_id=household.id, actor=actor, now=now)
        happened(session, household.id, Happening.JOINED, on=on, other_id=other.id, actor=actor, now=now)
    persons = [person.id for person in going]
    changed(
        session,
        household,
        "join_households",
        facts={"persons": persons, "from": other.id},
        actor=actor,
        now=now,
    )
    changed(
        session,
        other,
        "join_households",
        facts={"persons": persons, "to": household.id},
        actor=actor,
        now=now,
    )


def _everybody(session: Session, household_id: int) -> list[Person]:
    return list(
        session.scalars(
            select(Person)
            .where(Person.household_id == household_id)
            .order_by(Person.id)
            .execution_options(populate_existing=True)
        )
    )


def _present(session: Session, household_id: int) -> list[Person]:
    return [one for one in _everybody(session, household_id) if one.left_on is None]


def _going(present: list[Person], person_ids: Collection[int], on: date) -> list[Person]:
    if not person_ids:
        raise NobodyChosen()
    going = [one for one in present if one.id in set(person_ids)]
    if len(going) != len(set(person_ids)):
        raise NotPresent(field="person_ids")
    if any(on < one.joined_on for one in going):
        raise DatesOutOfOrder(field="on")
    return going


def _follower(going: list[Person], staying: list[Person], named: int | None) -> int | None:
    """Who heads those who stay; None when their head stays."""
    if not any(one.is_head for one in going):
        return None
    if len(staying) == 1:
        return staying[0].id
    if named not in {one.id for one in staying}:
        raise HeadStays(field="new_head_id")
    return named


def _home_columns(command: SplitHousehold, household: Household, today: date, on: date) -> dict[str, Any]:
    phone, katottg = identifiers.clean_phone(command.phone), identifiers.clean_katottg(command.katottg)
    return {
        "settlement": checking.needed(command.settlement, 120, "settlement"),
        "katottg": katottg,
        "address": identifiers.clean_text(command.address, 200, "address"),
        "phone": phone,
        "phone_hash": identifiers.phone_hash(phone),
        "displaced_on": household.displaced_on,
        "arrived_on": checking.arrived_on(household.katottg, katottg, household.arrived_on, on),
        "site_id": household.site_id,
        "registered_on": today,
    }


def _found(
    session: Session, household: Household, columns: dict[str, Any], *, actor: Actor, now: datetime
) -> int:
    columns |= {"version": 1, "changed_at": now, "changed_by": actor.label}
    family = checking.Family(columns, [], (), ())
    give_numbers(session, [family], {household.site_id: session.get_one(Site, household.site_id)})
    [new_id] = queries.insert_returning(session, Household, [family.columns])
    return new_id


def _move(session: Session, going: list[Person], household_id: int, on: date) -> None:
    """Nobody arrives as a head: the family they come to has one, or names one."""
    ids = [person.id for person in going]
    session.execute(
        update(Person)
        .where(Person.id.in_(ids))
        .values(is_head=False, joined_on=on)
        .execution_options(synchronize_session=False)
    )
    rehome_people(session, ids, household_id)
    for person in going:
        session.expunge(person)


def _copy_papers(session: Session, from_id: int, to_id: int, on: date) -> None:
    """Acts with what they tick, and decisions in force, hold for the new family too, under their own numbers."""
    for model in (NeedsAssessment, EligibilityDecision):
        columns = [column for column in model.__table__.columns if column.name not in ("id", "household_id")]
        rows = session.execute(
            select(model.id, *columns)
            .where(model.household_id == from_id, or_(model.valid_until.is_(None), model.valid_until >= on))
            .where(still_counts() if model is EligibilityDecision else true())
            .order_by(model.id)
        ).all()
        copies = [{**row._mapping, "household_id": to_id} for row in rows]
        made = queries.insert_returning(session, model, copies)
        if model is NeedsAssessment:
            copy_ticks(session, {row.id: one for row, one in zip(rows, made, strict=True)}, to_id)
