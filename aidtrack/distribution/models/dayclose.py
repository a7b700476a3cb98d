"""The close of a day at a point or van: goods left counted blind against a frozen book."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, UtcDateTime, enum_type, local_day, moment, pk, units, units_between
from aidtrack.inventory.kinds import LossCause

STANDING = "state <> 'reopened'"


class DayState(StrEnum):
    COUNTING = "counting"  # the book is hidden
    COMPARED = "compared"  # counted: differences are seen and explained
    WAITING = "waiting"  # for a second person, since a difference is large
    CLOSED = "closed"
    REOPENED = "reopened"  # stays as it was; the day has a newer close


class DayClose(Base):
    """One place's local day. A reopened close stays; at most one of the others stands for a place and day.

    `book_entry_id` is the ledger's sequence number at which the book was frozen. `counted_by` finished the
    count; `approved_by` is another person, wherever a difference needs one (I17).
    """

    __tablename__ = "day_close"
    __table_args__ = (
        Index(
            "uq_day_close_standing",
            "place_id",
            "day",
            unique=True,
            sqlite_where=text(STANDING),
            postgresql_where=text(STANDING),
        ),
        Index(None, "site_id", "day"),
        CheckConstraint("approved_by IS NULL OR approved_by <> counted_by", name="maker_is_not_checker"),
        CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> counted_by_id", name="maker_is_not_checker_by_id"
        ),
        CheckConstraint("state <> 'closed' OR closed_at IS NOT NULL", name="closed_at_a_moment"),
        CheckConstraint(
            "state <> 'closed' OR NOT second_person OR approved_by IS NOT NULL", name="second_person_signed"
        ),
        CheckConstraint("(state = 'reopened') = (reopen_reason IS NOT NULL)", name="reopened_for_a_reason"),
    )
    id: Mapped[pk]
    number: Mapped[str] = mapped_column(String(32), unique=True)  # of the act
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    day: Mapped[local_day]
    state: Mapped[DayState] = mapped_column(enum_type(DayState), default=DayState.COUNTING)
    by_item: Mapped[bool]  # lots that look alike on the shelf are counted together
    book_entry_id: Mapped[int] = mapped_column(BigInteger)
    book_at: Mapped[moment]
    started_at: Mapped[moment]
    started_by: Mapped[str] = mapped_column(String(120))
    counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counted_by: Mapped[str | None] = mapped_column(String(120))
    counted_by_id: Mapped[int | None] = mapped_column(BigInteger)
    second_person: Mapped[bool] = mapped_column(default=False)
    approved_by: Mapped[str | None] = mapped_column(String(120))
    approved_by_id: Mapped[int | None] = mapped_column(BigInteger)
    sent_back_reason: Mapped[str | None] = mapped_column(String(300))
    unsent_events: Mapped[int | None]  # what the round's phones had reported unsent when the day was closed
    note: Mapped[str | None] = mapped_column(String(500))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(120))
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopened_by: Mapped[str | None] = mapped_column(String(120))
    reopen_reason: Mapped[str | None] = mapped_column(String(300))


class DayCountLine(Base):
    """One thing to count on the shelf: a lot, or lots that nobody can tell apart."""

    __tablename__ = "day_count_line"
    __table_args__ = (
        UniqueConstraint("close_id", "position"),
        CheckConstraint("counted_units IS NULL OR counted_units BETWEEN 0 AND 1000000000000", name="counted"),
    )
    id: Mapped[pk]
    close_id: Mapped[int] = mapped_column(ForeignKey("day_close.id", ondelete="RESTRICT"))
    position: Mapped[int]
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    counted_units: Mapped[int | None] = mapped_column(BigInteger)
    as_typed: Mapped[str | None] = mapped_column(String(80))
    counted_by: Mapped[str | None] = mapped_column(String(120))
    cause: Mapped[LossCause | None] = mapped_column(enum_type(LossCause))
    reason: Mapped[str | None] = mapped_column(String(300))


class DayCountLot(Base):
    """A lot behind a counted line: what the frozen book says of it, and the entry its difference was posted in."""

    __tablename__ = "day_count_lot"
    __table_args__ = (units_between("book_units", 0),)
    line_id: Mapped[int] = mapped_column(
        ForeignKey("day_count_line.id", ondelete="RESTRICT"), primary_key=True
    )
    lot_id: Mapped[int] = mapped_column(ForeignKey("stock_lot.id", ondelete="RESTRICT"), primary_key=True)
    book_units: Mapped[units]
    difference: Mapped[int | None] = mapped_column(BigInteger)  # base units; below zero: missing
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("stock_entry.id", ondelete="RESTRICT"))


class ReturnedVoucher(Base):
    """An unused printed voucher that came back to the office with a day's close."""

    __tablename__ = "returned_voucher"
    __table_args__ = (Index(None, "voucher_id"),)
    close_id: Mapped[int] = mapped_column(ForeignKey("day_close.id", ondelete="RESTRICT"), primary_key=True)
    voucher_id: Mapped[int] = mapped_column(ForeignKey("voucher.id", ondelete="RESTRICT"), primary_key=True)
    noted_at: Mapped[moment]
    noted_by: Mapped[str] = mapped_column(String(120))
