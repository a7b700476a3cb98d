"""A sitting is planned, and its agenda filled: postponed cases come by themselves, waiting ones in one go."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.audit.services import already_done, mark_done
from aidtrack.beneficiaries.cases.commands import (
    AddCases,
    ChangeSitting,
    CorrectCase,
    DropCase,
    PlanSitting,
    Result,
    SittingState,
)
from aidtrack.beneficiaries.cases.errors import (
    AgendaFull,
    CorrectedAlready,
    OnTheAgenda,
    SittingChanged,
    SittingClosed,
    SittingNotClosed,
)
from aidtrack.beneficiaries.cases.queries.sittings import SittingFile, find_sitting, sitting_file
from aidtrack.beneficiaries.cases.queries.waiting import (
    Papers,
    papers_for,
    postponed_cases,
    ready_households,
)
from aidtrack.beneficiaries.cases.rules import MOST_CASES
from aidtrack.beneficiaries.errors import DatesOutOfOrder
from aidtrack.beneficiaries.models import Household, Sitting, SittingCase
from aidtrack.beneficiaries.privacy import budget
from aidtrack.beneficiaries.services.checking import needed
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound

KIND = "sitting"


def lock_sitting(session: Session, sitting_id: int, actor: Actor, *, version: int | None = None) -> Sitting:
    """The sitting's row, locked, while its minutes are open.

    Raises:
        SittingClosed: what the minutes say is not changed any more.
        SittingChanged: somebody else changed it since that version.
    """
    actor.require(Permission.HOUSEHOLD_WRITE)
    sitting = session.scalar(
        select(Sitting)
        .where(Sitting.id == sitting_id, Sitting.site_id.in_(sorted(actor.site_ids)))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if sitting is None:
        raise NotFound()
    if sitting.state is SittingState.CLOSED:
        raise SittingClosed()
    if version is not None and version != sitting.version:
        raise SittingChanged()
    return sitting


def plan_sitting(session: Session, command: PlanSitting, *, actor: Actor, now: datetime) -> int:
    """Set a day; what this body postponed before is on the agenda at once."""
    actor.require(Permission.HOUSEHOLD_WRITE, site_id=command.site_id)
    body = asdict(command)
    done = already_done(session, command_id=str(command.command_id), kind=KIND, body=body)
    if done is not None and done.object_id is not None:
        return done.object_id
    if command.grants_until is not None and command.grants_until < command.grants_from:
        raise DatesOutOfOrder(field="grants_until")
    made: int = session.execute(
        insert(Sitting)
        .values(
            site_id=command.site_id, body=command.body, held_on=command.held_on,
            place=needed(command.place, 160, "place"), grants_from=command.grants_from,
            grants_until=command.grants_until, state=SittingState.PLANNED, version=1, made_by=actor.label,
        )
        .returning(Sitting.id)
    ).scalar_one()  # fmt: skip
    sitting = session.get_one(Sitting, made)
    add_postponed(session, sitting)
    audit.record(
        session, actor=actor, action="cases.plan_sitting", object_type="sitting", object_id=made,
        site_id=command.site_id, now=now,
    )  # fmt: skip
    mark_done(
        session,
        command_id=str(command.command_id),
        kind=KIND,
        body=body,
        object_id=made,
        actor=actor,
        now=now,
    )
    return made


def change_sitting(session: Session, command: ChangeSitting, *, actor: Actor, now: datetime) -> None:
    """Another day or place, or other dates of what is granted; cases keep what was typed for them."""
    sitting = lock_sitting(session, command.sitting_id, actor, version=command.version)
    if command.grants_until is not None and command.grants_until < command.grants_from:
        raise DatesOutOfOrder(field="grants_until")
    sitting.held_on, sitting.place = command.held_on, needed(command.place, 160, "place")
    sitting.grants_from, sitting.grants_until = command.grants_from, command.grants_until
    _changed(session, sitting, "change_sitting", actor, now)


def add_cases(session: Session, command: AddCases, *, actor: Actor, now: datetime) -> int:
    """Put families on the agenda, those named or all who wait; how many were added.

    Raises:
        AgendaFull: more families were named than fit. All who wait are taken as far as there is room.
        OnTheAgenda: a named family stands on an agenda that is being prepared.
    """
    sitting = lock_sitting(session, command.sitting_id, actor)
    added = add_postponed(session, sitting)
    room = MOST_CASES - _count(session, sitting.id)
    if command.household_ids is None:
        ids = ready_households(session, sitting.site_id, sitting.held_on)[: max(room, 0)]
    else:
        ids = list(dict.fromkeys(command.household_ids))
        _check_named(session, sitting, ids)
        if len(ids) > room:
            raise AgendaFull(most=MOST_CASES)
    added += _append(session, sitting, [(one, None, None) for one in ids])
    _changed(session, sitting, "add_cases", actor, now, cases=added)
    return added


def add_postponed(session: Session, sitting: Sitting) -> int:
    """What the body put off stands first on its next agenda; how many were added."""
    room = MOST_CASES - _count(session, sitting.id)
    waiting = postponed_cases(session, sitting.site_id, sitting.body)[: max(room, 0)]
    return _append(
        session, sitting, [(one.household_id, one.corrects_id, one.correction_reason) for one in waiting]
    )


def drop_case(session: Session, command: DropCase, *, actor: Actor, now: datetime) -> None:
    """Take a case off the agenda; it waits again."""
    sitting = lock_sitting(session, command.sitting_id, actor)
    case = session.scalar(
        select(SittingCase).where(SittingCase.id == command.case_id, SittingCase.sitting_id == sitting.id)
    )
    if case is None:
        raise NotFound()
    household_id = case.household_id
    session.execute(delete(SittingCase).where(SittingCase.id == case.id))
    _changed(session, sitting, "drop_case", actor, now, household_id=household_id)


def correct_case(session: Session, command: CorrectCase, *, actor: Actor, now: datetime) -> int:
    """Put a decision of closed minutes before a later sitting, which decides about it anew; the new case's id."""
    sitting = lock_sitting(session, command.sitting_id, actor)
    reason = needed(command.reason, 500, "reason")
    row = session.execute(
        select(SittingCase.household_id, Sitting.state, SittingCase.result)
        .join(Sitting, Sitting.id == SittingCase.sitting_id)
        .where(SittingCase.id == command.case_id, Sitting.site_id == sitting.site_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    household_id, state, result = row
    if state is not SittingState.CLOSED or result is Result.POSTPONED:
        raise SittingNotClosed()
    file = sitting_file_of_case(session, command.case_id, actor)
    if command.case_id in file.corrected:
        raise CorrectedAlready()
    _check_named(session, sitting, [household_id])
    if _count(session, sitting.id) >= MOST_CASES:
        raise AgendaFull(most=MOST_CASES)
    _append(session, sitting, [(household_id, command.case_id, reason)])
    _changed(session, sitting, "correct_case", actor, now, case_id=command.case_id)
    made = session.scalar(
        select(SittingCase.id).where(
            SittingCase.sitting_id == sitting.id, SittingCase.household_id == household_id
        )
    )
    assert made is not None
    return made


def sitting_file_of_case(session: Session, case_id: int, actor: Actor) -> SittingFile:
    sitting_id = session.scalar(select(SittingCase.sitting_id).where(SittingCase.id == case_id))
    if sitting_id is None:
        raise NotFound()
    return sitting_file(session, sitting_id, actor)


def open_sitting(
    session: Session, sitting_id: int, *, actor: Actor, now: datetime, purpose: str = "page"
) -> SittingFile:
    """A sitting with the names of its families; the reading is logged.

    While it is being prepared, its cases rest on the papers as they are now: an act made since yesterday
    counts.
    """
    actor.require(Permission.HOUSEHOLD_READ)
    sitting = find_sitting(session, sitting_id, actor)
    if not sitting.is_closed:
        refresh_papers(session, sitting_id)
    file = sitting_file(session, sitting_id, actor)
    budget.spend(session, listing=[case.household_id for case in file.cases], actor=actor, now=now)
    audit.record(
        session, actor=actor, action="read.sitting", object_type="sitting", object_id=sitting_id,
        site_id=sitting.site_id, now=now,
        facts={"purpose": purpose, "households": [case.household_id for case in file.cases]},
    )  # fmt: skip
    return file


def refresh_papers(session: Session, sitting_id: int) -> None:
    held_on = session.scalar(select(Sitting.held_on).where(Sitting.id == sitting_id))
    assert held_on is not None
    cases = session.execute(
        select(
            SittingCase.id, SittingCase.household_id, SittingCase.intake_id, SittingCase.assessment_id
        ).where(SittingCase.sitting_id == sitting_id)
    ).all()
    papers = papers_for(session, [case.household_id for case in cases], held_on)
    for case in cases:
        found = papers[case.household_id]
        if found != Papers(case.intake_id, case.assessment_id):
            session.execute(
                update(SittingCase)
                .where(SittingCase.id == case.id)
                .values(intake_id=found.intake_id, assessment_id=found.assessment_id)
            )


def _append(session: Session, sitting: Sitting, cases: Collection[tuple[int, int | None, str | None]]) -> int:
    """Add (family, case it corrects, why) at the end of the agenda."""
    if not cases:
        return 0
    papers = papers_for(session, [household_id for household_id, _, _ in cases], sitting.held_on)
    last = session.scalar(select(func.max(SittingCase.position)).where(SittingCase.sitting_id == sitting.id))
    for position, (household_id, corrects_id, why) in enumerate(cases, start=(last or 0) + 1):
        found = papers[household_id]
        session.execute(
            insert(SittingCase).values(
                sitting_id=sitting.id, household_id=household_id, position=position, intake_id=found.intake_id,
                assessment_id=found.assessment_id, corrects_id=corrects_id, correction_reason=why,
                any_programme=False,
            )
        )  # fmt: skip
    return len(cases)


def _check_named(session: Session, sitting: Sitting, household_ids: list[int]) -> None:
    known = set(
        session.scalars(
            select(Household.id).where(Household.id.in_(household_ids), Household.site_id == sitting.site_id)
        )
    )
    if known != set(household_ids):
        raise NotFound()
    taken = session.scalar(
        select(SittingCase.id)
        .join(Sitting, Sitting.id == SittingCase.sitting_id)
        .where(SittingCase.household_id.in_(household_ids), Sitting.state == SittingState.PLANNED)
        .limit(1)
    )
    if taken is not None:
        raise OnTheAgenda()


def _count(session: Session, sitting_id: int) -> int:
    return (
        session.scalar(
            select(func.count()).select_from(SittingCase).where(SittingCase.sitting_id == sitting_id)
        )
        or 0
    )


def _changed(
    session: Session, sitting: Sitting, verb: str, actor: Actor, now: datetime, **facts: object
) -> None:
    sitting.version += 1
    session.flush()
    audit.record(
        session, actor=actor, action=f"cases.{verb}", object_type="sitting", object_id=sitting.id,
        site_id=sitting.site_id, facts=facts, now=now,
    )  # fmt: skip
