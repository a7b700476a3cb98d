"""What a person chose when they settled a review, beside their reason."""

from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, enum_type


class Choice(StrEnum):
    EXPLAINED = "explained"
    GOODS_RETURNED = "goods_returned"
    KEEP_AN_EYE = "keep_an_eye"
    COUNT_ORDERED = "count_ordered"
    ENTERED = "entered"  # by hand, elsewhere
    TAKEN_FROM_BOOK = "taken_from_book"  # a kept event's goods were handed out
    NOT_HANDED_OUT = "not_handed_out"
    POSTED_TWICE = (
        "posted_twice"  # the event came after its goods had been posted by hand: that is taken back
    )


class ReviewChoice(Base):
    """The choice that goes with a settled case; a case that opens again gets a new one when it is settled."""

    __tablename__ = "review_choice"
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id", ondelete="RESTRICT"), primary_key=True)
    choice: Mapped[Choice] = mapped_column(enum_type(Choice))


class GoodsReturned(Base):
    """The entry by which a part of a handout's goods came back to the place they had left; the handout stands.

    Where all of it came back the handout itself is undone, and nothing stands here.
    """

    __tablename__ = "goods_returned"
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("stock_entry.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    handout_id: Mapped[int] = mapped_column(ForeignKey("handout.id", ondelete="RESTRICT"), index=True)


class KeptPosting(Base):
    """The entry by which a kept event's goods left the book, on the word of whoever settled its case.

    `event_uid` is the event's own id where one can be read: what was kept twice under one id leaves once.
    """

    __tablename__ = "kept_posting"
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id", ondelete="RESTRICT"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("stock_entry.id", ondelete="RESTRICT"), unique=True)
    event_uid: Mapped[str | None] = mapped_column(String(36), unique=True)
