"""How long messages are kept: what a person said goes, the entry stays to be counted."""

from datetime import UTC, datetime, time

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries.models import RetentionKind
from aidtrack.beneficiaries.privacy.retention import months_before, rules_on
from aidtrack.feedback.commands import State
from aidtrack.feedback.models import Feedback
from aidtrack.kernel.actor import system_actor
from aidtrack.kernel.clock import local_date


def empty(session: Session, ids: list[int], now: datetime) -> int:
    """Take everything personal out of entries; kind, channel, dates and outcome stay to be counted."""
    nothing = {"text": None, "writer_name": None, "writer_phone": None, "answer": None}
    for feedback_id in ids:
        session.execute(update(Feedback).where(Feedback.id == feedback_id).values(**nothing, emptied_at=now))
        # apart from the texts, which are sealed under the family's key as long as the row names it
        session.execute(update(Feedback).where(Feedback.id == feedback_id).values(household_id=None))
    return len(ids)


def forget_old(session: Session, *, now: datetime) -> int:
    """Empty entries that were closed longer ago than the centre keeps them; gives how many.

    Run by each new message and by `aidtrack forget`: most weeks there is nothing to do.
    """
    today = local_date(now)
    months = rules_on(session, today)[RetentionKind.FEEDBACK].months
    before = datetime.combine(months_before(today, months), time.min, UTC)
    ids = session.scalars(
        select(Feedback.id).where(
            Feedback.state == State.CLOSED, Feedback.closed_at < before, Feedback.emptied_at.is_(None)
        )
    ).all()
    emptied = empty(session, list(ids), now)
    if emptied:
        audit.record(
            session, actor=system_actor("feedback"), action="feedback.forget", object_type="feedback",
            facts={"messages": emptied, "months": months}, now=now,
        )  # fmt: skip
    return emptied
