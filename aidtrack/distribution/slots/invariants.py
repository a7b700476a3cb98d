"""What must hold of bookable times after every commit: no more families than places, and every place counted."""

from collections.abc import Callable, Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.distribution.models import BookingState, Slot, SlotBooking
from aidtrack.kernel.invariants import Breach

CODE = "slots"


def places_counted(session: Session) -> Iterator[Breach]:
    """At a bookable time stand as many families as it counts, and no more than it has places."""
    live = (
        select(SlotBooking.slot_id, func.count().label("count"))
        .where(SlotBooking.state != BookingState.CANCELLED)
        .group_by(SlotBooking.slot_id)
        .subquery()
    )
    count = func.coalesce(live.c.count, 0)
    wrong = (
        select(Slot.id, Slot.taken, Slot.capacity, count)
        .outerjoin(live, live.c.slot_id == Slot.id)
        .where((Slot.taken != count) | (count > Slot.capacity))
        .order_by(Slot.id)
    )
    for slot_id, taken, capacity, booked in session.execute(wrong):
        yield Breach(CODE, f"slot {slot_id}: {booked} booked, {taken} counted, {capacity} places")


def one_day(session: Session) -> Iterator[Breach]:
    """A booking's day is its slot's, and its round too."""
    strays = (
        select(SlotBooking.id)
        .join(Slot, Slot.id == SlotBooking.slot_id)
        .where((SlotBooking.day_id != Slot.day_id) | (SlotBooking.round_id != Slot.round_id))
        .order_by(SlotBooking.id)
    )
    for booking_id in session.scalars(strays):
        yield Breach(CODE, f"booking {booking_id} names another day or round than its slot")


CHECKS: list[Callable[[Session], Iterator[Breach]]] = [places_counted, one_day]
