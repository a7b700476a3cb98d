"""What a family's facts are proven by: papers for categories, and papers on income."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, EncryptedText, local_day, moment, pk


class EvidenceKind(Base):
    """A kind of paper that proves a category. The law changes, so it is asked for between two days."""

    __tablename__ = "evidence_kind"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="dates_in_order"),
    )
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_uk: Mapped[str] = mapped_column(String(160))
    name_en: Mapped[str] = mapped_column(String(160))
    valid_from: Mapped[local_day]
    valid_until: Mapped[date | None] = mapped_column(Date)


class CategoryKindEvidence(Base):
    """This paper proves that category."""

    __tablename__ = "category_kind_evidence"
    kind: Mapped[str] = mapped_column(ForeignKey("category_kind.code", ondelete="CASCADE"), primary_key=True)
    evidence: Mapped[str] = mapped_column(
        ForeignKey("evidence_kind.code", ondelete="CASCADE"), primary_key=True
    )


class HouseholdIncome(Base):
    """What a family has in an average month, as a paper of a day says. Older papers stay on file."""

    __tablename__ = "household_income"
    __table_args__ = (CheckConstraint("valid_until IS NULL OR valid_until >= as_of", name="dates_in_order"),)
    id: Mapped[pk]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"), index=True)
    total: Mapped[str] = mapped_column(EncryptedText("income.total"))  # kopiykas, in digits
    as_of: Mapped[local_day]
    valid_until: Mapped[date | None] = mapped_column(Date)
    evidence: Mapped[str | None] = mapped_column(EncryptedText("income.evidence"))
    recorded_at: Mapped[moment]
    recorded_by: Mapped[str] = mapped_column(String(120))
