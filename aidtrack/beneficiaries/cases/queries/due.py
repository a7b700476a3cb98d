"""Whose act is due: out of date, ending soon, or missing while an appeal is open."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.cases.commands import IntakeStatus
from aidtrack.beneficiaries.cases.rules import WARNED_DAYS, Act, Due, due_on
from aidtrack.beneficiaries.models import Household, HouseholdEnd, Intake, NeedsAssessment, Person
from aidtrack.kernel.actor import Actor

# An act that ended long ago and no appeal since: nobody waits for a new one.
FORGOTTEN = timedelta(days=365)


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


def _newest() -> Any:
    """Each family's act that lasts longest: an older one that lasts longer still holds."""
    return (
        select(NeedsAssessment.household_id, func.max(NeedsAssessment.valid_until).label("until"))
        .group_by(NeedsAssessment.household_id)
        .subquery()
    )


def _open_appeals() -> Any:
    return (
        select(Intake.household_id, func.min(Intake.received_on).label("appeal_on"))
        .where(Intake.status == IntakeStatus.OPEN, Intake.household_id.is_not(None))
        .group_by(Intake.household_id)
        .subquery()
    )


def _due(
    actor: Actor, on: date, newest: Any, appeals: Any, columns: list[Any], wanted: Due | None
) -> Select[*tuple[Any, ...]]:
    until, appeal_on = newest.c.until, appeals.c.appeal_on
    conditions: dict[Due, ColumnElement[bool]] = {
        Due.MISSING: and_(until.is_(None), appeal_on.is_not(None)),
        Due.EXPIRED: and_(until < on, or_(until >= on - FORGOTTEN, appeal_on.is_not(None))),
        Due.SOON: and_(until >= on, until <= on + timedelta(days=WARNED_DAYS)),
    }
    ended = exists(select(HouseholdEnd.household_id).where(HouseholdEnd.household_id == Household.id))
    return (
        select(*columns)
        .select_from(Household)
        .outerjoin(newest, newest.c.household_id == Household.id)
        .outerjoin(appeals, appeals.c.household_id == Household.id)
        .where(
            Household.site_id.in_(sorted(actor.site_ids)),
            conditions[wanted] if wanted is not None else or_(*conditions.values()),
            ~ended,
        )
    )


def due_counts(session: Session, actor: Actor, on: date) -> dict[Due, int]:
    newest, appeals = _newest(), _open_appeals()
    kind = case((newest.c.until.is_(None), 0), (newest.c.until < on, 1), else_=2)
    found = _due(actor, on, newest, appeals, [kind.label("kind")], None).subquery()
    rows: dict[int, int] = dict(
        session.execute(select(found.c.kind, func.count(literal(1))).group_by(found.c.kind)).all()
    )
    return {due: rows.get(place, 0) for place, due in enumerate((Due.MISSING, Due.EXPIRED, Due.SOON))}


def due_rows(
    session: Session, actor: Actor, on: date, wanted: Due | None, *, limit: int, offset: int
) -> tuple[list[DueRow], int]:
    """A page of the work list: who has no act first, then who has waited longest."""
    newest, appeals = _newest(), _open_appeals()
    until, appeal_on = newest.c.until, appeals.c.appeal_on
    columns = [
        Household.id,
        Household.site_id,
        Household.registration_no,
        Household.settlement,
        until,
        appeal_on,
    ]
    page = _due(actor, on, newest, appeals, columns, wanted)
    total = session.scalar(select(func.count()).select_from(page.subquery())) or 0
    page = page.order_by(until.is_not(None), until, appeal_on, Household.id).limit(limit).offset(offset)
    rows = session.execute(page).all()
    ids = [row[0] for row in rows]
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
    for household_id, site_id, registration_no, settlement, _until, appeal in rows:
        act = acts.get(household_id)
        due = due_on(act, on=on, appeal_open=appeal is not None)
        assert due is not None
        head = heads.get(household_id, registration_no)
        found.append(DueRow(household_id, site_id, registration_no, settlement, head, act, appeal, due))
    return found, total
