"""What rules ask about households, gathered for thousands at once: one query per table and portion."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.household import AssessmentFact, DecisionFact, HouseholdFacts, Member
from aidtrack.beneficiaries.models import (
    Category,
    EligibilityDecision,
    Household,
    NeedsAssessment,
    Person,
    ProtectedCategory,
)
from aidtrack.beneficiaries.queries.bulk import portions


@dataclass(slots=True)
class _Found:
    katottg: str | None
    displaced_on: date | None
    members: list[Member] = field(default_factory=list)
    categories: set[str] = field(default_factory=set)
    decisions: list[DecisionFact] = field(default_factory=list)
    assessments: list[AssessmentFact] = field(default_factory=list)


def household_facts(
    session: Session, household_ids: Iterable[int], on: date, *, protected: bool
) -> dict[int, HouseholdFacts]:
    """Plain facts by household id, without programme and last issue (those belong to `distribution`).

    Args:
        on: categories valid on this local date count.
        protected: whether protected categories are among the facts. True only for the system's own
            judging, whose reasons nobody reads, or for an actor with a live protection grant.
    """
    facts: dict[int, HouseholdFacts] = {}
    for portion in portions(household_ids):
        facts |= _portion(session, portion, on, protected)
    return facts


def _valid(model: Any, on: date) -> Any:
    return (model.valid_from <= on) & or_(model.valid_until.is_(None), model.valid_until >= on)


def _portion(session: Session, ids: list[int], on: date, protected: bool) -> dict[int, HouseholdFacts]:
    households = select(Household.id, Household.katottg, Household.displaced_on).where(Household.id.in_(ids))
    found = {row.id: _Found(row.katottg, row.displaced_on) for row in session.execute(households)}
    of_person: dict[int, set[str]] = defaultdict(set)
    drawers: list[type[Category] | type[ProtectedCategory]] = [Category]
    drawers += [ProtectedCategory] if protected else []
    for drawer in drawers:
        kinds = select(drawer.household_id, drawer.person_id, drawer.kind)
        for row in session.execute(kinds.where(drawer.household_id.in_(ids), _valid(drawer, on))):
            held = found[row.household_id].categories if row.person_id is None else of_person[row.person_id]
            held.add(row.kind)
    people = (
        select(
            Person.household_id, Person.id, Person.birth_date, Person.sex, Person.joined_on, Person.left_on
        )
        .where(Person.household_id.in_(ids))
        .order_by(Person.id)
    )
    none: frozenset[str] = frozenset()
    for household_id, person_id, born, sex, joined, left in session.execute(people):
        own = frozenset(of_person[person_id]) if person_id in of_person else none
        found[household_id].members.append(Member(person_id, born, sex, own, joined, left))
    acts = (
        select(NeedsAssessment.household_id, NeedsAssessment.made_on, NeedsAssessment.valid_until)
        .where(NeedsAssessment.household_id.in_(ids))
        .order_by(NeedsAssessment.id)
    )
    for household_id, made_on, valid_until in session.execute(acts):
        found[household_id].assessments.append(AssessmentFact(made_on, valid_until))
    decided = select(
        EligibilityDecision.household_id,
        EligibilityDecision.valid_from,
        EligibilityDecision.valid_until,
        EligibilityDecision.programme_id,
    ).where(EligibilityDecision.household_id.in_(ids))
    for household_id, start, end, programme_id in session.execute(decided.order_by(EligibilityDecision.id)):
        found[household_id].decisions.append(DecisionFact(start, end, programme_id))
    return {
        household_id: HouseholdFacts(
            members=tuple(one.members),
            categories=frozenset(one.categories),
            katottg=one.katottg,
            displaced_on=one.displaced_on,
            decisions=tuple(one.decisions),
            assessments=tuple(one.assessments),
        )
        for household_id, one in found.items()
    }
