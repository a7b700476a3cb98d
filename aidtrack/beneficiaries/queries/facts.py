"""What rules ask about households, gathered for thousands at once: one query per table and portion."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date
from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, or_, select, type_coerce
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.eligibility import (
    AllMembers,
    AnyMember,
    HasAssessment,
    HasDecision,
    HouseholdCategory,
    IncomeAtMost,
    Rule,
    leaves,
)
from aidtrack.beneficiaries.household import (
    AssessmentFact,
    DecisionFact,
    HouseholdFacts,
    IncomeFact,
    Member,
    Sex,
)
from aidtrack.beneficiaries.models import (
    AnnulledDecision,
    Category,
    EligibilityDecision,
    Household,
    HouseholdIncome,
    NeedsAssessment,
    Person,
    ProtectedCategory,
)
from aidtrack.beneficiaries.queries.bulk import portions
from aidtrack.db.among import among
from aidtrack.db.sealing import read_keys_ahead
from aidtrack.kernel.late import dataclass
from aidtrack.places.queries import all_district_settlements


@dataclass(frozen=True, slots=True)
class Asked:
    """Which facts somebody looks at. What is kept with a decision looks at all of them.

    `kinds` are the categories looked for, None for all. `absent`: whether members who joined later or left are
    among the facts; they never change a verdict, so that a walk over very many families leaves them out.
    `proven`: whether somebody asks for which categories a paper was seen.
    """

    categories: bool = True
    kinds: frozenset[str] | None = None
    assessments: bool = True
    decisions: bool = True
    incomes: bool = True
    absent: bool = True
    proven: bool = True

    @classmethod
    def by(cls, *rules: Rule) -> "Asked":
        """What these rules ask for, for a walk over very many families."""
        found = [leaf for rule in rules for leaf in leaves(rule)]
        kinds = {type(leaf) for leaf in found}
        marks = [leaf for leaf in found if isinstance(leaf, AnyMember | AllMembers | HouseholdCategory)]
        named = frozenset[str]().union(*(leaf.categories for leaf in marks))
        return cls(
            categories=bool(named),
            kinds=named,
            assessments=HasAssessment in kinds,
            decisions=HasDecision in kinds,
            incomes=IncomeAtMost in kinds,
            absent=False,
            proven=any(leaf.proven for leaf in marks),
        )


EVERYTHING = Asked()
NOTHING_ISSUED: Mapping[int, date] = {}
SEXES = {
    sex.value: sex for sex in Sex
}  # a look-up is cheaper than an enumeration's own, three hundred thousand times
CLOSE = 500
Marks = tuple[Mapping[int, set[str]], Mapping[int, set[str]]]  # categories by person: all, those proven
NO_MARKS: Marks = ({}, {})


@dataclass(slots=True)
class _Found:
    katottg: str | None
    displaced_on: date | None
    arrived_on: date | None
    district: str | None
    members: list[Member] = field(default_factory=list)
    categories: set[str] = field(default_factory=set)
    proven: set[str] = field(default_factory=set)
    decisions: list[DecisionFact] = field(default_factory=list)
    assessments: list[AssessmentFact] = field(default_factory=list)
    incomes: list[IncomeFact] = field(default_factory=list)


def household_facts(
    session: Session,
    household_ids: Iterable[int],
    on: date,
    *,
    protected: bool,
    asked: Asked = EVERYTHING,
    programme_id: int | None = None,
    last_issues: Mapping[int, date] = NOTHING_ISSUED,
) -> dict[int, HouseholdFacts]:
    """Plain facts by household id.

    Args:
        on: categories valid on this local date count.
        protected: whether protected categories are among the facts. True only for the system's own
            judging, whose reasons nobody reads, or for an actor with a live protection grant.
        asked: facts that are not asked for stay empty.
        programme_id, last_issues: whose decisions count, and what was handed out under it; both are known to
            `distribution`.
    """
    facts: dict[int, HouseholdFacts] = {}
    districts = all_district_settlements(session)
    for portion in portions(household_ids):
        facts |= _portion(session, portion, on, protected, asked, districts, programme_id, last_issues)
    return facts


def still_counts() -> ColumnElement[bool]:
    """A decision that a later one replaced grants nothing any more."""
    return EligibilityDecision.id.not_in(select(AnnulledDecision.decision_id))


def _among(column: Any, ids: list[int]) -> ColumnElement[bool]:
    """Rows of these households. Thousands of neighbours are asked for by their span, which costs nothing to say.

    The span may hold others too: whoever reads the rows leaves out those who were not asked for.
    """
    first, last = min(ids), max(ids)
    if len(ids) > CLOSE and last - first < 2 * len(ids):
        return column.between(first, last)  # type: ignore[no-any-return]
    return among(column, ids)


def _valid(model: Any, on: date) -> Any:
    return (model.valid_from <= on) & or_(model.valid_until.is_(None), model.valid_until >= on)


def _portion(
    session: Session,
    ids: list[int],
    on: date,
    protected: bool,
    asked: Asked,
    districts: dict[str, str],
    programme_id: int | None,
    last_issues: Mapping[int, date],
) -> dict[int, HouseholdFacts]:
    # rows of the connection, all at once: the unit of work reads them at a third more, one by one costs twice
    rows = session.connection()
    households = select(Household.id, Household.katottg, Household.displaced_on, Household.arrived_on).where(
        _among(Household.id, ids)
    )
    wanted = set(ids)
    found = {
        number: _Found(katottg, displaced_on, arrived_on, districts.get(katottg or ""))
        for number, katottg, displaced_on, arrived_on in rows.execute(households).all()
        if number in wanted
    }
    of_person = _categories(session, ids, on, protected, asked, found) if asked.categories else NO_MARKS
    _people(session, ids, on, asked, of_person, found)
    _papers(session, ids, asked, found)
    return {
        household_id: HouseholdFacts(
            members=tuple(one.members),
            categories=frozenset(one.categories),
            katottg=one.katottg,
            displaced_on=one.displaced_on,
            decisions=tuple(one.decisions),
            assessments=tuple(one.assessments),
            last_issue_on=last_issues.get(household_id),
            programme_id=programme_id,
            district=one.district,
            incomes=tuple(one.incomes),
            arrived_on=one.arrived_on,
            proven=frozenset(one.proven),
        )
        for household_id, one in found.items()
    }


def _people(
    session: Session,
    ids: list[int],
    on: date,
    asked: Asked,
    marks: Marks,
    found: dict[int, _Found],
) -> None:
    none: frozenset[str] = frozenset()
    of_person, proven_of_person = marks
    columns = (Person.household_id, Person.id, Person.birth_date, type_coerce(Person.sex, String))
    people = select(*columns).where(_among(Person.household_id, ids)).order_by(Person.id)
    if asked.absent:
        dated = session.connection().execute(people.add_columns(Person.joined_on, Person.left_on)).all()
        for household_id, person_id, born, sex, joined, left in dated:
            one = found.get(household_id)
            if one is not None:
                own = frozenset(of_person.get(person_id, none))
                proven = frozenset(proven_of_person.get(person_id, none))
                one.members.append(Member(person_id, born, SEXES[sex], own, joined, left, proven))
        return
    present = people.where(Person.joined_on <= on, or_(Person.left_on.is_(None), Person.left_on >= on))
    for household_id, person_id, born, sex in session.connection().execute(present).all():
        one = found.get(household_id)
        if one is not None:
            own = frozenset(of_person[person_id]) if person_id in of_person else none
            proven = frozenset(proven_of_person[person_id]) if person_id in proven_of_person else none
            one.members.append(Member(person_id, born, SEXES[sex], own, on, None, proven))


def _categories(
    session: Session,
    ids: list[int],
    on: date,
    protected: bool,
    asked: Asked,
    found: dict[int, _Found],
) -> Marks:
    """Fill in the households' own categories and give those of persons."""
    looked_for = asked.kinds
    of_person: dict[int, set[str]] = defaultdict(set)
    proven_of_person: dict[int, set[str]] = defaultdict(set)
    drawers: list[type[Category] | type[ProtectedCategory]] = [Category]
    drawers += [ProtectedCategory] if protected else []
    for drawer in drawers:
        kinds = select(drawer.household_id, drawer.person_id, drawer.kind, _paper_seen(drawer))
        if looked_for is not None and drawer is Category:  # those of the protected drawer are sealed
            kinds = kinds.where(Category.kind.in_(sorted(looked_for)))
        of_these = _among(drawer.household_id, ids)
        if drawer is ProtectedCategory and len(ids) > CLOSE:
            theirs = session.connection().execute(select(drawer.household_id).where(of_these)).scalars()
            read_keys_ahead(session, set(theirs))
        rows = session.connection().execute(kinds.where(of_these, _valid(drawer, on)))
        for household_id, person_id, kind, proven in rows.all():
            if household_id in found and (looked_for is None or kind in looked_for):
                (found[household_id].categories if person_id is None else of_person[person_id]).add(kind)
                if proven and asked.proven:
                    (found[household_id].proven if person_id is None else proven_of_person[person_id]).add(
                        kind
                    )
    return of_person, proven_of_person


def _paper_seen(drawer: type[Category] | type[ProtectedCategory]) -> ColumnElement[bool]:
    """Whether a paper was seen. The protected drawer keeps no mark of it; its paper's kind or number is sealed."""
    if drawer is Category:
        return type_coerce(Category.proven, Boolean)
    return or_(ProtectedCategory.evidence.is_not(None), ProtectedCategory.evidence_kind.is_not(None))


def _papers(session: Session, ids: list[int], asked: Asked, found: dict[int, _Found]) -> None:
    if asked.assessments:
        acts = select(NeedsAssessment.household_id, NeedsAssessment.made_on, NeedsAssessment.valid_until)
        acts = acts.where(among(NeedsAssessment.household_id, ids)).order_by(NeedsAssessment.id)
        for household_id, made_on, valid_until in session.execute(acts):
            found[household_id].assessments.append(AssessmentFact(made_on, valid_until))
    if asked.decisions:
        decided = select(
            EligibilityDecision.household_id,
            EligibilityDecision.valid_from,
            EligibilityDecision.valid_until,
            EligibilityDecision.programme_id,
        ).where(among(EligibilityDecision.household_id, ids), still_counts())
        for household_id, start, end, programme_id in session.execute(
            decided.order_by(EligibilityDecision.id)
        ):
            found[household_id].decisions.append(DecisionFact(start, end, programme_id))
    if asked.incomes:
        incomes = (
            select(
                HouseholdIncome.household_id,
                HouseholdIncome.total,
                HouseholdIncome.as_of,
                HouseholdIncome.valid_until,
            )
            .where(among(HouseholdIncome.household_id, ids))
            .order_by(HouseholdIncome.as_of, HouseholdIncome.id)
        )
        for household_id, total, as_of, until in session.execute(incomes):
            found[household_id].incomes.append(IncomeFact(int(total), as_of, until))
