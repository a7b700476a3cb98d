"""How many families and people have which category on a day. Categories overlap, so they are never added up.

Totals are distinct: a family with five categories is one family. Small cells are withheld from those who work with no
families, with their complements (`suppression`).
"""

from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import Category, Household, HouseholdEnd, Person
from aidtrack.beneficiaries.queries import kinds
from aidtrack.beneficiaries.queries.households import NOT_ERASED
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.late import dataclass
from aidtrack.reports.suppression import Reached, withheld


@dataclass(frozen=True, slots=True)
class CategoryFigure:
    """One kind: distinct families, distinct people who have it, families without a paper for it; None: withheld."""

    kind: str
    name_uk: str
    name_en: str
    households: int | None
    persons: int | None
    unproven: int | None


@dataclass(frozen=True, slots=True)
class CategoryFigures:
    """`households` and `persons` are distinct over all kinds, not sums of the rows."""

    on: date
    rows: tuple[CategoryFigure, ...]
    households: int | None
    persons: int | None
    hidden: bool  # whether small cells were withheld


def category_figures(session: Session, *, on: date, actor: Actor) -> CategoryFigures:
    """Ordinary categories valid on a day, of living families at the actor's sites.

    A category of the whole family counts its present members as people. Protected ones are not counted here: even
    their number in a small hromada points at somebody.
    """
    present = and_(Person.joined_on <= on, or_(Person.left_on.is_(None), Person.left_on >= on))
    whose = and_(
        Person.household_id == Category.household_id,
        present,
        or_(Category.person_id.is_(None), Category.person_id == Person.id),
    )
    holds = (
        Category.valid_from <= on,
        or_(Category.valid_until.is_(None), Category.valid_until >= on),
        Household.site_id.in_(sorted(actor.site_ids)),
        NOT_ERASED,
        ~select(HouseholdEnd.household_id).where(HouseholdEnd.household_id == Household.id).exists(),
    )
    counts = (func.count(func.distinct(Category.household_id)), func.count(func.distinct(Person.id)))
    base = (
        select(Category.kind, *counts)
        .join(Household, Household.id == Category.household_id)
        .join(Person, whose)
        .where(*holds)
    )
    by_kind = {
        kind: (households, persons)
        for kind, households, persons in session.execute(base.group_by(Category.kind))
    }
    unproven = dict(
        session.execute(
            select(Category.kind, func.count(func.distinct(Category.household_id)))
            .join(Household, Household.id == Category.household_id)
            .where(*holds, Category.proven.is_(False))
            .group_by(Category.kind)
        ).all()
    )
    totals = (
        select(*counts)
        .select_from(Category)
        .join(Household, Household.id == Category.household_id)
        .join(Person, whose)
        .where(*holds)
    )
    households, persons = session.execute(totals).one()
    known = kinds(session)
    listed = sorted((code for code in by_kind if code in known), key=lambda code: known[code].name_uk)
    exact = actor.can(Permission.HOUSEHOLD_READ)
    reached = [Reached(0, by_kind[code][1], by_kind[code][0]) for code in listed]
    hidden = [False] * len(listed) if exact else withheld(reached)
    rows = tuple(
        CategoryFigure(
            code, known[code].name_uk, known[code].name_en,
            None if hides else by_kind[code][0],
            None if hides else by_kind[code][1],
            None if hides or not exact else unproven.get(code, 0),
        )
        for code, hides in zip(listed, hidden, strict=True)
    )  # fmt: skip
    if not exact and Reached(0, persons, households).is_small:
        return CategoryFigures(on, rows, None, None, hidden=True)
    return CategoryFigures(on, rows, households, persons, any(hidden))
