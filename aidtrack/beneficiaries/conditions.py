"""What a programme's rule may ask of a family: a tree of typed conditions, as data.

Source: docs/rules.md#eligibility (DESIGN §4)
"""

from collections.abc import Iterator
from dataclasses import field
from datetime import date
from enum import StrEnum
from typing import Any

from aidtrack.beneficiaries.household import Member, Sex, age_on, in_band
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class Criteria:
    """What one member must show: any of the categories, an age in completed years, a sex; all that is set.

    `proven`: only categories count whose paper was seen.
    """

    categories: frozenset[str] = frozenset()
    age_from: int | None = None
    age_to: int | None = None
    sex: Sex | None = None
    proven: bool = field(default=False, kw_only=True)

    def fit(self, member: Member, on: date) -> bool:
        if self.categories and self.categories.isdisjoint(
            member.proven if self.proven else member.categories
        ):
            return False
        if self.sex is not None and member.sex is not self.sex:
            return False
        if self.age_from is None and self.age_to is None:
            return True
        return in_band(self.age_from, self.age_to, age_on(member.birth_date, on))

    def as_facts(self) -> dict[str, Any]:
        return {
            "categories": sorted(self.categories),
            "age_from": self.age_from,
            "age_to": self.age_to,
            "sex": None if self.sex is None else self.sex.value,
        }


@dataclass(frozen=True, slots=True)
class AnyMember(Criteria):
    """So many present members fit: one vulnerable member entitles all, three children make a large family."""

    at_least: int = 1


@dataclass(frozen=True, slots=True)
class AllMembers(Criteria):
    """Every present member fits, and somebody is present."""


@dataclass(frozen=True, slots=True)
class HouseholdCategory:
    """The household as a whole has any of the categories; `proven` as with members."""

    categories: frozenset[str]
    proven: bool = False


@dataclass(frozen=True, slots=True)
class SizeBetween:
    """The number of present members, both ends included."""

    at_least: int = 1
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class MinDaysSinceLastIssue:
    """Nothing was handed out under this programme in the last so many days."""

    days: int


@dataclass(frozen=True, slots=True)
class LastIssueBefore:
    """Never served under this programme, or last before a set day; that day itself is too late."""

    day: date


@dataclass(frozen=True, slots=True)
class ResidesIn:
    """They live under one of these KATOTTG codes (oblast, raion, hromada, settlement) or starosta districts."""

    prefixes: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IncomeAtMost:
    """The family's average monthly income, shared among those present, is at most so many kopiykas each."""

    kopiykas: int


@dataclass(frozen=True, slots=True)
class DisplacedWithin:
    """Displaced at most so many days ago."""

    days: int


@dataclass(frozen=True, slots=True)
class ArrivedWithin:
    """Came to live in the hromada at most so many days ago; for the displaced a later day than leaving home."""

    days: int


@dataclass(frozen=True, slots=True)
class HasDecision:
    """A decision for this programme, or for any, is in force."""


@dataclass(frozen=True, slots=True)
class HasAssessment:
    """A needs assessment is valid."""


@dataclass(frozen=True, slots=True)
class All:
    """Every condition holds; of none, always."""

    of: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one condition holds; of none, never."""

    of: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Not:
    of: "Rule"


Leaf = (
    AnyMember | AllMembers | HouseholdCategory | SizeBetween | MinDaysSinceLastIssue | LastIssueBefore | ResidesIn
    | DisplacedWithin | ArrivedWithin | IncomeAtMost | HasDecision | HasAssessment
)  # fmt: skip
Rule = Leaf | All | AnyOf | Not


class Scope(StrEnum):
    """Who is served when the rule is met: the whole family, or the members who meet it themselves."""

    HOUSEHOLD = "household"
    PERSON = "person"


def leaves(rule: Rule) -> Iterator[Leaf]:
    """Every condition of the rule, wherever it stands."""
    if isinstance(rule, Not):
        yield from leaves(rule.of)
    elif isinstance(rule, All | AnyOf):
        for part in rule.of:
            yield from leaves(part)
    else:
        yield rule
