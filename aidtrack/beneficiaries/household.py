"""A household as the rules see it: who is present, how old, under which categories. No names.

Source: docs/rules.md#household
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any

from aidtrack.kernel.errors import N_
from aidtrack.kernel.late import dataclass


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"

    @property
    def label(self) -> str:
        return {Sex.FEMALE: N_("female"), Sex.MALE: N_("male")}[self]


def in_band(age_from: int | None, age_to: int | None, age: int | None) -> bool:
    """`AgeBand.holds` without a band: asked for each member of each family that a trial looks at."""
    if age_from is None and age_to is None:
        return True
    if age is None or age < 0:
        return False
    return (age_from is None or age >= age_from) and (age_to is None or age <= age_to)


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Completed years, both ends included; None leaves an end open."""

    age_from: int | None = None
    age_to: int | None = None

    @property
    def is_open(self) -> bool:
        return self.age_from is None and self.age_to is None

    def holds(self, age: int | None) -> bool:
        """Whether the age lies in the band. An unknown age lies only in the band open at both ends."""
        return in_band(self.age_from, self.age_to, age)


# children, adults, older people (FIELD §7); a person without a birth date is reported as "unknown"
REPORT_BANDS = (AgeBand(0, 17), AgeBand(18, 59), AgeBand(60, None))


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a household. `categories` are those valid on the day the facts were gathered for."""

    person_id: int
    birth_date: date | None
    sex: Sex
    categories: frozenset[str]
    joined_on: date
    left_on: date | None = None  # the last day that still counts
    proven: frozenset[str] = frozenset()  # those of the categories whose paper was seen

    def is_present(self, on: date) -> bool:
        return self.joined_on <= on and (self.left_on is None or on <= self.left_on)


@dataclass(frozen=True, slots=True)
class DecisionFact:
    """A decision that grants something from one day to another; no programme means any programme."""

    valid_from: date
    valid_until: date | None = None
    programme_id: int | None = None


@dataclass(frozen=True, slots=True)
class AssessmentFact:
    made_on: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class IncomeFact:
    """What the whole family has in an average month, in kopiykas, as a paper of that day says."""

    total: int
    as_of: date
    valid_until: date | None = None

    def holds(self, on: date) -> bool:
        return self.as_of <= on and (self.valid_until is None or on <= self.valid_until)


@dataclass(frozen=True, slots=True)
class HouseholdFacts:
    """Everything a rule may ask, gathered for one household, one programme and one day."""

    members: tuple[Member, ...]
    categories: frozenset[str] = frozenset()  # of the household as a whole
    katottg: str | None = None  # of the place they live in
    displaced_on: date | None = None
    last_issue_on: date | None = None  # under the programme judged
    decisions: tuple[DecisionFact, ...] = ()
    assessments: tuple[AssessmentFact, ...] = ()
    programme_id: int | None = None
    district: str | None = None  # code of the starosta district they live in
    incomes: tuple[IncomeFact, ...] = ()  # oldest first
    arrived_on: date | None = None  # in the hromada they live in
    proven: frozenset[str] = frozenset()  # those of the household's categories whose paper was seen


def age_on(birth_date: date | None, on: date) -> int | None:
    """Completed years on a day; None when the birth date is unknown, below zero before birth.

    Who was born on 29 February completes a year with the end of 28 February, and so counts as a year
    older from 1 March in common years.
    """
    if birth_date is None:
        return None
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def present_members(members: Iterable[Member], on: date) -> list[Member]:
    """The members who belong to the household on that day; first and last day count."""
    return [member for member in members if member.is_present(on)]


def count_in_band(members: Iterable[Member], band: AgeBand, on: date) -> int:
    """How many present members are of that age; without a birth date a member is in no bounded band."""
    return sum(1 for member in present_members(members, on) if band.holds(age_on(member.birth_date, on)))


def report_band(birth_date: date | None, on: date) -> AgeBand | None:
    """The band of the disaggregated figures; None for an unknown age."""
    age = age_on(birth_date, on)
    return next((band for band in REPORT_BANDS if age is not None and band.holds(age)), None)


# -- facts as stored beside a decision -----------------------------------------------------------------


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _date(value: Any) -> date | None:
    return None if value is None else date.fromisoformat(value)


def facts_to_json(facts: HouseholdFacts) -> dict[str, Any]:
    """The facts as JSON values, the same for the same facts: they are kept with every decision."""
    return {
        "members": [
            {
                "person_id": member.person_id,
                "birth_date": _day(member.birth_date),
                "sex": str(member.sex),
                "categories": sorted(member.categories),
                "joined_on": _day(member.joined_on),
                "left_on": _day(member.left_on),
                "proven": sorted(member.proven),
            }
            for member in facts.members
        ],
        "categories": sorted(facts.categories),
        "katottg": facts.katottg,
        "displaced_on": _day(facts.displaced_on),
        "last_issue_on": _day(facts.last_issue_on),
        "decisions": [
            {
                "valid_from": _day(decision.valid_from),
                "valid_until": _day(decision.valid_until),
                "programme_id": decision.programme_id,
            }
            for decision in facts.decisions
        ],
        "assessments": [
            {"made_on": _day(assessment.made_on), "valid_until": _day(assessment.valid_until)}
            for assessment in facts.assessments
        ],
        "programme_id": facts.programme_id,
        "district": facts.district,
        "incomes": [
            {"total": income.total, "as_of": _day(income.as_of), "valid_until": _day(income.valid_until)}
            for income in facts.incomes
        ],
        "arrived_on": _day(facts.arrived_on),
        "proven": sorted(facts.proven),
    }


def facts_from_json(stored: dict[str, Any]) -> HouseholdFacts:
    """The facts a stored decision was judged by, to judge it again."""
    return HouseholdFacts(
        members=tuple(
            Member(
                person_id=member["person_id"],
                birth_date=_date(member["birth_date"]),
                sex=Sex(member["sex"]),
                categories=frozenset(member["categories"]),
                joined_on=date.fromisoformat(member["joined_on"]),
                left_on=_date(member["left_on"]),
                proven=frozenset(member.get("proven", ())),
            )
            for member in stored["members"]
        ),
        categories=frozenset(stored["categories"]),
        katottg=stored["katottg"],
        displaced_on=_date(stored["displaced_on"]),
        last_issue_on=_date(stored["last_issue_on"]),
        decisions=tuple(
            DecisionFact(
                valid_from=date.fromisoformat(decision["valid_from"]),
                valid_until=_date(decision["valid_until"]),
                programme_id=decision["programme_id"],
            )
            for decision in stored["decisions"]
        ),
        assessments=tuple(
            AssessmentFact(date.fromisoformat(act["made_on"]), date.fromisoformat(act["valid_until"]))
            for act in stored["assessments"]
        ),
        programme_id=stored["programme_id"],
        # decisions stored before these were asked about have none of them
        district=stored.get("district"),
        incomes=tuple(
            IncomeFact(income["total"], date.fromisoformat(income["as_of"]), _date(income["valid_until"]))
            for income in stored.get("incomes", ())
        ),
        arrived_on=_date(stored.get("arrived_on")),
        proven=frozenset(stored.get("proven", ())),
    )
