"""What is counted of a period."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.feedback.figures import Entry
from aidtrack.feedback.models import (
    Feedback,
    FeedbackRating,
)
from aidtrack.feedback.queries.settings import calendar
from aidtrack.feedback.working_days import working_days_between
from aidtrack.kernel.actor import Actor


def counted(
    session: Session, actor: Actor, start: date, end: date, *, sensitive: bool = False
) -> list[Entry]:
    """Entries received in a period at the actor's sites, for counting; ordinary and sensitive ones never together.

    The figures of a site include what concerns the reader: a total that differs by who reads it would tell
    them that there is a complaint about them.
    """
    statement = select(
        Feedback.kind, Feedback.channel, Feedback.due_on, Feedback.answered_on, Feedback.received_on
    ).where(
        Feedback.site_id.in_(actor.site_ids),
        Feedback.sensitive == sensitive,
        Feedback.received_on.between(start, end),
    )
    days = calendar(session)
    return [
        Entry(
            kind,
            channel.value,
            due,
            answered,
            None if answered is None else working_days_between(received, answered, days),
        )
        for kind, channel, due, answered, received in session.execute(statement)
    ]


def ratings(session: Session, actor: Actor, start: date, end: date) -> list[int]:
    statement = select(FeedbackRating.rating).where(
        FeedbackRating.site_id.in_(actor.site_ids), FeedbackRating.given_on.between(start, end)
    )
    return list(session.scalars(statement))
