"""Booking a family, changing and cancelling its time, and all voucher holders at once."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries.models import Household
from aidtrack.distribution.models import BookingState, Slot, SlotBooking, SlotDay
from aidtrack.distribution.queries.rounds import RoundRow
from aidtrack.distribution.slots import queries
from aidtrack.distribution.slots.commands import Book
from aidtrack.distribution.slots.errors import (
    BookedMeanwhile,
    NoFreeTimes,
    NotBooked,
    NotForThisFamily,
    NothingToSpread,
    NoVoucherToCollect,
    SlotFull,
    SlotOver,
)
from aidtrack.distribution.slots.placing import spread
from aidtrack.distribution.slots.queries import SlotRow
from aidtrack.distribution.slots.services.holding import hold_days, local, open_round
from aidtrack.distribution.slots.times import clock, minute_at
from aidtrack.distribution.slots.windows import fits
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """How many families have a time now, and who has none because no free time fits."""

    booked: int
    without: tuple[int, ...]


def book(session: Session, command: Book, *, actor: Actor, now: datetime) -> int:
    """Give a family a time in a round, or another one than it has; its number for the day.

    Raises:
        SlotFull, SlotOver, NotForThisFamily, NoVoucherToCollect, BookedMeanwhile, RoundOver, NotFound.
    """
    round_ = open_round(session, command.round_id, actor=actor)
    _require_family(session, command.household_id, round_)
    wanted = queries.slot_by_id(session, command.slot_id, actor=actor)
    if wanted.round_id != round_.id:
        raise NotFound
    present = _booking(session, round_.id, command.household_id)
    days = hold_days(session, {wanted.day_id, *([present.day_id] if present else [])})
    # held now: what was read before may be old
    present = _booking(session, round_.id, command.household_id)
    if present is not None and present.day_id not in days:
        raise BookedMeanwhile
    slot = _slot(session, wanted.id)
    _require_fits(session, round_, wanted, command.household_id, now=now)
    if present is not None and present.slot_id == slot.id and present.state is not BookingState.CANCELLED:
        return present.ticket
    if slot.taken >= slot.capacity:
        raise SlotFull(time=clock(slot.starts))
    if present is None:
        present = _new(
            session, round_.id, command.household_id, slot, days[slot.day_id], actor=actor, now=now
        )
        action = "slots.book"
    else:
        action = "slots.book" if present.state is BookingState.CANCELLED else "slots.move"
        move(session, present, slot, days[slot.day_id], actor=actor, now=now)
    audit.record(
        session, actor=actor, action=action, object_type="household", object_id=command.household_id,
        site_id=round_.site_id, facts={"round_id": round_.id, "slot_id": slot.id, "ticket": present.ticket}, now=now,
    )  # fmt: skip
    return present.ticket


def _new(
    session: Session,
    round_id: int,
    household_id: int,
    slot: Slot,
    day: SlotDay,
    *,
    actor: Actor,
    now: datetime,
) -> SlotBooking:
    day.last_ticket += 1
    slot.taken += 1
    made = SlotBooking(
        round_id=round_id, household_id=household_id, slot_id=slot.id, day_id=day.id, ticket=day.last_ticket,
        state=BookingState.BOOKED, booked_at=now, booked_by=actor.label,
    )  # fmt: skip
    session.add(made)
    try:
        session.flush()
    except IntegrityError as error:  # booked on another day by somebody else at the same moment
        raise BookedMeanwhile from error
    return made


def move(
    session: Session,
    booking: SlotBooking,
    slot: Slot,
    day: SlotDay,
    *,
    actor: Actor,
    now: datetime,
    by_the_centre: bool = False,
) -> None:
    """Another time for a booking whose days are held; on another day it gets that day's next number."""
    if booking.state is not BookingState.CANCELLED:
        _slot(session, booking.slot_id).taken -= 1
    slot.taken += 1
    if booking.day_id != day.id or booking.state is BookingState.CANCELLED:
        day.last_ticket += 1
        booking.ticket = day.last_ticket
    booking.slot_id, booking.day_id, booking.state = slot.id, day.id, BookingState.BOOKED
    booking.booked_at, booking.booked_by = now, actor.label
    booking.called_at = booking.told_at = None
    booking.moved_at = now if by_the_centre else None
    session.flush()  # the next to be moved counts on it


def cancel(session: Session, round_id: int, household_id: int, *, actor: Actor, now: datetime) -> None:
    """The family has no time any more; its place is free.

    Raises:
        NotBooked, BookedMeanwhile, RoundOver, NotFound.
    """
    round_ = open_round(session, round_id, actor=actor)
    _require_family(session, household_id, round_)
    present = _booking(session, round_id, household_id)
    if present is None or present.state is BookingState.CANCELLED:
        raise NotBooked
    days = hold_days(session, {present.day_id})
    present = _booking(session, round_id, household_id)
    if present is None or present.state is BookingState.CANCELLED:
        raise NotBooked
    if present.day_id not in days:
        raise BookedMeanwhile
    _slot(session, present.slot_id).taken -= 1
    present.state = BookingState.CANCELLED
    present.told_at = present.moved_at = present.called_at = None
    session.flush()
    audit.record(
        session, actor=actor, action="slots.cancel", object_type="household", object_id=household_id,
        site_id=round_.site_id, facts={"round_id": round_id}, now=now,
    )  # fmt: skip


def spread_holders(session: Session, round_id: int, *, actor: Actor, now: datetime) -> Spread:
    """A time for every family that can collect and has none: evenly over free times ahead, within windows.

    Numbers rise with the times, so that a queue called by its times is called in the order of its numbers.

    Raises:
        NothingToSpread, NoFreeTimes, RoundOver, NotFound.
    """
    round_ = open_round(session, round_id, actor=actor)
    rows = queries.slots_of_round(session, round_id)
    days = hold_days(session, {row.day_id for row in rows})
    today = local_date(now, round_.time_zone)
    minute = minute_at(now, today, local(round_.time_zone))
    free = [
        row
        for row in queries.ahead(queries.slots_of_round(session, round_id), today=today, minute=minute)
        if row.day_id in days  # times made meanwhile on another day are not held
    ]
    if not free:
        raise NoFreeTimes
    waiting = queries.holders(session, round_id)
    if not waiting:
        raise NothingToSpread
    known = queries.families(session, waiting, {row.window for row in free}, on=today)
    placed = spread(known, [row.as_free for row in free])
    _book_all(session, round_id, placed, free, days, actor=actor, now=now)
    without = tuple(household_id for household_id in waiting if household_id not in placed)
    audit.record(
        session, actor=actor, action="slots.spread", object_type="round", object_id=round_id, site_id=round_.site_id,
        facts={"booked": len(placed), "without": len(without)}, now=now,
    )  # fmt: skip
    return Spread(len(placed), without)


def _book_all(
    session: Session,
    round_id: int,
    placed: dict[int, int],
    free: list[SlotRow],
    days: dict[int, SlotDay],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    by_slot: dict[int, list[int]] = {}
    for household_id, slot_id in placed.items():
        by_slot.setdefault(slot_id, []).append(household_id)
    # of a cancelled booking the row is there already, and the number of an earlier day with it
    session.execute(
        SlotBooking.__table__.delete().where(  # type: ignore[attr-defined]
            SlotBooking.round_id == round_id, SlotBooking.state == BookingState.CANCELLED,
            SlotBooking.household_id.in_(placed),
        )
    )  # fmt: skip
    rows = []
    for slot in free:
        here = by_slot.get(slot.id, [])
        day = days[slot.day_id]
        for household_id in here:
            day.last_ticket += 1
            rows.append(
                {
                    "round_id": round_id, "household_id": household_id, "slot_id": slot.id, "day_id": day.id,
                    "ticket": day.last_ticket, "state": BookingState.BOOKED, "booked_at": now,
                    "booked_by": actor.label,
                }
            )  # fmt: skip
        if here:
            session.execute(update(Slot).where(Slot.id == slot.id).values(taken=Slot.taken + len(here)))
    try:
        session.execute(insert(SlotBooking), rows)
        session.flush()
    except IntegrityError as error:
        raise BookedMeanwhile from error


def mark_told(
    session: Session, round_id: int, booking_ids: Collection[int], *, told: bool, actor: Actor, now: datetime
) -> int:
    """Note which families were reached by phone; how many of these bookings are the round's."""
    actor.require(Permission.HOUSEHOLD_READ)
    round_ = open_round(session, round_id, actor=actor)
    mine = list(
        session.scalars(
            select(SlotBooking.id).where(SlotBooking.round_id == round_id, SlotBooking.id.in_(booking_ids))
        )
    )
    session.execute(update(SlotBooking).where(SlotBooking.id.in_(mine)).values(told_at=now if told else None))
    audit.record(
        session, actor=actor, action="slots.told", object_type="round", object_id=round_id, site_id=round_.site_id,
        facts={"families": len(mine), "told": told}, now=now,
    )  # fmt: skip
    return len(mine)


def _require_family(session: Session, household_id: int, round_: RoundRow) -> None:
    site_id = session.scalar(select(Household.site_id).where(Household.id == household_id))
    if site_id != round_.site_id:
        raise NotFound


def _require_fits(
    session: Session, round_: RoundRow, slot: SlotRow, household_id: int, *, now: datetime
) -> None:
    today = local_date(now, round_.time_zone)
    if (slot.day, slot.ends) <= (today, minute_at(now, today, local(round_.time_zone))):
        raise SlotOver
    if not queries.can_collect(session, round_.id, household_id):
        raise NoVoucherToCollect
    family = queries.families(session, [household_id], [slot.window], on=slot.day)[household_id]
    if not fits(slot.window, family):
        raise NotForThisFamily


def _booking(session: Session, round_id: int, household_id: int) -> SlotBooking | None:
    return session.execute(
        select(SlotBooking)
        .where(SlotBooking.round_id == round_id, SlotBooking.household_id == household_id)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _slot(session: Session, slot_id: int) -> Slot:
    """The slot as it stands; its day is held."""
    return session.execute(
        select(Slot).where(Slot.id == slot_id).execution_options(populate_existing=True)
    ).scalar_one()
