"""Eligibility rules as JSON: what a programme keeps, what an administrator may paste.

A condition is an object whose `is` names it; its other keys are the fields of the class in
`eligibility`. What is unknown is refused by name and place, never skipped: a rule that lost a condition
would entitle people it should not.
"""

import re
from collections.abc import Callable
from dataclasses import MISSING, fields
from datetime import date
from typing import Any

from aidtrack.beneficiaries.eligibility import (
    All,
    AllMembers,
    AnyMember,
    AnyOf,
    ArrivedWithin,
    DisplacedWithin,
    HasAssessment,
    HasDecision,
    HouseholdCategory,
    IncomeAtMost,
    LastIssueBefore,
    MinDaysSinceLastIssue,
    Not,
    ResidesIn,
    Rule,
    SizeBetween,
)
from aidtrack.beneficiaries.household import Sex
from aidtrack.kernel.errors import N_, DomainError

DEEPEST = 12
MOST_CONDITIONS = 200
MOST_DAYS = 36_500
MOST_PERSONS = 100
OLDEST = 150
MOST_KOPIYKAS = 10**9  # ten million hryvnias a month for each member: beyond it a figure is a slip
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_KATOTTG = re.compile(r"UA[0-9]{2,17}")  # oblast at least; a Cyrillic А in it would never match

_KINDS: dict[str, type[Any]] = {
    "any_member": AnyMember,
    "all_members": AllMembers,
    "household_category": HouseholdCategory,
    "size_between": SizeBetween,
    "min_days_since_last_issue": MinDaysSinceLastIssue,
    "last_issue_before": LastIssueBefore,
    "resides_in": ResidesIn,
    "displaced_within": DisplacedWithin,
    "arrived_within": ArrivedWithin,
    "income_at_most": IncomeAtMost,
    "has_decision": HasDecision,
    "has_assessment": HasAssessment,
    "all": All,
    "any": AnyOf,
    "not": Not,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


class RuleRefused(DomainError):
    """The JSON is not a rule. Facts: `at` (path of the condition), `problem` (stable word), `name`."""

    code = "rule_refused"
    field = "rule"
    text = N_("The rule cannot be read: “%(name)s” at %(at)s (%(problem)s).")


def _refuse(problem: str, name: object, at: str) -> RuleRefused:
    return RuleRefused(problem=problem, name=str(name)[:60], at=at)


def _whole(lowest: int, highest: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise ValueError(value)
        return value

    return read


def _words(value: Any) -> tuple[str, ...]:
    if (
        not isinstance(value, list)
        or not value
        or not all(isinstance(word, str) and word.strip() for word in value)
    ):
        raise ValueError(value)
    return tuple(word.strip() for word in value)


def _optional_words(value: Any) -> frozenset[str]:
    return frozenset() if value == [] else frozenset(_words(value))


def _katottg(value: Any) -> tuple[str, ...]:
    prefixes = _words(value)
    if not all(_KATOTTG.fullmatch(prefix) for prefix in prefixes):
        raise ValueError(value)
    return prefixes


def _day(value: Any) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError(value)
    return date.fromisoformat(value)


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def _or_none(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


_CRITERIA: dict[str, Callable[[Any], Any]] = {
    "categories": _optional_words,
    "age_from": _or_none(_whole(0, OLDEST)),
    "age_to": _or_none(_whole(0, OLDEST)),
    "sex": _or_none(Sex),
    "proven": _yes_or_no,
}
_READERS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "any_member": {**_CRITERIA, "at_least": _whole(1, MOST_PERSONS)},
    "all_members": _CRITERIA,
    "household_category": {"categories": lambda value: frozenset(_words(value)), "proven": _yes_or_no},
    "size_between": {"at_least": _whole(0, MOST_PERSONS), "at_most": _or_none(_whole(0, MOST_PERSONS))},
    "min_days_since_last_issue": {"days": _whole(1, MOST_DAYS)},
    "last_issue_before": {"day": _day},
    "resides_in": {"prefixes": _katottg, "districts": _words},
    "displaced_within": {"days": _whole(1, MOST_DAYS)},
    "arrived_within": {"days": _whole(1, MOST_DAYS)},
    "income_at_most": {"kopiykas": _whole(0, MOST_KOPIYKAS)},
    "has_decision": {},
    "has_assessment": {},
}


def parse_rule(json: Any) -> Rule:
    """The rule a JSON value describes.

    Raises:
        RuleRefused: an unknown condition or key, a missing or impossible value, too deep or too long.
    """
    seen: list[str] = []
    return _parse(json, "rule", 0, seen)


def _parse(json: Any, at: str, depth: int, seen: list[str]) -> Rule:
    if not isinstance(json, dict):
        raise _refuse("not_a_condition", json, at)
    name = json.get("is")
    if not isinstance(name, str) or name not in _KINDS:
        raise _refuse("unknown_condition", name, at)
    seen.append(name)
    if depth > DEEPEST or len(seen) > MOST_CONDITIONS:
        raise _refuse("too_large", name, at)
    if name in ("all", "any", "not"):
        return _parse_joined(name, json, at, depth, seen)
    readers, kind = _READERS[name], _KINDS[name]
    values: dict[str, Any] = {}
    for key, value in json.items():
        if key == "is":
            continue
        if key not in readers:
            raise _refuse("unknown_key", key, f"{at}.{name}")
        try:
            values[key] = readers[key](value)
        except ValueError as error:
            raise _refuse("impossible_value", key, f"{at}.{name}") from error
    for one in fields(kind):
        if one.name not in values and one.default is MISSING and one.default_factory is MISSING:
            raise _refuse("missing_key", one.name, f"{at}.{name}")
    if name == "resides_in" and not values:
        raise _refuse("missing_key", "prefixes", f"{at}.{name}")
    if values.get("proven") and not values.get("categories"):  # a proof of nothing
        raise _refuse("missing_key", "categories", f"{at}.{name}")
    for low, high in (("age_from", "age_to"), ("at_least", "at_most")):
        if values.get(low) is not None and values.get(high) is not None and values[low] > values[high]:
            raise _refuse("bounds_reversed", high, f"{at}.{name}")
    rule: Rule = kind(**values)
    return rule


def _parse_joined(name: str, json: dict[str, Any], at: str, depth: int, seen: list[str]) -> Rule:
    unknown = sorted(set(json) - {"is", "of"}, key=str)
    if unknown:
        raise _refuse("unknown_key", unknown[0], f"{at}.{name}")
    of = json.get("of")
    if name == "not":
        return Not(_parse(of, f"{at}.not", depth + 1, seen))
    if not isinstance(of, list):
        raise _refuse("not_a_list", "of", f"{at}.{name}")
    if name == "any" and not of:
        raise _refuse("empty", "of", f"{at}.{name}")
    parts = tuple(
        _parse(part, f"{at}.{name}[{number}]", depth + 1, seen) for number, part in enumerate(of, start=1)
    )
    return All(parts) if name == "all" else AnyOf(parts)


def rule_to_json(rule: Rule) -> dict[str, Any]:
    """The rule as JSON values, the same for equal rules; `parse_rule` gives the rule back."""
    name = _NAMES[type(rule)]
    if isinstance(rule, All | AnyOf):
        return {"is": name, "of": [rule_to_json(part) for part in rule.of]}
    if isinstance(rule, Not):
        return {"is": name, "of": rule_to_json(rule.of)}
    written: dict[str, Any] = {"is": name}
    for one in fields(rule):
        value = getattr(rule, one.name)
        if value in (one.default, frozenset(), ()):
            continue
        if isinstance(value, frozenset):
            value = sorted(value)
        elif isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, Sex):
            value = value.value
        elif isinstance(value, date):
            value = value.isoformat()
        written[one.name] = value
    return written
