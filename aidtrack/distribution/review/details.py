"""What a case's page tells beside its story: postings by hand, short lots, numbers that did not come."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from aidtrack.distribution.models import Device, FieldEvent, FieldQuarantine, FieldTake, KeptPosting
from aidtrack.distribution.review.queries import Goods
from aidtrack.inventory.models import Item, StockEntry, StockLot
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass

MOST_NUMBERS = 40


@dataclass(frozen=True, slots=True)
class PostedCopy:
    """Goods that left the book on a person's word for a copy of an event."""

    case_id: int
    document: str
    posted_on: date
    posted_by: str
    taken_back: bool


def copies_posted(session: Session, event_id: int, *, actor: Actor) -> list[PostedCopy]:
    """What was posted by hand for the event of a case before it came itself."""
    back = aliased(StockEntry)
    query = (
        select(
            KeptPosting.case_id, StockEntry.document, StockEntry.effective_on, StockEntry.actor_label, back.id
        )
        .join(FieldEvent, FieldEvent.event_id == KeptPosting.event_uid)
        .join(StockEntry, StockEntry.id == KeptPosting.entry_id)
        .outerjoin(back, back.reverses_id == StockEntry.id)
        .where(FieldEvent.id == event_id, StockEntry.site_id.in_(actor.site_ids))
    )
    return [PostedCopy(*row[:4], row[4] is not None) for row in session.execute(query)]


def short_lots(session: Session, event_id: int) -> list[tuple[str, Goods]]:
    """The lots of which the book held less than an event took, by code."""
    query = (
        select(StockLot.code, Item.name_uk, Item.name_en, Item.base_unit, FieldTake.units)
        .join(StockLot, StockLot.id == FieldTake.lot_id)
        .join(Item, Item.id == StockLot.item_id)
        .where(FieldTake.event_id == event_id, FieldTake.short)
        .order_by(StockLot.code)
    )
    return [(row[0], Goods(*row[1:])) for row in session.execute(query)]


def missing_numbers(session: Session, device_id: int) -> list[int]:
    """The numbers of a phone's events that never came, the first forty of them."""
    known = set(session.execute(select(FieldEvent.seq).where(FieldEvent.device_id == device_id)).scalars())
    kept = select(FieldQuarantine.seq).where(
        FieldQuarantine.device_id == device_id, FieldQuarantine.seq.is_not(None)
    )
    known |= {seq for seq in session.execute(kept).scalars() if seq is not None}
    reported = session.execute(select(Device.last_seq_reported).where(Device.id == device_id)).scalar() or 0
    found: list[int] = []
    last = max([reported, *known], default=0)
    for number in range(1, min(last, 100_000) + 1):
        if number not in known:
            found.append(number)
            if len(found) == MOST_NUMBERS:
                break
    return found
