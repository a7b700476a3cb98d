"""Handling an entry: read it, give it to a colleague, answer, close, open again, correct what it is."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.feedback import queries
from aidtrack.feedback.commands import Answer, Assign, Change, State
from aidtrack.feedback.errors import (
    CannotHandle,
    KindMissing,
    NotInThisState,
    SensitiveWithoutRight,
    SubjectCannotHandle,
    TextTooShort,
)
from aidtrack.feedback.models import Feedback
from aidtrack.feedback.queries import FullRow
from aidtrack.feedback.services.receiving import due_from
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import NotFound

LONGEST = 4_000


def open_entry(session: Session, feedback_id: int, *, actor: Actor, now: datetime) -> FullRow:
    """One entry with its text; the look is logged."""
    actor.require(Permission.FEEDBACK_HANDLE)
    row = queries.entry(session, feedback_id, actor=actor)
    audit.record(
        session, actor=actor, action="read.feedback", object_type="feedback", object_id=row.id, site_id=row.site_id,
        now=now,
    )  # fmt: skip
    return row


def assign(session: Session, command: Assign, *, actor: Actor, now: datetime) -> None:
    """Name who handles it, never whom it is about.

    Raises:
        SubjectCannotHandle, CannotHandle, NotInThisState, NotFound.
    """
    row = _held(session, command.feedback_id, actor, State.NEW, State.IN_WORK)
    if command.user_id == row.about_user_id:
        raise SubjectCannotHandle
    able = queries.handlers(session, row.site_id, sensitive=row.sensitive, but=row.about_user_id, now=now)
    if command.user_id not in {user_id for user_id, _name in able}:
        raise CannotHandle
    row.assigned_to_id, row.state = command.user_id, State.IN_WORK
    _log(session, row, "feedback.assign", actor=actor, now=now)


def answer(session: Session, command: Answer, *, actor: Actor, now: datetime) -> None:
    """Write the answer; the holder of the code can read it from now on.

    Raises:
        TextTooShort, NotInThisState, NotFound.
    """
    row = _held(session, command.feedback_id, actor, State.NEW, State.IN_WORK)
    words = command.text.strip()[:LONGEST]
    if len(words) < 3:
        raise TextTooShort
    today = _today(session, row, now)
    # an earlier answer stays to be read above the new one
    row.answer = f"{row.answer}\n\n{today:%d.%m.%Y}: {words}" if row.answer else words
    row.outcome, row.state = command.outcome, State.ANSWERED
    row.answered_on, row.answered_at, row.answered_by = today, now, actor.label
    if row.assigned_to_id is None and actor.user_id is not None:
        row.assigned_to_id = actor.user_id
    _log(session, row, "feedback.answer", actor=actor, now=now)
    if command.close:
        close(session, row.id, actor=actor, now=now)


def close(session: Session, feedback_id: int, *, actor: Actor, now: datetime) -> None:
    """Nothing is left to do.

    Raises:
        NotInThisState: it is not answered, or closed already.
    """
    row = _held(session, feedback_id, actor, State.ANSWERED)
    row.state, row.closed_at = State.CLOSED, now
    _log(session, row, "feedback.close", actor=actor, now=now)


def reopen(session: Session, feedback_id: int, *, actor: Actor, now: datetime) -> None:
    """It is not settled after all: due anew from today."""
    row = _held(session, feedback_id, actor, State.ANSWERED, State.CLOSED)
    set_open(session, row, _today(session, row, now))
    _log(session, row, "feedback.reopen", actor=actor, now=now)


def set_open(session: Session, row: Feedback, today: date) -> None:
    row.state = State.NEW if row.assigned_to_id is None else State.IN_WORK
    row.closed_at = row.answered_at = row.answered_on = row.answered_by = None
    row.times_reopened += 1
    row.due_on = due_from(session, row.kind, today)


def change(session: Session, command: Change, *, actor: Actor, now: datetime) -> None:
    """Correct what an entry is. A handler who may not handle it any more is taken from it.

    Whoever marks an entry as sensitive without the personal right does not see it again.

    Raises:
        KindMissing, SensitiveWithoutRight, NotFound.
    """
    row = _held(session, command.feedback_id, actor, State.NEW, State.IN_WORK)
    kinds = queries.kinds(session)
    chosen = kinds.get(command.kind)
    if chosen is None or (command.kind != row.kind and not chosen.holds_on(_today(session, row, now))):
        raise KindMissing
    sensitive = command.sensitive or chosen.sensitive
    if row.sensitive and not sensitive and not actor.can(Permission.FEEDBACK_SENSITIVE):
        raise SensitiveWithoutRight
    if command.about_user_id is not None:
        known = {user_id for user_id, _name in queries.colleagues(session, {row.site_id})}
        if command.about_user_id not in known:
            raise NotFound
    if command.kind != row.kind:
        row.kind, row.due_on = command.kind, due_from(session, command.kind, row.received_on)
    row.sensitive = sensitive
    able = queries.handlers(session, row.site_id, sensitive=sensitive, but=command.about_user_id, now=now)
    if row.assigned_to_id is not None and row.assigned_to_id not in {user_id for user_id, _name in able}:
        row.assigned_to_id, row.state = None, State.NEW
    row.about_user_id = command.about_user_id
    _log(session, row, "feedback.change", actor=actor, now=now)


def _held(session: Session, feedback_id: int, actor: Actor, *states: State) -> Feedback:
    """The entry in one of these states, held until the unit ends, if the actor may see it at all."""
    actor.require(Permission.FEEDBACK_HANDLE)
    row = session.execute(
        select(Feedback)
        .where(Feedback.id == feedback_id, queries.visible(actor))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    if row.state not in states:
        raise NotInThisState
    return row


def _today(session: Session, row: Feedback, now: datetime) -> date:
    return local_date(now, queries.time_zone(session, row.site_id) or "Europe/Kyiv")


def _log(session: Session, row: Feedback, action: str, *, actor: Actor, now: datetime) -> None:
    session.flush()
    audit.record(
        session, actor=actor, action=action, object_type="feedback", object_id=row.id, site_id=row.site_id,
        now=now,
    )  # fmt: skip
