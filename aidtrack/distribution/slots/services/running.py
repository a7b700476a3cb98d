"""The queue of a day: the next number, a number that did not come, one that came after all."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.distribution.models import BookingState, SlotBooking, SlotDay
from aidtrack.distribution.slots import queries
from aidtrack.distribution.slots.errors import NobodyWaits, PausedNow, ServedAlready
from aidtrack.distribution.slots.queries import QueueRow
from aidtrack.distribution.slots.services.holding import hold_days, point
from aidtrack.inventory.queries.catalogue import PlaceRow
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound


def call_next(session: Session, place_id: int, *, actor: Actor, now: datetime) -> int:
    """Call the first who waits: the earliest time, within it the lowest number. Two who call get two numbers.

    Raises:
        NobodyWaits, PausedNow, NotFound.
    """
    place, rows = _held(session, place_id, actor=actor, now=now)
    if queries.running_pause(session, place_id) is not None:
        raise PausedNow
    waiting = [row for row in rows if row.standing == "waiting"]
    if not waiting:
        raise NobodyWaits
    _set(session, waiting[0], BookingState.CALLED, place, actor=actor, now=now)
    return waiting[0].ticket


def call(session: Session, place_id: int, booking_id: int, *, actor: Actor, now: datetime) -> int:
    """Call this number, whoever is before it.

    Raises:
        ServedAlready, PausedNow, NotFound.
    """
    place, rows = _held(session, place_id, actor=actor, now=now)
    if queries.running_pause(session, place_id) is not None:
        raise PausedNow
    row = _one(rows, booking_id)
    _set(session, row, BookingState.CALLED, place, actor=actor, now=now)
    return row.ticket


def mark_missed(session: Session, place_id: int, booking_id: int, *, actor: Actor, now: datetime) -> int:
    """The number did not come. Its place in the day is not given to another."""
    place, rows = _held(session, place_id, actor=actor, now=now)
    row = _one(rows, booking_id)
    _set(session, row, BookingState.MISSED, place, actor=actor, now=now)
    return row.ticket


def put_back(session: Session, place_id: int, booking_id: int, *, actor: Actor, now: datetime) -> int:
    """Called by mistake, or came after all: the number waits again."""
    place, rows = _held(session, place_id, actor=actor, now=now)
    row = _one(rows, booking_id)
    _set(session, row, BookingState.BOOKED, place, actor=actor, now=now)
    return row.ticket


def _held(session: Session, place_id: int, *, actor: Actor, now: datetime) -> tuple[PlaceRow, list[QueueRow]]:
    place, today, _minute = point(session, place_id, actor=actor, now=now)
    day_id = session.scalar(select(SlotDay.id).where(SlotDay.place_id == place_id, SlotDay.day == today))
    if day_id is not None:
        hold_days(session, [day_id])
    return place, queries.queue(session, place_id, today)


def _one(rows: list[QueueRow], booking_id: int) -> QueueRow:
    for row in rows:
        if row.id == booking_id:
            if row.served_at is not None:
                raise ServedAlready
            return row
    raise NotFound


def _set(
    session: Session, row: QueueRow, state: BookingState, place: PlaceRow, *, actor: Actor, now: datetime
) -> None:
    booking = session.get_one(SlotBooking, row.id, populate_existing=True)
    booking.state = state
    booking.called_at = now if state is BookingState.CALLED else booking.called_at
    session.flush()
    audit.record(
        session, actor=actor, action=f"slots.{WORDS[state]}", object_type="slot_booking", object_id=row.id,
        site_id=place.site_id, facts={"ticket": row.ticket}, now=now,
    )  # fmt: skip


WORDS = {BookingState.CALLED: "call", BookingState.MISSED: "miss", BookingState.BOOKED: "put_back"}
