"""What a sitting is told of a family: enough to decide, and no address, phone, document or protected thing."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.cases.queries.lists import EntryRow, ticked
from aidtrack.beneficiaries.cases.queries.sittings import SittingFile
from aidtrack.beneficiaries.household import age_on
from aidtrack.beneficiaries.models import Category, CategoryKind, EligibilityDecision, Person
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass

ADULT = 18


@dataclass(frozen=True, slots=True)
class CasePage:
    """`ages` are those of the present members, None for a birth date nobody knows."""

    ages: tuple[int | None, ...]
    categories: tuple[tuple[str, str], ...]  # in both languages
    ticks: tuple[EntryRow, ...]
    granted_before: int
    last_granted_on: date | None

    @property
    def children(self) -> int:
        return sum(1 for age in self.ages if age is not None and age < ADULT)


def case_pages(session: Session, file: SittingFile, actor: Actor) -> dict[int, CasePage]:
    """By case. Protected ticks are left out whoever prints: the paper goes round a table."""
    on, ids = file.sitting.held_on, sorted({case.household_id for case in file.cases})
    ages: dict[int, list[int | None]] = defaultdict(list)
    people = select(Person.household_id, Person.birth_date).where(
        Person.household_id.in_(ids),
        Person.joined_on <= on,
        or_(Person.left_on.is_(None), Person.left_on >= on),
    )
    for household_id, born in session.execute(people.order_by(Person.is_head.desc(), Person.id)):
        ages[household_id].append(age_on(born, on))
    categories = _categories(session, ids, on)
    before = {
        household_id: (count, newest)
        for household_id, count, newest in session.execute(
            select(
                EligibilityDecision.household_id,
                func.count(func.distinct(EligibilityDecision.number)),
                func.max(EligibilityDecision.decided_on),
            )
            .where(EligibilityDecision.household_id.in_(ids), EligibilityDecision.decided_on < on)
            .group_by(EligibilityDecision.household_id)
        )
    }
    acts = ticked(session, [case.assessment_id for case in file.cases if case.assessment_id], actor)
    return {
        case.id: CasePage(
            tuple(ages[case.household_id]),
            tuple(categories[case.household_id]),
            tuple(entry for entry in acts.get(case.assessment_id or 0, ()) if not entry.protected),
            *before.get(case.household_id, (0, None)),
        )
        for case in file.cases
    }


def _categories(session: Session, ids: Collection[int], on: date) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = session.execute(
        select(Category.household_id, CategoryKind.name_uk, CategoryKind.name_en)
        .join(CategoryKind, CategoryKind.code == Category.kind)
        .where(
            Category.household_id.in_(ids),
            Category.valid_from <= on,
            or_(Category.valid_until.is_(None), Category.valid_until >= on),
        )
        .distinct()
        .order_by(CategoryKind.name_uk)
    )
    for household_id, name_uk, name_en in rows:
        found[household_id].append((name_uk, name_en))
    return found
