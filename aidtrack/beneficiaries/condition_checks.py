"""Whether one condition of a rule holds for a family, and what was found.

Source: docs/rules.md#eligibility (DESIGN §4)
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from aidtrack.beneficiaries.conditions import (
    AllMembers,
    AnyMember,
    DisplacedWithin,
    HasAssessment,
    HasDecision,
    HouseholdCategory,
    IncomeAtMost,
    Leaf,
    MinDaysSinceLastIssue,
    ResidesIn,
    SizeBetween,
)
from aidtrack.beneficiaries.household import HouseholdFacts, Member

# Each looker says whether its condition holds, the reason against it if that is unwelcome, and what was found.
Found = tuple[bool, str, dict[str, Any]]


def check(leaf: Leaf, facts: HouseholdFacts, present: list[Member], on: date, member: Member | None) -> Found:
    """Look at one condition: of `member` alone where it is about one member, of those present otherwise."""
    asked = present if member is None or not _is_of_one(leaf) else [member]
    return _LOOK[type(leaf)](leaf, facts, asked, on)


def _is_of_one(leaf: Leaf) -> bool:
    """Whether the condition is about one member; three children remain a matter of the whole family."""
    return isinstance(leaf, AnyMember) and leaf.at_least == 1


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
