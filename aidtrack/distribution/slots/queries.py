"""Times and bookings as pages, papers and services read them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from aidtrack.accounts.models import Site
from aidtrack.beneficiaries.models import Category, CategoryKind, Household, Person
from aidtrack.distribution.models import (
    BookingState,
    Entitlement,
    Handout,
    HandoutKind,
    Round,
    RoundState,
    Slot,
    SlotBooking,
    SlotDay,
    SlotPause,
    Voucher,
)
from aidtrack.distribution.slots.arrivals import Arrival
from aidtrack.distribution.slots.placing import Free
from aidtrack.distribution.slots.times import minute_at
from aidtrack.distribution.slots.windows import Family, Window, letter_of
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory.models import Place
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import zone
from aidtrack.kernel.errors import NotFound

Rows = Select[*tuple[Any, ...]]
LIVE = (BookingState.BOOKED, BookingState.CALLED, BookingState.MISSED)


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A bookable time with its day."""

    id: int
    round_id: int
    day_id: int
    day: date
    starts: int
    ends: int
    capacity: int
    taken: int
    letters: str
    category: str

    @property
    def free(self) -> int:
        return self.capacity - self.taken

    @property
    def window(self) -> Window:
        return Window(self.letters, self.category)

    @property
    def kept(self) -> bool:
        """Whether it is kept for some families."""
        return bool(self.letters or self.category)

    @property
    def as_free(self) -> Free:
        return Free(self.id, (self.day.toordinal(), self.starts), self.free, self.capacity, self.window)


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A family's time in a round."""

    id: int
    round_id: int
    household_id: int
    slot_id: int
    day: date
    starts: int
    ends: int
    ticket: int
    state: BookingState
    told_at: datetime | None
    moved_at: datetime | None


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
class ReminderRow:
    """Whom to phone: the head's name and the family's phone, for the caseworker of the site."""

    id: int
    household_id: int
    registration_no: str
    name: str
    phone: str | None
    day: date
    starts: int
    ends: int
    ticket: int
    told_at: datetime | None
    moved_at: datetime | None


@dataclass(frozen=True, slots=True)
class PauseRow:
    id: int
    day: date
    started_at: datetime
    started_by: str
    ended_at: datetime | None
    ended_by: str | None


def _slots() -> Rows:
    return select(
        Slot.id, Slot.round_id, Slot.day_id, SlotDay.day, Slot.starts, Slot.ends, Slot.capacity, Slot.taken,
        Slot.letters, Slot.category,
    ).join(SlotDay, SlotDay.id == Slot.day_id)  # fmt: skip


def slots_of_round(session: Session, round_id: int, *, day: date | None = None) -> list[SlotRow]:
    statement = _slots().where(Slot.round_id == round_id)
    if day is not None:
        statement = statement.where(SlotDay.day == day)
    ordered = statement.order_by(SlotDay.day, Slot.starts, Slot.letters, Slot.category)
    return [SlotRow(*row) for row in session.execute(ordered)]


def slot_by_id(session: Session, slot_id: int, *, actor: Actor) -> SlotRow:
    """One time; NotFound for a missing one and for another site's alike (I14)."""
    statement = (
        _slots()
        .join(Place, Place.id == SlotDay.place_id)
        .where(Slot.id == slot_id, Place.site_id.in_(actor.site_ids))
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    return SlotRow(*row)


def ahead(rows: Iterable[SlotRow], *, today: date, minute: int, going_on: bool = False) -> list[SlotRow]:
    """Times with room that have not begun yet; `going_on` also those that are on now, for who stands at the door."""
    return [
        row
        for row in rows
        if row.free > 0
        and ((row.day, row.starts) >= (today, minute) or (going_on and (row.day, row.ends) > (today, minute)))
    ]


def _bookings() -> Rows:
    return (
        select(
            SlotBooking.id, SlotBooking.round_id, SlotBooking.household_id, SlotBooking.slot_id, SlotDay.day, Slot.starts,
            Slot.ends, SlotBooking.ticket, SlotBooking.state, SlotBooking.told_at, SlotBooking.moved_at,
        )
        .join(Slot, Slot.id == SlotBooking.slot_id)
        .join(SlotDay, SlotDay.id == SlotBooking.day_id)
    )  # fmt: skip


def booking_of(session: Session, round_id: int, household_id: int) -> BookingRow | None:
    """The family's time in the round, unless it was cancelled."""
    statement = _bookings().where(
        SlotBooking.round_id == round_id,
        SlotBooking.household_id == household_id,
        SlotBooking.state != BookingState.CANCELLED,
    )
    row = session.execute(statement).one_or_none()
    return None if row is None else BookingRow(*row)


def bookings_of_household(session: Session, household_id: int) -> dict[int, BookingRow]:
    """By round, those that stand."""
    statement = _bookings().where(
        SlotBooking.household_id == household_id, SlotBooking.state != BookingState.CANCELLED
    )
    return {row.round_id: row for row in (BookingRow(*found) for found in session.execute(statement))}


def booked_for(
    session: Session, round_id: int, household_ids: Collection[int]
) -> dict[int, tuple[date, int, int, int]]:
    """(day, starts, ends, ticket) by household, for papers that are being printed."""
    statement = _bookings().where(
        SlotBooking.round_id == round_id,
        SlotBooking.household_id.in_(household_ids),
        SlotBooking.state != BookingState.CANCELLED,
    )
    rows = (BookingRow(*found) for found in session.execute(statement))
    return {row.household_id: (row.day, row.starts, row.ends, row.ticket) for row in rows}


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


def served_households(session: Session, round_id: int) -> set[int]:
    """Booked families of the round to whom something was handed out."""
    served = _served(round_id=round_id)
    return set(session.scalars(select(served.c.household_id)))


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


def holders(session: Session, round_id: int) -> list[int]:
    """Families with a voucher to collect on and no time, in the order of their vouchers."""
    booked = select(SlotBooking.household_id).where(
        SlotBooking.round_id == round_id, SlotBooking.state != BookingState.CANCELLED
    )
    statement = (
        select(Entitlement.household_id)
        .join(Voucher, Voucher.entitlement_id == Entitlement.id)
        .where(
            Voucher.round_id == round_id,
            Voucher.state == VoucherState.ISSUED,
            Entitlement.household_id.not_in(booked),
        )
        .order_by(Voucher.id)
    )
    return list(session.scalars(statement))


def can_collect(session: Session, round_id: int, household_id: int) -> bool:
    return (
        session.scalar(
            select(Voucher.id)
            .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
            .where(
                Voucher.round_id == round_id,
                Voucher.state == VoucherState.ISSUED,
                Entitlement.household_id == household_id,
            )
        )
        is not None
    )


def rounds_to_collect_in(session: Session, household_id: int) -> list[tuple[int, str]]:
    """(round, code) in which the family has a voucher to collect on."""
    statement = (
        select(Round.id, Round.code)
        .join(Voucher, Voucher.round_id == Round.id)
        .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
        .where(Voucher.state == VoucherState.ISSUED, Entitlement.household_id == household_id)
        .order_by(Round.id)
    )
    return [(row.id, row.code) for row in session.execute(statement)]


def families(
    session: Session, household_ids: Collection[int], windows: Iterable[Window], *, on: date
) -> dict[int, Family]:
    """What the windows ask of these families, in the order given; names are opened only where letters count."""
    wanted = list(household_ids)
    asked = set(windows)
    letters: dict[int, str] = {}
    categories: dict[int, set[str]] = {}
    if any(window.letters for window in asked):
        heads = select(Person.household_id, Person.surname).where(
            Person.is_head, Person.household_id.in_(wanted)
        )
        letters = {household_id: letter_of(surname or "") for household_id, surname in session.execute(heads)}
    kinds = {window.category for window in asked if window.category}
    if kinds:
        # protected categories stand in another table, and never in a window
        having = select(Category.household_id, Category.kind).where(
            Category.household_id.in_(wanted),
            Category.kind.in_(kinds),
            Category.valid_from <= on,
            or_(Category.valid_until.is_(None), Category.valid_until >= on),
        )
        for household_id, kind in session.execute(having):
            categories.setdefault(household_id, set()).add(kind)
    return {
        household_id: Family(letters.get(household_id, ""), frozenset(categories.get(household_id, ())))
        for household_id in wanted
    }


def category_choices(session: Session, language: str) -> list[tuple[str, str]]:
    """Ordinary kinds: a time kept for a protected one would give it away."""
    statement = select(CategoryKind).where(~CategoryKind.protected).order_by(CategoryKind.code)
    return [
        (kind.code, kind.name_en if language == "en" else kind.name_uk) for kind in session.scalars(statement)
    ]


def reminders(
    session: Session,
    round_id: int,
    day: date | None,
    *,
    untold_only: bool = False,
    moved_only: bool = False,
    limit: int,
    offset: int = 0,
) -> tuple[list[ReminderRow], int]:
    """A page of a day's families with names and phones, and how many there are. The caller logs the reading.

    Without a day: of all days, as for those whom a pause moved.
    """
    statement: Rows = (
        select(
            SlotBooking.id, SlotBooking.household_id, Household.registration_no, Person.surname, Person.given_name,
            Person.patronymic, Household.phone, SlotDay.day, Slot.starts, Slot.ends, SlotBooking.ticket, SlotBooking.told_at,
            SlotBooking.moved_at,
        )
        .select_from(SlotBooking)
        .join(Slot, Slot.id == SlotBooking.slot_id)
        .join(SlotDay, SlotDay.id == SlotBooking.day_id)
        .join(Household, Household.id == SlotBooking.household_id)
        .outerjoin(Person, and_(Person.household_id == Household.id, Person.is_head))
        .where(
            SlotBooking.round_id == round_id,
            SlotBooking.state.in_((BookingState.BOOKED, BookingState.CALLED)),
        )
    )  # fmt: skip
    if day is not None:
        statement = statement.where(SlotDay.day == day)
    if moved_only:
        statement = statement.where(SlotBooking.moved_at.is_not(None))
    if untold_only:
        statement = statement.where(SlotBooking.told_at.is_(None))
    total = session.execute(
        select(func.count()).select_from(statement.with_only_columns(SlotBooking.id).subquery())
    ).scalar_one()
    page = statement.order_by(SlotDay.day, Slot.starts, SlotBooking.ticket).limit(limit).offset(offset)
    return [
        ReminderRow(
            row[0], row[1], row[2], " ".join(part for part in row[3:6] if part) or row[2], row[6], *row[7:]
        )
        for row in session.execute(page)
    ], total


def untold_by_day(session: Session, round_id: int) -> dict[date, tuple[int, int]]:
    """(families booked, of them not told yet) by day."""
    statement = (
        select(
            SlotDay.day,
            func.count(),
            func.count().filter(SlotBooking.told_at.is_(None)),
        )
        .select_from(SlotBooking)
        .join(SlotDay, SlotDay.id == SlotBooking.day_id)
        .where(
            SlotBooking.round_id == round_id,
            SlotBooking.state.in_((BookingState.BOOKED, BookingState.CALLED)),
        )
        .group_by(SlotDay.day)
    )
    return {day: (booked, untold) for day, booked, untold in session.execute(statement)}


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


def days_ahead(session: Session, place_id: int, day: date) -> list[tuple[date, int]]:
    """(day, free places) after this day at the place."""
    statement = (
        select(SlotDay.day, func.sum(Slot.capacity - Slot.taken))
        .join(Slot, Slot.day_id == SlotDay.id)
        .where(SlotDay.place_id == place_id, SlotDay.day > day)
        .group_by(SlotDay.day)
        .order_by(SlotDay.day)
    )
    return [(found, int(free)) for found, free in session.execute(statement)]


def rounds_with_times(session: Session, round_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """(places, taken) of rounds that have times."""
    statement = (
        select(Slot.round_id, func.sum(Slot.capacity), func.sum(Slot.taken))
        .where(Slot.round_id.in_(round_ids))
        .group_by(Slot.round_id)
    )
    return {round_id: (int(places), int(taken)) for round_id, places, taken in session.execute(statement)}


def rounds_to_tell(session: Session, place_id: int) -> list[tuple[int, str, int]]:
    """(round, code, families) of a place with families that the centre moved and nobody told yet."""
    statement = (
        select(Round.id, Round.code, func.count())
        .join(SlotBooking, SlotBooking.round_id == Round.id)
        .where(
            Round.place_id == place_id,
            Round.state != RoundState.CLOSED,
            SlotBooking.moved_at.is_not(None),
            SlotBooking.told_at.is_(None),
            SlotBooking.state.in_((BookingState.BOOKED, BookingState.CALLED)),
        )
        .group_by(Round.id, Round.code)
        .order_by(Round.code)
    )
    return [(round_id, code, count) for round_id, code, count in session.execute(statement)]


def places_with_times(session: Session, days: dict[int, date]) -> set[int]:
    """Which of these places have a day of times on their own local day."""
    found = session.execute(
        select(SlotDay.place_id, SlotDay.day).where(
            SlotDay.place_id.in_(days), SlotDay.day.in_(set(days.values()))
        )
    )
    return {place_id for place_id, day in found if days[place_id] == day}
