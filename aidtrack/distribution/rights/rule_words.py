"""Words of the rule's form: kinds of conditions and groups, and what is wrong with a field."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from aidtrack.beneficiaries.eligibility import alternatives_in
from aidtrack.distribution.rights.rule_form import Problem
from aidtrack.kernel.errors import N_

GROUP_WORDS = {
    "all": _l("All of these must hold"),
    "any": _l("Any one of these is enough"),
    "none": _l("None of these may hold"),
}
KIND_WORDS = {
    "any_member": _l("Members with a category, of an age, of a sex"),
    "all_members": _l("Every member: category, age, sex"),
    "household_category": _l("Category of the whole family"),
    "size_between": _l("Number of members"),
    "resides_in": _l("Place of residence"),
    "displaced_within": _l("Displaced not long ago"),
    "arrived_within": _l("Arrived in the hromada not long ago"),
    "income_at_most": _l("Income for each member"),
    "min_days_since_last_issue": _l("Days since the last issue"),
    "last_issue_before": _l("Never served, or last before a day"),
    "has_assessment": _l("Valid needs assessment"),
    "has_decision": _l("Decision in force"),
}


def problem_words(problem: Problem) -> str:
    """What to mend, in a sentence."""
    match problem.code:
        case "needed":
            return str(_("Fill this in, or remove the condition."))
        case "one_of_them":
            return str(_("Say at least one thing here, or remove the condition."))
        case "empty_group":
            return str(_("This group is empty. Add a condition to it or remove it."))
        case "not_katottg":
            return str(_("%(code)s is no KATOTTG code or its beginning.", code=problem.value))
        case "not_a_number":
            return str(_("A whole number is needed here: %(bounds)s.", bounds=problem.value))
        case "not_a_day":
            return str(_("Enter a date as day.month.year, for example 01.09.2022."))
        case "not_money":
            return str(_("Write hryvnias with at most two decimals, for example 6500 or 6500,50."))
        case "too_much":
            return str(_("This sum is too large. Check the noughts."))
        case "bounds":
            return str(_("The upper bound lies below the lower one."))
        case _:
            return str(_("Choose one of the values offered."))


# A first reason as the heading of a figure: without the numbers of any one family.
REASON_TITLES = {
    "assessment_missing": N_("No valid needs assessment"),
    "decision_missing": N_("No decision in force"),
    "income_unknown": N_("Income not known"),
    "income_outdated": N_("Paper on income out of date"),
    "category_unproven": N_("Category without a paper that proves it"),
    "issued_too_recently": N_("Served a short while ago"),
    "no_fitting_member": N_("No member, or too few, meet the condition"),
    "household_category_missing": N_("The family has none of the categories"),
    "not_every_member_fits": N_("Not every member meets the condition"),
    "displacement_unknown": N_("Day of displacement not known"),
    "arrival_unknown": N_("Day of arrival in the hromada not known"),
    "residence_unknown": N_("Place of residence without a code"),
    "district_unknown": N_("Starosta district not known"),
    "not_arrived_yet": N_("Arrived only after that day"),
    "nobody_present": N_("Nobody of the family is present"),
    "no_alternative": N_("None of the alternatives is met"),
    "income_above": N_("Income above the ceiling"),
    "displaced_too_long_ago": N_("Displaced too long ago"),
    "arrived_too_long_ago": N_("Arrived in the hromada too long ago"),
    "served_since": N_("Served since the day set"),
    "resides_elsewhere": N_("Lives outside the area"),
    "size_outside": N_("Number of members outside the bounds"),
    "assessment_excludes": N_("Excluded by a needs assessment"),
    "decision_excludes": N_("Excluded by a decision"),
    "not_issued_recently": N_("No earlier issue"),
    "not_served_since": N_("Not served since the day set"),
    "member_excludes": N_("Excluded by a member"),
    "household_category_excludes": N_("Excluded by a category of the family"),
    "every_member_excludes": N_("Excluded because every member meets a condition"),
    "displacement_excludes": N_("Excluded by the day of displacement"),
    "arrival_excludes": N_("Excluded by the day of arrival in the hromada"),
    "income_excludes": N_("Excluded by income"),
    "residence_excludes": N_("Excluded by the place of residence"),
    "size_excludes": N_("Excluded by the number of members"),
}


def reason_title(counted_by: str | None) -> str:
    """The heading of a first reason in the person's language; alternatives are named, the nearest first."""
    code, options = alternatives_in(counted_by or "")
    if code not in REASON_TITLES:
        return "—"
    if not options:
        return str(_(REASON_TITLES[code]))
    named = "; ".join(", ".join(map(reason_title, option)) for option in options)
    return str(_("None of the alternatives is met, the nearest first: %(named)s", named=named))
