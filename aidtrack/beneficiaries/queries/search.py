"""Find a family by the beginning of a name, a number, a phone or a paper, without readable names on disk."""

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session, aliased

from aidtrack.beneficiaries import identifiers, matching, search_index
from aidtrack.beneficiaries.errors import NotAPhone, SearchTooShort
from aidtrack.beneficiaries.models import Household, HouseholdEnd, NameToken, Person
from aidtrack.db.sealing import read_keys_ahead
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.ids import NotACode, check_registration_number
from aidtrack.kernel.late import dataclass

ENOUGH = 200  # bearers of a name among whom there are nearly always more families than one page shows
MOST = 25  # names on one page (issue 4, privacy); more asks for more letters


@dataclass(frozen=True, slots=True)
class FoundPerson:
    surname: str
    given_name: str
    patronymic: str | None
    birth_date: date | None
    is_head: bool
    left: bool

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.surname, self.given_name, self.patronymic) if part)


@dataclass(frozen=True, slots=True)
class FoundHousehold:
    """One line of a search: the head and, if the search meant somebody else, whom."""

    id: int
    site_id: int
    registration_no: str
    settlement: str
    members: int
    head: FoundPerson | None
    matched: tuple[FoundPerson, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    by: str  # registration_no, phone, document, tax_id, name
    households: tuple[FoundHousehold, ...] = ()
    more: bool = False  # there are more than shown


def search(session: Session, text: str, actor: Actor) -> Found:
    """At most 25 households of the actor's sites.

    Raises:
        BadCheckCharacter: it is a registration number with one character wrong.
        SearchTooShort: fewer than three letters of a name.
    """
    typed = " ".join(text.split())[:120]
    for by, ids in _by_number(session, typed, actor):
        if ids:
            return Found(by, _shown(session, ids[:MOST], None, actor), len(ids) > MOST)
    if not any(letter.isalpha() for letter in typed):
        if sum(digit.isdigit() for digit in typed) >= 6:
            return Found("phone")
        raise SearchTooShort(least=matching.MIN_PREFIX)
    if max((len(token) for token in matching.search_tokens(typed)), default=0) < matching.MIN_PREFIX:
        raise SearchTooShort(least=matching.MIN_PREFIX)
    ids = _by_name(session, search_index.tokens_to_find(typed), actor)
    return Found("name", _shown(session, ids[:MOST], matching.search_tokens(typed), actor), len(ids) > MOST)


def _by_number(session: Session, typed: str, actor: Actor) -> list[tuple[str, list[int]]]:
    digits = "".join(letter for letter in typed if letter.isdigit())
    if len(digits) < 6:
        return []
    try:
        number = check_registration_number(typed)
    except NotACode:
        pass
    else:
        return [("registration_no", _ids(session, actor, Household.registration_no == number))]
    found: list[tuple[str, list[int]]] = []
    if not any(letter.isalpha() for letter in typed):
        try:
            hashed = identifiers.phone_hash(identifiers.clean_phone(typed))
            found.append(("phone", _ids(session, actor, Household.phone_hash == hashed)))
        except NotAPhone:
            pass
        if len(digits) == 10:
            found.append(("tax_id", _people(session, actor, tax_id=identifiers.tax_id_hash(digits))))
    found.append(("document", _people(session, actor, document=identifiers.document_hash(typed))))
    return found


def _ids(session: Session, actor: Actor, where: ColumnElement[bool]) -> list[int]:
    statement = select(Household.id).where(where, Household.site_id.in_(sorted(actor.site_ids)))
    return list(session.scalars(statement.order_by(Household.id).limit(MOST + 1)))


def _people(
    session: Session, actor: Actor, *, tax_id: bytes | None = None, document: bytes | None = None
) -> list[int]:
    where = Person.tax_id_hash == tax_id if tax_id is not None else Person.document_hash == document
    holders = session.scalars(select(Person.household_id).where(where).distinct().limit(1000)).all()
    return _ids(session, actor, Household.id.in_(holders)) if holders else []


def _by_name(session: Session, tokens: list[bytes], actor: Actor) -> list[int]:
    """Households with somebody who has all the tokens.

    The site is asked about row by row: joined, SQLite would walk the site's whole registry instead.
    """
    first, *others = tokens
    statement: Select[Any] = (
        select(Person.household_id)
        .select_from(NameToken)
        .join(Person, Person.id == NameToken.person_id)
        .where(NameToken.token == first)
    )
    for token in others:
        also = aliased(NameToken)
        statement = statement.where(exists().where(also.person_id == Person.id, also.token == token))
    at_site = exists().where(
        Household.id == Person.household_id, Household.site_id.in_(sorted(actor.site_ids))
    )
    statement = statement.where(at_site)
    # of a common name the first few bearers are enough; only where those live together all are looked through
    some = list(session.scalars(statement.limit(ENOUGH)))
    found = list(dict.fromkeys(some))[: MOST + 1]
    if len(found) <= MOST and len(some) == ENOUGH:
        return list(session.scalars(statement.distinct().limit(MOST + 1)))
    return found


def _led_on(session: Session, ids: list[int], actor: Actor) -> list[int]:
    """Families that became part of another one are found under that one, once; not where it is another site's."""
    asked, met = select(HouseholdEnd.household_id, HouseholdEnd.successor_id), ids
    while ends := dict(session.execute(asked.where(HouseholdEnd.household_id.in_(ids))).all()):
        ids = [ends.get(one) or one for one in ids]  # joined, and merged on since
    return ids if ids is met else _ids(session, actor, Household.id.in_(ids))


def _shown(
    session: Session, ids: list[int], wanted: set[str] | None, actor: Actor
) -> tuple[FoundHousehold, ...]:
    if not ids:
        return ()
    ids = _led_on(session, ids, actor)
    read_keys_ahead(session, ids)
    people: dict[int, list[FoundPerson]] = defaultdict(list)
    for row in session.execute(
        select(
            Person.household_id, Person.surname, Person.given_name, Person.patronymic, Person.birth_date,
            Person.is_head, Person.left_on,
        )
        .where(Person.household_id.in_(ids))
        .order_by(Person.id)
    ):  # fmt: skip
        people[row.household_id].append(
            FoundPerson(
                row.surname,
                row.given_name,
                row.patronymic,
                row.birth_date,
                row.is_head,
                row.left_on is not None,
            )
        )
    found = [
        FoundHousehold(
            id=row.id,
            site_id=row.site_id,
            registration_no=row.registration_no,
            settlement=row.settlement,
            members=sum(not person.left for person in people[row.id]),
            head=next((person for person in people[row.id] if person.is_head), None),
            matched=tuple(
                person
                for person in people[row.id]
                if wanted and not person.is_head and wanted <= matching.name_tokens(person.full_name)
            ),
        )
        for row in session.execute(
            select(Household.id, Household.site_id, Household.registration_no, Household.settlement).where(
                Household.id.in_(ids)
            )
        )
    ]
    return tuple(sorted(found, key=lambda one: (one.head.full_name if one.head else "", one.id)))


def shown_households(session: Session, household_ids: list[int], actor: Actor) -> tuple[FoundHousehold, ...]:
    """The lines of these households as a search shows them, as far as they are the actor's."""
    return _shown(session, _ids(session, actor, Household.id.in_(household_ids[:MOST])), None, actor)
