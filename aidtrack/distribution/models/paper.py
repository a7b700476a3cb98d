"""Paper for a power cut: numbered lists with their rows, and who signed an issue sheet by hand."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, Json, UtcDateTime, enum_type, local_day, moment, pk


class RowState(StrEnum):
    OPEN = "open"  # nothing said of it yet
    HANDED_OUT = "handed_out"
    NOTED = "noted"  # goods were signed for; a person has to read it
    EMPTY = "empty"  # nobody signed here


class PaperList(Base):
    """A numbered list of a round, printed beforehand; entered afterwards row by row.

    `uid` and a row's number make the client id of its handout, so that entering a row twice has one effect.
    """

    __tablename__ = "paper_list"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed_by_somebody"),
    )
    id: Mapped[pk]
    number: Mapped[str] = mapped_column(String(32), unique=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="RESTRICT"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    made_on: Mapped[local_day]  # the earliest day a row can speak of
    made_at: Mapped[moment]
    made_by: Mapped[str] = mapped_column(String(120))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(120))


class PaperRow(Base):
    """One row of a list: printed for a voucher, or spare.

    `used_voucher_id` is the voucher that was really presented; on a spare row it was written in by hand.
    """

    __tablename__ = "paper_row"
    __table_args__ = (
        CheckConstraint("(state = 'handed_out') = (client_id IS NOT NULL)", name="handout_named"),
        CheckConstraint("state <> 'noted' OR note IS NOT NULL", name="noted_with_a_note"),
        CheckConstraint("(settled_at IS NULL) = (settlement IS NULL)", name="settled_with_words"),
    )
    list_id: Mapped[int] = mapped_column(ForeignKey("paper_list.id", ondelete="RESTRICT"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    voucher_id: Mapped[int | None] = mapped_column(ForeignKey("voucher.id", ondelete="RESTRICT"), index=True)
    state: Mapped[RowState] = mapped_column(enum_type(RowState), default=RowState.OPEN)
    used_voucher_id: Mapped[int | None] = mapped_column(ForeignKey("voucher.id", ondelete="RESTRICT"))
    client_id: Mapped[str | None] = mapped_column(String(36))  # of the handout
    happened_on: Mapped[local_day | None]
    refusal: Mapped[str | None] = mapped_column(String(40))  # the code of the rule that spoke against it
    note: Mapped[str | None] = mapped_column(String(500))
    # base units by item where the paper says less than was due, nothing where it says all; unknown of old rows
    quantities: Mapped[dict[str, int] | None] = mapped_column(Json)
    entered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    entered_by: Mapped[str | None] = mapped_column(String(120))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # a noted row that somebody has read
    settled_by: Mapped[str | None] = mapped_column(String(120))
    settlement: Mapped[str | None] = mapped_column(String(500))


class PaperSignature(Base):
    """A family signed for its handout on the printed issue sheet."""

    __tablename__ = "paper_signature"
    handout_id: Mapped[int] = mapped_column(ForeignKey("handout.id", ondelete="RESTRICT"), primary_key=True)
    noted_at: Mapped[moment]
    noted_by: Mapped[str] = mapped_column(String(120))
