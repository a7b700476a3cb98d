"""Asking for an act, and deciding about it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.approvals.acts import act_of
from aidtrack.accounts.approvals.errors import AlreadyDecided, NotYours, OwnAct, SecondPersonNeeded
from aidtrack.accounts.approvals.models import Approval, ApprovalState, SecondPersonRule
from aidtrack.accounts.approvals.rules import USUAL, Threshold
from aidtrack.db import seal_words
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import CommandReused, InvalidValue, NotFound
from aidtrack.kernel.late import dataclass


def threshold_of(session: Session, site_id: int) -> Threshold:
    row = session.get(SecondPersonRule, site_id)
    return Threshold(row.loss_percent, row.reprints_a_day, row.loss_days) if row is not None else USUAL


def ask(
    session: Session,
    kind: str,
    command: Mapping[str, Any],
    *,
    site_id: int,
    reason: str,
    actor: Actor,
    now: datetime,
) -> int:
    """Put an act before a second person; asked twice with one command id it waits once.

    Raises:
        CommandReused: the id asked for something else before.
    """
    actor.require(act_of(kind).permission, site_id=site_id)
    command_id = str(command["command_id"])
    before = session.execute(
        select(Approval.id, Approval.kind, Approval.command).where(Approval.command_id == command_id)
    ).one_or_none()
    if before is not None:
        if (before.kind, before.command) != (kind, dict(command)):
            raise CommandReused
        return int(before.id)
    made = Approval(
        kind=kind, command_id=command_id, command=dict(command), site_id=site_id, reason=reason[:500], asked_at=now,
        asked_by=actor.label, asked_by_id=actor.user_id,
    )  # fmt: skip
    session.add(made)
    session.flush()  # its id
    _log(session, made, "approval.ask", actor=actor, now=now, reason=reason)
    return made.id


def require_approved(session: Session, kind: str, command: Mapping[str, Any]) -> None:
    """What a service of a large act calls before it writes: whoever called it, two persons stand behind it.

    Raises:
        SecondPersonNeeded: nobody approved this very command.
    """
    if not is_approved(session, kind, command):
        raise SecondPersonNeeded


def is_approved(session: Session, kind: str, command: Mapping[str, Any]) -> bool:
    """Whether another person approved this very command."""
    found = session.execute(
        select(Approval.kind, Approval.command).where(
            Approval.command_id == str(command["command_id"]), Approval.state == ApprovalState.APPROVED
        )
    ).one_or_none()
    return found is not None and (found.kind, found.command) == (kind, dict(command))


@dataclass(frozen=True, slots=True)
class Decide:
    """What a person says to a waiting act: approved, refused, or taken back by whoever asked."""

    approval_id: int
    state: ApprovalState
    answer: str = ""


def decide(session: Session, command: Decide, *, actor: Actor, now: datetime) -> int | None:
    """Decide about a waiting act; an approved one is carried out at once, in the name of whoever asked.

    Gives the id of what it made. If it cannot be carried out any more, that refusal is raised and it waits on.

    Raises:
        OwnAct, NotYours, AlreadyDecided, NotFound.
    """
    actor.require(Permission.ACT_APPROVE)
    held = session.execute(
        select(Approval)
        .where(Approval.id == command.approval_id, Approval.site_id.in_(actor.site_ids))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if held is None:
        raise NotFound
    if held.state is not ApprovalState.WAITING:
        raise AlreadyDecided
    own = held.asked_by == actor.label or (actor.user_id is not None and held.asked_by_id == actor.user_id)
    if command.state is ApprovalState.WITHDRAWN and not own:
        raise NotYours
    if command.state in (ApprovalState.APPROVED, ApprovalState.REFUSED) and own:
        raise OwnAct
    if command.state is ApprovalState.WAITING:
        raise InvalidValue(field="state", value=command.state.value)
    held.state, held.decided_at = command.state, now
    held.decided_by, held.decided_by_id = actor.label, actor.user_id
    held.answer = command.answer.strip()[:500] or None
    session.flush()  # `require_approved` asks the table, and its CHECK comes before the act
    if command.state is ApprovalState.APPROVED:
        act = act_of(held.kind)
        maker = Actor(
            label=held.asked_by, role=None, site_ids=frozenset({held.site_id}), user_id=held.asked_by_id,
            permissions=frozenset({act.permission}), language=actor.language,
        )  # fmt: skip
        held.made_id = act.carry_out(session, held.command, maker, now)
        session.flush()
    _log(session, held, f"approval.{held.state.value}", actor=actor, now=now, reason=held.answer)
    return held.made_id


@dataclass(frozen=True, slots=True)
class SetThreshold:
    site_id: int
    loss_percent: int
    reprints_a_day: int
    loss_days: int = USUAL.loss_days


def set_threshold(session: Session, command: SetThreshold, *, actor: Actor, now: datetime) -> None:
    actor.require(Permission.ACCOUNTS_MANAGE, site_id=command.site_id)
    for name, value, least, most in (
        ("loss_percent", command.loss_percent, 0, 100),
        ("loss_days", command.loss_days, 1, 366),
        ("reprints_a_day", command.reprints_a_day, 0, 1000),
    ):
        if not least <= value <= most:
            raise InvalidValue(field=name, value=value)
    row = session.get(SecondPersonRule, command.site_id)
    if row is None:
        row = SecondPersonRule(site_id=command.site_id)
        session.add(row)
    row.loss_percent, row.reprints_a_day = command.loss_percent, command.reprints_a_day
    row.loss_days = command.loss_days
    row.changed_at, row.changed_by = now, actor.label
    session.flush()
    audit.record(
        session, actor=actor, action="approval.threshold", object_type="site", object_id=command.site_id,
        site_id=command.site_id, now=now,
        facts={
            "loss_percent": command.loss_percent, "loss_days": command.loss_days,
            "reprints_a_day": command.reprints_a_day,
        },
    )  # fmt: skip


def _log(
    session: Session, row: Approval, action: str, *, actor: Actor, now: datetime, reason: str | None
) -> None:
    household = act_of(row.kind).household
    words = seal_words(session, household(session, row.command) if household else None, reason)
    audit.record(
        session, actor=actor, action=action, object_type="approval", object_id=row.id, site_id=row.site_id,
        reason=words, facts={"kind": row.kind, "asked_by": row.asked_by, "made": row.made_id}, now=now,
    )  # fmt: skip
