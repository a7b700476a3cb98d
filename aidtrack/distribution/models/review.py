"""What a person chose when they settled a review, beside their reason."""

from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, enum_type


class Choice(StrEnum):
    EXPLAINED = "explained"
    GOODS_RETURNED = "goods_returned"
    KEEP_AN_EYE = "keep_an_eye"
    COUNT_ORDERED = "count_ordered"
    ENTERED = "entered"  # by hand, elsewhere


class ReviewChoice(Base):
    """The choice that goes with a settled case; a case that opens again gets a new one when it is settled."""

    __tablename__ = "review_choice"
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id", ondelete="RESTRICT"), primary_key=True)
    choice: Mapped[Choice] = mapped_column(enum_type(Choice))
