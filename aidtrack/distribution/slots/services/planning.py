"""Making a day's times, changing how many may come, removing a time that nobody has."""

from datetime import datetime

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.distribution.models import BookingState, Slot, SlotBooking
from aidtrack.distribution.slots import queries
from aidtrack.distribution.slots.commands import MakeTimes
from aidtrack.distribution.slots.errors import (
    BelowTaken,
    CapacityOutOfBounds,
    CategoryNotForTimes,
    DayNotOfRound,
    NoTimes,
    SlotNotEmpty,
    TimesThereAlready,
    TooManyTimes,
)
from aidtrack.distribution.slots.services.holding import day_of, hold_days, open_round
from aidtrack.distribution.slots.times import MOST_A_DAY, clock, day_times
from aidtrack.inventory.services.documents import earlier, remember
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import local_date

MAKE = "slots.make"
MOST = 1000


def make_times(session: Session, command: MakeTimes, *, actor: Actor, now: datetime) -> int:
    """Make a day's times of a round; how many were made.

    Raises:
        NoTimes, TooManyTimes, DayNotOfRound, CategoryNotForTimes, TimesThereAlready, RoundOver, NotFound.
    """
    round_ = open_round(session, command.round_id, actor=actor)
    times = day_times(command.starts, command.ends, each=command.each, pause=command.pause)
    before = earlier(session, command, MAKE)
    if before is not None:
        return len(times)
    if not times:
        raise NoTimes
    if len(times) > MOST_A_DAY:
        raise TooManyTimes(most=MOST_A_DAY)
    _check_capacity(command.capacity)
    today = local_date(now, round_.time_zone)
    if not max(round_.first_day, today) <= command.day <= round_.last_day:
        raise DayNotOfRound
    window = command.window
    known = {code for code, _name in queries.category_choices(session, "uk")}
    if window.category and window.category not in known:
        raise CategoryNotForTimes
    day_id = day_of(session, round_.place_id, round_.site_id, command.day)
    hold_days(session, [day_id])
    there = set(
        session.scalars(
            select(Slot.starts).where(
                Slot.round_id == round_.id,
                Slot.day_id == day_id,
                Slot.letters == window.letters,
                Slot.category == window.category,
            )
        )
    )
    for starts, _ends in times:
        if starts in there:
            raise TimesThereAlready(time=clock(starts))
    session.execute(
        insert(Slot),
        [
            {
                "round_id": round_.id, "day_id": day_id, "starts": starts, "ends": ends, "capacity": command.capacity,
                "taken": 0, "letters": window.letters, "category": window.category,
            }
            for starts, ends in times
        ],
    )  # fmt: skip
    audit.record(
        session, actor=actor, action="slots.make", object_type="round", object_id=round_.id, site_id=round_.site_id,
        facts={"day": command.day.isoformat(), "times": len(times), "capacity": command.capacity}, now=now,
    )  # fmt: skip
    remember(session, command, MAKE, day_id, actor=actor, now=now)
    return len(times)


def change_capacity(session: Session, slot_id: int, capacity: int, *, actor: Actor, now: datetime) -> None:
    """Let more or fewer families come at a time, never fewer than are booked.

    Raises:
        BelowTaken, CapacityOutOfBounds, RoundOver, NotFound.
    """
    slot, site_id = _held(session, slot_id, actor)
    _check_capacity(capacity)
    if capacity < slot.taken:
        raise BelowTaken(taken=slot.taken)
    before, slot.capacity = slot.capacity, capacity
    session.flush()
    audit.record(
        session, actor=actor, action="slots.change", object_type="slot", object_id=slot.id, site_id=site_id,
        facts={"from": before, "to": capacity}, now=now,
    )  # fmt: skip


def remove_slot(session: Session, slot_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a time away that nobody is booked at. Cancelled bookings of it go with it.

    Raises:
        SlotNotEmpty, RoundOver, NotFound.
    """
    slot, site_id = _held(session, slot_id, actor)
    alive = exists().where(SlotBooking.slot_id == slot.id, SlotBooking.state != BookingState.CANCELLED)
    if session.scalar(select(alive)):
        raise SlotNotEmpty(count=slot.taken)
    session.execute(delete(SlotBooking).where(SlotBooking.slot_id == slot.id))
    session.execute(delete(Slot).where(Slot.id == slot.id))
    audit.record(
        session, actor=actor, action="slots.remove", object_type="round", object_id=slot.round_id, site_id=site_id,
        facts={"starts": slot.starts}, now=now,
    )  # fmt: skip


def _held(session: Session, slot_id: int, actor: Actor) -> tuple[Slot, int]:
    row = queries.slot_by_id(session, slot_id, actor=actor)
    round_ = open_round(session, row.round_id, actor=actor)
    hold_days(session, [row.day_id])
    slot = session.execute(
        select(Slot).where(Slot.id == slot_id).execution_options(populate_existing=True)
    ).scalar_one()
    return slot, round_.site_id


def _check_capacity(capacity: int) -> None:
    if not 1 <= capacity <= MOST:
        raise CapacityOutOfBounds
