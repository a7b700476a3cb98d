"""Whether a household is entitled, by a programme's rule, and why not: nearest mend first.

A rule is data: a tree of typed conditions over `HouseholdFacts`. Verdict and explanation come from one
walk over the tree, so they cannot disagree. `rule_json` reads and writes rules as JSON.

A rule of scope *person* asks each member in turn: a condition on one member is then about that member, every
other condition stays about the family, and only the members who meet it all are served.

Source: docs/rules.md#eligibility (DESIGN §4)
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
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
        if self.categories and self.categories.isdisjoint(member.categories):
            return False
        if self.sex is not None and member.sex is not self.sex:
            return False
        if self.age_from is None and self.age_to is None:
            return True
        return AgeBand(self.age_from, self.age_to).holds(age_on(member.birth_date, on))

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
    | DisplacedWithin | IncomeAtMost | HasDecision | HasAssessment
)  # fmt: skip
Rule = Leaf | All | AnyOf | Not


class Scope(StrEnum):
    """Who is served when the rule is met: the whole family, or the members who meet it themselves."""

    HOUSEHOLD = "household"
    PERSON = "person"


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
    "income_unknown": N_("No paper on the family's income is recorded."),
    "income_outdated": N_("The paper on the family's income is out of date; it was of %(as_of)s."),
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
    "district_unknown": N_("The starosta district of the family is not recorded."),
    "nobody_present": N_("Nobody of the family is present on that day."),
    "no_alternative": N_("None of these alternatives is met; any one of them would do."),
    "income_above": N_("The income for each member is above the ceiling of %(ceiling)s UAH a month."),
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
    "income_excludes": N_(
        "The income for each member, at most %(ceiling)s UAH a month, excludes the family."
    ),
    "residence_excludes": N_("The place of residence lies in an excluded area."),
    "size_excludes": N_("The number of members, %(size)s, excludes the family from this programme."),
}
_MEND = {code: rank for rank, code in enumerate(REASON_TEXTS)}


def judge(rule: Rule, facts: HouseholdFacts, on: date, *, scope: Scope = Scope.HOUSEHOLD) -> Verdict:
    """Judge the household by the rule on a local date; every reason against it is named.

    In scope person the family is entitled when one present member is, and the reasons are those of the
    member who is nearest to it.
    """
    present = present_members(facts.members, on)
    if scope is Scope.PERSON:
        if not present:
            return Verdict((Reason("nobody_present"),))
        found = [_reasons(rule, facts, present, on, member) for member in present]
        return Verdict(min(found, key=_distance))
    return Verdict(_reasons(rule, facts, present, on, None))


def meets(rule: Rule, facts: HouseholdFacts, on: date, *, scope: Scope = Scope.HOUSEHOLD) -> bool:
    """What `judge` answers, without the reasons: for a walk over very many families."""
    present = present_members(facts.members, on)
    if scope is Scope.PERSON:
        return any(_holds(rule, facts, present, on, member) for member in present)
    return _holds(rule, facts, present, on, None)


def _holds(rule: Rule, facts: HouseholdFacts, present: list[Member], on: date, member: Member | None) -> bool:
    if isinstance(rule, All):
        return all(_holds(part, facts, present, on, member) for part in rule.of)
    if isinstance(rule, AnyOf):
        return any(_holds(part, facts, present, on, member) for part in rule.of)
    if isinstance(rule, Not):
        return not _holds(rule.of, facts, present, on, member)
    asked = present if member is None or not _is_of_one(rule) else [member]
    return _LOOK[type(rule)](rule, facts, asked, on)[0]


def entitled_members(
    rule: Rule, facts: HouseholdFacts, on: date, *, scope: Scope = Scope.HOUSEHOLD
) -> tuple[Member, ...]:
    """The present members who are served under the rule; nobody when the family is not entitled."""
    present = present_members(facts.members, on)
    if scope is Scope.PERSON:
        return tuple(member for member in present if not _reasons(rule, facts, present, on, member))
    return () if _reasons(rule, facts, present, on, None) else tuple(present)


def _reasons(
    rule: Rule, facts: HouseholdFacts, present: list[Member], on: date, member: Member | None
) -> tuple[Reason, ...]:
    against = _against(rule, facts, present, on, True, member)
    return tuple(sorted(against, key=_mend)) if len(against) > 1 else tuple(against)


def _distance(reasons: tuple[Reason, ...]) -> tuple[int, tuple[int, int]]:
    return len(reasons), max(map(_mend, reasons), default=(0, 0))


def _mend(reason: Reason) -> tuple[int, int]:
    return _MEND[reason.code], int(reason.facts.get("days_left", 0))


def _against(
    rule: Rule,
    facts: HouseholdFacts,
    present: list[Member],
    on: date,
    wanted: bool,
    member: Member | None,
) -> list[Reason]:
    """The reasons why `rule` is not as wanted; a `Not` turns the wish round (De Morgan), never the answer."""
    if isinstance(rule, All | AnyOf):
        if isinstance(rule, All) == wanted:
            return [
                reason for part in rule.of for reason in _against(part, facts, present, on, wanted, member)
            ]
        parts = []
        for part in rule.of:
            against = _against(part, facts, present, on, wanted, member)
            if not against:
                return []
            parts.append(sorted(against, key=_mend))
        nearest = sorted(parts, key=lambda part: (max(map(_mend, part)), len(part)))
        if len(nearest) == 1:
            return nearest[0]
        return [Reason("no_alternative", options=tuple(map(tuple, nearest)))]
    if isinstance(rule, Not):
        return _against(rule.of, facts, present, on, not wanted, member)
    asked = present if member is None or not _is_of_one(rule) else [member]
    holds, code, found = _LOOK[type(rule)](rule, facts, asked, on)
    return [] if holds == wanted else [Reason(code, found)]


def _is_of_one(leaf: Leaf) -> bool:
    """Whether the condition is about one member; three children remain a matter of the whole family."""
    return isinstance(leaf, AnyMember) and leaf.at_least == 1


# Each looker says whether its condition holds, the reason against it if that is unwelcome, and what was found.
Found = tuple[bool, str, dict[str, Any]]


def _any_member(leaf: AnyMember, facts: HouseholdFacts, present: list[Member], on: date) -> Found:
    found = sum(leaf.fit(member, on) for member in present)
    holds = found >= leaf.at_least
    code = "member_excludes" if holds else "no_fitting_member"
    return holds, code, {**leaf.as_facts(), "at_least": leaf.at_least, "found": found}


def _all_members(leaf: AllMembers, facts: HouseholdFacts, present: list[Member], on: date) -> Found:
    unfit = sum(not leaf.fit(member, on) for member in present)
    holds = bool(present) and not unfit
    code = "every_member_excludes" if holds else "not_every_member_fits" if present else "nobody_present"
    return holds, code, {**leaf.as_facts(), "unfit": unfit}


def _household_category(
    leaf: HouseholdCategory, facts: HouseholdFacts, present: list[Member], on: date
) -> Found:
    holds = bool(leaf.categories & facts.categories)
    code = "household_category_excludes" if holds else "household_category_missing"
    return holds, code, {"categories": sorted(leaf.categories)}


def _size(leaf: SizeBetween, facts: HouseholdFacts, present: list[Member], on: date) -> Found:
    size = len(present)
    holds = leaf.at_least <= size and (leaf.at_most is None or size <= leaf.at_most)
    found = {"size": size, "at_least": leaf.at_least, "at_most": leaf.at_most}
    return holds, "size_excludes" if holds else "size_outside", found


def _last_issue(leaf: MinDaysSinceLastIssue, facts: HouseholdFacts, present: list[Member], on: date) -> Found:
    days = leaf.days
    if facts.last_issue_on is None:
        return True, "not_issued_recently", {"days": days}
    next_on = facts.last_issue_on + timedelta(days=days)
    left = (next_on - on).days
    if left <= 0:
        return True, "not_issued_recently", {"days": days}
    return False, "issued_too_recently", {"days": days, "days_left": left, "next_on": next_on.isoformat()}


def _residence(leaf: ResidesIn, facts: HouseholdFacts, present: list[Member], on: date) -> Found:
    by_code = facts.katottg is not None and facts.katottg.startswith(leaf.prefixes)
    holds = by_code or (facts.district is not None and facts.district in leaf.districts)
    found = {"prefixes": list(leaf.prefixes), "districts": list(leaf.districts)}
    if holds:
        return True, "residence_excludes", found
    if leaf.prefixes and facts.katottg is None:
        return False, "residence_unknown", found
    if leaf.districts and not leaf.prefixes and facts.district is None:
        return False, "district_unknown", found
    return False, "resides_elsewhere", found


def _displacement(leaf: DisplacedWithin, facts: HouseholdFacts, present: list[Member], on: date) -> Found:
    if facts.displaced_on is None:
        return False, "displacement_unknown", {"days": leaf.days}
    ago = (on - facts.displaced_on).days
    holds = 0 <= ago <= leaf.days
    code = "displacement_excludes" if holds else "displaced_too_long_ago"
    return holds, code, {"days": leaf.days, "ago": ago}


def _income(leaf: IncomeAtMost, facts: HouseholdFacts, present: list[Member], on: date) -> Found:
    """Compared without dividing: a kopiyka is not lost to rounding."""
    found: dict[str, Any] = {"ceiling": f"{leaf.kopiykas // 100}.{leaf.kopiykas % 100:02}"}
    if not present:
        return False, "nobody_present", found
    known = [income for income in facts.incomes if income.as_of <= on]
    valid = [income for income in known if income.holds(on)]
    if not valid:
        if known:
            return False, "income_outdated", {**found, "as_of": known[-1].as_of.isoformat()}
        return False, "income_unknown", found
    holds = valid[-1].total <= leaf.kopiykas * len(present)
    return holds, "income_excludes" if holds else "income_above", found


def _decision(leaf: HasDecision, facts: HouseholdFacts, present: list[Member], on: date) -> Found:
    holds = any(
        decision.valid_from <= on
        and (decision.valid_until is None or on <= decision.valid_until)
        and decision.programme_id in (None, facts.programme_id)
        for decision in facts.decisions
    )
    return holds, "decision_excludes" if holds else "decision_missing", {}


def _assessment(leaf: HasAssessment, facts: HouseholdFacts, present: list[Member], on: date) -> Found:
    holds = any(act.made_on <= on <= act.valid_until for act in facts.assessments)
    return holds, "assessment_excludes" if holds else "assessment_missing", {}


_LOOK: dict[type[Any], Callable[[Any, HouseholdFacts, list[Member], date], Found]] = {
    AnyMember: _any_member,
    AllMembers: _all_members,
    HouseholdCategory: _household_category,
    SizeBetween: _size,
    MinDaysSinceLastIssue: _last_issue,
    ResidesIn: _residence,
    DisplacedWithin: _displacement,
    IncomeAtMost: _income,
    HasDecision: _decision,
    HasAssessment: _assessment,
}


def leaves(rule: Rule) -> Iterator[Leaf]:
    """Every condition of the rule, wherever it stands."""
    if isinstance(rule, Not):
        yield from leaves(rule.of)
    elif isinstance(rule, All | AnyOf):
        for part in rule.of:
            yield from leaves(part)
    else:
        yield rule


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
