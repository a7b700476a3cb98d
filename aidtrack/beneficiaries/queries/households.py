"""One household: found within the actor's sites, locked for a change, named for the counter."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.happenings import EndedAs
from aidtrack.beneficiaries.models import Collector, FamilyKey, Household, HouseholdEnd, Person
from aidtrack.beneficiaries.queries.bulk import portions
from aidtrack.db.among import among
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class HeadCard:
    """What the counter may see of a family: the head's short name, its size, who else may collect."""

    short_name: str
    persons: int
    collectors: tuple[str, ...]  # in the order in which they were named

    @property
    def proxy_name(self) -> str | None:
        """All who may collect besides the head, in one line."""
        return ", ".join(self.collectors) or None


@dataclass(frozen=True, slots=True)
class HouseholdKey:
    """What is needed to judge access and to see changes; nothing personal."""

    id: int
    registration_no: str
    site_id: int
    version: int
    changed_at: datetime
    changed_by: str


_KEY = (
    Household.id,
    Household.registration_no,
    Household.site_id,
    Household.version,
    Household.changed_at,
    Household.changed_by,
)


# an erased family is a count: it is found nowhere
NOT_ERASED = ~exists().where(FamilyKey.household_id == Household.id, FamilyKey.sealed.is_(None))


# what a family's page asks is written once: to put a statement together takes as long as to run it
_FOUND = select(*_KEY).where(
    Household.id == bindparam("household_id"),
    Household.site_id.in_(bindparam("site_ids", expanding=True)),
    NOT_ERASED,
)


def find_household(session: Session, household_id: int, actor: Actor) -> HouseholdKey:
    """The household, if it belongs to one of the actor's sites; else NotFound, as if it did not exist."""
    row = session.execute(
        _FOUND, {"household_id": household_id, "site_ids": sorted(actor.site_ids)}
    ).one_or_none()
    if row is None:
        raise NotFound()
    return HouseholdKey(*row)


def household_by_number(session: Session, registration_no: str, actor: Actor) -> int:
    """The id of the family with this number at the actor's sites. Raises NotFound."""
    found = session.scalar(
        select(Household.id).where(
            Household.registration_no == registration_no,
            Household.site_id.in_(sorted(actor.site_ids)),
            NOT_ERASED,
        )
    )
    if found is None:
        raise NotFound()
    return found


def lock_household(session: Session, household_id: int, actor: Actor) -> Household:
    """The household's row, locked until the end of the transaction; NotFound outside the actor's sites."""
    household = session.scalar(
        select(Household)
        .where(Household.id == household_id, Household.site_id.in_(sorted(actor.site_ids)), NOT_ERASED)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if household is None:
        raise NotFound()
    return household


def short_name(surname: str, given_name: str) -> str:
    """«Олена Ш.»: enough to call somebody, not enough to look them up."""
    return f"{given_name} {surname[:1]}."


def head_card(session: Session, household_id: int, on: date) -> HeadCard:
    """One cheap read for the counter. The caller has judged the voucher and logs the reading."""
    cards = head_cards(session, [household_id], on)
    if household_id not in cards:
        raise NotFound()
    return cards[household_id]


def head_cards(session: Session, household_ids: Collection[int], on: date) -> dict[int, HeadCard]:
    """Cards of many households, for printing and for packs; a household without a head has none.

    Args:
        on: whoever may collect on this local day is on the card.
    """
    others = Person.__table__.alias("others")
    size = (
        select(func.count())
        .select_from(others)
        .where(others.c.household_id == Household.id, others.c.left_on.is_(None))
        .scalar_subquery()
    )
    cards: dict[int, HeadCard] = {}
    for portion in portions(household_ids):
        others_may = collectors_of(session, portion, on)
        rows = session.execute(
            select(Household.id, Person.surname, Person.given_name, size)
            .join(Person, (Person.household_id == Household.id) & Person.is_head)
            .where(among(Household.id, portion))
        )
        for household_id, surname, given_name, persons in rows:
            named = tuple(others_may.get(household_id, ()))
            cards[household_id] = HeadCard(short_name(surname, given_name), persons, named)
    return cards


def collectors_of(session: Session, household_ids: Collection[int], on: date) -> dict[int, list[str]]:
    """Names of those who may collect besides the head on a day, by household."""
    rows = session.execute(
        select(Collector.household_id, Collector.name)
        .where(
            among(Collector.household_id, household_ids),
            Collector.valid_from <= on,
            or_(Collector.valid_until.is_(None), Collector.valid_until >= on),
        )
        .order_by(Collector.id)
    )
    named: dict[int, list[str]] = defaultdict(list)
    for household_id, name in rows:
        named[household_id].append(name)
    return named


def merged_into(session: Session, household_ids: Collection[int]) -> dict[int, int]:
    """Registrations that were merged into these, and into which: what they were given was given to the family."""
    rows = session.execute(
        select(HouseholdEnd.household_id, HouseholdEnd.successor_id).where(
            among(HouseholdEnd.successor_id, household_ids), HouseholdEnd.ended_as == EndedAs.MERGED
        )
    )
    return {alias: successor for alias, successor in rows if successor is not None}
