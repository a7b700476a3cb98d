"""What stands for a family's privacy: its key, the ground it is held on, dates of keeping, erasing, exports."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import SEALED_FOR, Base, EncryptedText, Json, UtcDateTime, enum_type, local_day, moment, pk
from aidtrack.kernel.errors import N_


class FamilyKey(Base):
    """A household's own key, sealed by the site's data key. Emptied, it takes all that was sealed under it along."""

    __tablename__ = "household_key"
    __table_args__ = (
        CheckConstraint("(sealed IS NULL) = (destroyed_at IS NOT NULL)", name="sealed_or_destroyed"),
    )
    household_id: Mapped[int] = mapped_column(
        ForeignKey("household.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info={SEALED_FOR: "household_key"})
    destroyed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LegalGround(StrEnum):
    """Why a family's data may be held (Law 2297-VI art. 11; consent is rarely free, so it stands last)."""

    PUBLIC_TASK = "public_task"
    VITAL_INTEREST = "vital_interest"
    LEGAL_DUTY = "legal_duty"
    CONSENT = "consent"

    @property
    def label(self) -> str:
        return _GROUNDS[self]


_GROUNDS = {
    LegalGround.PUBLIC_TASK: N_("task of a social service, by law"),
    LegalGround.VITAL_INTEREST: N_("vital interest of the family"),
    LegalGround.LEGAL_DUTY: N_("duty to report on aid, by law"),
    LegalGround.CONSENT: N_("consent"),
}


class HowTold(StrEnum):
    SIGNED = "signed"
    ORAL = "oral"
    NOTICE = "notice"

    @property
    def label(self) -> str:
        return _TOLD[self]


_TOLD = {
    HowTold.SIGNED: N_("signed the notice"),
    HowTold.ORAL: N_("was told by word of mouth"),
    HowTold.NOTICE: N_("was given the notice"),
}


class HouseholdGround(Base):
    """On which ground a family's data are held, told in its language with which text, and until when."""

    __tablename__ = "household_ground"
    __table_args__ = (
        CheckConstraint(
            "(withdrawn_on IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_and_noted_by_somebody"
        ),
        CheckConstraint("withdrawn_on IS NULL OR withdrawn_on >= given_on", name="dates_in_order"),
    )
    id: Mapped[pk]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"), index=True)
    ground: Mapped[LegalGround] = mapped_column(enum_type(LegalGround))
    how: Mapped[HowTold] = mapped_column(enum_type(HowTold))
    text_version: Mapped[int]
    language: Mapped[str] = mapped_column(String(2))
    given_on: Mapped[local_day]
    recorded_at: Mapped[moment]
    recorded_by: Mapped[str] = mapped_column(String(120))
    withdrawn_on: Mapped[date | None] = mapped_column(Date, index=True)
    withdrawn_by: Mapped[str | None] = mapped_column(String(120))


class PrivacyText(Base):
    """A dated version of what families are told, in one language."""

    __tablename__ = "privacy_text"
    __table_args__ = (UniqueConstraint("version", "language"),)
    id: Mapped[pk]
    version: Mapped[int]
    language: Mapped[str] = mapped_column(String(2))
    valid_from: Mapped[local_day]
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[moment]
    created_by: Mapped[str] = mapped_column(String(120))


class RetentionKind(StrEnum):
    QUIET = "quiet"  # nothing has happened with the family
    WITHDRAWN = "withdrawn"  # the last ground was withdrawn
    FEEDBACK = "feedback"  # a message was closed; `feedback` empties it

    @property
    def label(self) -> str:
        return _RETENTION[self]


_RETENTION = {
    RetentionKind.QUIET: N_("families with whom nothing happened any more"),
    RetentionKind.WITHDRAWN: N_("families whose last ground was withdrawn"),
    RetentionKind.FEEDBACK: N_("messages and complaints that were closed"),
}


class RetentionRule(Base):
    """How many months a kind of file is kept, from a day on."""

    __tablename__ = "retention_rule"
    __table_args__ = (
        UniqueConstraint("kind", "valid_from"),
        CheckConstraint("months BETWEEN 0 AND 1200", name="months_in_bounds"),
    )
    id: Mapped[pk]
    kind: Mapped[RetentionKind] = mapped_column(enum_type(RetentionKind))
    months: Mapped[int]
    valid_from: Mapped[local_day]
    source: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[moment]
    created_by: Mapped[str] = mapped_column(String(120))


class ErasureWhy(StrEnum):
    ASKED = "asked"
    MISTAKE = "mistake"
    RETENTION = "retention"

    @property
    def label(self) -> str:
        return _WHY[self]


_WHY = {
    ErasureWhy.ASKED: N_("the family asked for it"),
    ErasureWhy.MISTAKE: N_("registered by mistake"),
    ErasureWhy.RETENTION: N_("its time of keeping is over"),
}


class RequestState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"
    DONE = "done"

    @property
    def label(self) -> str:
        return _STATES[self]


_STATES = {
    RequestState.ASKED: N_("waits for a second person"),
    RequestState.APPROVED: N_("approved"),
    RequestState.DECLINED: N_("declined"),
    RequestState.DONE: N_("done"),
}
_MAKER = "decided_by_id <> asked_by_id"
_MAKER_BY_NAME = "decided_by <> asked_by"


class ErasureRequest(Base):
    """Erasing a family: asked by one person, done by another (I17). The row stays and names nobody."""

    __tablename__ = "erasure_request"
    __table_args__ = (
        Index(
            "uq_erasure_request_open",
            "household_id",
            unique=True,
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
        Index(None, "site_id", "state"),
        CheckConstraint(_MAKER, name="maker_is_not_checker"),
        CheckConstraint(_MAKER_BY_NAME, name="maker_is_not_checker_by_name"),
        CheckConstraint("(state = 'asked') = (decided_by IS NULL)", name="decided_by_somebody"),
    )
    id: Mapped[pk]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    why: Mapped[ErasureWhy] = mapped_column(enum_type(ErasureWhy))
    reason: Mapped[str | None] = mapped_column(EncryptedText("erasure_request.reason"))
    state: Mapped[RequestState] = mapped_column(enum_type(RequestState))
    asked_at: Mapped[moment]
    asked_by: Mapped[str] = mapped_column(String(120))
    asked_by_id: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decided_by_id: Mapped[int | None] = mapped_column(BigInteger)


class IdentifierExport(Base):
    """A file with names, phones or papers of a site's families: asked for, approved, taken once (I17)."""

    __tablename__ = "identifier_export"
    __table_args__ = (
        Index(None, "site_id", "state"),
        CheckConstraint(_MAKER, name="maker_is_not_checker"),
        CheckConstraint(_MAKER_BY_NAME, name="maker_is_not_checker_by_name"),
        CheckConstraint("(state = 'asked') = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(state = 'done') = (taken_at IS NOT NULL)", name="taken_once"),
    )
    id: Mapped[pk]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    purpose: Mapped[str] = mapped_column(EncryptedText("identifier_export.purpose"))
    fields: Mapped[list[str]] = mapped_column(Json)
    state: Mapped[RequestState] = mapped_column(enum_type(RequestState))
    asked_at: Mapped[moment]
    asked_by: Mapped[str] = mapped_column(String(120))
    asked_by_id: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decided_by_id: Mapped[int | None] = mapped_column(BigInteger)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    families: Mapped[int | None]


class PrivacySettings(Base):
    """How many families one person may look at in an hour. One row, number 1; without it the usual figures hold."""

    __tablename__ = "privacy_settings"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("opened_soft BETWEEN 1 AND opened_hard", name="opened_in_order"),
        CheckConstraint("listed_soft BETWEEN 1 AND listed_hard", name="listed_in_order"),
        CheckConstraint("export_hours BETWEEN 1 AND 168", name="export_hours_in_bounds"),
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opened_soft: Mapped[int]
    opened_hard: Mapped[int]
    listed_soft: Mapped[int]
    listed_hard: Mapped[int]
    export_hours: Mapped[int]
    changed_at: Mapped[moment]
    changed_by: Mapped[str] = mapped_column(String(120))
