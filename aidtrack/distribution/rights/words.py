"""Rules and reasons in words a family can be told."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from aidtrack.beneficiaries.eligibility import (
    All,
    AllMembers,
    AnyMember,
    AnyOf,
    Criteria,
    DisplacedWithin,
    HasAssessment,
    HasDecision,
    HouseholdCategory,
    MinDaysSinceLastIssue,
    Not,
    Reason,
    ResidesIn,
    Rule,
    SizeBetween,
)
from aidtrack.beneficiaries.household import Sex
from aidtrack.web.problems import spoken_facts

Names = Mapping[str, str]  # category names by code, in the person's language


def _listed(codes: Any, names: Names) -> str:
    return ", ".join(names.get(code, code) for code in sorted(codes))


def _ages(low: int | None, high: int | None) -> str | None:
    if low is None and high is None:
        return None
    return str(_age_words(low, high))


def _age_words(low: int | None, high: int | None) -> Any:
    if low is not None and high is not None:
        return _("aged %(low)s to %(high)s", low=low, high=high)
    if low is not None:
        return _("aged %(low)s or more", low=low)
    return _("aged %(high)s or less", high=high)


def _criteria(one: Criteria, names: Names) -> str:
    sex = None if one.sex is None else (_("female") if one.sex is Sex.FEMALE else _("male"))
    parts = [_listed(one.categories, names) or None, _ages(one.age_from, one.age_to), sex]
    return "; ".join(part for part in parts if part) or str(_("anybody"))


def rule_lines(rule: Rule, names: Names, depth: int = 0) -> list[tuple[int, str]]:
    """The rule as an indented list: (depth, sentence)."""
    match rule:
        case All(of):
            if not of:
                return [(depth, _("No condition: every family meets it."))]
            head = [] if depth == 0 else [(depth, _("All of these:"))]
            below = depth if depth == 0 else depth + 1
            return head + [line for part in of for line in rule_lines(part, names, below)]
        case AnyOf(of):
            lines = [(depth, _("Any one of these:"))]
            return lines + [line for part in of for line in rule_lines(part, names, depth + 1)]
        case Not(of):
            return [(depth, _("Not:")), *rule_lines(of, names, depth + 1)]
        case _:
            return [(depth, _leaf(rule, names))]


def _leaf(rule: Any, names: Names) -> str:
    return str(_leaf_words(rule, names))


def _leaf_words(rule: Any, names: Names) -> Any:
    match rule:
        case AnyMember():
            return ngettext(
                "At least %(num)d member: %(what)s",
                "At least %(num)d members: %(what)s",
                rule.at_least,
                what=_criteria(rule, names),
            )
        case AllMembers():
            return _("Every member: %(what)s", what=_criteria(rule, names))
        case HouseholdCategory(categories):
            return _("The whole family: %(what)s", what=_listed(categories, names))
        case SizeBetween(at_least, at_most):
            if at_most is None:
                return ngettext("%(num)d member or more", "%(num)d members or more", at_least)
            return _("From %(low)s to %(high)s members", low=at_least, high=at_most)
        case MinDaysSinceLastIssue(days):
            return ngettext(
                "At least %(num)d day since the last issue",
                "At least %(num)d days since the last issue",
                days,
            )
        case ResidesIn(prefixes):
            return _("Lives in: %(codes)s", codes=", ".join(prefixes))
        case DisplacedWithin(days):
            return ngettext("Displaced at most %(num)d day ago", "Displaced at most %(num)d days ago", days)
        case HasDecision():
            return _("A decision in force")
        case HasAssessment():
            return _("A valid needs assessment")
    raise TypeError(rule)


def reason_lines(reasons: tuple[Reason, ...], names: Names, depth: int = 0) -> list[tuple[int, str]]:
    """Why not, nearest mend first: (depth, sentence); what was asked for stands behind the sentence."""
    lines: list[tuple[int, str]] = []
    for reason in reasons:
        sentence = _(reason.text) % (spoken_facts(reason.facts) or {"": ""})
        wanted = _wanted(reason, names)
        lines.append((depth, f"{sentence} ({wanted})" if wanted else sentence))
        for option in reason.options:
            lines += reason_lines(option, names, depth + 1)
    return lines


def _wanted(reason: Reason, names: Names) -> str:
    facts = reason.facts
    parts = [
        _listed(facts.get("categories", ()), names) or None,
        _ages(facts.get("age_from"), facts.get("age_to")),
        ", ".join(facts.get("prefixes", ())) or None,
    ]
    return "; ".join(part for part in parts if part)
