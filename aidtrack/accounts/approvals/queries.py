"""What waits, and what was decided lately, within the actor's sites."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from aidtrack.accounts.approvals.acts import act_of
from aidtrack.accounts.approvals.models import Approval, ApprovalState
from aidtrack.db import read_session
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.late import dataclass

LATELY = 30


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """One act with what it would do, told by its room."""

    id: int
    title: Any
    told: tuple[tuple[Any, str], ...]
    reason: str
    asked_at: datetime
    asked_by: str
    own: bool
    state: ApprovalState
    decided_at: datetime | None
    decided_by: str | None
    answer: str | None
    url: str | None


def waiting(session: Session, actor: Actor) -> list[ApprovalRow]:
    """Acts that wait, oldest first."""
    return _rows(session, actor, Approval.state == ApprovalState.WAITING, Approval.id, 200)


def decided(session: Session, actor: Actor) -> list[ApprovalRow]:
    """The latest decisions."""
    return _rows(session, actor, Approval.state != ApprovalState.WAITING, Approval.decided_at.desc(), LATELY)


def _rows(session: Session, actor: Actor, which: Any, order: Any, limit: int) -> list[ApprovalRow]:
    actor.require(Permission.ACT_APPROVE)
    found = session.scalars(
        select(Approval).where(Approval.site_id.in_(actor.site_ids), which).order_by(order).limit(limit)
    )
    rows = []
    for one in found:
        act = act_of(one.kind)
        rows.append(
            ApprovalRow(
                one.id, act.title, tuple(act.tell(session, one.command)), one.reason, one.asked_at, one.asked_by,
                one.asked_by == actor.label, one.state, one.decided_at, one.decided_by, one.answer,
                act.url(one.made_id) if one.made_id is not None and act.may_open(actor) else None,
            )
        )  # fmt: skip
    return rows


_OWN = Approval.asked_by == bindparam("label")
_COUNTS = (
    select(_OWN, func.count())
    .where(
        Approval.site_id.in_(bindparam("site_ids", expanding=True)), Approval.state == ApprovalState.WAITING
    )
    .group_by(_OWN)
)


def counts(session: Session, actor: Actor) -> tuple[int, int]:
    """How many acts of others wait for this person, and how many of their own for somebody else."""
    rows = session.execute(_COUNTS, {"label": actor.label, "site_ids": sorted(actor.site_ids)})
    found = {bool(mine): number for mine, number in rows}
    return found.get(False, 0), found.get(True, 0)


def number_for(actor: Actor) -> int:
    """What the navigation shows."""
    return counts(read_session(), actor)[0]
