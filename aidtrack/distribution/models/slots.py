"""Bookable times of a round, who is booked into them, and pauses for an air alert."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, UtcDateTime, enum_type, local_day, moment, pk


class BookingState(StrEnum):
    BOOKED = "booked"
    CALLED = "called"  # the number stands on the screen
    MISSED = "missed"  # did not come when called, or at all
    CANCELLED = "cancelled"


class SlotDay(Base):
    """A point's local day with bookable times. Its row is the lock: who books, moves or calls holds it first.

    `last_ticket` counts the numbers given for that day; a number means nothing anywhere else.
    """

    __tablename__ = "slot_day"
    __table_args__ = (UniqueConstraint("place_id", "day"),)
    id: Mapped[pk]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    day: Mapped[local_day]
    last_ticket: Mapped[int] = mapped_column(default=0)


class Slot(Base):
    """A time of a round on a day, for so many families.

    Minutes are those of the site's clock since midnight. `letters` ("АК": surnames from А to К) and
    `category` narrow who may be booked; empty for everybody. `taken` is the number of live bookings.
    """

    __tablename__ = "slot"
    __table_args__ = (
        UniqueConstraint("round_id", "day_id", "starts", "letters", "category"),
        CheckConstraint("starts >= 0 AND ends > starts AND ends <= 1440", name="within_a_day"),
        CheckConstraint("capacity BETWEEN 1 AND 1000", name="capacity_in_bounds"),
        CheckConstraint("taken BETWEEN 0 AND capacity", name="never_too_many"),
        Index(None, "day_id"),
    )
    id: Mapped[pk]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="RESTRICT"))
    day_id: Mapped[int] = mapped_column(ForeignKey("slot_day.id", ondelete="RESTRICT"))
    starts: Mapped[int]
    ends: Mapped[int]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    letters: Mapped[str] = mapped_column(String(2), default="")
    category: Mapped[str] = mapped_column(String(40), default="")


class SlotBooking(Base):
    """A household's time in a round: one row for both, moved from slot to slot; the audit log keeps the way.

    Whether the family came is not written here: its handout says so. `told_at` is when the family was last
    told of this time; `moved_at` when the centre moved it after a pause.
    """

    __tablename__ = "slot_booking"
    __table_args__ = (
        UniqueConstraint("round_id", "household_id"),
        UniqueConstraint("day_id", "ticket"),
        Index(None, "household_id"),
        Index(None, "slot_id"),
    )
    id: Mapped[pk]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="RESTRICT"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id", ondelete="RESTRICT"))
    day_id: Mapped[int] = mapped_column(ForeignKey("slot_day.id", ondelete="RESTRICT"))
    ticket: Mapped[int]
    state: Mapped[BookingState] = mapped_column(enum_type(BookingState), default=BookingState.BOOKED)
    booked_at: Mapped[moment]
    booked_by: Mapped[str] = mapped_column(String(120))
    called_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    moved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SlotPause(Base):
    """A point stands still because of an air alert: who stopped it when, and who resumed."""

    __tablename__ = "slot_pause"
    __table_args__ = (
        Index(
            "uq_slot_pause_running",
            "place_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="ends_after_it_starts"),
        Index(None, "place_id", "day"),
    )
    id: Mapped[pk]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    day: Mapped[local_day]
    started_at: Mapped[moment]
    started_by: Mapped[str] = mapped_column(String(120))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(120))
