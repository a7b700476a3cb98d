"""Distinct households and persons reached in a period, by where they live now.

A household is counted once in its place, and once in the total, however often it came. Persons are the members
for whom its vouchers were made. Handouts that were undone do not count.
"""

from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from aidtrack.beneficiaries.models import Household
from aidtrack.distribution.models import EntitlementPerson, Handout, HandoutKind
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import N_
from aidtrack.kernel.late import dataclass
from aidtrack.places import queries as places
from aidtrack.reports.periods import Period

NOWHERE = ""  # households whose place has no code


class Level(StrEnum):
    HROMADA = "hromada"
    SETTLEMENT = "settlement"
    DISTRICT = "district"

    @property
    def label(self) -> str:
        return {
            Level.HROMADA: N_("Hromada"),
            Level.SETTLEMENT: N_("Settlement"),
            Level.DISTRICT: N_("Starosta district"),
        }[self]


@dataclass(frozen=True, slots=True)
class Reached:
    """One place: `population` None where nobody told it."""

    code: str
    name: str
    households: int
    persons: int
    population: int | None = None

    @property
    def permille(self) -> int | None:
        """Persons reached of a thousand who live there, rounded half up; None without a population."""
        return (2000 * self.persons + self.population) // (2 * self.population) if self.population else None


@dataclass(frozen=True, slots=True)
class Coverage:
    rows: tuple[Reached, ...]
    total: Reached


def coverage(session: Session, period: Period, level: Level, *, actor: Actor, language: str) -> Coverage:
    """What the actor's sites reached, place by place; the places reached most stand first."""
    by_code = _by_code(session, period, actor)
    codes = {code for code in by_code if code}
    if level is Level.HROMADA:
        above = places.hromadas_of(session, codes)
    elif level is Level.DISTRICT:
        above = places.districts_of(session, codes)
    else:
        above = {code: code for code in codes}
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for code, (households, persons) in by_code.items():
        # a household lives in one place, so places add up without counting anybody twice
        place = counts[above.get(code, NOWHERE)]
        place[0] += households
        place[1] += persons
    names = _names(session, level, set(counts) - {NOWHERE}, language)
    people = _population(session, level, set(counts) - {NOWHERE})
    rows = [
        Reached(code, names.get(code, code), found[0], found[1], people.get(code))
        for code, found in counts.items()
        if code
    ]
    rows.sort(key=lambda one: (-one.households, one.name, one.code))
    if NOWHERE in counts:
        rows.append(Reached(NOWHERE, "", counts[NOWHERE][0], counts[NOWHERE][1]))
    total = Reached("", "", sum(one.households for one in rows), sum(one.persons for one in rows))
    return Coverage(tuple(rows), total)


def _by_code(session: Session, period: Period, actor: Actor) -> dict[str, tuple[int, int]]:
    standing = _standing(period, actor)
    households = session.execute(
        select(Household.katottg, func.count(Handout.household_id.distinct()))
        .join(Household, Household.id == Handout.household_id)
        .where(*standing)
        .group_by(Household.katottg)
    )
    persons = session.execute(
        select(Household.katottg, func.count(EntitlementPerson.person_id.distinct()))
        .select_from(Handout)
        .join(Household, Household.id == Handout.household_id)
        .join(EntitlementPerson, EntitlementPerson.entitlement_id == Handout.entitlement_id)
        .where(*standing)
        .group_by(Household.katottg)
    )
    people: Mapping[str, int] = {code or NOWHERE: int(count) for code, count in persons}
    return {code or NOWHERE: (int(count), people.get(code or NOWHERE, 0)) for code, count in households}


def _standing(period: Period, actor: Actor) -> list[ColumnElement[bool]]:
    undone = aliased(Handout)
    return [
        Handout.kind != HandoutKind.REVERSAL,
        Handout.given_on.between(period.start, period.end),
        Handout.site_id.in_(sorted(actor.site_ids)),
        ~exists().where(undone.reverses_id == Handout.id),
    ]


def _names(session: Session, level: Level, codes: set[str], language: str) -> dict[str, str]:
    if level is Level.DISTRICT:
        return {
            one.code: one.name_en if language == "en" else one.name_uk for one in places.districts(session)
        }
    if level is Level.HROMADA:
        return places.names_of(session, codes)
    return {code: one.label for code, one in places.settlements_by_code(session, codes).items()}


def _population(session: Session, level: Level, codes: set[str]) -> dict[str, int]:
    if level is not Level.DISTRICT:
        return places.population(session, codes)
    inside: dict[str, list[str]] = defaultdict(list)
    for katottg, district in places.all_district_settlements(session).items():
        inside[district].append(katottg)
    known = places.population(session, [one for some in inside.values() for one in some])
    # a sum with a gap in it would make the share look better than it is
    return {
        district: sum(known[one] for one in some)
        for district, some in inside.items()
        if all(one in known for one in some)
    }
