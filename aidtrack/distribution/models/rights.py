"""Who is entitled to a programme, by which rule, on which ground."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, EncryptedText, Json, enum_type, local_day, moment, pk


class Ground(StrEnum):
    APPLICATION = "application"
    DEPARTMENT_DECISION = "department_decision"
    NEEDS_ASSESSMENT = "needs_assessment"


class EligibilityStatus(StrEnum):
    ELIGIBLE = "eligible"
    REFUSED = "refused"
    ENDED = "ended"


class Eligibility(Base):
    """A caseworker's mark with everything it was judged by: rule version, facts, ground, papers."""

    __tablename__ = "eligibility"
    __table_args__ = (
        Index(
            "uq_eligibility_live",
            "household_id",
            "programme_id",
            unique=True,
            sqlite_where=text("status = 'eligible'"),
            postgresql_where=text("status = 'eligible'"),
        ),
        Index(None, "programme_id", "status"),
        CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> marked_by_id", name="maker_is_not_checker"
        ),
        CheckConstraint(
            "override_reason IS NULL OR approved_by_id IS NOT NULL OR status <> 'eligible'",
            name="override_is_approved",
        ),
    )
    id: Mapped[pk]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id", ondelete="RESTRICT"))
    status: Mapped[EligibilityStatus] = mapped_column(enum_type(EligibilityStatus))
    rule_id: Mapped[int] = mapped_column(ForeignKey("programme_rule.id", ondelete="RESTRICT"))
    facts: Mapped[str] = mapped_column(EncryptedText("eligibility.facts"))  # JSON, as judged
    reasons: Mapped[list[object] | None] = mapped_column(Json)
    ground: Mapped[Ground] = mapped_column(enum_type(Ground))
    assessment_id: Mapped[int | None] = mapped_column(ForeignKey("needs_assessment.id", ondelete="RESTRICT"))
    decision_id: Mapped[int | None] = mapped_column(
        ForeignKey("eligibility_decision.id", ondelete="RESTRICT")
    )
    valid_from: Mapped[local_day]
    valid_until: Mapped[date | None] = mapped_column(Date)
    marked_at: Mapped[moment]
    marked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    override_reason: Mapped[str | None] = mapped_column(EncryptedText("eligibility.override_reason"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
