"""Whether a household is entitled, by a programme's rule, and why not: nearest mend first.

A rule is data: a tree of typed conditions over `HouseholdFacts`. Verdict and explanation come from one
walk over the tree, so they cannot disagree. `rule_json` reads and writes rules as JSON.

A rule of scope *person* asks each member in turn: a condition on one member is then about that member, every
other condition stays about the family, and only the members who meet it all are served.

Source: docs/rules.md#eligibility (DESIGN §4)
"""

from datetime import date

from aidtrack.beneficiaries.condition_checks import holds, told
from aidtrack.beneficiaries.conditions import (
    All,
    AllMembers,
    AnyMember,
    AnyOf,
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
    Not,
    ResidesIn,
    Rule,
    Scope,
    SizeBetween,
    leaves,
)
from aidtrack.beneficiaries.household import HouseholdFacts, Member, present_members
from aidtrack.beneficiaries.reasons import (
    REASON_TEXTS,
    Facts,
    Reason,
    Verdict,
    alternatives_in,
    explain,
    heading,
    mend,
    reason_from_json,
    reason_to_json,
)

__all__ = [
    "REASON_TEXTS",
    "All",
    "AllMembers",
    "AnyMember",
    "AnyOf",
    "ArrivedWithin",
    "Criteria",
    "DisplacedWithin",
    "Facts",
    "HasAssessment",
    "HasDecision",
    "HouseholdCategory",
    "IncomeAtMost",
    "LastIssueBefore",
    "Leaf",
    "MinDaysSinceLastIssue",
    "Not",
    "Reason",
    "ResidesIn",
    "Rule",
    "Scope",
    "SizeBetween",
    "Verdict",
    "alternatives_in",
    "entitled_members",
    "explain",
    "heading",
    "judge",
    "leaves",
    "meets",
    "reason_from_json",
    "reason_to_json",
]


_SEVERAL = (All, AnyOf)


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
        for part in rule.of:  # noqa: SIM110  (a trial comes by half a million times)
            if not _holds(part, facts, present, on, member):
                return False
        return True
    if isinstance(rule, AnyOf):
        for part in rule.of:  # noqa: SIM110
            if _holds(part, facts, present, on, member):
                return True
        return False
    if isinstance(rule, Not):
        return not _holds(rule.of, facts, present, on, member)
    return holds(rule, facts, present, on, member)


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
    return tuple(sorted(against, key=mend)) if len(against) > 1 else tuple(against)


def _distance(reasons: tuple[Reason, ...]) -> tuple[int, tuple[int, int]]:
    return len(reasons), max(map(mend, reasons), default=(0, 0))


def _against(
    rule: Rule,
    facts: HouseholdFacts,
    present: list[Member],
    on: date,
    wanted: bool,
    member: Member | None,
) -> list[Reason]:
    """The reasons why `rule` is not as wanted; a `Not` turns the wish round (De Morgan), never the answer."""
    if isinstance(rule, _SEVERAL):
        if isinstance(rule, All) == wanted:
            found: list[Reason] = []
            for part in rule.of:
                found += _against(part, facts, present, on, wanted, member)
            return found
        parts = []
        for part in rule.of:
            against = _against(part, facts, present, on, wanted, member)
            if not against:
                return []
            parts.append(sorted(against, key=mend))
        nearest = sorted(parts, key=lambda part: (max(map(mend, part)), len(part)))
        if len(nearest) == 1:
            return nearest[0]
        return [Reason("no_alternative", options=tuple(map(tuple, nearest)))]
    if isinstance(rule, Not):
        return _against(rule.of, facts, present, on, not wanted, member)
    held = holds(rule, facts, present, on, member)
    return [] if held == wanted else [Reason(*told(rule, facts, present, on, member, held))]
