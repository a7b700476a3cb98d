"""A family's data change: where it lives, who belongs to it. Two people at once are noticed."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.models import Site
from aidtrack.beneficiaries import queries, search_index
from aidtrack.beneficiaries.commands import AddMember, ChangeHousehold, ChangeMember, MemberLeaves
from aidtrack.beneficiaries.errors import (
    DatesOutOfOrder,
    HeadStays,
    PossibleDuplicate,
    TooManyMembers,
)
from aidtrack.beneficiaries.identifiers import clean_text
from aidtrack.beneficiaries.models import Category, Household, NameToken, Person, ProtectedCategory
from aidtrack.beneficiaries.services import checking
from aidtrack.beneficiaries.services.bodies import secret_body
from aidtrack.beneficiaries.services.registration import insert_tokens
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import Conflict, NotFound


def _locked(session: Session, household_id: int, version: int, actor: Actor) -> Household:
    """The household for a change, if nobody changed it since the person looked."""
    actor.require(Permission.HOUSEHOLD_WRITE)
    household = queries.lock_household(session, household_id, actor)
    if household.version != version:
        raise Conflict(who=household.changed_by, when=household.changed_at.isoformat())
    return household


def today_at(session: Session, household: Household, now: datetime) -> date:
    zone = session.scalar(select(Site.time_zone).where(Site.id == household.site_id))
    return local_date(now, zone or "Europe/Kyiv")


def _changed(
    session: Session,
    household: Household,
    action: str,
    *,
    actor: Actor,
    now: datetime,
    columns: dict[str, Any] | None = None,
    reason: str | None = None,
    facts: dict[str, object] | None = None,
) -> None:
    session.execute(
        update(Household)
        .where(Household.id == household.id)
        .values(version=household.version + 1, changed_at=now, changed_by=actor.label, **(columns or {}))
        .execution_options(synchronize_session=False)
    )
    audit.record(
        session, actor=actor, action=f"beneficiaries.{action}", object_type="household", object_id=household.id,
        site_id=household.site_id, reason=reason, facts={"version": household.version + 1, **(facts or {})},
        now=now,
    )  # fmt: skip
    session.expire(household)


def change_household(session: Session, command: ChangeHousehold, *, actor: Actor, now: datetime) -> None:
    """Change where a family lives, how it is reached and who else may collect.

    Raises:
        Conflict: somebody else saved a change meanwhile; says who and when.
    """
    household = _locked(session, command.household_id, command.version, actor)
    columns = checking.address_columns(command, today_at(session, household, now))
    changed = sorted(name for name, value in columns.items() if getattr(household, name) != value)
    _changed(
        session,
        household,
        "change_household",
        columns=columns,
        facts={"fields": changed},
        actor=actor,
        now=now,
    )


def add_member(session: Session, command: AddMember, *, actor: Actor, now: datetime) -> int:
    """A person joins the family; the same command id has one effect. Gives the person's id."""
    actor.require(Permission.HOUSEHOLD_WRITE)
    queries.find_household(session, command.household_id, actor)
    body = secret_body(replace(command, version=0))
    done = audit.already_done(session, command_id=str(command.command_id), kind="add_member", body=body)
    if done is not None and done.object_id is not None:
        return done.object_id
    household = _locked(session, command.household_id, command.version, actor)
    today = today_at(session, household, now)
    joined_on = checking.past_day(command.joined_on or today, today, "joined_on")
    member = replace(command.member, is_head=False)
    person = checking.person(member, queries.kinds(session), today=today, joined_on=joined_on, actor=actor)
    members = select(Person.id).where(Person.household_id == household.id)
    if len(session.scalars(members).all()) >= checking.MOST_MEMBERS:
        raise TooManyMembers(most=checking.MOST_MEMBERS)
    reason = _refuse_double(session, person, household.id, command.go_on_reason, actor)
    person.columns["household_id"] = household.id
    [person_id] = queries.insert_returning(session, Person, [person.columns])
    insert_tokens(session, [(token, person_id) for token in person.tokens])
    whose = {"household_id": household.id, "person_id": person_id}
    queries.insert_many(session, Category, [columns | whose for columns in person.categories])
    queries.insert_many(session, ProtectedCategory, [columns | whose for columns in person.protected])
    if command.member.is_head:
        _make_head(session, household.id, person_id)
    _changed(
        session, household, "add_member", reason=reason, facts={"person_id": person_id}, actor=actor, now=now
    )
    audit.mark_done(
        session, command_id=str(command.command_id), kind="add_member", body=body, object_id=person_id,
        actor=actor, now=now,
    )  # fmt: skip
    return person_id


def change_member(session: Session, command: ChangeMember, *, actor: Actor, now: datetime) -> None:
    """Change a member's own data, or make them the head of the family."""
    household = _locked(session, command.household_id, command.version, actor)
    person = _member(session, household.id, command.person_id)
    today = today_at(session, household, now)
    columns = checking.person_columns(command, today)
    columns.pop("is_head")
    new_tax_hash = checking.checked_tax_hash(command)
    if new_tax_hash is not None or command.forget_tax_id:
        columns["tax_id_hash"] = new_tax_hash
    reason = _refuse_double(
        session,
        checking.Person(
            {"document_hash": None, "tax_id_hash": None, **columns}, (), (), frozenset(),
            search_index.name_and_birth_token(columns),
        ),
        household.id,
        command.go_on_reason,
        actor,
    )  # fmt: skip
    changed = sorted(name for name, value in columns.items() if getattr(person, name) != value)
    session.execute(
        update(Person)
        .where(Person.id == person.id)
        .values(**columns)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(NameToken).where(NameToken.person_id == person.id))
    insert_tokens(session, [(token, person.id) for token in search_index.tokens_of(columns)])
    if command.is_head and not person.is_head:
        if person.left_on is not None:
            raise HeadStays(field="is_head")
        _make_head(session, household.id, person.id)
        changed.append("is_head")
    facts: dict[str, object] = {"person_id": person.id, "fields": changed}
    _changed(session, household, "change_member", reason=reason, facts=facts, actor=actor, now=now)
    session.expire(person)


def member_leaves(session: Session, command: MemberLeaves, *, actor: Actor, now: datetime) -> None:
    """A member leaves: moved away, grew up, died. The person's past stays with the family."""
    household = _locked(session, command.household_id, command.version, actor)
    person = _member(session, household.id, command.person_id)
    if person.is_head:
        raise HeadStays()
    left_on = checking.past_day(command.left_on, today_at(session, household, now), "left_on")
    if left_on < person.joined_on:
        raise DatesOutOfOrder(field="left_on")
    session.execute(
        update(Person)
        .where(Person.id == person.id)
        .values(left_on=left_on)
        .execution_options(synchronize_session=False)
    )
    facts: dict[str, object] = {"person_id": person.id, "left_on": left_on.isoformat()}
    _changed(session, household, "member_leaves", facts=facts, actor=actor, now=now)
    session.expire(person)


def _member(session: Session, household_id: int, person_id: int) -> Person:
    person = session.scalar(select(Person).where(Person.id == person_id, Person.household_id == household_id))
    if person is None:
        raise NotFound()
    return person


def _make_head(session: Session, household_id: int, person_id: int) -> None:
    """One head at a time: the old one steps back first, or the database refuses two."""
    for whom, is_head in ((Person.is_head.is_(True), False), (Person.id == person_id, True)):
        session.execute(
            update(Person)
            .where(Person.household_id == household_id, whom)
            .values(is_head=is_head)
            .execution_options(synchronize_session=False)
        )


def _refuse_double(
    session: Session, person: checking.Person, household_id: int, go_on: str | None, actor: Actor
) -> str | None:
    """Refuse a person registered with another family, unless a reason to go on is given; gives the reason."""
    doubles = queries.doubles_of(session, person.keys(), actor.site_ids, besides=household_id)
    reason = clean_text(go_on, 500, "go_on_reason")
    if doubles and reason is None:
        raise PossibleDuplicate(
            households=sorted(doubles),
            reasons={str(household): why for household, why in doubles.items()},
            index=0,
        )
    return reason if doubles else None
