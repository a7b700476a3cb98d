"""Who belongs to a family: people come, are born, change, leave, die, become head. Two at once are noticed."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries import queries, search_index
from aidtrack.beneficiaries.commands import AddMember, ChangeMember, MemberLeaves, NameHead
from aidtrack.beneficiaries.errors import (
    BirthDateNeeded,
    DatesOutOfOrder,
    HeadStays,
    NotPresent,
    PossibleDuplicate,
    TooManyMembers,
)
from aidtrack.beneficiaries.happenings import Happening, LeftWhy
from aidtrack.beneficiaries.identifiers import clean_text
from aidtrack.beneficiaries.models import Category, Household, NameToken, Person, ProtectedCategory
from aidtrack.beneficiaries.services import checking
from aidtrack.beneficiaries.services.bodies import secret_body
from aidtrack.beneficiaries.services.changing import (
    changed,
    differences,
    happened,
    locked,
    make_head,
    member_of,
    today_at,
)
from aidtrack.beneficiaries.services.registration import insert_tokens
from aidtrack.kernel.actor import Actor, Permission


def add_member(session: Session, command: AddMember, *, actor: Actor, now: datetime) -> int:
    """A person joins the family or is born into it; the same command id has one effect. Gives the person's id."""
    actor.require(Permission.HOUSEHOLD_WRITE)
    queries.find_household(session, command.household_id, actor)
    body = secret_body(replace(command, version=0))
    done = audit.already_done(session, command_id=str(command.command_id), kind="add_member", body=body)
    if done is not None and done.object_id is not None:
        return done.object_id
    household = locked(session, command.household_id, command.version, actor)
    today = today_at(session, household, now)
    if command.born and command.member.birth_date is None:
        raise BirthDateNeeded()
    since = command.member.birth_date if command.born else command.joined_on
    joined_on = checking.past_day(since or today, today, "joined_on")
    member = replace(command.member, is_head=False)
    person = checking.person(member, queries.kinds(session), today=today, joined_on=joined_on, actor=actor)
    members = select(Person.id).where(Person.household_id == household.id)
    if len(session.scalars(members).all()) >= checking.MOST_MEMBERS:
        raise TooManyMembers(most=checking.MOST_MEMBERS)
    reason = _refuse_double(session, person, household.id, command.go_on_reason, actor)
    person.columns["household_id"] = household.id
    [person_id] = queries.insert_returning(session, Person, [person.columns])
    insert_tokens(session, [(token, person_id) for token in person.tokens()])
    whose = {"household_id": household.id, "person_id": person_id}
    queries.insert_many(session, Category, [columns | whose for columns in person.categories])
    queries.insert_many(session, ProtectedCategory, [columns | whose for columns in person.protected])
    kind = Happening.BORN if command.born else Happening.MEMBER_ADDED
    happened(session, household.id, kind, on=joined_on, person_id=person_id, actor=actor, now=now)
    if command.member.is_head:
        # ticked for this very person, whose birth date stands beside it
        _new_head(session, household, person_id, joined_on, sure=True, actor=actor, now=now)
    changed(
        session, household, "add_member", reason=reason, facts={"person_id": person_id}, actor=actor, now=now
    )
    audit.mark_done(
        session, command_id=str(command.command_id), kind="add_member", body=body, object_id=person_id,
        actor=actor, now=now,
    )  # fmt: skip
    return person_id


def change_member(session: Session, command: ChangeMember, *, actor: Actor, now: datetime) -> None:
    """Change a member's own data, or make them the head of the family."""
    household = locked(session, command.household_id, command.version, actor)
    person = member_of(session, household.id, command.person_id)
    today = today_at(session, household, now)
    columns = checking.person_columns(command, today)
    columns.pop("is_head")
    new_tax_hash = checking.checked_tax_hash(command)
    if new_tax_hash is not None or command.forget_tax_id:
        columns["tax_id_hash"] = new_tax_hash
    reason = _refuse_double(
        session,
        checking.Person(
            {"document_hash": None, "tax_id_hash": None, **columns}, (), (),
            search_index.name_and_birth_token(columns),
        ),
        household.id,
        command.go_on_reason,
        actor,
    )  # fmt: skip
    found = differences(person, columns)
    named = sorted(name for name, value in columns.items() if getattr(person, name) != value)
    session.execute(
        update(Person)
        .where(Person.id == person.id)
        .values(**columns)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(NameToken).where(NameToken.person_id == person.id))
    insert_tokens(session, [(token, person.id) for token in search_index.tokens_of(columns)])
    happened(
        session, household.id, Happening.MEMBER_CHANGED, on=today, person_id=person.id, fields=found, actor=actor,
        now=now,
    )  # fmt: skip
    if command.is_head and not person.is_head:
        _new_head(session, household, person.id, today, sure=command.young_head, actor=actor, now=now)
        named.append("is_head")
    facts: dict[str, object] = {"person_id": person.id, "fields": named}
    changed(session, household, "change_member", reason=reason, facts=facts, actor=actor, now=now)
    session.expire(person)


def name_head(session: Session, command: NameHead, *, actor: Actor, now: datetime) -> None:
    """Another member is the head from now on; the head before stays a member."""
    household = locked(session, command.household_id, command.version, actor)
    since = checking.past_day(command.since, today_at(session, household, now), "since")
    _new_head(session, household, command.person_id, since, sure=command.young_head, actor=actor, now=now)
    changed(session, household, "name_head", facts={"person_id": command.person_id}, actor=actor, now=now)


def member_leaves(session: Session, command: MemberLeaves, *, actor: Actor, now: datetime) -> None:
    """A member leaves: moved away, grew up, died. The person's past stays with the family.

    Raises:
        HeadStays: the head leaves, and nobody was named to follow.
    """
    household = locked(session, command.household_id, command.version, actor)
    person = member_of(session, household.id, command.person_id)
    left_on = checking.past_day(command.left_on, today_at(session, household, now), "left_on")
    if left_on < person.joined_on:
        raise DatesOutOfOrder(field="left_on")
    if person.is_head:
        if command.new_head_id is None or command.new_head_id == person.id:
            raise HeadStays(field="new_head_id")
        _new_head(
            session, household, command.new_head_id, left_on, sure=command.young_head, actor=actor, now=now
        )
    session.execute(
        update(Person)
        .where(Person.id == person.id)
        .values(left_on=left_on, left_why=command.why.value)
        .execution_options(synchronize_session=False)
    )
    kind = Happening.DIED if command.why is LeftWhy.DIED else Happening.MEMBER_LEFT
    happened(session, household.id, kind, on=left_on, person_id=person.id, actor=actor, now=now)
    facts: dict[str, object] = {"person_id": person.id, "left_on": left_on.isoformat()}
    changed(session, household, "member_leaves", facts=facts, actor=actor, now=now)
    session.expire(person)


def _new_head(
    session: Session,
    household: Household,
    person_id: int,
    on: date,
    *,
    sure: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """Raises NotPresent: somebody who left is nobody's head. YoungHead: it is a child, and nobody said so."""
    person = member_of(session, household.id, person_id)
    if person.left_on is not None:
        raise NotPresent(field="is_head")
    checking.ask_about_head(person, on, sure=sure)
    make_head(session, household.id, person_id)
    happened(session, household.id, Happening.NEW_HEAD, on=on, person_id=person_id, actor=actor, now=now)


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
