"""Who would get something in a round: eligible households with nothing in its cycle yet, and their people."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.happenings import EndedAs
from aidtrack.beneficiaries.household import Member
from aidtrack.beneficiaries.models import Household, HouseholdEnd, Person
from aidtrack.beneficiaries.queries import portions
from aidtrack.db.among import among
from aidtrack.distribution.models import (
    Cycle,
    Eligibility,
    EligibilityStatus,
    Entitlement,
    Profile,
    ProfileLine,
    Round,
    Voucher,
)
from aidtrack.distribution.queries.rounds import RoundRow, Rows
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.late import dataclass

NO_CATEGORIES: frozenset[str] = frozenset()  # rations ask for presence and age only


@dataclass(frozen=True, slots=True)
class Candidate:
    """A household to be served, with the people present on the day."""

    household_id: int
    eligibility_id: int
    exception: bool  # marked against the rule, approved by a second person
    members: tuple[Member, ...]
    day: date | None = None  # the one day its voucher is good on, where a quota gives each family its day


def _marked(round_: RoundRow, on: date, household_ids: frozenset[int] | None) -> Rows:
    statement: Rows = (
        select(Eligibility.household_id, Eligibility.id, Eligibility.approved_by_id)
        .join(Household, Household.id == Eligibility.household_id)
        .where(
            Eligibility.programme_id == round_.programme_id,
            Eligibility.status == EligibilityStatus.ELIGIBLE,
            Eligibility.valid_from <= on,
            or_(Eligibility.valid_until.is_(None), Eligibility.valid_until >= on),
            Household.site_id == round_.site_id,
            ~exists().where(HouseholdEnd.household_id == Eligibility.household_id),
        )
    )
    if household_ids is not None:
        statement = statement.where(among(Eligibility.household_id, household_ids))
    return statement


def _served(round_: RoundRow) -> Any:
    return entitled(round_.cycle_id, Eligibility.household_id)


def entitled(cycle_id: int, household_id: Any) -> Any:
    """Whether the family has its entitlement of a cycle, under this registration or one merged into it."""
    itself = exists().where(Entitlement.cycle_id == cycle_id, Entitlement.household_id == household_id)
    as_another = exists().where(
        HouseholdEnd.successor_id == household_id,
        HouseholdEnd.ended_as == EndedAs.MERGED,
        Entitlement.household_id == HouseholdEnd.household_id,
        Entitlement.cycle_id == cycle_id,
    )
    return or_(itself, as_another)


def candidates(
    session: Session,
    round_: RoundRow,
    *,
    on: date,
    household_ids: frozenset[int] | None = None,
    after: int = 0,
    limit: int | None = None,
) -> list[Candidate]:
    """Marked households without an entitlement in the cycle, in the order of their marks, from mark `after` on."""
    marked = (
        _marked(round_, on, household_ids)
        .where(~_served(round_), Eligibility.id > after)
        .order_by(Eligibility.id)
        .limit(limit)
    )
    found = session.execute(marked).all()
    members = _members(session, [row.household_id for row in found], on)
    return [
        Candidate(household, mark, approved is not None, tuple(members.get(household, ())))
        for household, mark, approved in found
    ]


def _members(session: Session, household_ids: Iterable[int], on: date) -> dict[int, list[Member]]:
    statement = (
        select(
            Person.household_id, Person.id, Person.birth_date, Person.sex, Person.joined_on, Person.left_on
        )
        .where(Person.joined_on <= on, or_(Person.left_on.is_(None), Person.left_on >= on))
        .order_by(Person.id)
    )
    members: dict[int, list[Member]] = defaultdict(list)
    for portion in portions(household_ids):
        rows = session.connection().execute(statement.where(among(Person.household_id, portion)))
        for household_id, person_id, birth_date, sex, joined_on, left_on in rows.all():
            members[household_id].append(
                Member(person_id, birth_date, sex, NO_CATEGORIES, joined_on, left_on)
            )
    return members


def served_count(session: Session, round_: RoundRow, *, on: date) -> int:
    """Marked households that already have their entitlement of this cycle."""
    marked = _marked(round_, on, None).where(_served(round_)).subquery()
    return session.execute(select(func.count()).select_from(marked)).scalar_one()


def waiting_count(
    session: Session, round_: RoundRow, *, on: date, household_ids: frozenset[int] | None
) -> int:
    """Marked households without an entitlement in the cycle."""
    marked = _marked(round_, on, household_ids).where(~_served(round_)).subquery()
    return session.execute(select(func.count()).select_from(marked)).scalar_one()


def promised(session: Session, *, place_id: int, programme_id: int, on: date) -> dict[int, int]:
    """Base units by item that open vouchers of the programme may still take from the place.

    Only this programme's: another's goods may be earmarked, and counting them here would show a shortage
    that does not exist.
    """
    statement = (
        select(ProfileLine.item_id, func.sum(ProfileLine.units))
        .join(Entitlement, Entitlement.profile_id == ProfileLine.profile_id)
        .join(Voucher, Voucher.entitlement_id == Entitlement.id)
        .join(Round, Round.id == Voucher.round_id)
        .join(Cycle, Cycle.id == Round.cycle_id)
        .where(
            Voucher.state == VoucherState.ISSUED,
            Voucher.last_day >= on,
            Round.place_id == place_id,
            Cycle.programme_id == programme_id,
        )
        .group_by(ProfileLine.item_id)
    )
    return {item_id: int(units) for item_id, units in session.execute(statement)}


def profiles(session: Session, round_id: int) -> Iterator[tuple[int, int, tuple[tuple[int, int], ...]]]:
    """The round's profiles: id, number, and the sorted (item, base units) it stands for."""
    statement = (
        select(Profile.id, Profile.number, ProfileLine.item_id, ProfileLine.units)
        .join(ProfileLine, ProfileLine.profile_id == Profile.id)
        .where(Profile.round_id == round_id)
        .order_by(Profile.number, ProfileLine.item_id)
    )
    gathered: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for profile_id, number, item_id, units in session.execute(statement):
        gathered[profile_id, number].append((item_id, units))
    for (profile_id, number), lines in gathered.items():
        yield profile_id, number, tuple(lines)
