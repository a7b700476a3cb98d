"""Kinds with their papers, incomes of a family, and categories that run out soon."""

from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import (
    Category,
    CategoryKindEvidence,
    EvidenceKind,
    Household,
    HouseholdEnd,
    HouseholdIncome,
    Person,
)
from aidtrack.beneficiaries.queries.households import NOT_ERASED
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass

AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class PaperRow:
    code: str
    name_uk: str
    name_en: str
    valid_from: date
    valid_until: date | None

    def name(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_uk

    def is_asked(self, on: date) -> bool:
        """Whether the law of that day asks for it."""
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


@dataclass(frozen=True, slots=True)
class IncomeRow:
    id: int
    total: int
    as_of: date
    valid_until: date | None
    evidence: str | None
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Expiring:
    """A category that ends within the days looked ahead."""

    household_id: int
    person_id: int | None
    kind: str
    valid_until: date


_PAPERS = select(
    EvidenceKind.code,
    EvidenceKind.name_uk,
    EvidenceKind.name_en,
    EvidenceKind.valid_from,
    EvidenceKind.valid_until,
)
_INCOMES = (
    select(HouseholdIncome)
    .where(HouseholdIncome.household_id == bindparam("household_id"))
    .order_by(HouseholdIncome.as_of.desc(), HouseholdIncome.id.desc())
)


def papers(session: Session) -> list[PaperRow]:
    """Every kind of paper, by its Ukrainian name."""
    return sorted((PaperRow(*row) for row in session.execute(_PAPERS)), key=lambda row: row.name_uk)


def papers_of_kinds(session: Session) -> dict[str, list[str]]:
    """Codes of the papers that prove each category."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = session.execute(select(CategoryKindEvidence.kind, CategoryKindEvidence.evidence))
    for kind, evidence in sorted(tuple(row) for row in rows):
        found[kind].append(evidence)
    return found


def incomes(session: Session, household_id: int) -> list[IncomeRow]:
    """A family's incomes, the newest paper first."""
    return [
        IncomeRow(row.id, int(row.total), row.as_of, row.valid_until, row.evidence, row.recorded_by)
        for row in session.scalars(_INCOMES, {"household_id": household_id})
    ]


def _runs_out(actor: Actor, today: date) -> tuple[ColumnElement[bool], ...]:
    """Ordinary categories of living families at the actor's sites that end soon, unless renewed already.

    The protected drawer is not looked through: its list would tell what nobody asked for. Those categories
    are warned of on the family's page, to those who may see them.
    """
    later = Category.__table__.alias("later")
    # looked up for each: joined, PostgreSQL would read all categories before it counts the first
    renewing = (
        select(later.c.id)
        .where(
            later.c.household_id == Category.household_id,
            later.c.kind == Category.kind,
            or_(
                later.c.person_id == Category.person_id,
                later.c.person_id.is_(None) & Category.person_id.is_(None),
            ),
            or_(later.c.valid_until.is_(None), later.c.valid_until > today + AHEAD),
        )
        .limit(1)
        .scalar_subquery()
    )
    gone = exists().where(Person.id == Category.person_id, Person.left_on < today)
    return (
        Category.valid_until >= today,
        Category.valid_until <= today + AHEAD,
        Household.site_id.in_(sorted(actor.site_ids)),
        NOT_ERASED,
        ~exists().where(HouseholdEnd.household_id == Household.id),
        renewing.is_(None),
        ~gone,
    )


def expiring_count(session: Session, actor: Actor, today: date, *, most: int | None = None) -> int:
    """With `most` they are counted no further than one more than that."""
    found = (
        select(Category.id)
        .join(Household, Household.id == Category.household_id)
        .where(*_runs_out(actor, today))
        .limit(None if most is None else most + 1)
    )
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def expiring(session: Session, actor: Actor, today: date, *, offset: int, limit: int) -> list[Expiring]:
    """The next to end first."""
    rows = session.execute(
        select(Category.household_id, Category.person_id, Category.kind, Category.valid_until)
        .join(Household, Household.id == Category.household_id)
        .where(*_runs_out(actor, today))
        .order_by(Category.valid_until, Category.household_id, Category.id)
        .offset(offset)
        .limit(limit)
    )
    return [
        Expiring(household_id, person_id, kind, until)
        for household_id, person_id, kind, until in rows
        if until is not None
    ]
