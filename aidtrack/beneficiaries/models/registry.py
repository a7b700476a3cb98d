"""Households with their people, the papers of their case, categories with evidence, and the search index."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, text, true
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.beneficiaries.household import Sex
from aidtrack.db import Base, EncryptedText, enum_type, local_day, moment, pk


class Household(Base):
    """The unit of entitlement. Identifying fields are encrypted; hashes beside them serve look-up."""

    __tablename__ = "household"
    id: Mapped[pk]
    registration_no: Mapped[str] = mapped_column(String(24), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    settlement: Mapped[str] = mapped_column(String(120))
    katottg: Mapped[str | None] = mapped_column(String(19))
    address: Mapped[str | None] = mapped_column(EncryptedText("household.address"))
    phone: Mapped[str | None] = mapped_column(EncryptedText("household.phone"))
    phone_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    displaced_on: Mapped[date | None] = mapped_column(Date)
    arrived_on: Mapped[date | None] = mapped_column(Date)  # in the hromada where they live now
    registered_on: Mapped[local_day]
    version: Mapped[int] = mapped_column(default=1)  # grows with every change: two people at once are noticed
    changed_at: Mapped[moment]
    changed_by: Mapped[str] = mapped_column(String(120))


class Person(Base):
    """A member of a household, the unit of disaggregation. Served with no document at all if need be."""

    __tablename__ = "person"
    __table_args__ = (
        Index(
            "uq_person_head",
            "household_id",
            unique=True,
            sqlite_where=text("is_head"),
            postgresql_where=text("is_head"),
        ),
        CheckConstraint("left_on IS NULL OR left_on >= joined_on", name="leaves_after_joining"),
    )
    id: Mapped[pk]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"), index=True)
    is_head: Mapped[bool] = mapped_column(default=False)
    surname: Mapped[str] = mapped_column(EncryptedText("person.surname"))
    given_name: Mapped[str] = mapped_column(EncryptedText("person.given_name"))
    patronymic: Mapped[str | None] = mapped_column(EncryptedText("person.patronymic"))
    sex: Mapped[Sex] = mapped_column(enum_type(Sex))
    birth_date: Mapped[date | None] = mapped_column(Date, index=True)  # doubles are looked for by it
    document: Mapped[str | None] = mapped_column(EncryptedText("person.document"))
    document_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    tax_id_hash: Mapped[bytes | None] = mapped_column(
        LargeBinary(32), index=True
    )  # the number itself: nowhere
    joined_on: Mapped[local_day]
    left_on: Mapped[date | None] = mapped_column(Date)
    left_why: Mapped[str | None] = mapped_column(String(16))  # LeftWhy


class NameToken(Base):
    """A keyed hash of a name's beginning: search without readable names in the database."""

    __tablename__ = "name_token"
    token: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class CategoryKind(Base):
    """A vulnerable group or status (FIELD §2). Protected ones are seen only with a personal grant."""

    __tablename__ = "category_kind"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_uk: Mapped[str] = mapped_column(String(160))
    name_en: Mapped[str] = mapped_column(String(160))
    of_household: Mapped[bool] = mapped_column(default=False)
    protected: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True, server_default=true())  # offered for new entries


class Category(Base):
    """An ordinary category of a person, or of the whole household, with its evidence."""

    __tablename__ = "category"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="dates_in_order"),
    )
    id: Mapped[pk]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(ForeignKey("category_kind.code", ondelete="RESTRICT"))
    evidence: Mapped[str | None] = mapped_column(
        EncryptedText("category.evidence")
    )  # kind and number of the paper
    proven: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[local_day]
    valid_until: Mapped[date | None] = mapped_column(Date, index=True)
    seen_by: Mapped[str] = mapped_column(String(120))
    # which paper it was; no key, because lists of papers change and what was seen stays true
    evidence_kind: Mapped[str | None] = mapped_column(String(40))
    issued_on: Mapped[date | None] = mapped_column(Date)
    seen_on: Mapped[date | None] = mapped_column(Date)


class ProtectedCategory(Base):
    """A protected category (survivor, former prisoner, mother at risk, health): a drawer of its own (I15).

    Even the kind is encrypted: a reader of the table learns that there is something, not what.
    """

    __tablename__ = "protected_category"
    id: Mapped[pk]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(EncryptedText("protected.kind"))
    evidence: Mapped[str | None] = mapped_column(EncryptedText("protected.evidence"))
    valid_from: Mapped[local_day]
    valid_until: Mapped[date | None] = mapped_column(Date)
    seen_by: Mapped[str] = mapped_column(String(120))
    # sealed too: the kind of paper would tell the kind of category
    evidence_kind: Mapped[str | None] = mapped_column(EncryptedText("protected.evidence_kind"))
    issued_on: Mapped[date | None] = mapped_column(Date)
    seen_on: Mapped[date | None] = mapped_column(Date)


class ProtectionGrant(Base):
    """A caseworker's personal, dated right to see protected categories; nobody grants it to themselves."""

    __tablename__ = "protection_grant"
    __table_args__ = (CheckConstraint("granted_by_id <> user_id", name="maker_is_not_checker"),)
    id: Mapped[pk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"), index=True)
    granted_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    reason: Mapped[str] = mapped_column(String(300))
    valid_from: Mapped[moment]
    valid_until: Mapped[moment]
