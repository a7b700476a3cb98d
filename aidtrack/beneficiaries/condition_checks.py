"""Whether one condition of a rule holds for a family, and what was found.

A trial asks the first question hundreds of thousands of times and the second only of families that fall out, so
each condition has two functions; what was found never says anything else than whether it holds.

Source: docs/rules.md#eligibility (DESIGN §4)
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from aidtrack.beneficiaries.conditions import (
    AllMembers,
    AnyMember,
    ArrivedWithin,
    Criteria,
    DisplacedWithin,
    HasAssessment,
    HasDecision,
    HouseholdCategory,
    IncomeAtMost,
    LastIssueBefore,
    Leaf,
    MinDaysSinceLastIssue,
    ResidesIn,
    SizeBetween,
)
from aidtrack.beneficiaries.household import HouseholdFacts, IncomeFact, Member

# The reason against a condition if its answer is unwelcome, and what was found.
Told = tuple[str, dict[str, Any]]


def holds(leaf: Leaf, facts: HouseholdFacts, present: list[Member], on: date, member: Member | None) -> bool:
    """Look at one condition: of `member` alone where it is about one member, of those present otherwise."""
    asked = present if member is None else _asked(leaf, present, member)
    return _HOLDS[type(leaf)](leaf, facts, asked, on)


def told(
    leaf: Leaf, facts: HouseholdFacts, present: list[Member], on: date, member: Member | None, held: bool
) -> Told:
    """Why the condition's answer, `held`, stands against a family."""
    asked = present if member is None else _asked(leaf, present, member)
    return _TOLD[type(leaf)](leaf, facts, asked, on, held)


def _asked(leaf: Leaf, present: list[Member], member: Member) -> list[Member]:
    return [member] if _is_of_one(leaf) else present


def _is_of_one(leaf: Leaf) -> bool:
    """Whether the condition is about one member; three children remain a matter of the whole family."""
    return isinstance(leaf, AnyMember) and leaf.at_least == 1


def _any_member(leaf: AnyMember, facts: HouseholdFacts, present: list[Member], on: date) -> bool:
    wanted = leaf.at_least
    for member in present:
        if wanted <= 0:
            break
        wanted -= leaf.fit(member, on)
    return wanted <= 0


def _any_member_told(
    leaf: AnyMember, facts: HouseholdFacts, present: list[Member], on: date, held: bool
) -> Told:
    found = _fitting(leaf, present, on)
    code = "member_excludes" if held else "no_fitting_member"
    if not held and leaf.proven and _fitting(_unproven(leaf), present, on) >= leaf.at_least:
        code = "category_unproven"
    return code, {**leaf.as_facts(), "at_least": leaf.at_least, "found": found}


def _fitting(leaf: Criteria, present: list[Member], on: date) -> int:
    return sum(leaf.fit(member, on) for member in present)


def _unproven(leaf: Criteria) -> Criteria:
    """The same without asking for papers: who meets this has only a proof to bring."""
    return replace(leaf, proven=False)


def _all_members(leaf: AllMembers, facts: HouseholdFacts, present: list[Member], on: date) -> bool:
    return bool(present) and all(leaf.fit(member, on) for member in present)


def _all_members_told(
    leaf: AllMembers, facts: HouseholdFacts, present: list[Member], on: date, held: bool
) -> Told:
    unfit = len(present) - _fitting(leaf, present, on)
    code = "every_member_excludes" if held else "not_every_member_fits" if present else "nobody_present"
    if unfit and leaf.proven and _fitting(_unproven(leaf), present, on) == len(present):
        code = "category_unproven"
    return code, {**leaf.as_facts(), "unfit": unfit}


def _household_category(
    leaf: HouseholdCategory, facts: HouseholdFacts, present: list[Member], on: date
) -> bool:
    return not leaf.categories.isdisjoint(facts.proven if leaf.proven else facts.categories)


def _household_category_told(
    leaf: HouseholdCategory, facts: HouseholdFacts, present: list[Member], on: date, held: bool
) -> Told:
    code = "household_category_excludes" if held else "household_category_missing"
    if not held and not leaf.categories.isdisjoint(facts.categories):
        code = "category_unproven"
    return code, {"categories": sorted(leaf.categories)}


def _size(leaf: SizeBetween, facts: HouseholdFacts, present: list[Member], on: date) -> bool:
    return leaf.at_least <= len(present) and (leaf.at_most is None or len(present) <= leaf.at_most)


def _size_told(leaf: SizeBetween, facts: HouseholdFacts, present: list[Member], on: date, held: bool) -> Told:
    found = {"size": len(present), "at_least": leaf.at_least, "at_most": leaf.at_most}
    return "size_excludes" if held else "size_outside", found


def _last_issue(leaf: MinDaysSinceLastIssue, facts: HouseholdFacts, present: list[Member], on: date) -> bool:
    return facts.last_issue_on is None or (on - facts.last_issue_on).days >= leaf.days


def _last_issue_told(
    leaf: MinDaysSinceLastIssue, facts: HouseholdFacts, present: list[Member], on: date, held: bool
) -> Told:
    days = leaf.days
    if held or facts.last_issue_on is None:
        return "not_issued_recently", {"days": days}
    next_on = facts.last_issue_on + timedelta(days=days)
    left = (next_on - on).days
    return "issued_too_recently", {"days": days, "days_left": left, "next_on": next_on.isoformat()}


def _last_before(leaf: LastIssueBefore, facts: HouseholdFacts, present: list[Member], on: date) -> bool:
    return facts.last_issue_on is None or facts.last_issue_on < leaf.day


def _last_before_told(
    leaf: LastIssueBefore, facts: HouseholdFacts, present: list[Member], on: date, held: bool
) -> Told:
    found = {"day": leaf.day.isoformat()}
    if held or facts.last_issue_on is None:
        return "not_served_since", found
    return "served_since", {**found, "last_on": facts.last_issue_on.isoformat()}


def _residence(leaf: ResidesIn, facts: HouseholdFacts, present: list[Member], on: date) -> bool:
    by_code = facts.katottg is not None and facts.katottg.startswith(leaf.prefixes)
    return by_code or (facts.district is not None and facts.district in leaf.districts)


def _residence_told(
    leaf: ResidesIn, facts: HouseholdFacts, present: list[Member], on: date, held: bool
) -> Told:
    found = {"prefixes": list(leaf.prefixes), "districts": list(leaf.districts)}
    if held:
        return "residence_excludes", found
    if leaf.prefixes and facts.katottg is None:
        return "residence_unknown", found
    if leaf.districts and not leaf.prefixes and facts.district is None:
        return "district_unknown", found
    return "resides_elsewhere", found


def _displacement(leaf: DisplacedWithin, facts: HouseholdFacts, present: list[Member], on: date) -> bool:
    return facts.displaced_on is not None and 0 <= (on - facts.displaced_on).days <= leaf.days


def _displacement_told(
    leaf: DisplacedWithin, facts: HouseholdFacts, present: list[Member], on: date, held: bool
) -> Told:
    if facts.displaced_on is None:
        return "displacement_unknown", {"days": leaf.days}
    ago = (on - facts.displaced_on).days
    return "displacement_excludes" if held else "displaced_too_long_ago", {"days": leaf.days, "ago": ago}


def _arrival(leaf: ArrivedWithin, facts: HouseholdFacts, present: list[Member], on: date) -> bool:
    return facts.arrived_on is not None and 0 <= (on - facts.arrived_on).days <= leaf.days


def _arrival_told(
    leaf: ArrivedWithin, facts: HouseholdFacts, present: list[Member], on: date, held: bool
) -> Told:
    if facts.arrived_on is None:
        return "arrival_unknown", {"days": leaf.days}
    ago = (on - facts.arrived_on).days
    if ago < 0:
        return "not_arrived_yet", {"days": leaf.days, "days_left": -ago}
    return "arrival_excludes" if held else "arrived_too_long_ago", {"days": leaf.days, "ago": ago}


def _known_incomes(facts: HouseholdFacts, on: date) -> list[IncomeFact]:
    return [income for income in facts.incomes if income.as_of <= on]


def _income(leaf: IncomeAtMost, facts: HouseholdFacts, present: list[Member], on: date) -> bool:
    """Compared without dividing: a kopiyka is not lost to rounding."""
    valid = [income for income in _known_incomes(facts, on) if income.holds(on)]
    return bool(present and valid) and valid[-1].total <= leaf.kopiykas * len(present)


def _income_told(
    leaf: IncomeAtMost, facts: HouseholdFacts, present: list[Member], on: date, held: bool
) -> Told:
    found: dict[str, Any] = {"ceiling": f"{leaf.kopiykas // 100}.{leaf.kopiykas % 100:02}"}
    if held:
        return "income_excludes", found
    if not present:
        return "nobody_present", found
    known = _known_incomes(facts, on)
    if any(income.holds(on) for income in known):
        return "income_above", found
    if known:
        return "income_outdated", {**found, "as_of": known[-1].as_of.isoformat()}
    return "income_unknown", found


def _decision(leaf: HasDecision, facts: HouseholdFacts, present: list[Member], on: date) -> bool:
    return any(
        decision.valid_from <= on
        and (decision.valid_until is None or on <= decision.valid_until)
        and decision.programme_id in (None, facts.programme_id)
        for decision in facts.decisions
    )


def _decision_told(
    leaf: HasDecision, facts: HouseholdFacts, present: list[Member], on: date, held: bool
) -> Told:
    return "decision_excludes" if held else "decision_missing", {}


def _assessment(leaf: HasAssessment, facts: HouseholdFacts, present: list[Member], on: date) -> bool:
    return any(act.made_on <= on <= act.valid_until for act in facts.assessments)


def _assessment_told(
    leaf: HasAssessment, facts: HouseholdFacts, present: list[Member], on: date, held: bool
) -> Told:
    return "assessment_excludes" if held else "assessment_missing", {}


_HOLDS: dict[type[Any], Callable[[Any, HouseholdFacts, list[Member], date], bool]] = {
    AnyMember: _any_member,
    AllMembers: _all_members,
    HouseholdCategory: _household_category,
    SizeBetween: _size,
    MinDaysSinceLastIssue: _last_issue,
    LastIssueBefore: _last_before,
    ResidesIn: _residence,
    DisplacedWithin: _displacement,
    ArrivedWithin: _arrival,
    IncomeAtMost: _income,
    HasDecision: _decision,
    HasAssessment: _assessment,
}
_TOLD: dict[type[Any], Callable[[Any, HouseholdFacts, list[Member], date, bool], Told]] = {
    AnyMember: _any_member_told,
    AllMembers: _all_members_told,
    HouseholdCategory: _household_category_told,
    SizeBetween: _size_told,
    MinDaysSinceLastIssue: _last_issue_told,
    LastIssueBefore: _last_before_told,
    ResidesIn: _residence_told,
    DisplacedWithin: _displacement_told,
    ArrivedWithin: _arrival_told,
    IncomeAtMost: _income_told,
    HasDecision: _decision_told,
    HasAssessment: _assessment_told,
}
