"""A rule as the form shows it: groups and rows of typed text, two groups deep, and back to a rule.

The form is kept in its own fields from one button to the next, so that it works without scripts: what was
typed stays as it was typed, also while it is no rule yet. Nothing here knows a request or a database.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
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
from aidtrack.beneficiaries.proofs.money import read_money, shown_money
from aidtrack.beneficiaries.rule_json import MOST_DAYS, MOST_KOPIYKAS, MOST_PERSONS, OLDEST
from aidtrack.kernel.clock import read_day
from aidtrack.kernel.late import dataclass

GROUPS = ("all", "any", "none")
DEEPEST = 2  # groups inside groups inside the rule itself
MOST_ROWS = 100

# The fields of each kind of condition, in their order on the page.
FIELDS: dict[str, tuple[str, ...]] = {
    "any_member": ("at_least", "categories", "proven", "age_from", "age_to", "sex"),
    "all_members": ("categories", "proven", "age_from", "age_to", "sex"),
    "household_category": ("categories", "proven"),
    "size_between": ("at_least", "at_most"),
    "resides_in": ("prefixes", "districts"),
    "displaced_within": ("days",),
    "arrived_within": ("days",),
    "income_at_most": ("amount",),
    "min_days_since_last_issue": ("days",),
    "last_issue_before": ("day",),
    "has_assessment": (),
    "has_decision": (),
}
LISTED = frozenset({"categories"})  # fields that carry several values
TICKED = "yes"  # the value of a ticked box
_NUMBERS: dict[str, tuple[int, int]] = {
    "at_least": (1, MOST_PERSONS),
    "at_most": (1, MOST_PERSONS),
    "age_from": (0, OLDEST),
    "age_to": (0, OLDEST),
    "days": (1, MOST_DAYS),
}
_BOUNDS = (("age_from", "age_to"), ("at_least", "at_most"))
_NAME = re.compile(r"c((?:-\d{1,3}){0,4})\.([a-z_]{1,20})")
_PREFIX = re.compile(r"UA[0-9]{2,17}")


@dataclass(slots=True)
class Row:
    """A condition with its typed values, or a group with its rows."""

    kind: str
    values: dict[str, list[str]] = field(default_factory=dict)
    rows: list["Row"] = field(default_factory=list)

    @property
    def is_group(self) -> bool:
        return self.kind in GROUPS

    def one(self, name: str) -> str:
        return (self.values.get(name) or [""])[0].strip()


def at_path(root: Row, path: str) -> Row | None:
    """The row with that path, such as "" for the rule itself or "0-2"; None where there is none."""
    row = root
    for step in filter(None, path.split("-")):
        if not step.isdecimal() or int(step) >= len(row.rows):
            return None
        row = row.rows[int(step)]
    return row


# -- from the page -----------------------------------------------------------------------------------


def read_rows(posted: Mapping[str, Iterable[str]]) -> Row:
    """The tree as it stands in posted fields named `c-0-1.age_from`; what is no field of a form is left out."""
    found: dict[tuple[int, ...], dict[str, list[str]]] = {}
    for name, values in posted.items():
        match = _NAME.fullmatch(name)
        if match is not None:
            path = tuple(int(step) for step in match[1].split("-")[1:])
            found.setdefault(path, {})[match[2]] = [str(value)[:400] for value in values][:60]
    nothing: tuple[int, ...] = ()
    root = Row(_kind(found.get(nothing, {}), "all"))
    if not root.is_group:
        root.kind = "all"
    rows: dict[tuple[int, ...], Row] = {(): root}
    for path in sorted(path for path in found if path)[:MOST_ROWS]:
        over = rows.get(path[:-1])
        if over is None or not over.is_group:
            continue
        row = Row(_kind(found[path], "any_member"))
        if row.is_group and len(path) > DEEPEST:
            continue
        row.values = {name: _as_sent(name, found[path].get(name, [])) for name in FIELDS.get(row.kind, ())}
        over.rows.append(row)
        rows[path] = row
    return root


def _as_sent(name: str, values: list[str]) -> list[str]:
    """A day typed with dots as a date input sends it, which would otherwise show nothing."""
    if name != "day":
        return values
    try:
        return [read_day(value).isoformat() for value in values]
    except ValueError:
        return values


def _kind(values: Mapping[str, list[str]], otherwise: str) -> str:
    kind = (values.get("kind") or [otherwise])[0]
    return kind if kind in FIELDS or kind in GROUPS else otherwise


def change(root: Row, do: str, kind: str = "") -> bool:
    """Do what a button says: `add:PATH` (a row of `kind`), `remove:PATH`, `up:PATH`, `down:PATH`.

    False for a button of another page, or of a row that is not there.
    """
    what, _, path = do.partition(":")
    row = at_path(root, path)
    if row is None:
        return False
    if what == "add":
        depth = len([step for step in path.split("-") if step])
        if not row.is_group or (kind not in FIELDS and (kind not in GROUPS or depth >= DEEPEST)):
            return False
        row.rows.append(Row(kind, {"at_least": ["1"]} if kind == "any_member" else {}))
        return True
    above, _, last = path.rpartition("-")
    over = at_path(root, above)
    if what not in ("remove", "up", "down") or not last or over is None:
        return False
    place = int(last)
    row = over.rows.pop(place)
    if what != "remove":
        over.rows.insert(max(0, place - 1) if what == "up" else place + 1, row)
    return True


# -- to a rule ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    """What stops a form from being a rule. `code` is a stable word; the page has the sentence."""

    name: str  # of the field, as posted
    code: str
    value: str = ""


def to_json(root: Row) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The rule as JSON for `parse_rule`, or everything that is wrong with the form."""
    problems: list[Problem] = []
    rule = _json(root, "", problems)
    return (None, problems) if problems else (rule, [])


def _json(row: Row, path: str, problems: list[Problem]) -> dict[str, Any]:
    if row.is_group:
        if not row.rows and path:
            problems.append(Problem(f"c{path}.kind", "empty_group"))
        of = [_json(part, f"{path}-{number}", problems) for number, part in enumerate(row.rows)]
        if row.kind == "all":
            return {"is": "all", "of": of}
        joined = {"is": "any", "of": of}
        if not of and not path:  # nothing is excluded, and no alternative is named: the same as no condition
            return {"is": "all", "of": []}
        return joined if row.kind == "any" else {"is": "not", "of": joined}
    values: dict[str, Any] = {"is": row.kind}
    for name in FIELDS[row.kind]:
        try:
            value = _value(row, name)
        except ValueError as error:
            problems.append(Problem(f"c{path}.{name}", *error.args))
            continue
        if value not in (None, []):
            values["kopiykas" if name == "amount" else name] = value
    problems += _missing(row.kind, values, path, problems)
    return values


def _value(row: Row, name: str) -> Any:
    typed = row.one(name)
    if name == "categories":
        return sorted({code for code in row.values.get(name, ()) if code})
    if name in ("prefixes", "districts"):
        words = [word for word in re.split(r"[\s,;]+", typed) if word]
        if name == "districts":
            return words
        codes = [word.upper().replace("А", "A") for word in words]  # a Cyrillic А, as it is often typed
        for code in codes:
            if not _PREFIX.fullmatch(code):
                raise ValueError("not_katottg", code)
        return codes
    if name == "proven":
        return True if typed == TICKED and any(row.values.get("categories", ())) else None
    if name == "sex":
        if typed not in ("", "female", "male"):
            raise ValueError("not_known", typed)
        return typed or None
    if not typed:
        return None
    if name == "day":
        try:
            return read_day(typed).isoformat()
        except ValueError:
            raise ValueError("not_a_day", typed) from None
    if name == "amount":
        try:
            kopiykas = read_money(typed)
        except ValueError:
            raise ValueError("not_money", typed) from None
        if kopiykas > MOST_KOPIYKAS:
            raise ValueError("too_much", typed)
        return kopiykas
    low, high = (0, MOST_PERSONS) if row.kind == "size_between" else _NUMBERS[name]
    if not (typed.isascii() and typed.isdigit()) or not low <= int(typed) <= high:
        raise ValueError("not_a_number", f"{low}–{high}")
    return int(typed)


_NEEDED = {
    "household_category": ("categories",),
    "displaced_within": ("days",),
    "arrived_within": ("days",),
    "income_at_most": ("amount",),
    "min_days_since_last_issue": ("days",),
    "last_issue_before": ("day",),
}


def _missing(kind: str, values: dict[str, Any], path: str, problems: list[Problem]) -> list[Problem]:
    """What the condition cannot do without, and bounds in the wrong order."""
    wrong = {problem.name for problem in problems}
    found = []
    for name in _NEEDED.get(kind, ()):
        if values.get("kopiykas" if name == "amount" else name) is None and f"c{path}.{name}" not in wrong:
            found.append(Problem(f"c{path}.{name}", "needed"))
    for some, first in (
        (("prefixes", "districts"), "prefixes"),
        (("at_least", "at_most"), "at_least"),
        (("categories", "age_from", "age_to", "sex"), "categories"),
    ):
        asked = [name for name in some if name in FIELDS[kind]]
        if len(asked) < 2 or kind == "any_member":
            continue
        if not any(name in values or f"c{path}.{name}" in wrong for name in asked):
            found.append(Problem(f"c{path}.{first}", "one_of_them"))
    for low, high in _BOUNDS:
        if high in FIELDS[kind] and values.get(low, 0) > values.get(high, 10**9):
            found.append(Problem(f"c{path}.{high}", "bounds"))
    return found


# -- from a rule -------------------------------------------------------------------------------------


def from_rule(rule: Rule) -> Row | None:
    """The rule as the form shows it; None when it is nested deeper than the form can show."""
    row = _row(rule)
    if not row.is_group:
        row = Row("all", rows=[row])
    return row if _depth(row) <= DEEPEST else None


def _depth(row: Row) -> int:
    """Groups below this one."""
    return max((1 + _depth(part) for part in row.rows if part.is_group), default=0)


def _row(rule: Rule) -> Row:
    match rule:
        case All(of):
            return Row("all", rows=[_row(part) for part in of])
        case AnyOf(of):
            return Row("any", rows=[_row(part) for part in of])
        case Not(AnyOf(of)):
            return Row("none", rows=[_row(part) for part in of])
        case Not(of):
            return Row("none", rows=[_row(of)])
        case AnyMember():
            return Row("any_member", {"at_least": [str(rule.at_least)], **_criteria(rule)})
        case AllMembers():
            return Row("all_members", _criteria(rule))
        case HouseholdCategory(categories):
            return Row(
                "household_category", {"categories": sorted(categories), "proven": _ticked(rule.proven)}
            )
        case SizeBetween(at_least, at_most):
            return Row("size_between", {"at_least": _text(at_least), "at_most": _text(at_most)})
        case ResidesIn(prefixes, districts):
            return Row("resides_in", {"prefixes": [", ".join(prefixes)], "districts": [", ".join(districts)]})
        case DisplacedWithin(days):
            return Row("displaced_within", {"days": _text(days)})
        case ArrivedWithin(days):
            return Row("arrived_within", {"days": _text(days)})
        case LastIssueBefore(day):
            return Row("last_issue_before", {"day": [day.isoformat()]})
        case IncomeAtMost(kopiykas):
            return Row("income_at_most", {"amount": [shown_money(kopiykas)]})
        case MinDaysSinceLastIssue(days):
            return Row("min_days_since_last_issue", {"days": _text(days)})
        case HasAssessment():
            return Row("has_assessment")
        case HasDecision():
            return Row("has_decision")


def _criteria(one: AnyMember | AllMembers) -> dict[str, list[str]]:
    return {
        "categories": sorted(one.categories),
        "proven": _ticked(one.proven),
        "age_from": _text(one.age_from),
        "age_to": _text(one.age_to),
        "sex": [] if one.sex is None else [one.sex.value],
    }


def _ticked(yes: bool) -> list[str]:
    return [TICKED] if yes else []


def _text(number: int | None) -> list[str]:
    return [] if number is None else [str(number)]
