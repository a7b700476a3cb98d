"""Whose act is due: out of date, ending soon, or missing while an appeal is open."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true, union_all
from sqlalchemy.orm import Session, aliased

from aidtrack.beneficiaries.cases.commands import IntakeStatus
from aidtrack.beneficiaries.cases.rules import WARNED_DAYS, Act, Due, due_on
from aidtrack.beneficiaries.models import Household, HouseholdEnd, Intake, NeedsAssessment, Person
from aidtrack.kernel.actor import Actor

# An act that ended longer ago than this, and no appeal since: nobody waits for a new one.
FORGOTTEN = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class DueRow:
    household_id: int
    site_id: int
    registration_no: str
    settlement: str
    head: str
    act: Act | None
    appeal_on: date | None  # the oldest open appeal
    due: Due


def _due(actor: Actor, on: date) -> Any:
    """Families with their last act's end, none for those without an act.

    Two parts that never meet: acts that end about now and are followed by none, found by their end; and open
    appeals whose family has no act, or one forgotten long ago. So a large registry is not read as a whole.
    """
    later = aliased(NeedsAssessment)
    last = or_(
        later.valid_until > NeedsAssessment.valid_until,
        and_(later.valid_until == NeedsAssessment.valid_until, later.id > NeedsAssessment.id),
    )
    followed = exists().where(later.household_id == NeedsAssessment.household_id, last)
    about_now = (
        select(NeedsAssessment.household_id, NeedsAssessment.valid_until.label("until"))
        .join(Household, Household.id == NeedsAssessment.household_id)
        .where(
            NeedsAssessment.valid_until.between(on - FORGOTTEN, on + timedelta(days=WARNED_DAYS)),
            Household.site_id.in_(sorted(actor.site_ids)),
            ~followed,
        )
    )
    end = (
        select(func.max(NeedsAssessment.valid_until))
        .where(NeedsAssessment.household_id == Household.id)
        .correlate(Household)
        .scalar_subquery()
    )
    asking = select(Intake.household_id).where(
        Intake.site_id.in_(sorted(actor.site_ids)), Intake.status == IntakeStatus.OPEN
    )
    waiting = (
        select(Household.id.label("household_id"), end.label("until"))
        .where(Household.id.in_(asking))
        .subquery()
    )
    unseen = select(waiting.c.household_id, waiting.c.until).where(
        or_(waiting.c.until.is_(None), waiting.c.until < on - FORGOTTEN)
    )
    found = union_all(about_now, unseen).subquery()
    ended = exists().where(HouseholdEnd.household_id == found.c.household_id)
    return select(found.c.household_id, found.c.until).where(~ended).subquery()


def due_counts(session: Session, actor: Actor, on: date) -> dict[Due, int]:
    found = _due(actor, on)
    kind = case((found.c.until.is_(None), 0), (found.c.until < on, 1), else_=2)
    rows: dict[int, int] = dict(session.execute(select(kind, func.count()).group_by(kind)).all())
    return {due: rows.get(place, 0) for place, due in enumerate((Due.MISSING, Due.EXPIRED, Due.SOON))}


def due_rows(
    session: Session, actor: Actor, on: date, wanted: Due | None, *, limit: int, offset: int
) -> tuple[list[DueRow], int]:
    """A page of the work list: who has no act first, then who has waited longest."""
    due = _due(actor, on)
    until = due.c.until
    conditions: dict[Due | None, ColumnElement[bool]] = {
        None: true(),
        Due.MISSING: until.is_(None),
        Due.EXPIRED: until < on,
        Due.SOON: until >= on,
    }
    total = session.scalar(select(func.count()).select_from(due).where(conditions[wanted])) or 0
    rows = session.execute(
        select(Household.id, Household.site_id, Household.registration_no, Household.settlement)
        .join(due, due.c.household_id == Household.id)
        .where(conditions[wanted])
        .order_by(until.is_not(None), until, Household.id)
        .limit(limit)
        .offset(offset)
    ).all()
    ids = [row[0] for row in rows]
    appeals: dict[int | None, date] = dict(
        session.execute(
            select(Intake.household_id, func.min(Intake.received_on))
            .where(Intake.household_id.in_(ids), Intake.status == IntakeStatus.OPEN)
            .group_by(Intake.household_id)
        ).all()
    )
    heads = {
        household_id: " ".join(part for part in name if part)
        for household_id, *name in session.execute(
            select(Person.household_id, Person.surname, Person.given_name, Person.patronymic).where(
                Person.household_id.in_(ids), Person.is_head
            )
        )
    }
    acts = {
        household_id: Act(made_on, valid_until)
        for household_id, made_on, valid_until in session.execute(
            select(NeedsAssessment.household_id, NeedsAssessment.made_on, NeedsAssessment.valid_until)
            .where(NeedsAssessment.household_id.in_(ids))
            .order_by(NeedsAssessment.valid_until, NeedsAssessment.id)
        )
    }
    found = []
    for household_id, site_id, registration_no, settlement in rows:
        act, appeal = acts.get(household_id), appeals.get(household_id)
        why = due_on(act, on=on, appeal_open=appeal is not None)
        assert why is not None
        head = heads.get(household_id, registration_no)
        found.append(DueRow(household_id, site_id, registration_no, settlement, head, act, appeal, why))
    return found, total
