"""Sums of closed months, so that a statement does not read every line ever written.

Everything here can be thrown away and is rebuilt from the ledger (see `closing`, docs/adr/0005).
"""

from datetime import date

from sqlalchemy import BigInteger, Date, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, moment, pk, units

NO_CAUSE = ""  # part of a primary key, where NULL would not be equal to itself


class ClosedMonth(Base):
    """A month that has been summed, up to which ledger entry. Entries after it may have made the sum stale."""

    __tablename__ = "closed_month"
    month: Mapped[date] = mapped_column(Date, primary_key=True)  # its first day
    last_entry_id: Mapped[int] = mapped_column(BigInteger)
    built_at: Mapped[moment]


class MonthMove(Base):
    """Units of one lot that went from one place to another in a month.

    A reversal is a movement the other way, in a row of its own. Site and cause are the entry's: a loss on
    the way touches two virtual places, and only the entry says whose it was.
    """

    __tablename__ = "month_move"
    month: Mapped[date] = mapped_column(
        ForeignKey("closed_month.month", ondelete="CASCADE"), primary_key=True
    )
    lot_id: Mapped[int] = mapped_column(ForeignKey("stock_lot.id", ondelete="RESTRICT"), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), primary_key=True)
    cause: Mapped[str] = mapped_column(String(32), primary_key=True, default=NO_CAUSE)
    units: Mapped[units]


class MonthPeople(Base):
    """Households, persons and handouts as bit strings over their numbers (see `bits`), so that any union of
    months, items and places is still counted exactly. Handouts that were undone are not in them.

    With a base, the three sets are those whom the base has and these people have not (see `people`).
    """

    __tablename__ = "month_people"
    id: Mapped[pk]
    month: Mapped[date] = mapped_column(ForeignKey("closed_month.month", ondelete="CASCADE"), index=True)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("month_people.id", ondelete="CASCADE"), index=True)
    households: Mapped[bytes] = mapped_column(LargeBinary)
    persons: Mapped[bytes] = mapped_column(LargeBinary)
    issues: Mapped[bytes] = mapped_column(LargeBinary)


class MonthReached(Base):
    """Exactly which people got an item under an agreement at a place in a month.

    Who comes for rice mostly gets flour and oil too: those cells name the same people, kept once.
    """

    __tablename__ = "month_reached"
    __table_args__ = (Index(None, "donor_id", "month"),)
    id: Mapped[pk]
    month: Mapped[date] = mapped_column(ForeignKey("closed_month.month", ondelete="CASCADE"), index=True)
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="RESTRICT"))
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    people_id: Mapped[int] = mapped_column(ForeignKey("month_people.id", ondelete="CASCADE"), index=True)


class DayMove(Base):
    """`MonthMove` for one day of a closed month, for periods that begin or end inside it."""

    __tablename__ = "day_move"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("stock_lot.id", ondelete="RESTRICT"), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), primary_key=True)
    cause: Mapped[str] = mapped_column(String(32), primary_key=True, default=NO_CAUSE)
    month: Mapped[date] = mapped_column(ForeignKey("closed_month.month", ondelete="CASCADE"), index=True)
    units: Mapped[units]


class DayPeople(Base):
    """Who got exactly the same goods of a donor at a place on a day of a closed month, in numbers of eight bytes.

    Numbers and not sets: those of several days are simply put one behind the other before one set is made.
    """

    __tablename__ = "day_people"
    __table_args__ = (Index(None, "donor_id", "day"),)
    id: Mapped[pk]
    day: Mapped[date] = mapped_column(Date)
    month: Mapped[date] = mapped_column(ForeignKey("closed_month.month", ondelete="CASCADE"), index=True)
    donor_id: Mapped[int] = mapped_column(ForeignKey("donor.id", ondelete="RESTRICT"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    given: Mapped[str] = mapped_column(Text)  # "agreement:item" each, 0 for goods without an agreement
    households: Mapped[bytes] = mapped_column(LargeBinary)
    persons: Mapped[bytes] = mapped_column(LargeBinary)
    issues: Mapped[bytes] = mapped_column(LargeBinary)
