"""What rules are judged by, for many households at once: facts, last issues, acts and decisions."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from aidtrack.beneficiaries.eligibility import LastIssueBefore, MinDaysSinceLastIssue, Rule, Verdict, leaves
from aidtrack.beneficiaries.household import HouseholdFacts
from aidtrack.beneficiaries.models import EligibilityDecision, NeedsAssessment
from aidtrack.beneficiaries.queries import Asked, household_facts, merged_into, portions
from aidtrack.beneficiaries.queries.facts import still_counts
from aidtrack.db.among import among
from aidtrack.distribution.models import Cycle, FieldOutcome, Handout, HandoutKind, Round
from aidtrack.distribution.rights.queries.rules import RuleRow
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class Papers:
    """The newest act and decision of a household in force on a day."""

    assessment_id: int | None = None
    decision_id: int | None = None


def facts_for(
    session: Session,
    household_ids: Iterable[int],
    on: date,
    *,
    programme_id: int | None = None,
    protected: bool = True,
    rules: Sequence[Rule] | None = None,
) -> dict[int, HouseholdFacts]:
    """Facts of many households for a programme and a day, one query per table and 5,000 households.

    Args:
        programme_id: whose last issue counts; None leaves the last issue out.
        protected: with protected categories. A person may only read a verdict over facts with them under
            a live protection grant; the system's own recomputing may use them.
        rules: only what these rules ask for is gathered; None gathers everything, as a mark keeps it.
    """
    ids = list(household_ids)
    asked = Asked() if rules is None else Asked.by(*rules)
    waits = rules is None or any(
        isinstance(leaf, MinDaysSinceLastIssue | LastIssueBefore) for rule in rules for leaf in leaves(rule)
    )
    last = last_issues(session, ids, programme_id) if programme_id is not None and waits else {}
    return household_facts(
        session, ids, on, protected=protected, asked=asked, programme_id=programme_id, last_issues=last
    )


def last_issues(session: Session, household_ids: Iterable[int], programme_id: int) -> dict[int, date]:
    """The day of the last handout under the programme that was not undone, by household."""
    undone = aliased(Handout)
    statement = (
        select(Handout.household_id, func.max(Handout.given_on))
        .join(Round, Round.id == Handout.round_id)
        .join(Cycle, Cycle.id == Round.cycle_id)
        .where(
            Cycle.programme_id == programme_id,
            # an extra handout in the field makes no family wait for its next round
            or_(
                Handout.kind == HandoutKind.REGULAR,
                Handout.id.in_(select(FieldOutcome.handout_id).where(FieldOutcome.first)),
            ),
            ~select(undone.id).where(undone.reverses_id == Handout.id).exists(),
        )
        .group_by(Handout.household_id)
    )
    last: dict[int, date] = {}
    for portion in portions(household_ids):
        rows = session.execute(statement.where(among(Handout.household_id, portion)))
        last |= dict(rows.all())
        merged = merged_into(session, portion)
        for alias, day in session.execute(statement.where(among(Handout.household_id, merged))):
            last[merged[alias]] = max(day, last.get(merged[alias], day))
    return last


def judge_many(
    session: Session, household_ids: Iterable[int], rule: RuleRow, on: date, *, protected: bool = True
) -> dict[int, tuple[Verdict, HouseholdFacts]]:
    """Every household judged by one version of a rule."""
    facts = facts_for(session, household_ids, on, programme_id=rule.programme_id, protected=protected)
    return {household_id: (rule.judge(one, on), one) for household_id, one in facts.items()}


def papers_of(
    session: Session, household_ids: Iterable[int], on: date, programme_id: int
) -> dict[int, Papers]:
    """The newest act and the newest decision for the programme in force on a day, by household."""
    acts: dict[int, int] = {}
    decisions: dict[int, int] = {}
    for portion in portions(household_ids):
        valid_acts = (
            select(NeedsAssessment.household_id, NeedsAssessment.id)
            .where(
                among(NeedsAssessment.household_id, portion),
                NeedsAssessment.made_on <= on,
                NeedsAssessment.valid_until >= on,
            )
            .order_by(NeedsAssessment.made_on, NeedsAssessment.id)
        )
        acts |= dict(session.execute(valid_acts).all())
        in_force = (
            select(EligibilityDecision.household_id, EligibilityDecision.id)
            .where(
                among(EligibilityDecision.household_id, portion),
                still_counts(),
                EligibilityDecision.valid_from <= on,
                or_(EligibilityDecision.valid_until.is_(None), EligibilityDecision.valid_until >= on),
                or_(
                    EligibilityDecision.programme_id.is_(None),
                    EligibilityDecision.programme_id == programme_id,
                ),
            )
            .order_by(EligibilityDecision.decided_on, EligibilityDecision.id)
        )
        decisions |= dict(session.execute(in_force).all())
    return {
        household_id: Papers(acts.get(household_id), decisions.get(household_id))
        for household_id in acts.keys() | decisions.keys()
    }
