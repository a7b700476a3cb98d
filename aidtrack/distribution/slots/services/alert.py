"""An air alert: one button stops a point, one resumes it, and those whose time was lost get another."""

from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.distribution.models import (
    BookingState,
    Round,
    RoundState,
    Slot,
    SlotBooking,
    SlotDay,
    SlotPause,
)
from aidtrack.distribution.slots import queries
from aidtrack.distribution.slots.commands import ShiftLost
from aidtrack.distribution.slots.errors import DayNotOfRound, NobodyHit, NotPaused, PausedNow
from aidtrack.distribution.slots.queries import SlotRow
from aidtrack.distribution.slots.services.booking import move
from aidtrack.distribution.slots.services.holding import day_of, hold_days, local, point
from aidtrack.distribution.slots.shifting import Shift, is_hit, shift
from aidtrack.distribution.slots.times import minute_at
from aidtrack.inventory.queries.catalogue import PlaceRow
from aidtrack.inventory.services.documents import hold_site
from aidtrack.kernel.actor import Actor, Permission


def pause(session: Session, place_id: int, *, actor: Actor, now: datetime) -> int:
    """Stop calling numbers at a point.

    Raises:
        PausedNow: somebody stopped it before.
    """
    place, today, _minute = point(session, place_id, actor=actor, now=now)
    hold_site(session, place.site_id)
    if queries.running_pause(session, place_id) is not None:
        raise PausedNow
    made = session.execute(
        insert(SlotPause)
        .values(place_id=place_id, day=today, started_at=now, started_by=actor.label)
        .returning(SlotPause.id)
    ).scalar_one()
    _log(session, "slots.pause", made, place, actor=actor, now=now)
    return made


def resume(session: Session, place_id: int, *, actor: Actor, now: datetime) -> None:
    """Go on calling numbers.

    Raises:
        NotPaused: somebody resumed before.
    """
    place, _today, _minute = point(session, place_id, actor=actor, now=now)
    hold_site(session, place.site_id)
    running = session.execute(
        select(SlotPause).where(SlotPause.place_id == place_id, SlotPause.ended_at.is_(None))
    ).scalar_one_or_none()
    if running is None:
        raise NotPaused
    running.ended_at, running.ended_by = max(now, running.started_at), actor.label
    session.flush()
    _log(session, "slots.resume", running.id, place, actor=actor, now=now)


def affected(session: Session, place: PlaceRow, day: date) -> list[int]:
    """Bookings whose time lies in one of the day's pauses and who were not served, in the order of their times."""
    lost: list[tuple[int, int | None]] = []
    clock_here = local(place.time_zone)
    for one in queries.pauses(session, place.id, day):
        ended = None if one.ended_at is None else minute_at(one.ended_at, day, clock_here)
        lost.append((minute_at(one.started_at, day, clock_here), ended))
    return [
        row.id
        for row in queries.queue(session, place.id, day)
        if row.standing in ("waiting", "called") and any(is_hit(row.starts, row.ends, one) for one in lost)
    ]


def shift_lost(session: Session, command: ShiftLost, *, actor: Actor, now: datetime) -> Shift:
    """Give those who lost their time to a pause another: later today, then on the chosen day.

    Whoever gets none keeps the old time on paper and stands in the list of those to be told.

    Raises:
        NobodyHit, DayNotOfRound, NotFound.
    """
    place, today, minute = point(
        session, command.place_id, actor=actor, now=now, permission=Permission.SLOTS_PLAN
    )
    other = command.other_day
    if other is not None and other <= today:
        raise DayNotOfRound(field="other_day")
    day_ids = {day_of(session, place.id, place.site_id, today)}
    if other is not None:
        day_ids.add(day_of(session, place.id, place.site_id, other))
    days = hold_days(session, day_ids)
    hit = affected(session, place, today)
    if not hit:
        raise NobodyHit
    bookings = {row.id: row for row in session.scalars(select(SlotBooking).where(SlotBooking.id.in_(hit)))}
    by_round: dict[int, list[SlotBooking]] = {}
    for booking_id in hit:
        by_round.setdefault(bookings[booking_id].round_id, []).append(bookings[booking_id])
    whole = Shift({}, {}, ())
    stopped = queries.running_pause(session, place.id) is not None
    for round_id, lost in by_round.items():
        if other is not None and command.same_times:
            _same_times(session, round_id, today, other, days)
        later = [] if stopped else _free(session, round_id, today, minute)
        planned = shift(
            queries.families(
                session,
                [one.household_id for one in lost],
                {slot.window for slot in [*later, *_on(session, round_id, other)]},
                on=today,
            ),
            [slot.as_free for slot in later],
            [slot.as_free for slot in _on(session, round_id, other)],
            keep_windows=command.keep_windows,
        )
        _carry_out(session, lost, planned, days, actor=actor, now=now)
        whole = Shift(
            whole.today | planned.today, whole.other_day | planned.other_day, whole.nobody + planned.nobody
        )
    audit.record(
        session, actor=actor, action="slots.shift", object_type="place", object_id=place.id, site_id=place.site_id,
        facts={"today": len(whole.today), "other_day": len(whole.other_day), "nobody": len(whole.nobody)}, now=now,
    )  # fmt: skip
    return whole


def _carry_out(
    session: Session,
    lost: list[SlotBooking],
    planned: Shift,
    days: dict[int, SlotDay],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    targets = planned.today | planned.other_day
    for booking in lost:
        if booking.household_id in targets:
            slot = session.get_one(Slot, targets[booking.household_id], populate_existing=True)
            move(session, booking, slot, days[slot.day_id], actor=actor, now=now, by_the_centre=True)
        else:
            booking.moved_at, booking.told_at, booking.state = now, None, BookingState.BOOKED
    session.flush()


def _free(session: Session, round_id: int, day: date, minute: int) -> list[SlotRow]:
    return queries.ahead(queries.slots_of_round(session, round_id, day=day), today=day, minute=minute)


def _on(session: Session, round_id: int, day: date | None) -> list[SlotRow]:
    return [] if day is None else _free(session, round_id, day, 0)


def _same_times(session: Session, round_id: int, today: date, other: date, days: dict[int, SlotDay]) -> None:
    """Today's times once more on the other day, if the round has none there and is open then."""
    found = session.get_one(Round, round_id)
    if found.last_day < other or found.state is RoundState.CLOSED:
        raise DayNotOfRound(field="other_day")
    if queries.slots_of_round(session, round_id, day=other):
        return
    day_id = next(day.id for day in days.values() if day.day == other)
    session.execute(
        insert(Slot),
        [
            {
                "round_id": round_id, "day_id": day_id, "starts": slot.starts, "ends": slot.ends,
                "capacity": slot.capacity, "taken": 0, "letters": slot.letters, "category": slot.category,
            }
            for slot in queries.slots_of_round(session, round_id, day=today)
        ],
    )  # fmt: skip


def _log(
    session: Session, action: str, pause_id: int, place: PlaceRow, *, actor: Actor, now: datetime
) -> None:
    audit.record(
        session, actor=actor, action=action, object_type="slot_pause", object_id=pause_id, site_id=place.site_id,
        facts={"place": place.code}, now=now,
    )  # fmt: skip
