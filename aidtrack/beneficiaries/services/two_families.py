"""Looked at and judged: two families, not one. Remembered, so that nobody is asked again; and taken back."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.commands import SayNotSame
from aidtrack.beneficiaries.errors import SameFamily
from aidtrack.beneficiaries.models import Household, NotSame
from aidtrack.beneficiaries.services import checking
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound


def say_not_same(session: Session, command: SayNotSame, *, actor: Actor, now: datetime) -> int:
    """Remember it with who and why; said twice it stands once. Gives the row's id."""
    actor.require(Permission.HOUSEHOLD_WRITE)
    low, high = sorted((command.one_id, command.other_id))
    household = queries.lock_household(session, low, actor)
    if low == high:
        raise SameFamily()
    queries.lock_household(session, high, actor)
    reason = checking.needed(command.reason, 300, "reason")
    standing = session.scalar(
        select(NotSame.id).where(NotSame.low_id == low, NotSame.high_id == high, NotSame.undone_at.is_(None))
    )
    if standing is not None:
        return standing
    row = {"low_id": low, "high_id": high, "reason": reason, "said_by": actor.label, "said_at": now}
    [number] = queries.insert_returning(session, NotSame, [row])
    audit.record(
        session, actor=actor, action="beneficiaries.not_same", object_type="household", object_id=low,
        site_id=household.site_id, facts={"other": high}, now=now,
    )  # fmt: skip
    return number


def take_back_not_same(session: Session, not_same_id: int, *, actor: Actor, now: datetime) -> tuple[int, int]:
    """The two may be put before people again. Gives the families."""
    actor.require(Permission.HOUSEHOLD_WRITE)
    here = Household.site_id.in_(sorted(actor.site_ids))
    found = session.execute(
        select(NotSame.low_id, NotSame.high_id, Household.site_id)
        .join(Household, Household.id == NotSame.low_id)
        .where(
            NotSame.id == not_same_id,
            NotSame.undone_at.is_(None),
            here,
            NotSame.high_id.in_(select(Household.id).where(here)),
        )
    ).one_or_none()
    if found is None:
        raise NotFound()
    session.execute(
        update(NotSame)
        .where(NotSame.id == not_same_id)
        .values(undone_at=now, undone_by=actor.label)
        .execution_options(synchronize_session=False)
    )
    audit.record(
        session, actor=actor, action="beneficiaries.maybe_same", object_type="household", object_id=found.low_id,
        site_id=found.site_id, facts={"other": found.high_id}, now=now,
    )  # fmt: skip
    return found.low_id, found.high_id
