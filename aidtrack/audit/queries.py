"""Reads of the audit log: own acts for everybody, all for reviewers, the bare frame for administrators."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent, AuditSeal
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What a person asks to see; bounds by time are half-open."""

    since: datetime | None = None
    until: datetime | None = None
    who: str = ""
    action: str = ""  # an action, or a room ("accounts")
    reads_only: bool = False
    own_only: bool = False


@dataclass(frozen=True, slots=True)
class LogLine:
    """One act as this person may see it: an administrator's lines carry no object, reason or facts."""

    id: int
    at: datetime
    actor_label: str
    action: str
    site_id: int | None
    object_type: str | None = None
    object_id: int | None = None
    reason: str | None = None
    facts: dict[str, object] | None = None


def sees_everyone(actor: Actor) -> bool:
    return actor.can(Permission.AUDIT_READ_ALL) or actor.can(Permission.AUDIT_READ_SUMMARY)


def _visible(actor: Actor) -> ColumnElement[bool]:
    own = (
        AuditEvent.user_id == actor.user_id
        if actor.user_id is not None
        else AuditEvent.token_id == actor.token_id
    )
    if not sees_everyone(actor):
        return own
    # acts of the whole centre (accounts, sign-ins) belong to no site
    return or_(own, AuditEvent.site_id.is_(None), AuditEvent.site_id.in_(actor.site_ids))


def _conditions(asked: LogFilter, actor: Actor) -> list[ColumnElement[bool]]:
    found = [_visible(actor)]
    if asked.own_only:
        found.append(AuditEvent.user_id == actor.user_id)
    if asked.since is not None:
        found.append(AuditEvent.at >= asked.since)
    if asked.until is not None:
        found.append(AuditEvent.at < asked.until)
    if asked.who:
        found.append(AuditEvent.actor_label == asked.who)
    if asked.action:
        found.append(
            or_(
                AuditEvent.action == asked.action,
                AuditEvent.action.startswith(f"{asked.action}.", autoescape=True),
            )
        )
    if asked.reads_only:
        found.append(AuditEvent.action.startswith("read."))
    return found


def log(
    session: Session, asked: LogFilter, *, actor: Actor, limit: int, offset: int
) -> tuple[Sequence[LogLine], int]:
    """The newest acts first, and how many there are in all."""
    actor.require(Permission.AUDIT_READ_OWN)
    conditions = _conditions(asked, actor)
    total = session.scalar(select(func.count()).select_from(AuditEvent).where(*conditions)) or 0
    rows = session.scalars(
        select(AuditEvent).where(*conditions).order_by(AuditEvent.id.desc()).limit(limit).offset(offset)
    )
    whole = actor.can(Permission.AUDIT_READ_ALL)
    return [_line(one, whole or _is_own(one, actor)) for one in rows], total


def _is_own(event: AuditEvent, actor: Actor) -> bool:
    return actor.user_id is not None and event.user_id == actor.user_id


def _line(event: AuditEvent, whole: bool) -> LogLine:
    frame = LogLine(event.id, event.at, event.actor_label, event.action, event.site_id)
    if not whole:
        return frame
    return LogLine(
        event.id, event.at, event.actor_label, event.action, event.site_id,
        event.object_type, event.object_id, event.reason, event.facts,
    )  # fmt: skip


def actions_seen(session: Session, *, actor: Actor) -> list[str]:
    """The kinds of acts there are to choose from."""
    return sorted(session.scalars(select(AuditEvent.action).where(_visible(actor)).distinct()))


def latest_seal(session: Session) -> AuditSeal | None:
    return session.scalars(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1)).one_or_none()
