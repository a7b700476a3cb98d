"""Which distribution a message or a mark is about, as its voucher says; never whose voucher it was."""

from collections import defaultdict
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.distribution.models import Round, Voucher
from aidtrack.feedback.figures import Marks, marks
from aidtrack.feedback.models import FeedbackRating
from aidtrack.inventory.models import Place
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.likeness import folded

# In a smaller distribution a mark could point at a family; it then counts for the office alone.
FEWEST_FAMILIES = 10
FEWEST_MARKS = 5
REMEMBERED = timedelta(days=365)


def round_named(session: Session, site_id: int, code: str, today: date) -> int | None:
    """The office's distribution of that name that has begun, however its letters were typed."""
    found = session.execute(
        select(Round.id, Round.code)
        .join(Place, Place.id == Round.place_id)
        .where(Place.site_id == site_id, Round.first_day <= today, Round.last_day >= today - REMEMBERED)
    )
    return next((number for number, name in found if folded(name) == folded(code)), None)


def hides_families(session: Session, round_id: int) -> bool:
    """Whether so many families were invited that a mark points at none of them."""
    vouchers = select(Voucher.id).where(Voucher.round_id == round_id).limit(FEWEST_FAMILIES)
    return session.scalar(select(func.count()).select_from(vouchers.subquery())) == FEWEST_FAMILIES


def marks_by_round(session: Session, actor: Actor, start: date, end: date) -> list[tuple[str, Marks]]:
    """Marks of a period by distribution, the newest first; of those with fewer than five nothing is told."""
    given: dict[str, list[int]] = defaultdict(list)
    rows = session.execute(
        select(Round.code, FeedbackRating.rating)
        .join(Round, Round.id == FeedbackRating.round_id)
        .where(FeedbackRating.site_id.in_(actor.site_ids), FeedbackRating.given_on.between(start, end))
        .order_by(Round.first_day.desc(), Round.id.desc())
    )
    for code, rating in rows:
        given[code].append(rating)
    return [(code, marks(one)) for code, one in given.items() if len(one) >= FEWEST_MARKS]
