"""What every act on a close does first and last."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.distribution.dayclose.errors import NotInThisState
from aidtrack.distribution.errors import ReasonMissing
from aidtrack.distribution.models import DayClose, DayState
from aidtrack.inventory.services.documents import hold_site
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound


def held(session: Session, close_id: int, actor: Actor, *states: DayState) -> DayClose:
    """The close in one of these states, with its row and its site held until the unit ends."""
    actor.require(Permission.DAY_CLOSE)
    site_id = session.execute(select(DayClose.site_id).where(DayClose.id == close_id)).scalar_one_or_none()
    if site_id is None or site_id not in actor.site_ids:
        raise NotFound
    hold_site(session, site_id)
    close = session.execute(
        select(DayClose)
        .where(DayClose.id == close_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    if close.state not in states:
        raise NotInThisState(state=close.state.value)
    return close


def back_to_counting(close: DayClose) -> None:
    """The sheet is open again; nobody has finished it."""
    close.state = DayState.COUNTING
    close.counted_at = close.counted_by = close.counted_by_id = None


def reason_of(text: str) -> str:
    reason = text.strip()
    if len(reason) < 3:
        raise ReasonMissing
    return reason[:300]


def log(
    session: Session, close: DayClose, *, action: str, actor: Actor, now: datetime, reason: str | None = None,
    facts: Mapping[str, object] | None = None,
) -> None:  # fmt: skip
    audit.record(
        session, actor=actor, action=action, object_type="day_close", object_id=close.id,
        site_id=close.site_id, reason=reason, facts={"number": close.number, **(facts or {})}, now=now,
    )  # fmt: skip
