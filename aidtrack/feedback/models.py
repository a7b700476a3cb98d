"""The register of feedback and complaints, marks given, terms as dated data, and who may read sensitive ones."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, EncryptedText, UtcDateTime, enum_type, local_day, moment, pk
from aidtrack.db.dated import DatedEntry
from aidtrack.feedback.commands import Channel, Outcome, State


class FeedbackKind(DatedEntry, Base):
    """A category of feedback. Sensitive ones (abuse, exploitation, corruption, data leak) go a restricted path."""

    __tablename__ = "feedback_kind"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="dates_in_order"),
    )
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_uk: Mapped[str] = mapped_column(String(160))
    name_en: Mapped[str] = mapped_column(String(160))
    sensitive: Mapped[bool] = mapped_column(default=False)


class FeedbackTerm(Base):
    """How many working days a kind may take, from a day on: the newest that has begun counts."""

    __tablename__ = "feedback_term"
    __table_args__ = (
        UniqueConstraint("kind", "valid_from"),
        CheckConstraint("working_days BETWEEN 0 AND 250", name="working_days_in_bounds"),
    )
    id: Mapped[pk]
    kind: Mapped[str] = mapped_column(ForeignKey("feedback_kind.code", ondelete="RESTRICT"))
    valid_from: Mapped[local_day]
    working_days: Mapped[int]
    set_by: Mapped[str] = mapped_column(String(120))


class WorkingWeek(Base):
    """Which days of the week the centre works, from a day on: digits 1 (Monday) to 7."""

    __tablename__ = "working_week"
    id: Mapped[pk]
    valid_from: Mapped[local_day] = mapped_column(unique=True)
    weekdays: Mapped[str] = mapped_column(String(7))
    set_by: Mapped[str] = mapped_column(String(120))


class SpecialDay(Base):
    """A day that differs from its week: a holiday, or a day off that is worked."""

    __tablename__ = "special_day"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    works: Mapped[bool]
    set_by: Mapped[str] = mapped_column(String(120))


class FeedbackSettings(Base):
    """The one row with the short address that is printed on vouchers, if the centre has one."""

    __tablename__ = "feedback_settings"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    id: Mapped[pk]
    short_address: Mapped[str | None] = mapped_column(String(60))


class Feedback(Base):
    """One entry of the register.

    The writer holds a reference code; only its keyed hash is here, so nobody in the house can look with it.
    Who is complained about (`about_user_id`) neither sees the entry nor handles it.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name="rating_from_1_to_5"),
        CheckConstraint(
            "about_user_id IS NULL OR assigned_to_id IS NULL OR about_user_id <> assigned_to_id",
            name="subject_is_not_handler",
        ),
        CheckConstraint(
            "state NOT IN ('answered', 'closed') OR answered_at IS NOT NULL", name="answered_at_a_moment"
        ),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at_a_moment"),
        Index(None, "site_id", "state", "due_on"),
        Index(None, "site_id", "received_on"),
    )
    id: Mapped[pk]
    number: Mapped[str] = mapped_column(String(32), unique=True)
    reference_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    channel: Mapped[Channel] = mapped_column(enum_type(Channel))
    kind: Mapped[str] = mapped_column(ForeignKey("feedback_kind.code", ondelete="RESTRICT"))
    sensitive: Mapped[bool]
    text: Mapped[str | None] = mapped_column(EncryptedText("feedback.text"))
    writer_name: Mapped[str | None] = mapped_column(EncryptedText("feedback.writer_name"))
    writer_phone: Mapped[str | None] = mapped_column(EncryptedText("feedback.writer_phone"))
    language: Mapped[str] = mapped_column(String(2), default="uk")
    household_id: Mapped[int | None] = mapped_column(
        ForeignKey("household.id", ondelete="RESTRICT"), index=True
    )
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id", ondelete="RESTRICT"))
    about_user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    rating: Mapped[int | None]  # as the writer gave it; figures read `feedback_rating`
    received_on: Mapped[local_day]
    due_on: Mapped[local_day]
    state: Mapped[State] = mapped_column(enum_type(State), default=State.NEW)
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    answer: Mapped[str | None] = mapped_column(EncryptedText("feedback.answer"))
    outcome: Mapped[Outcome | None] = mapped_column(enum_type(Outcome))
    answered_on: Mapped[date | None] = mapped_column(Date)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[str | None] = mapped_column(String(120))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    times_reopened: Mapped[int] = mapped_column(default=0)
    recorded_at: Mapped[moment]
    recorded_by: Mapped[str] = mapped_column(String(120))
    recorded_by_id: Mapped[int | None] = mapped_column(BigInteger)
    emptied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # text and person removed, counts stay


class FeedbackRating(Base):
    """A mark from 1 to 5, with or without words, of a site and, where it was said, of a round."""

    __tablename__ = "feedback_rating"
    __table_args__ = (
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating_from_1_to_5"),
        Index(None, "site_id", "given_on"),
    )
    id: Mapped[pk]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id", ondelete="RESTRICT"))
    channel: Mapped[Channel] = mapped_column(enum_type(Channel))
    rating: Mapped[int]
    given_on: Mapped[local_day]
    feedback_id: Mapped[int | None] = mapped_column(
        ForeignKey("feedback.id", ondelete="RESTRICT"), unique=True
    )


class FeedbackGrant(Base):
    """A named person's dated right to read sensitive entries; nobody grants it to themselves."""

    __tablename__ = "feedback_grant"
    __table_args__ = (CheckConstraint("granted_by_id <> user_id", name="maker_is_not_checker"),)
    id: Mapped[pk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"), index=True)
    granted_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    reason: Mapped[str] = mapped_column(String(300))
    valid_from: Mapped[moment]
    valid_until: Mapped[moment]
