"""A family's case: the journal of appeals, acts with what was ticked, sittings, decisions."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.beneficiaries.cases.commands import (
    Channel,
    DecisionBody,
    IntakeKind,
    IntakeStatus,
    ListKind,
    Outcome,
    Result,
    Sender,
    SittingState,
)
from aidtrack.db import Base, EncryptedText, UtcDateTime, enum_type, local_day, pk
from aidtrack.db.dated import DatedEntry


class Intake(Base):
    """An appeal or notification, with which a case begins. Its family may be unknown at first.

    `serial` counts the numbers the product gave in a site's year; an entry under the centre's own number
    has none. What people said stands in encrypted columns.
    """

    __tablename__ = "intake"
    __table_args__ = (
        CheckConstraint("(status = 'open') = (closed_on IS NULL)", name="closed_on_a_day"),
        Index(None, "site_id", "received_on"),
        Index(None, "site_id", "status", "assigned_to_id"),
        Index(None, "site_id", "status", "household_id"),
        Index("uq_intake_serial", "site_id", "year", "serial", unique=True),
    )
    id: Mapped[pk]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    household_id: Mapped[int | None] = mapped_column(
        ForeignKey("household.id", ondelete="RESTRICT"), index=True
    )
    number: Mapped[str] = mapped_column(String(40))
    year: Mapped[int]
    serial: Mapped[int | None]
    kind: Mapped[IntakeKind] = mapped_column(enum_type(IntakeKind))
    channel: Mapped[Channel | None] = mapped_column(enum_type(Channel))
    sender: Mapped[Sender | None] = mapped_column(enum_type(Sender))
    received_on: Mapped[local_day]
    from_whom: Mapped[str | None] = mapped_column(EncryptedText("intake.from_whom"))
    contact: Mapped[str | None] = mapped_column(EncryptedText("intake.contact"))
    about: Mapped[str | None] = mapped_column(EncryptedText("intake.about"))
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    status: Mapped[IntakeStatus] = mapped_column(enum_type(IntakeStatus), default=IntakeStatus.OPEN)
    outcome: Mapped[Outcome | None] = mapped_column(enum_type(Outcome))
    closed_on: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str | None] = mapped_column(EncryptedText("intake.reason"))
    transferred_to: Mapped[str | None] = mapped_column(EncryptedText("intake.transferred_to"))
    recorded_by: Mapped[str | None] = mapped_column(String(120))


class NeedsAssessment(Base):
    """The act of assessing needs, or of living conditions, valid until a day."""

    __tablename__ = "needs_assessment"
    __table_args__ = (
        CheckConstraint("valid_until >= made_on", name="dates_in_order"),
        Index(None, "valid_until"),
        Index(None, "household_id", "valid_until"),
    )
    id: Mapped[pk]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"))
    act_number: Mapped[str] = mapped_column(String(40))
    made_on: Mapped[local_day]
    valid_until: Mapped[local_day]
    at_home: Mapped[bool] = mapped_column(default=False)
    living_conditions: Mapped[bool] = mapped_column(default=False)
    notes: Mapped[str | None] = mapped_column(EncryptedText("needs_assessment.notes"))
    recorded_by: Mapped[str] = mapped_column(String(120))


class CaseListEntry(DatedEntry, Base):
    """A circumstance or a need that can be ticked in an act, from one day to another.

    `code` marks what the law's list brought, so that it is not added twice.
    """

    __tablename__ = "case_list_entry"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="dates_in_order"),
        Index("uq_case_list_entry_code", "list", "code", unique=True),
    )
    id: Mapped[pk]
    list: Mapped[ListKind] = mapped_column(enum_type(ListKind))
    code: Mapped[str | None] = mapped_column(String(40))
    protected: Mapped[bool] = mapped_column(default=False)

    def same_list(self) -> ColumnElement[bool]:
        return CaseListEntry.list == self.list


class AssessmentEntry(Base):
    """What was ticked in an act."""

    __tablename__ = "assessment_entry"
    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("needs_assessment.id", ondelete="CASCADE"), primary_key=True
    )
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("case_list_entry.id", ondelete="RESTRICT"), primary_key=True, index=True
    )


class ProtectedEntry(Base):
    """A tick about health, violence or trafficking: in the protected drawer, even which it is (I15)."""

    __tablename__ = "protected_entry"
    id: Mapped[pk]
    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("needs_assessment.id", ondelete="CASCADE"), index=True
    )
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"), index=True)
    entry: Mapped[str] = mapped_column(EncryptedText("protected_entry.entry"))  # number of the entry


class EligibilityDecision(Base):
    """A decision of the council or the department that grants: number, date, from–to, what it grants.

    `programme_id` names the programme granted, None for any; programmes live in a room this one does not
    import, so there is no key. Refusals stand with their sitting alone.
    """

    __tablename__ = "eligibility_decision"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="dates_in_order"),
    )
    id: Mapped[pk]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"), index=True)
    body: Mapped[DecisionBody] = mapped_column(enum_type(DecisionBody))
    number: Mapped[str] = mapped_column(String(40))
    decided_on: Mapped[local_day]
    valid_from: Mapped[local_day]
    valid_until: Mapped[date | None] = mapped_column(Date)
    programme_id: Mapped[int | None] = mapped_column(BigInteger)
    recorded_by: Mapped[str] = mapped_column(String(120))


class Sitting(Base):
    """A sitting that decides about cases. `grants_from` and `grants_until` are what its grants begin with."""

    __tablename__ = "sitting"
    __table_args__ = (
        CheckConstraint("(state = 'closed') = (minutes_number IS NOT NULL)", name="closed_with_minutes"),
        CheckConstraint("(minutes_number IS NULL) = (minutes_on IS NULL)", name="minutes_are_dated"),
        Index(None, "site_id", "held_on"),
    )
    id: Mapped[pk]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    body: Mapped[DecisionBody] = mapped_column(enum_type(DecisionBody))
    held_on: Mapped[local_day]
    place: Mapped[str] = mapped_column(String(160))
    grants_from: Mapped[local_day]
    grants_until: Mapped[date | None] = mapped_column(Date)
    state: Mapped[SittingState] = mapped_column(enum_type(SittingState), default=SittingState.PLANNED)
    minutes_number: Mapped[str | None] = mapped_column(String(40))
    minutes_on: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(default=1)
    made_by: Mapped[str] = mapped_column(String(120))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(120))


class SittingCase(Base):
    """A family's case before a sitting, and what was decided. Not changed once the minutes are closed."""

    __tablename__ = "sitting_case"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="dates_in_order"),
        Index("uq_sitting_case_once", "sitting_id", "household_id", unique=True),
    )
    id: Mapped[pk]
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id", ondelete="RESTRICT"))
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"), index=True)
    position: Mapped[int]
    intake_id: Mapped[int | None] = mapped_column(ForeignKey("intake.id", ondelete="RESTRICT"))
    # an act copied by a merge goes when the merge is undone; what was decided on it stays
    assessment_id: Mapped[int | None] = mapped_column(ForeignKey("needs_assessment.id", ondelete="SET NULL"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("sitting_case.id", ondelete="RESTRICT"))
    correction_reason: Mapped[str | None] = mapped_column(EncryptedText("sitting_case.correction_reason"))
    result: Mapped[Result | None] = mapped_column(enum_type(Result))
    reason: Mapped[str | None] = mapped_column(EncryptedText("sitting_case.reason"))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    any_programme: Mapped[bool] = mapped_column(default=False)
    words: Mapped[str | None] = mapped_column(EncryptedText("sitting_case.words"))


class SittingCaseProgramme(Base):
    """A programme that a case grants. Programmes live in `inventory`, which this room does not know: no key."""

    __tablename__ = "sitting_case_programme"
    case_id: Mapped[int] = mapped_column(ForeignKey("sitting_case.id", ondelete="CASCADE"), primary_key=True)
    programme_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class CaseDecision(Base):
    """The decision that closed minutes made of a case; one for each programme it grants."""

    __tablename__ = "case_decision"
    decision_id: Mapped[int] = mapped_column(
        ForeignKey("eligibility_decision.id", ondelete="RESTRICT"), primary_key=True
    )
    case_id: Mapped[int] = mapped_column(ForeignKey("sitting_case.id", ondelete="RESTRICT"), index=True)


class AnnulledDecision(Base):
    """A decision that a later one replaced: it grants nothing any more, and stays to be read."""

    __tablename__ = "annulled_decision"
    decision_id: Mapped[int] = mapped_column(
        ForeignKey("eligibility_decision.id", ondelete="RESTRICT"), primary_key=True
    )
    case_id: Mapped[int] = mapped_column(
        ForeignKey("sitting_case.id", ondelete="RESTRICT"), index=True
    )  # which replaced it
