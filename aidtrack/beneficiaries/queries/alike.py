"""People of a registry as doubles are compared: a few who may be like one, or a whole site's."""

from collections.abc import Collection, Iterator
from datetime import date

from sqlalchemy import Select, exists, func, select, union_all
from sqlalchemy.orm import Session, aliased

from aidtrack.beneficiaries import likeness, matching, search_index
from aidtrack.beneficiaries.models import Household, HouseholdEnd, NameToken, NotSame, Person, PersonAlias
from aidtrack.beneficiaries.queries.bulk import portions
from aidtrack.db.among import among
from aidtrack.db.base import db
from aidtrack.db.sealing import read_keys_ahead
from aidtrack.kernel.actor import Actor

MOST = 400  # candidates that are opened and compared; more share a birthday only where nobody knew it

_COLUMNS = (
    Person.id, Person.household_id, Person.surname, Person.given_name, Person.patronymic, Person.birth_date,
    Person.sex, Person.document_hash, Person.tax_id_hash,
)  # fmt: skip


def candidates(session: Session, person: likeness.Profile, actor: Actor) -> list[likeness.Profile]:
    """Those at the actor's sites with whom a person shares a rough key or the birth date; where one of the two has
    no birth date, those whose whole names begin alike.
    """
    asked = [namesakes(person, actor.site_ids)] if person.patronymic else []
    if person.born is not None:
        days = [person.born, *_exchanged(person.born)]
        asked.append(nearest(search_index.sound_tokens(person), days, actor.site_ids))
    rows = [row for statement in asked for row in session.execute(statement)]
    read_keys_ahead(session, {row.household_id for row in rows})
    return profiles(session, {row.id for row in rows})


def nearest(tokens: Collection[bytes], days: Collection[date], site_ids: Collection[int]) -> Select[int, int]:
    """Persons at these sites, those with the most in common first; cut only after the sites were asked for.

    The site is asked of each hit by itself: joined with the household, SQLite walks the site's whole registry.
    """
    hits = union_all(
        select(NameToken.person_id.label("id")).where(NameToken.token.in_(tokens)),
        select(Person.id.label("id")).where(Person.birth_date.in_(days)),
    ).subquery()
    site = select(Household.site_id).where(Household.id == Person.household_id).scalar_subquery()
    return (
        select(Person.id, Person.household_id)
        .join(hits, hits.c.id == Person.id)
        .where(site.in_(sorted(site_ids)))
        .group_by(Person.id, Person.household_id)
        .order_by(func.count().desc(), Person.id)
        .limit(MOST)
    )


def namesakes(person: likeness.Profile, site_ids: Collection[int]) -> Select[int, int]:
    """Persons at these sites whose surname, given name and patronymic begin as this one's, in whatever order.

    For somebody with a birth date only those without one: the others are found by it. Keys of sound hold a date, so
    the first half of each name is looked up as a search would; a slip in the second is for the comparison.
    """
    names = [*person.surname, *person.given, *person.patronymic]
    halves = (word[: max(matching.MIN_PREFIX, (len(word) + 1) // 2)] for word in names)
    first, *others = [search_index.tokens_to_find(half)[0] for half in halves]
    statement = (
        select(Person.id, Person.household_id)
        .join(NameToken, NameToken.person_id == Person.id)
        .where(NameToken.token == first)
    )
    for token in others:  # asked of the token's own row: most bearers of a beginning are then never fetched
        also = aliased(NameToken)
        statement = statement.where(
            exists().where(also.person_id == NameToken.person_id, also.token == token)
        )
    if person.born is not None:
        statement = statement.where(Person.birth_date.is_(None))
    site = select(Household.site_id).where(Household.id == Person.household_id).scalar_subquery()
    return statement.where(site.in_(sorted(site_ids))).limit(MOST)


def _exchanged(born: date) -> list[date]:
    return [date(born.year, born.day, born.month)] if born.day <= 12 and born.day != born.month else []


def profiles(session: Session, person_ids: Collection[int]) -> list[likeness.Profile]:
    """Those persons, without the second rows of merged ones."""
    found: list[likeness.Profile] = []
    for portion in portions(person_ids):
        rows = session.execute(
            select(*_COLUMNS).where(
                among(Person.id, portion),
                ~select(PersonAlias).where(PersonAlias.person_id == Person.id).exists(),
            )
        )
        found += [search_index.profile_of(row.id, row.household_id, dict(row._mapping)) for row in rows]
    return found


def profiles_of_site(site_id: int) -> Iterator[list[likeness.Profile]]:
    """Everybody who belongs to a living family of the site, by number; each portion in a short read of its own."""
    after = 0
    living = ~select(HouseholdEnd).where(HouseholdEnd.household_id == Household.id).exists()
    while True:
        asked = (
            select(*_COLUMNS)
            .join(Household, Household.id == Person.household_id)
            .where(Household.site_id == site_id, living, Person.left_on.is_(None), Person.id > after)
            .order_by(Person.id)
            .limit(2000)
        )
        with Session(db.engine) as session:
            rows = session.execute(asked).all()
        if not rows:
            return
        after = rows[-1].id
        yield [search_index.profile_of(row.id, row.household_id, dict(row._mapping)) for row in rows]


def homes_of_site(session: Session, site_id: int) -> dict[int, likeness.Home]:
    rows = session.execute(
        select(Household.id, Household.phone_hash, Household.address, Household.settlement).where(
            Household.site_id == site_id
        )
    )
    return {
        row.id: likeness.Home(row.id, row.phone_hash, matching.name_key(row.address or ""), row.settlement)
        for row in rows
    }


def homes(session: Session, household_ids: Collection[int]) -> dict[int, likeness.Home]:
    rows = session.execute(
        select(Household.id, Household.phone_hash, Household.address, Household.settlement).where(
            among(Household.id, household_ids)
        )
    )
    return {
        row.id: likeness.Home(row.id, row.phone_hash, matching.name_key(row.address or ""), row.settlement)
        for row in rows
    }


def judged_not_same(session: Session, household_ids: Collection[int]) -> set[tuple[int, int]]:
    """Pairs of these families of which somebody said that they are two."""
    found: set[tuple[int, int]] = set()
    for portion in portions(household_ids):
        rows = session.execute(
            select(NotSame.low_id, NotSame.high_id).where(
                among(NotSame.low_id, portion), NotSame.undone_at.is_(None)
            )
        )
        found |= {(row.low_id, row.high_id) for row in rows}
    return found
