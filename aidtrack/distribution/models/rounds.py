"""Cycles, rounds and what each household is due in them."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, enum_type, local_day, moment, pk, units, units_between
from aidtrack.distribution.rations import Basis


class Cycle(Base):
    """A period of a programme in which a household is served once."""

    __tablename__ = "cycle"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        CheckConstraint("ends_on >= starts_on", name="dates"),
    )
    id: Mapped[pk]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id", ondelete="RESTRICT"))
    code: Mapped[str] = mapped_column(String(24))
    name_uk: Mapped[str] = mapped_column(String(160))
    name_en: Mapped[str] = mapped_column(String(160))
    starts_on: Mapped[local_day]
    ends_on: Mapped[local_day]


class RoundState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class Round(Base):
    """A cycle's distribution at one place between two days."""

    __tablename__ = "round"
    __table_args__ = (CheckConstraint("last_day >= first_day", name="dates"),)
    id: Mapped[pk]
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id", ondelete="RESTRICT"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), index=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    token_id: Mapped[int] = mapped_column(BigInteger, unique=True)  # random 32 bits inside the voucher code
    first_day: Mapped[local_day]
    last_day: Mapped[local_day]
    hours: Mapped[str | None] = mapped_column(String(80))  # "9:00–16:00", printed on the voucher
    state: Mapped[RoundState] = mapped_column(enum_type(RoundState), default=RoundState.PLANNED)
    print_head_name: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[moment]
    created_by: Mapped[str] = mapped_column(String(120))


class RationEntry(Base):
    """A line of the round's entitlement set: per household, per member or per member of an age band."""

    __tablename__ = "ration_entry"
    __table_args__ = (units_between("units"),)
    id: Mapped[pk]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"))
    basis: Mapped[Basis] = mapped_column(enum_type(Basis))
    units: Mapped[units]
    age_from: Mapped[int | None]
    age_to: Mapped[int | None]
    # whole packs only
    pack_id: Mapped[int | None] = mapped_column(ForeignKey("item_pack.id", ondelete="RESTRICT"))


class Profile(Base):
    """One distinct composition of goods due in a round; many households share one."""

    __tablename__ = "profile"
    __table_args__ = (
        UniqueConstraint("round_id", "number"),
        CheckConstraint("number BETWEEN 1 AND 65535", name="two_bytes"),
    )
    id: Mapped[pk]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"))
    number: Mapped[int]


class ProfileLine(Base):
    """Base units of one item in a profile."""

    __tablename__ = "profile_line"
    __table_args__ = (units_between("units"),)
    profile_id: Mapped[int] = mapped_column(ForeignKey("profile.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"), primary_key=True)
    units: Mapped[units]
