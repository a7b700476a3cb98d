"""Judge what was typed about a family and bring it into the columns of the tables."""

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Any

from aidtrack.beneficiaries import identifiers, search_index
from aidtrack.beneficiaries.commands import NewCategory, NewMember, RegisterHousehold
from aidtrack.beneficiaries.errors import (
    BirthDateInFuture,
    BirthDateTooLongAgo,
    CategoryOfHousehold,
    CategoryOfPerson,
    DatesOutOfOrder,
    DayInFuture,
    Needed,
    OneHead,
    TooManyMembers,
    UnknownCategory,
    YoungHead,
)
from aidtrack.beneficiaries.household import age_on
from aidtrack.beneficiaries.queries import CategoryKindRow
from aidtrack.beneficiaries.queries.doubles import Key
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.late import dataclass

OLDEST = 130  # completed years
MOST_MEMBERS = (
    40  # a family-type home has ten children; forty is a typing mistake or another kind of household
)


Kinds = Mapping[str, CategoryKindRow]
Drawer = tuple[dict[str, Any], ...]


@dataclass(slots=True)
class Person:
    """A member's columns, and the keyed hash of name and birth date they are told by."""

    columns: dict[str, Any]
    categories: Drawer
    protected: Drawer
    name_and_birth: bytes | None

    def tokens(self) -> frozenset[bytes]:
        """What the person is found by; a dry run never asks."""
        return search_index.tokens_of(self.columns, self.name_and_birth)

    def keys(self) -> set[Key]:
        """What would give the person away as registered."""
        found = {
            ("document", self.columns["document_hash"]),
            ("tax_id", self.columns["tax_id_hash"]),
            ("name_and_birth_date", self.name_and_birth),
        }
        return {(why, value) for why, value in found if value is not None}


@dataclass(slots=True)
class Family:
    """A whole registration, judged; ids and the registration number are still missing."""

    columns: dict[str, Any]
    people: list[Person]
    categories: Drawer
    protected: Drawer
    collector: str | None = None
    doubles: dict[int, list[str]] = field(default_factory=dict)

    def keys(self) -> set[Key]:
        """What would give the family away as registered: papers, phone, a name with its birth date."""
        found = {("phone", self.columns["phone_hash"])}.union(*(one.keys() for one in self.people))
        return {(why, value) for why, value in found if value is not None}


def checked_birth_date(born: date | None, today: date, field: str) -> date | None:
    if born is None:
        return None
    if born > today:
        raise BirthDateInFuture(field=field)
    age = age_on(born, today)
    if age is not None and age >= OLDEST:
        raise BirthDateTooLongAgo(field=field)
    return born


def past_day(day: date, today: date, field: str) -> date:
    if day > today:
        raise DayInFuture(field=field)
    return day


def needed(text: str | None, most: int, field: str) -> str:
    line = identifiers.clean_text(text, most, field)
    if line is None:
        raise Needed(field=field)
    return line


def person_columns(member: Any, today: date, prefix: str = "") -> dict[str, Any]:
    """Columns of a person from a NewMember or a ChangeMember; the hash of the taxpayer number is apart.

    Raises:
        FamilyRefused: naming the field, with the prefix of its place in the form.
    """
    for name in ("surname", "given_name"):
        if not getattr(member, name).strip():
            raise Needed(field=prefix + name)
    document = identifiers.clean_text(member.document, 80, prefix + "document")
    return {
        "is_head": member.is_head,
        "surname": identifiers.clean_name(member.surname, prefix + "surname"),
        "given_name": identifiers.clean_name(member.given_name, prefix + "given_name"),
        "patronymic": (
            identifiers.clean_name(member.patronymic, prefix + "patronymic")
            if member.patronymic and member.patronymic.strip()
            else None
        ),
        "sex": member.sex,
        "birth_date": checked_birth_date(member.birth_date, today, prefix + "birth_date"),
        "document": document,
        "document_hash": identifiers.document_hash(document),
    }


def checked_tax_hash(member: Any, prefix: str = "") -> bytes | None:
    digits = identifiers.clean_tax_id(
        member.tax_id, confirmed=member.tax_id_confirmed, field=prefix + "tax_id"
    )
    return identifiers.tax_id_hash(digits)


def columns_show_a_paper(category: NewCategory) -> bool:
    """Whether somebody saw a paper: its kind or its number is named."""
    return bool(category.evidence_kind or (category.evidence or "").strip())


def category_columns(
    category: NewCategory,
    kinds: Kinds,
    *,
    of_household: bool,
    actor: Actor,
    prefix: str = "",
    today: date | None = None,
) -> tuple[dict[str, Any], bool]:
    """Columns of a category, and whether it belongs in the protected drawer."""
    kind = kinds.get(category.kind)
    if kind is None:
        raise UnknownCategory(field=prefix + "kind")
    if kind.protected:
        actor.require(Permission.CATEGORY_PROTECTED)
    if kind.of_household != of_household:
        raise CategoryOfHousehold() if kind.of_household else CategoryOfPerson()
    if category.valid_until is not None and category.valid_until < category.valid_from:
        raise DatesOutOfOrder(field=prefix + "valid_until")
    columns: dict[str, Any] = {
        "kind": category.kind,
        "evidence": identifiers.clean_text(category.evidence, 200, prefix + "evidence"),
        "valid_from": category.valid_from,
        "valid_until": category.valid_until,
        "seen_by": actor.label,
        "evidence_kind": category.evidence_kind,
        "issued_on": category.issued_on,
        "seen_on": today if columns_show_a_paper(category) else None,
    }
    if category.issued_on is not None and today is not None and category.issued_on > today:
        raise DayInFuture(field=prefix + "issued_on")
    if not kind.protected:
        columns["proven"] = category.proven and columns_show_a_paper(category)
    return columns, kind.protected


def _drawers(
    categories: tuple[NewCategory, ...], kinds: Kinds, *, of_household: bool, actor: Actor, today: date
) -> tuple[Drawer, Drawer]:
    judged = [
        category_columns(one, kinds, of_household=of_household, actor=actor, today=today)
        for one in categories
    ]
    return (
        tuple(columns for columns, protected in judged if not protected),
        tuple(columns for columns, protected in judged if protected),
    )


def person(
    member: NewMember, kinds: Kinds, *, today: date, joined_on: date, actor: Actor, prefix: str = ""
) -> Person:
    columns = person_columns(member, today, prefix)
    columns["tax_id_hash"] = checked_tax_hash(member, prefix)
    columns["joined_on"] = joined_on
    ordinary, protected = _drawers(member.categories, kinds, of_household=False, actor=actor, today=today)
    return Person(columns, ordinary, protected, search_index.name_and_birth_token(columns))


def collector_name(text: str | None, field: str) -> str | None:
    line = identifiers.clean_text(text, 160, field)
    return identifiers.clean_name(line, field) if line else None


def address_columns(command: Any, today: date) -> dict[str, Any]:
    """Where a family lives and how it is reached, from a RegisterHousehold or a ChangeHousehold."""
    phone = identifiers.clean_phone(command.phone)
    return {
        "settlement": needed(command.settlement, 120, "settlement"),
        "katottg": identifiers.clean_katottg(command.katottg),
        "address": identifiers.clean_text(command.address, 200, "address"),
        "phone": phone,
        "phone_hash": identifiers.phone_hash(phone),
        "displaced_on": past_day(command.displaced_on, today, "displaced_on")
        if command.displaced_on
        else None,
        "arrived_on": past_day(command.arrived_on, today, "arrived_on") if command.arrived_on else None,
    }


ADULT = 18


def ask_about_head(person: Any, on: date, *, sure: bool) -> None:
    """Raises YoungHead; whose birth date nobody knows is not asked about."""
    age = age_on(person.birth_date, on)
    if age is not None and age < ADULT and not sure:
        raise YoungHead(age=age)


HROMADA_OF_CODE = 9  # UA, oblast 2, raion 2, hromada 3: the codifier's own digits


def arrived_on(
    before: str | None, after: str | None, arrived_on: date | None, moved_on: date | None
) -> date | None:
    """The arrival in the hromada of `after`: who moved there from another one arrived with that move."""
    if moved_on is None or not before or not after:
        return arrived_on
    return arrived_on if before[:HROMADA_OF_CODE] == after[:HROMADA_OF_CODE] else moved_on


def family(command: RegisterHousehold, kinds: Kinds, *, today: date, actor: Actor) -> Family:
    """Judge a registration. Raises FamilyRefused for the first thing that cannot be kept."""
    registered_on = past_day(command.registered_on or today, today, "registered_on")
    if not command.members:
        raise Needed(field="members")
    if len(command.members) > MOST_MEMBERS:
        raise TooManyMembers(most=MOST_MEMBERS)
    heads = sum(1 for member in command.members if member.is_head)
    if heads != 1:
        raise OneHead(heads=heads)
    columns = address_columns(command, today)
    columns["site_id"] = command.site_id
    columns["registered_on"] = registered_on
    people = [
        person(member, kinds, today=today, joined_on=registered_on, actor=actor, prefix=f"members-{number}-")
        for number, member in enumerate(command.members)
    ]
    ordinary, protected = _drawers(command.categories, kinds, of_household=True, actor=actor, today=today)
    return Family(columns, people, ordinary, protected, collector_name(command.proxy_name, "proxy_name"))
