"""A day as it goes: the queue by number, pauses, and who came when."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from aidtrack.accounts.models import Site
from aidtrack.distribution.models import (
    BookingState,
    Handout,
    HandoutKind,
    Round,
    Slot,
    SlotBooking,
    SlotDay,
    SlotPause,
)
from aidtrack.distribution.slots.arrivals import Arrival
from aidtrack.distribution.slots.times import minute_at
from aidtrack.inventory.models import Place
from aidtrack.kernel.clock import zone
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One number of a day's queue. Nothing of a family: the screen hangs on a wall."""

    id: int
    ticket: int
    starts: int
    ends: int
    state: BookingState
    called_at: datetime | None
    round_code: str
    served_at: datetime | None

    @property
    def standing(self) -> str:
        """served, called, missed or waiting: a handout says more than any mark."""
        if self.served_at is not None:
            return "served"
        return "waiting" if self.state is BookingState.BOOKED else self.state.value


@dataclass(frozen=True, slots=True)
class PauseRow:
    id: int
    day: date
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    ended_by: str | None


def _served(day_id: int | None = None, round_id: int | None = None) -> Any:
    """(round, household, moment) of handouts that stand, of the families booked on that day or in that round."""
    reversal = aliased(Handout)
    booked = select(SlotBooking.household_id)
    booked = booked.where(
        SlotBooking.day_id == day_id if day_id is not None else SlotBooking.round_id == round_id
    )
    statement = (
        select(Handout.round_id, Handout.household_id, func.min(Handout.at).label("at"))
        .where(
            Handout.household_id.in_(booked),
            Handout.kind != HandoutKind.REVERSAL,
            ~select(reversal.id).where(reversal.reverses_id == Handout.id).exists(),
        )
        .group_by(Handout.round_id, Handout.household_id)
    )
    if round_id is not None:
        statement = statement.where(Handout.round_id == round_id)
    return statement.subquery()


def queue(session: Session, place_id: int, day: date) -> list[QueueRow]:
    """The day's numbers at a place in the order of their times; cancelled ones are gone."""
    day_id = session.scalar(select(SlotDay.id).where(SlotDay.place_id == place_id, SlotDay.day == day))
    if day_id is None:
        return []
    served = _served(day_id=day_id)
    statement = (
        select(
            SlotBooking.id, SlotBooking.ticket, Slot.starts, Slot.ends, SlotBooking.state, SlotBooking.called_at, Round.code,
            served.c.at,
        )
        .join(Slot, Slot.id == SlotBooking.slot_id)
        .join(Round, Round.id == SlotBooking.round_id)
        .outerjoin(
            served,
            and_(
                served.c.round_id == SlotBooking.round_id, served.c.household_id == SlotBooking.household_id
            ),
        )
        .where(SlotBooking.day_id == day_id, SlotBooking.state != BookingState.CANCELLED)
        .order_by(Slot.starts, SlotBooking.ticket)
    )  # fmt: skip
    return [QueueRow(*row) for row in session.execute(statement)]


def arrivals(session: Session, round_id: int, *, now: datetime) -> list[Arrival]:
    """Bookings of a round with when their families came: what `arrivals.shares` counts."""
    time_zone = session.execute(
        select(Site.time_zone)
        .join(Place, Place.site_id == Site.id)
        .join(Round, Round.place_id == Place.id)
        .where(Round.id == round_id)
    ).scalar_one()
    served = _served(round_id=round_id)
    statement = (
        select(SlotDay.day, Slot.starts, Slot.ends, served.c.at)
        .select_from(SlotBooking)
        .join(Slot, Slot.id == SlotBooking.slot_id)
        .join(SlotDay, SlotDay.id == SlotBooking.day_id)
        .outerjoin(served, served.c.household_id == SlotBooking.household_id)
        .where(SlotBooking.round_id == round_id, SlotBooking.state != BookingState.CANCELLED)
    )
    local = zone(time_zone)
    return [
        Arrival(
            starts, ends, None if at is None else minute_at(at, day, local), now=minute_at(now, day, local)
        )
        for day, starts, ends, at in session.execute(statement)
    ]


def issues_with_a_time(session: Session, site_ids: Collection[int], start: date, end: date) -> int:
    """Handouts of a period to families that had booked a time in the round (FIELD §5: users of advance booking)."""
    reversal = aliased(Handout)
    statement = (
        select(func.count(func.distinct(Handout.entitlement_id)))
        .join(
            SlotBooking,
            and_(SlotBooking.round_id == Handout.round_id, SlotBooking.household_id == Handout.household_id),
        )
        .where(
            Handout.site_id.in_(site_ids),
            Handout.given_on.between(start, end),
            Handout.kind != HandoutKind.REVERSAL,
            SlotBooking.state != BookingState.CANCELLED,
            ~select(reversal.id).where(reversal.reverses_id == Handout.id).exists(),
        )
    )
    return session.execute(statement).scalar_one()


def pauses(session: Session, place_id: int, day: date) -> list[PauseRow]:
    """The day's pauses, oldest first."""
    statement = (
        select(
            SlotPause.id, SlotPause.day, SlotPause.started_at, SlotPause.started_by, SlotPause.ended_at,
            SlotPause.ended_by,
        )
        .where(SlotPause.place_id == place_id, SlotPause.day == day)
        .order_by(SlotPause.started_at)
    )  # fmt: skip
    return [PauseRow(*row) for row in session.execute(statement)]


def running_pause(session: Session, place_id: int) -> PauseRow | None:
    """The pause that goes on now, also one begun before midnight."""
    statement = select(
        SlotPause.id, SlotPause.day, SlotPause.started_at, SlotPause.started_by, SlotPause.ended_at, SlotPause.ended_by
    ).where(SlotPause.place_id == place_id, SlotPause.ended_at.is_(None))  # fmt: skip
    row = session.execute(statement).one_or_none()
    return None if row is None else PauseRow(*row)
