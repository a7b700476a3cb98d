"""Results of a sitting, and the closing of its minutes, which writes the decisions once."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.models import Site
from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.cases.commands import (
    CaseResult,
    CloseMinutes,
    Outcome,
    RecordResults,
    Result,
    SittingState,
)
from aidtrack.beneficiaries.cases.errors import (
    MinutesTooEarly,
    NothingToDecide,
    NumberTaken,
    ResultsDoubtful,
    ResultsMissing,
    SittingInFuture,
)
from aidtrack.beneficiaries.cases.queries.sittings import CaseRow, sitting_file
from aidtrack.beneficiaries.cases.rules import ASKED, Problem
from aidtrack.beneficiaries.cases.services.recording import answer_appeals
from aidtrack.beneficiaries.cases.services.sittings import add_postponed, lock_sitting, refresh_papers
from aidtrack.beneficiaries.errors import DatesOutOfOrder
from aidtrack.beneficiaries.identifiers import clean_text
from aidtrack.beneficiaries.models import (
    AnnulledDecision,
    CaseDecision,
    EligibilityDecision,
    Sitting,
    SittingCase,
    SittingCaseProgramme,
)
from aidtrack.beneficiaries.services.checking import needed
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import NotFound


def record_results(session: Session, command: RecordResults, *, actor: Actor, now: datetime) -> None:
    """Keep the results as typed so far. What is missing is asked for when the minutes are closed."""
    sitting = lock_sitting(session, command.sitting_id, actor, version=command.version)
    of_sitting = set(session.scalars(select(SittingCase.id).where(SittingCase.sitting_id == sitting.id)))
    if not {one.case_id for one in command.results} <= of_sitting:
        raise NotFound()
    for place, one in enumerate(command.results):
        if one.valid_from is not None and one.valid_until is not None and one.valid_until < one.valid_from:
            raise DatesOutOfOrder(field=f"cases-{place}-valid_until")
    for place, one in enumerate(command.results):
        _keep(session, one, place)
    sitting.version += 1
    session.flush()
    audit.record(
        session, actor=actor, action="cases.record_results", object_type="sitting", object_id=sitting.id,
        site_id=sitting.site_id, now=now,
    )  # fmt: skip


def _keep(session: Session, one: CaseResult, place: int) -> None:
    granted = one.result is Result.GRANTED
    session.execute(
        update(SittingCase)
        .where(SittingCase.id == one.case_id)
        .values(
            result=one.result,
            reason=clean_text(one.reason, 500, f"cases-{place}-reason"),
            valid_from=one.valid_from if granted else None,
            valid_until=one.valid_until if granted else None,
            any_programme=granted and one.any_programme,
            words=clean_text(one.words, 500, f"cases-{place}-words") if granted else None,
        )
    )
    session.execute(delete(SittingCaseProgramme).where(SittingCaseProgramme.case_id == one.case_id))
    for programme_id in sorted(set(one.programme_ids)) if granted else ():
        session.execute(insert(SittingCaseProgramme).values(case_id=one.case_id, programme_id=programme_id))


def close_minutes(session: Session, command: CloseMinutes, *, actor: Actor, now: datetime) -> int:
    """Close the minutes: decisions are written, appeals answered, postponed cases put on the next agenda.

    Gives how many decisions were written. Afterwards nothing of the sitting changes; a decision is corrected
    by a later one.

    Raises:
        ResultsMissing: some result cannot stand as it is.
        ResultsDoubtful: asked, unless confirmed.
    """
    actor.require(Permission.ELIGIBILITY_DECIDE)
    sitting = lock_sitting(session, command.sitting_id, actor, version=command.version)
    site = session.get_one(Site, sitting.site_id)
    today = local_date(now, site.time_zone)
    if sitting.held_on > today:
        raise SittingInFuture(held_on=sitting.held_on.isoformat())
    if not sitting.held_on <= command.minutes_on <= today:
        raise MinutesTooEarly()
    number = needed(command.number, 40, "number")
    _refuse_number(session, sitting, number)
    refresh_papers(session, sitting.id)
    cases = sitting_file(session, sitting.id, actor).cases
    if not cases:
        raise NothingToDecide()
    _judge(cases, sitting, confirmed=command.doubts_confirmed)
    sitting.state, sitting.minutes_number, sitting.minutes_on = (
        SittingState.CLOSED,
        number,
        command.minutes_on,
    )
    sitting.closed_at, sitting.closed_by = now, actor.label
    sitting.version += 1
    session.flush()
    written = _write(session, sitting, [case for case in cases if case.result is Result.GRANTED], actor)
    _annul(session, [case for case in cases if case.corrects_id and case.result is not Result.POSTPONED])
    for result, outcome in ((Result.GRANTED, Outcome.GRANTED), (Result.REFUSED, Outcome.REFUSED)):
        families = [case.household_id for case in cases if case.result is result]
        answer_appeals(session, families, sitting.held_on, outcome)
    _pass_on(session, sitting)
    _record(session, sitting, cases, written, actor, now)
    return written


def _refuse_number(session: Session, sitting: Sitting, number: str) -> None:
    """A body counts its minutes within a year."""
    same = session.scalars(
        select(Sitting.held_on).where(
            Sitting.site_id == sitting.site_id,
            Sitting.body == sitting.body,
            Sitting.minutes_number == number,
        )
    )
    if any(day.year == sitting.held_on.year for day in same):
        raise NumberTaken(number=number)


def _judge(cases: Collection[CaseRow], sitting: Sitting, *, confirmed: bool) -> None:
    found = {case.position: case.problems(sitting.held_on) for case in cases}
    missing = {place: problems - ASKED for place, problems in found.items() if problems - ASKED}
    if missing:
        raise ResultsMissing(cases=_codes(missing))
    doubtful = {place: problems for place, problems in found.items() if problems}
    if doubtful and not confirmed:
        raise ResultsDoubtful(cases=_codes(doubtful))


def _codes(found: dict[int, frozenset[Problem]]) -> dict[str, list[str]]:
    return {str(place): sorted(problem.value for problem in problems) for place, problems in found.items()}


def _write(session: Session, sitting: Sitting, granted: Collection[CaseRow], actor: Actor) -> int:
    """One decision for each programme a case grants. What is granted in words alone entitles to no programme."""
    rows, of_case = [], []
    for case in granted:
        programmes: list[int | None] = [None] if case.any_programme else list(case.programme_ids)
        for programme_id in programmes:
            of_case.append(case.id)
            rows.append(
                {
                    "household_id": case.household_id,
                    "body": sitting.body,
                    "number": sitting.minutes_number,
                    "decided_on": sitting.held_on,
                    "valid_from": case.valid_from,
                    "valid_until": case.valid_until,
                    "programme_id": programme_id,
                    "recorded_by": actor.label,
                }
            )
    ids = queries.insert_returning(session, EligibilityDecision, rows)
    for decision_id, case_id in zip(ids, of_case, strict=True):
        session.execute(insert(CaseDecision).values(decision_id=decision_id, case_id=case_id))
    return len(ids)


def _annul(session: Session, corrections: Collection[CaseRow]) -> None:
    """What a settled correction replaces grants nothing from now on."""
    for case in corrections:
        decisions = session.scalars(
            select(CaseDecision.decision_id).where(CaseDecision.case_id == case.corrects_id)
        )
        for decision_id in list(decisions):
            session.execute(insert(AnnulledDecision).values(decision_id=decision_id, case_id=case.id))


def _pass_on(session: Session, sitting: Sitting) -> None:
    """What was postponed goes to the body's next sitting, if one is set already; else to the one set next."""
    following = session.scalar(
        select(Sitting)
        .where(
            Sitting.site_id == sitting.site_id,
            Sitting.body == sitting.body,
            Sitting.state == SittingState.PLANNED,
            Sitting.held_on >= sitting.held_on,
        )
        .order_by(Sitting.held_on, Sitting.id)
        .limit(1)
        .with_for_update()
    )
    if following is not None and add_postponed(session, following):
        following.version += 1
        session.flush()


def _record(
    session: Session, sitting: Sitting, cases: Collection[CaseRow], written: int, actor: Actor, now: datetime
) -> None:
    audit.record(
        session, actor=actor, action="cases.close_minutes", object_type="sitting", object_id=sitting.id,
        site_id=sitting.site_id, now=now, facts={"cases": len(cases), "decisions": written},
    )  # fmt: skip
    for case in cases:
        assert case.result is not None
        audit.record(
            session, actor=actor, action="cases.decide", object_type="household", object_id=case.household_id,
            site_id=sitting.site_id, now=now,
            facts={"sitting_id": sitting.id, "case_id": case.id, "result": case.result.value},
        )  # fmt: skip
