"""Families' times: one family's, those without one, whom to phone and whom to tell."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import Category, Household, Person
from aidtrack.distribution.models import (
    BookingState,
    Entitlement,
    Round,
    RoundState,
    Slot,
    SlotBooking,
    SlotDay,
    Voucher,
)
from aidtrack.distribution.slots.queries.times import Rows
from aidtrack.distribution.slots.windows import Family, Window, letter_of
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.late import dataclass


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


_OF_HOUSEHOLD = _bookings().where(
    SlotBooking.household_id == bindparam("household_id"), SlotBooking.state != BookingState.CANCELLED
)
_TO_COLLECT = (
    select(Round.id, Round.code)
    .join(Voucher, Voucher.round_id == Round.id)
    .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
    .where(Voucher.state == VoucherState.ISSUED, Entitlement.household_id == bindparam("household_id"))
    .order_by(Round.id)
)


def bookings_of_household(session: Session, household_id: int) -> dict[int, BookingRow]:
    """By round, those that stand."""
    found = session.execute(_OF_HOUSEHOLD, {"household_id": household_id})
    return {row.round_id: row for row in (BookingRow(*one) for one in found)}


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
    return [(number, code) for number, code in session.execute(_TO_COLLECT, {"household_id": household_id})]


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
