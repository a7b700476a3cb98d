"""Acts that wait for a second person, and from where on a site asks for one."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, Json, UtcDateTime, enum_type, moment, pk


class ApprovalState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # by whoever asked


class Approval(Base):
    """An act that somebody asked for; nothing of it has happened until another person approves it.

    `command` is what will be carried out: numbers and words of goods and papers, never a family's.
    """

    __tablename__ = "approval"
    __table_args__ = (
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided_at_some_time"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_by_somebody"),
        # I17: maker and checker are two
        CheckConstraint(
            "state <> 'approved' OR (decided_by <> asked_by AND "
            "(decided_by_id IS NULL OR asked_by_id IS NULL OR decided_by_id <> asked_by_id))",
            name="two_persons",
        ),
        CheckConstraint("state <> 'withdrawn' OR decided_by = asked_by", name="withdrawn_by_its_maker"),
        Index(None, "site_id", "state"),
    )
    id: Mapped[pk]
    kind: Mapped[str] = mapped_column(String(40))
    command_id: Mapped[str] = mapped_column(String(36), unique=True)
    command: Mapped[dict[str, object]] = mapped_column(Json)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    reason: Mapped[str] = mapped_column(String(500))
    asked_at: Mapped[moment]
    asked_by: Mapped[str] = mapped_column(String(120))
    asked_by_id: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[ApprovalState] = mapped_column(enum_type(ApprovalState), default=ApprovalState.WAITING)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decided_by_id: Mapped[int | None] = mapped_column(BigInteger)
    answer: Mapped[str | None] = mapped_column(String(500))  # why it was refused
    made_id: Mapped[int | None] = mapped_column(BigInteger)  # what carrying it out made


class SecondPersonRule(Base):
    """From where on a site asks for a second person; a site without a row goes by `rules.USUAL`."""

    __tablename__ = "second_person_rule"
    __table_args__ = (
        CheckConstraint("loss_percent BETWEEN 0 AND 100", name="percent"),
        CheckConstraint("reprints_a_day BETWEEN 0 AND 1000", name="reprints"),
        CheckConstraint("loss_days BETWEEN 1 AND 366", name="days"),
    )
    site_id: Mapped[int] = mapped_column(
        ForeignKey("site.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    loss_percent: Mapped[int]
    loss_days: Mapped[int] = mapped_column(default=30, server_default="30")
    reprints_a_day: Mapped[int]
    changed_at: Mapped[moment]
    changed_by: Mapped[str] = mapped_column(String(120))
