"""Rules, terms, differences and reasons in words a family can be told."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from aidtrack.beneficiaries.eligibility import (
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
    MinDaysSinceLastIssue,
    Not,
    Reason,
    ResidesIn,
    Rule,
    Scope,
    SizeBetween,
)
from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.proofs.money import shown_money
from aidtrack.distribution.rights.terms import Terms
from aidtrack.kernel.late import dataclass
from aidtrack.web.filters import day
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
    parts = [_categories(one.categories, one.proven, names), _ages(one.age_from, one.age_to), sex]
    return "; ".join(part for part in parts if part) or str(_("anybody"))


def _categories(codes: frozenset[str], proven: bool, names: Names) -> str | None:
    listed = _listed(codes, names)
    if not proven:
        return listed or None
    return str(_("%(what)s, proven by a paper", what=listed))


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
        case Not(AnyOf(of)):
            lines = [(depth, _("None of these:"))]
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
            return _("The whole family: %(what)s", what=_categories(categories, rule.proven, names))
        case SizeBetween(at_least, at_most):
            if at_most is None:
                return ngettext("%(num)d member or more", "%(num)d members or more", at_least)
            if at_least <= 1:
                return ngettext("At most %(num)d member", "At most %(num)d members", at_most)
            return _("From %(low)s to %(high)s members", low=at_least, high=at_most)
        case MinDaysSinceLastIssue(days):
            return ngettext(
                "At least %(num)d day since the last issue",
                "At least %(num)d days since the last issue",
                days,
            )
        case ResidesIn(prefixes, districts):
            if not districts:
                return _("Lives in: %(codes)s", codes=", ".join(prefixes))
            if not prefixes:
                return _("Lives in the starosta districts: %(codes)s", codes=", ".join(districts))
            return _(
                "Lives in: %(codes)s, or in the starosta districts: %(districts)s",
                codes=", ".join(prefixes),
                districts=", ".join(districts),
            )
        case IncomeAtMost(kopiykas):
            return _("Income of at most %(amount)s UAH a month for each member", amount=shown_money(kopiykas))
        case DisplacedWithin(days):
            return ngettext("Displaced at most %(num)d day ago", "Displaced at most %(num)d days ago", days)
        case ArrivedWithin(days):
            return ngettext(
                "Arrived in the hromada at most %(num)d day ago",
                "Arrived in the hromada at most %(num)d days ago",
                days,
            )
        case LastIssueBefore(before):
            return _("Never served under this programme, or last before %(day)s", day=day(before))
        case HasDecision():
            return _("A decision in force")
        case HasAssessment():
            return _("A valid needs assessment")
    raise TypeError(rule)


def terms_lines(terms: Terms) -> list[str]:
    """What a version says besides who; one sentence each, none for what is as usual."""
    lines: list[Any] = []
    if terms.scope is Scope.PERSON:
        lines.append(_("Only the members who meet this themselves are counted and served."))
    else:
        lines.append(_("A family that meets this is served as a whole."))
    if terms.cap_household is not None:
        lines.append(
            ngettext(
                "A family is served at most %(num)d time", "A family is served at most %(num)d times", terms.cap_household
            )
            + _within(terms.cap_days)
        )  # fmt: skip
    if terms.cap_member is not None:
        lines.append(
            ngettext(
                "A person is counted at most %(num)d time, whatever family they come with",
                "A person is counted at most %(num)d times, whatever family they come with",
                terms.cap_member,
            )
            + _within(terms.cap_days)
        )
    if terms.quota_per_day is not None:
        lines.append(
            ngettext(
                "At most %(num)d family is invited for one day; each is given its day.",
                "At most %(num)d families are invited for one day; each is given its day.",
                terms.quota_per_day,
            )
        )
    if terms.first_come is not None:
        lines.append(
            ngettext(
                "At most %(num)d family is served in a cycle, those marked first come first.",
                "At most %(num)d families are served in a cycle, those marked first come first.",
                terms.first_come,
            )
        )
    if not terms.proxy_allowed:
        lines.append(_("Collected by the family itself: no alternate collector."))
    return [str(line) for line in lines]


def _within(days: int | None) -> str:
    if days is None:
        return str(_(" in the whole programme."))
    return str(ngettext(" within %(num)d day.", " within %(num)d days.", days))


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that another version says otherwise: what it said, what it says; either may be missing."""

    before: str | None
    after: str | None


def differences(old: tuple[Rule, Terms] | None, new: tuple[Rule, Terms], names: Names) -> list[Difference]:
    """What changes from one version to another, sentence by sentence, in the order of the newer one."""
    before = _sentences(*old, names) if old is not None else []
    after = _sentences(*new, names)
    found: list[Difference] = []
    for what, a0, a1, b0, b1 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        gone: Sequence[str | None] = before[a0:a1]
        come: Sequence[str | None] = after[b0:b1]
        longest = max(len(gone), len(come))
        pairs = zip(
            [*gone, *[None] * (longest - len(gone))], [*come, *[None] * (longest - len(come))], strict=True
        )
        found += [Difference(one, other) for one, other in pairs]
    return found


def _sentences(rule: Rule, terms: Terms, names: Names) -> list[str]:
    """Each sentence with the headings above it, so that one moved into another group is a difference."""
    above: list[str] = []
    said: list[str] = []
    for depth, sentence in rule_lines(rule, names):
        above = [*above[:depth], sentence]
        said.append(" › ".join(part.rstrip(":") for part in above))
    return said + terms_lines(terms)


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
        ", ".join((*facts.get("prefixes", ()), *facts.get("districts", ()))) or None,
    ]
    return "; ".join(part for part in parts if part)
