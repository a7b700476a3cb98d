"""What a rule's version says besides who: how often, how many, in what order, and who may collect.

Conditions are judged when a family is marked. These bite later, when vouchers are issued (`caps`, `quota`,
`first_come`, `scope`) and when goods are handed over (`proxy`).

Source: docs/rules.md#terms (FIELD §7: Kryvyi Rih, Myrhorod, the Red Cross in Ternivka)
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from aidtrack.beneficiaries.eligibility import Scope
from aidtrack.beneficiaries.rule_json import MOST_DAYS, RuleRefused
from aidtrack.kernel.late import dataclass

MOST_TIMES = 1_000
MOST_FAMILIES = 1_000_000


@dataclass(frozen=True, slots=True)
class Terms:
    """None means: not limited.

    Attributes:
        cap_household: how many times one family is served at most.
        cap_member: how many times one person is counted at most, whatever family they come with.
        cap_days: both caps look back so many days; None looks back over the whole programme.
        quota_per_day: families invited for one day at one round's place at most.
        first_come: families served in one cycle at most, in the order in which they were marked.
        proxy_allowed: whether an alternate collector may come instead of the family.
    """

    scope: Scope = Scope.HOUSEHOLD
    cap_household: int | None = None
    cap_member: int | None = None
    cap_days: int | None = None
    quota_per_day: int | None = None
    first_come: int | None = None
    proxy_allowed: bool = True


_MOST = {
    "cap_household": MOST_TIMES,
    "cap_member": MOST_TIMES,
    "cap_days": MOST_DAYS,
    "quota_per_day": MOST_FAMILIES,
    "first_come": MOST_FAMILIES,
}


def parse_terms(json: Mapping[str, Any] | None) -> Terms:
    """The terms a JSON object describes; nothing is no limit at all.

    Raises:
        RuleRefused: an unknown word or an impossible value, by name.
    """
    values: dict[str, Any] = {}
    if json is not None and not isinstance(json, Mapping):
        raise RuleRefused(problem="not_a_condition", name=str(json)[:60], at="terms")
    for name, value in (json or {}).items():
        try:
            values[name] = _read(name, value)
        except KeyError as error:
            raise RuleRefused(problem="unknown_key", name=str(name)[:60], at="terms") from error
        except ValueError as error:
            raise RuleRefused(problem="impossible_value", name=name, at="terms") from error
    if values.get("cap_days") is not None and not (values.get("cap_household") or values.get("cap_member")):
        raise RuleRefused(problem="nothing_to_count", name="cap_days", at="terms")
    return Terms(**values)


def _read(name: str, value: Any) -> Any:
    if name == "scope":
        return Scope(value)
    if name == "proxy_allowed":
        if not isinstance(value, bool):
            raise ValueError(value)
        return value
    most = _MOST[name]
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise ValueError(value)
    return value


def terms_to_json(terms: Terms) -> dict[str, Any]:
    """The terms as JSON values, without what is as usual; `parse_terms` gives them back."""
    told = {one.name: getattr(terms, one.name) for one in fields(terms)}
    usual = Terms()
    return {
        name: value.value if isinstance(value, Scope) else value
        for name, value in told.items()
        if value != getattr(usual, name)
    }
