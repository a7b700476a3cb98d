"""Kinds of feedback: dated entries that a centre edits, and that messages keep."""

from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.db import dated
from aidtrack.feedback import queries
from aidtrack.feedback.commands import AddKind, EndKind, ReplaceKind
from aidtrack.feedback.errors import LastKind
from aidtrack.feedback.models import Feedback, FeedbackKind, FeedbackTerm
from aidtrack.feedback.working_days import term_on
from aidtrack.kernel.actor import Actor, Permission

ADD = "feedback.kind"


def add_kind(session: Session, command: AddKind, *, actor: Actor, now: datetime) -> str:
    """A new kind from a day on, with its first term; gives its code."""
    actor.require(Permission.CATALOGUE_MANAGE)
    code = _own_code(command.command_id)
    body = asdict(command)
    if audit.already_done(session, command_id=command.command_id, kind=ADD, body=body) is not None:
        return code
    dated.add(session, FeedbackKind(code=code, sensitive=command.sensitive), command)
    _add_term(session, code, command.valid_from, command.working_days, actor)
    _log(session, "feedback.add_kind", {"kind": code, "sensitive": command.sensitive}, actor, now)
    audit.mark_done(
        session, command_id=command.command_id, kind=ADD, body=body, object_id=0, actor=actor, now=now
    )
    return code


def replace_kind(session: Session, command: ReplaceKind, *, actor: Actor, now: datetime) -> str:
    """New words of a kind from a day on; its code, or that of the kind that follows it. Terms go along."""
    actor.require(Permission.CATALOGUE_MANAGE)
    kind = dated.locked(session, FeedbackKind, command.code)
    following = dated.reword(
        session, kind, command, newest=_newest_message(session, kind),
        follower=lambda: FeedbackKind(code=_own_code(command.command_id), sensitive=kind.sensitive),
    ).code  # fmt: skip
    if following != kind.code:
        terms = queries.terms(session, kind.code)
        days = term_on(terms, command.valid_from)
        if days is not None:
            _add_term(session, following, command.valid_from, days, actor)
        for begins, later in terms:
            if begins > command.valid_from:
                _add_term(session, following, begins, later, actor)
    _log(session, "feedback.replace_kind", {"kind": kind.code, "following": following}, actor, now)
    return following


def end_kind(session: Session, command: EndKind, *, actor: Actor, now: datetime) -> None:
    """Nothing is entered under a kind after a day; or its end is taken back.

    Raises:
        LastKind: nothing else would be left to choose.
    """
    actor.require(Permission.CATALOGUE_MANAGE)
    kind = dated.locked(session, FeedbackKind, command.code)
    others = [one for one in queries.kinds(session).values() if one.code != kind.code]
    if command.valid_until is not None and all(one.valid_until is not None for one in others):
        raise LastKind
    dated.end(session, kind, command.valid_until, newest=_newest_message(session, kind))
    until = command.valid_until.isoformat() if command.valid_until else None
    _log(session, "feedback.end_kind", {"kind": kind.code, "valid_until": until}, actor, now)


def _own_code(command_id: str) -> str:
    return "own_" + command_id.replace("-", "")[:32]


def _add_term(session: Session, kind: str, valid_from: date, days: int, actor: Actor) -> None:
    session.execute(
        insert(FeedbackTerm).values(kind=kind, valid_from=valid_from, working_days=days, set_by=actor.label)
    )


def _newest_message(session: Session, kind: FeedbackKind) -> date | None:
    """Day of the newest message that carries the kind. Of sensitive ones the days are nobody's business: such a
    kind counts as used until the newest message of all."""
    newest = select(func.max(Feedback.received_on))
    if not kind.sensitive:
        newest = newest.where(Feedback.kind == kind.code)
    return session.scalar(newest)


def _log(session: Session, action: str, facts: dict[str, object], actor: Actor, now: datetime) -> None:
    audit.record(session, actor=actor, action=action, object_type="feedback_settings", facts=facts, now=now)
