"""Why a household is or is not entitled."""

from datetime import date

from sqlalchemy.orm import Session

from aidtrack.beneficiaries.eligibility import Verdict
from aidtrack.beneficiaries.household import HouseholdFacts
from aidtrack.beneficiaries.queries import HouseholdKey, find_household
from aidtrack.distribution.rights import queries
from aidtrack.distribution.rights.errors import NoRule
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class Judgement:
    """One household under one version of a rule on one day.

    `protected_unseen`: the rule names protected categories and the actor has no grant, so somebody with
    the grant may come to another verdict.
    """

    household: HouseholdKey
    rule: queries.RuleRow
    on: date
    verdict: Verdict
    facts: HouseholdFacts
    protected_unseen: bool = False


def judge_household(
    session: Session, household_id: int, programme_id: int, on: date, *, actor: Actor
) -> Judgement:
    """Why this household is or is not entitled, as far as this person may see it.

    Raises:
        NotFound: another site's household, or no such programme.
        NoRule: no version of a rule is in force on that day.
    """
    actor.require(Permission.ELIGIBILITY_DECIDE)
    household = find_household(session, household_id, actor)
    rule = rule_in_force(session, programme_id, on)
    sees = actor.can(Permission.CATEGORY_PROTECTED)
    facts = queries.facts_for(session, [household_id], on, programme_id=programme_id, protected=sees)[
        household_id
    ]
    unseen = not sees and queries.names_protected(session, rule.json)
    return Judgement(household, rule, on, rule.judge(facts, on), facts, unseen)


def rule_in_force(session: Session, programme_id: int, on: date) -> queries.RuleRow:
    """The version in force. Raises NotFound or NoRule."""
    rule = queries.rule_on(session, programme_id, on)
    if rule is None:
        queries.programme(session, programme_id)
        raise NoRule(on=on.isoformat())
    return rule
