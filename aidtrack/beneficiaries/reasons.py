"""Why a family is not entitled: each reason in words, ordered by how near its mend is.

Source: docs/rules.md#eligibility (DESIGN §4)
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from aidtrack.kernel.errors import N_
from aidtrack.kernel.late import dataclass

Facts = Mapping[str, Any]


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
    "category_unproven": N_("The category is recorded, but no paper that proves it was seen."),
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
    "arrival_unknown": N_("The day of arrival in the hromada is not recorded."),
    "residence_unknown": N_("The place of residence has no KATOTTG code."),
    "district_unknown": N_("The starosta district of the family is not recorded."),
    "not_arrived_yet": N_("On that day the family had not arrived in the hromada; it came later."),
    "nobody_present": N_("Nobody of the family is present on that day."),
    "no_alternative": N_("None of these alternatives is met; any one of them would do."),
    "income_above": N_("The income for each member is above the ceiling of %(ceiling)s UAH a month."),
    "displaced_too_long_ago": N_("Displaced too long ago; days since then: %(ago)s, limit: %(days)s."),
    "arrived_too_long_ago": N_(
        "Arrived in the hromada too long ago; days since then: %(ago)s, limit: %(days)s."
    ),
    "served_since": N_(
        "Served on %(last_on)s already; only families never served, or last before %(day)s, are served now."
    ),
    "resides_elsewhere": N_("The place of residence lies outside the programme's area."),
    "size_outside": N_("The number of members, %(size)s, is outside the programme's bounds."),
    "assessment_excludes": N_("A valid needs assessment excludes the family from this programme."),
    "decision_excludes": N_("A decision in force excludes the family from this programme."),
    "not_issued_recently": N_(
        "This programme asks for an earlier issue, and there was none lately (days looked at: %(days)s)."
    ),
    "not_served_since": N_("This programme asks for an issue on %(day)s or later, and there was none."),
    "member_excludes": N_("Members of the family meet a condition that excludes it: %(found)s."),
    "household_category_excludes": N_("The family has a category that excludes it from this programme."),
    "every_member_excludes": N_("Every member of the family meets a condition that excludes it."),
    "displacement_excludes": N_(
        "The day of displacement excludes the family from this programme (days ago: %(ago)s)."
    ),
    "arrival_excludes": N_(
        "The day of arrival in the hromada excludes the family from this programme (days ago: %(ago)s)."
    ),
    "income_excludes": N_(
        "The income for each member, at most %(ceiling)s UAH a month, excludes the family."
    ),
    "residence_excludes": N_("The place of residence lies in an excluded area."),
    "size_excludes": N_("The number of members, %(size)s, excludes the family from this programme."),
}
_MEND = {code: rank for rank, code in enumerate(REASON_TEXTS)}


def mend(reason: Reason) -> tuple[int, int]:
    """How far the mend of a reason is, to sort by: nearest first. Of alternatives the nearest way counts."""
    if reason.options:
        return max(map(mend, reason.options[0]))
    return _MEND[reason.code], int(reason.facts.get("days_left", 0))


def heading(reason: Reason) -> str:
    """What a reason is counted by: its code, and of alternatives theirs, as in `no_alternative:a|b+c`, nearest first."""
    if not reason.options:
        return reason.code
    options = ("+".join(dict.fromkeys(one.code for one in option)) for option in reason.options)
    return f"{reason.code}:{'|'.join(dict.fromkeys(options))}"


def alternatives_in(counted_by: str) -> tuple[str, list[list[str]]]:
    """The code of such a heading, and the codes of its alternatives."""
    code, _, options = counted_by.partition(":")
    return code, [option.split("+") for option in options.split("|") if option]


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
