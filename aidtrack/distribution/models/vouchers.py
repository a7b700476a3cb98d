"""Entitlements and the vouchers that carry them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import SEALED_FOR, Base, UtcDateTime, enum_type, local_day, moment, pk
from aidtrack.distribution.vouchers import VoucherState

LIVE = "state IN ('issued', 'redeemed', 'partly_redeemed')"


class Entitlement(Base):
    """What one household is due in one cycle: one row a household a cycle, whatever is printed for it."""

    __tablename__ = "entitlement"
    __table_args__ = (UniqueConstraint("cycle_id", "household_id"), Index(None, "household_id"))
    id: Mapped[pk]
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id", ondelete="RESTRICT"))
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="RESTRICT"), index=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="RESTRICT"))
    profile_id: Mapped[int] = mapped_column(ForeignKey("profile.id", ondelete="RESTRICT"))
    eligibility_id: Mapped[int] = mapped_column(ForeignKey("eligibility.id", ondelete="RESTRICT"))
    persons: Mapped[int]
    turn: Mapped[int] = mapped_column(default=1)  # grows with every undone handout; see Handout


class EntitlementPerson(Base):
    """A member present when the entitlement was made: whom a handout reaches."""

    __tablename__ = "entitlement_person"
    entitlement_id: Mapped[int] = mapped_column(
        ForeignKey("entitlement.id", ondelete="RESTRICT"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)


class SigningKey(Base):
    """A key that signs the voucher codes of one round. The private half is encrypted with the site's data key.

    `round_id` is empty for keys from before rounds had their own; those still verify.
    """

    __tablename__ = "signing_key"
    __table_args__ = (CheckConstraint("id BETWEEN 1 AND 65535", name="two_bytes"),)
    id: Mapped[pk]
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id", ondelete="RESTRICT"), index=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)  # X9.62 uncompressed point
    private_key: Mapped[bytes] = mapped_column(LargeBinary, info={SEALED_FOR: "signing_key"})
    created_at: Mapped[moment]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_reason: Mapped[str | None] = mapped_column(String(300))


class Voucher(Base):
    """One printed code. A reprint is another voucher and kills this one."""

    __tablename__ = "voucher"
    __table_args__ = (
        Index(
            "uq_voucher_live",
            "entitlement_id",
            unique=True,
            sqlite_where=text(LIVE),
            postgresql_where=text(LIVE),
        ),
        UniqueConstraint("round_id", "status_index"),
        Index(None, "round_id", "state"),
    )
    id: Mapped[pk]
    entitlement_id: Mapped[int] = mapped_column(ForeignKey("entitlement.id", ondelete="RESTRICT"), index=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="RESTRICT"))
    public_id: Mapped[bytes] = mapped_column(LargeBinary(16), unique=True)
    # 9 random characters and a check character
    typed_code: Mapped[str] = mapped_column(String(12), unique=True)
    serial: Mapped[str] = mapped_column(String(24), unique=True)
    status_index: Mapped[int]  # place in the revocation bit list, in random order
    key_id: Mapped[int] = mapped_column(ForeignKey("signing_key.id", ondelete="RESTRICT"))
    first_day: Mapped[local_day]
    last_day: Mapped[local_day]
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    state: Mapped[VoucherState] = mapped_column(enum_type(VoucherState))
    issued_at: Mapped[moment]
    printed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("voucher.id", ondelete="RESTRICT"))
    void_reason: Mapped[str | None] = mapped_column(String(300))
    # None on a void voucher: withdrawn before phones could hand out
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
