"""Goods handed to people."""

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, Words, append_only, enum_type, local_day, moment, pk, units, units_between


class HandoutKind(StrEnum):
    REGULAR = "regular"
    REVERSAL = "reversal"
    FIELD = "field"  # made by a phone without a network; which one stands for the family, `FieldOutcome` says


class Collector(StrEnum):
    HEAD = "head"
    PROXY = "proxy"


@append_only
class Handout(Base):
    """A family was served, or that was undone. Rows are added, never changed.

    At most one regular handout stands per entitlement (I5): each carries the entitlement's `turn`, unique
    among regular ones; undoing one raises the turn, so the family can be served again. Handouts made in the
    field are bound by no such rule: they happened. At most one of them is `first`, and none beside a regular.
    """

    __tablename__ = "handout"
    __table_args__ = (
        Index(
            "uq_handout_regular",
            "entitlement_id",
            "turn",
            unique=True,
            sqlite_where=text("kind = 'regular'"),
            postgresql_where=text("kind = 'regular'"),
        ),
        Index(
            "uq_handout_reverses_id",
            "reverses_id",
            unique=True,
            sqlite_where=text("reverses_id IS NOT NULL"),
            postgresql_where=text("reverses_id IS NOT NULL"),
        ),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal_names_its_handout"),
        Index(None, "round_id", "id"),
        Index(None, "household_id", "given_on"),
    )
    id: Mapped[pk]
    client_id: Mapped[str] = mapped_column(String(36), unique=True)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    kind: Mapped[HandoutKind] = mapped_column(enum_type(HandoutKind))
    entitlement_id: Mapped[int] = mapped_column(ForeignKey("entitlement.id", ondelete="RESTRICT"))
    turn: Mapped[int]
    voucher_id: Mapped[int] = mapped_column(ForeignKey("voucher.id", ondelete="RESTRICT"), index=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="RESTRICT"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("stock_entry.id", ondelete="RESTRICT"), unique=True)
    collector: Mapped[Collector] = mapped_column(enum_type(Collector))
    given_on: Mapped[local_day]
    at: Mapped[moment]
    actor_label: Mapped[str] = mapped_column(String(120))
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    token_id: Mapped[int | None] = mapped_column(BigInteger)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("handout.id", ondelete="RESTRICT"))
    reason: Mapped[str | None] = mapped_column(Words(500))  # of a partial handout or of a reversal


@append_only
class HandoutLine(Base):
    """One item of a handout: due and given, base units. Its lots are the movements of the handout's entry."""

    __tablename__ = "handout_line"
    __table_args__ = (
        units_between("units", 0),
        units_between("due_units"),
        CheckConstraint("units <= due_units", name="only_down"),
    )
    handout_id: Mapped[int] = mapped_column(ForeignKey("handout.id", ondelete="RESTRICT"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="RESTRICT"), primary_key=True)
    due_units: Mapped[units]
    units: Mapped[units]
