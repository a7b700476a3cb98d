"""Whether a household is entitled, by a programme's rule, and why not: nearest mend first.

A rule is data: a tree of typed conditions over `HouseholdFacts`. Verdict and explanation come from one
walk over the tree, so they cannot disagree. `rule_json` reads and writes rules as JSON.

Source: docs/rules.md#eligibility (DESIGN §4)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from aidtrack.beneficiaries.household import AgeBand, HouseholdFacts, Member, Sex, age_on, present_members
from aidtrack.kernel.errors import N_

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Criteria:
    """What one member must show: any of the categories, an age in completed years, a sex; all that is set."""

    categories: frozenset[str] = frozenset()
    age_from: int | None = None
    age_to: int | None = None
    sex: Sex | None = None

    def fit(self, member: Member, on: date) -> bool:
        return (
            (not self.categories or bool(self.categories & member.categories))
            and AgeBand(self.age_from, self.age_to).holds(age_on(member.birth_date, on))
            and (self.sex is None or member.sex == self.sex)
        )

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
    """The household as a whole has any of the categories."""

    categories: frozenset[str]


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
class ResidesIn:
    """The KATOTTG code of residence begins with one of these: oblast, raion, hromada or settlement."""

    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DisplacedWithin:
    """Displaced at most so many days ago."""

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
    AnyMember | AllMembers | HouseholdCategory | SizeBetween | MinDaysSinceLastIssue | ResidesIn
    | DisplacedWithin | HasDecision | HasAssessment
)  # fmt: skip
Rule = Leaf | All | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that stands against it. `options` are alternatives of which any one would do, nearest first."""

    code: str
    facts: Facts = field(default_factory=dict)
    options: tuple[tuple["Reason", ...], ...] = ()

    @property
    def text(self) -> str:
        """The English msgid; its places are filled from `facts`."""
        return REASON_TEXTS[self.code]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Allowed exactly when there is no reason against it."""

    reasons: tuple[Reason, ...] = ()

    @property
    def allowed(self) -> bool:
        return not self.reasons


# nearest mend first: a paper can be made this week, a wait ends by itself, a home or a family stays as it is
REASON_TEXTS: dict[str, str] = {
    "assessment_missing": N_("There is no valid needs assessment."),
    "decision_missing": N_("There is no decision in force for this programme."),
    "issued_too_recently": N_(
        "Too soon after the last issue: days between issues: %(days)s; possible again from %(next_on)s."
    ),
    "no_fitting_member": N_(
        "Too few members of the family meet the condition: %(found)s, and %(at_least)s needed."
    ),
    "household_category_missing": N_("The family has none of the categories asked for."),
    "not_every_member_fits": N_(
        "Not everyone in the family meets the condition; members who do not: %(unfit)s."
    ),
    "displacement_unknown": N_("The day of displacement is not recorded."),
    "residence_unknown": N_("The place of residence has no KATOTTG code."),
    "nobody_present": N_("Nobody of the family is present on that day."),
    "no_alternative": N_("None of these alternatives is met; any one of them would do."),
    "displaced_too_long_ago": N_("Displaced too long ago; days since then: %(ago)s, limit: %(days)s."),
    "resides_elsewhere": N_("The place of residence lies outside the programme's area."),
    "size_outside": N_("The number of members, %(size)s, is outside the programme's bounds."),
    "assessment_excludes": N_("A valid needs assessment excludes the family from this programme."),
    "decision_excludes": N_("A decision in force excludes the family from this programme."),
    "not_issued_recently": N_(
        "This programme asks for an earlier issue, and there was none lately (days looked at: %(days)s)."
    ),
    "member_excludes": N_("Members of the family meet a condition that excludes it: %(found)s."),
    "household_category_excludes": N_("The family has a category that excludes it from this programme."),
    "every_member_excludes": N_("Every member of the family meets a condition that excludes it."),
    "displacement_excludes": N_(
        "The day of displacement excludes the family from this programme (days ago: %(ago)s)."
    ),
    "residence_excludes": N_("The place of residence lies in an excluded area."),
    "size_excludes": N_("The number of members, %(size)s, excludes the family from this programme."),
}
_MEND = {code: rank for rank, code in enumerate(REASON_TEXTS)}


def judge(rule: Rule, facts: HouseholdFacts, on: date) -> Verdict:
    """Judge the household by the rule on a local date; every reason against it is named."""
    return Verdict(tuple(sorted(_against(rule, facts, on, wanted=True), key=_mend)))


def _mend(reason: Reason) -> tuple[int, int]:
    return _MEND[reason.code], int(reason.facts.get("days_left", 0))


def _against(rule: Rule, facts: HouseholdFacts, on: date, *, wanted: bool) -> list[Reason]:
    """The reasons why `rule` is not as wanted; a `Not` turns the wish round (De Morgan), never the answer."""
    match rule:
        case Not(of):
            return _against(of, facts, on, wanted=not wanted)
        case All(of) | AnyOf(of):
            parts = [sorted(_against(part, facts, on, wanted=wanted), key=_mend) for part in of]
            if isinstance(rule, All) == wanted:
                return [reason for part in parts for reason in part]
            if not all(parts):
                return []
            nearest = sorted(parts, key=lambda part: (max(map(_mend, part)), len(part)))
            if len(nearest) == 1:
                return nearest[0]
            return [Reason("no_alternative", options=tuple(map(tuple, nearest)))]
        case _:
            holds, code, found = _look(rule, facts, on)
            return [] if holds == wanted else [Reason(code, found)]


def _look(leaf: Leaf, facts: HouseholdFacts, on: date) -> tuple[bool, str, dict[str, Any]]:
    """Whether the condition holds, the reason against it if that is unwelcome, and what was found."""
    present = present_members(facts.members, on)
    match leaf:
        case AnyMember():
            found = sum(leaf.fit(member, on) for member in present)
            holds = found >= leaf.at_least
            code = "member_excludes" if holds else "no_fitting_member"
            return holds, code, {**leaf.as_facts(), "at_least": leaf.at_least, "found": found}
        case AllMembers():
            unfit = sum(not leaf.fit(member, on) for member in present)
            holds = bool(present) and not unfit
            code = (
                "every_member_excludes" if holds else "not_every_member_fits" if present else "nobody_present"
            )
            return holds, code, {**leaf.as_facts(), "unfit": unfit}
        case HouseholdCategory(categories):
            holds = bool(categories & facts.categories)
            code = "household_category_excludes" if holds else "household_category_missing"
            return holds, code, {"categories": sorted(categories)}
        case SizeBetween(at_least, at_most):
            size = len(present)
            holds = at_least <= size and (at_most is None or size <= at_most)
            found_size = {"size": size, "at_least": at_least, "at_most": at_most}
            return holds, "size_excludes" if holds else "size_outside", found_size
        case MinDaysSinceLastIssue(days):
            return _look_at_last_issue(facts.last_issue_on, days, on)
        case ResidesIn(prefixes):
            holds = facts.katottg is not None and facts.katottg.startswith(prefixes)
            missing = "residence_unknown" if facts.katottg is None else "resides_elsewhere"
            return holds, "residence_excludes" if holds else missing, {"prefixes": list(prefixes)}
        case DisplacedWithin(days):
            if facts.displaced_on is None:
                return False, "displacement_unknown", {"days": days}
            ago = (on - facts.displaced_on).days
            holds = 0 <= ago <= days
            code = "displacement_excludes" if holds else "displaced_too_long_ago"
            return holds, code, {"days": days, "ago": ago}
        case HasDecision():
            holds = any(
                decision.valid_from <= on
                and (decision.valid_until is None or on <= decision.valid_until)
                and decision.programme_id in (None, facts.programme_id)
                for decision in facts.decisions
            )
            return holds, "decision_excludes" if holds else "decision_missing", {}
        case HasAssessment():
            holds = any(act.made_on <= on <= act.valid_until for act in facts.assessments)
            return holds, "assessment_excludes" if holds else "assessment_missing", {}


def _look_at_last_issue(last_issue_on: date | None, days: int, on: date) -> tuple[bool, str, dict[str, Any]]:
    if last_issue_on is None:
        return True, "not_issued_recently", {"days": days}
    next_on = last_issue_on + timedelta(days=days)
    left = (next_on - on).days
    if left <= 0:
        return True, "not_issued_recently", {"days": days}
    return False, "issued_too_recently", {"days": days, "days_left": left, "next_on": next_on.isoformat()}


def explain(verdict: Verdict) -> list[tuple[int, Reason]]:
    """The reasons as an indented list, in order: (depth, reason); empty for an allowed household."""

    def lines(reasons: tuple[Reason, ...], depth: int) -> list[tuple[int, Reason]]:
        listed: list[tuple[int, Reason]] = []
        for reason in reasons:
            listed.append((depth, reason))
            for option in reason.options:
                listed += lines(option, depth + 1)
        return listed

    return lines(verdict.reasons, 0)


def reason_to_json(reason: Reason) -> dict[str, Any]:
    """A reason as stored with a decision."""
    return {
        "code": reason.code,
        "facts": dict(reason.facts),
        "options": [[reason_to_json(one) for one in option] for option in reason.options],
    }


def reason_from_json(stored: Mapping[str, Any]) -> Reason:
    options = tuple(tuple(reason_from_json(one) for one in option) for option in stored["options"])
    return Reason(stored["code"], dict(stored["facts"]), options)
