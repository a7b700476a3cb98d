"""Kinds of feedback: dated entries that a centre edits, and that messages keep."""

from dataclasses import asdict
from datetime import date, datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.feedback import queries
from aidtrack.feedback.commands import AddKind, EndKind, ReplaceKind
from aidtrack.feedback.errors import (
    KindEndsBeforeItBegins,
    KindInUse,
    KindThereAlready,
    LastKind,
    NameMissing,
)
from aidtrack.feedback.models import Feedback, FeedbackKind, FeedbackTerm
from aidtrack.feedback.working_days import term_on
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound

ADD = "feedback.kind"
OWN = "own_"  # how the codes of a centre's own kinds begin


def add_kind(session: Session, command: AddKind, *, actor: Actor, now: datetime) -> str:
    """A new kind from a day on, with its first term; gives its code."""
    actor.require(Permission.CATALOGUE_MANAGE)
    code = OWN + command.command_id.replace("-", "")[:32]
    body = asdict(command)
    if audit.already_done(session, command_id=command.command_id, kind=ADD, body=body) is not None:
        return code
    last = session.scalar(select(func.max(FeedbackKind.position))) or 0
    _insert(
        session, code, command.name_uk, command.name_en, command.sensitive, last + 1, command.valid_from, None,
        command.source,
    )  # fmt: skip
    _add_term(session, code, command.valid_from, command.working_days, actor)
    _log(session, "feedback.add_kind", {"kind": code, "sensitive": command.sensitive}, actor, now)
    audit.mark_done(
        session, command_id=command.command_id, kind=ADD, body=body, object_id=0, actor=actor, now=now
    )
    return code


def replace_kind(session: Session, command: ReplaceKind, *, actor: Actor, now: datetime) -> str:
    """Give a kind new words from a day on; its code, or that of the kind that follows it.

    The old kind ends the day before, and messages that came by then keep its words; terms go along. Words that
    begin on the same day are a correction, which only a kind without messages may have.

    Raises:
        KindInUse: a message carries the words on that day or after it.
    """
    actor.require(Permission.CATALOGUE_MANAGE)
    kind = _locked(session, command.code)
    first = max(kind.valid_from, _first_free_day(session, kind))
    if command.valid_from < first:
        raise KindInUse(first=first.isoformat())
    if kind.valid_until is not None and kind.valid_until < command.valid_from:
        raise KindEndsBeforeItBegins(field="valid_from")
    following = kind.code
    if command.valid_from == kind.valid_from:
        _require_new_name(session, command.name_uk, kind.code)
        kind.name_uk, kind.name_en = _needed(command.name_uk, "name_uk"), _needed(command.name_en, "name_en")
        kind.source = _source(command.source)
        session.flush()
    else:
        until, kind.valid_until = kind.valid_until, command.valid_from - timedelta(days=1)
        session.flush()
        following = OWN + command.command_id.replace("-", "")[:32]
        _insert(
            session, following, command.name_uk, command.name_en, kind.sensitive, kind.position,
            command.valid_from, until, command.source,
        )  # fmt: skip
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
        LastKind: nothing else would be left to choose. KindInUse, KindEndsBeforeItBegins.
    """
    actor.require(Permission.CATALOGUE_MANAGE)
    kind = _locked(session, command.code)
    if command.valid_until is None:
        _require_new_name(session, kind.name_uk, kind.code)
    else:
        if command.valid_until < kind.valid_from:
            raise KindEndsBeforeItBegins(field="valid_until")
        first = _first_free_day(session, kind)
        if command.valid_until + timedelta(days=1) < first:
            raise KindInUse(field="valid_until", first=first.isoformat())
        others = (one for one in queries.kinds(session).values() if one.code != kind.code)
        if all(one.valid_until is not None for one in others):
            raise LastKind
    kind.valid_until = command.valid_until
    session.flush()
    until = command.valid_until.isoformat() if command.valid_until else None
    _log(session, "feedback.end_kind", {"kind": kind.code, "valid_until": until}, actor, now)


def _insert(
    session: Session, code: str, name_uk: str, name_en: str, sensitive: bool, position: int, valid_from: date,
    valid_until: date | None, source: str | None,
) -> None:  # fmt: skip
    _require_new_name(session, name_uk, code)
    session.execute(
        insert(FeedbackKind).values(
            code=code, name_uk=_needed(name_uk, "name_uk"), name_en=_needed(name_en, "name_en"),
            sensitive=sensitive, position=position, valid_from=valid_from, valid_until=valid_until,
            source=_source(source),
        )
    )  # fmt: skip


def _require_new_name(session: Session, name_uk: str, code: str) -> None:
    """Two kinds with one name and no end could not be told apart on the page."""
    same = select(FeedbackKind.code).where(
        FeedbackKind.name_uk == name_uk.strip(),
        FeedbackKind.valid_until.is_(None),
        FeedbackKind.code != code,
    )
    if session.scalar(same.limit(1)) is not None:
        raise KindThereAlready


def _add_term(session: Session, kind: str, valid_from: date, days: int, actor: Actor) -> None:
    session.execute(
        insert(FeedbackTerm).values(kind=kind, valid_from=valid_from, working_days=days, set_by=actor.label)
    )


def _needed(text: str, field: str) -> str:
    words = text.strip()[:160]
    if not words:
        raise NameMissing(field=field)
    return words


def _source(text: str | None) -> str | None:
    return (text or "").strip()[:120] or None


def _locked(session: Session, code: str) -> FeedbackKind:
    kind = session.scalar(
        select(FeedbackKind)
        .where(FeedbackKind.code == code)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if kind is None:
        raise NotFound
    return kind


def _first_free_day(session: Session, kind: FeedbackKind) -> date:
    """The first day on which no message carries the kind any more. Of sensitive ones the days are nobody's business:
    such a kind counts as used until the newest message of all."""
    newest = select(func.max(Feedback.received_on))
    if not kind.sensitive:
        newest = newest.where(Feedback.kind == kind.code)
    day = session.scalar(newest)
    return day + timedelta(days=1) if day is not None else kind.valid_from


def _log(session: Session, action: str, facts: dict[str, object], actor: Actor, now: datetime) -> None:
    audit.record(session, actor=actor, action=action, object_type="feedback_settings", facts=facts, now=now)
