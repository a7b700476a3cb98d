"""One household: found within the actor's sites, locked for a change, named for the counter."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import Household, Person
from aidtrack.beneficiaries.queries.bulk import portions
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class HeadCard:
    """What the counter may see of a family: the head's short name, its size, who else may collect."""

    short_name: str
    persons: int
    proxy_name: str | None


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


def find_household(session: Session, household_id: int, actor: Actor) -> HouseholdKey:
    """The household, if it belongs to one of the actor's sites; else NotFound, as if it did not exist."""
    row = session.execute(
        select(*_KEY).where(Household.id == household_id, Household.site_id.in_(sorted(actor.site_ids)))
    ).one_or_none()
    if row is None:
        raise NotFound()
    return HouseholdKey(*row)


def lock_household(session: Session, household_id: int, actor: Actor) -> Household:
    """The household's row, locked until the end of the transaction; NotFound outside the actor's sites."""
    household = session.scalar(
        select(Household)
        .where(Household.id == household_id, Household.site_id.in_(sorted(actor.site_ids)))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if household is None:
        raise NotFound()
    return household


def short_name(surname: str, given_name: str) -> str:
    """«Олена Ш.»: enough to call somebody, not enough to look them up."""
    return f"{given_name} {surname[:1]}."


def head_card(session: Session, household_id: int) -> HeadCard:
    """One cheap read for the counter. The caller has judged the voucher and logs the reading."""
    cards = head_cards(session, [household_id])
    if household_id not in cards:
        raise NotFound()
    return cards[household_id]


def head_cards(session: Session, household_ids: Collection[int]) -> dict[int, HeadCard]:
    """Cards of many households, for printing and for packs; a household without a head has none."""
    others = Person.__table__.alias("others")
    size = (
        select(func.count())
        .select_from(others)
        .where(others.c.household_id == Household.id, others.c.left_on.is_(None))
        .scalar_subquery()
    )
    cards: dict[int, HeadCard] = {}
    for portion in portions(household_ids):
        rows = session.execute(
            select(Household.id, Person.surname, Person.given_name, Household.proxy_name, size)
            .join(Person, (Person.household_id == Household.id) & Person.is_head)
            .where(Household.id.in_(portion))
        )
        for household_id, surname, given_name, proxy_name, persons in rows:
            cards[household_id] = HeadCard(short_name(surname, given_name), persons, proxy_name)
    return cards
