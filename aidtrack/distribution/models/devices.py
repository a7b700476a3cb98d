"""Phones that hand out without a network, invitations to enrol one, and what their packs are made of."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import SEALED_FOR, Base, UtcDateTime, moment, pk


class Device(Base):
    """A browser on a phone with a key of its own: one person, one place, one round. Never deleted: revoked.

    What it `reported` is its own word of the last time it was heard; the events themselves are the record.
    """

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint("(revoked_at IS NULL) = (revoke_reason IS NULL)", name="revoked_for_a_reason"),
        Index(None, "site_id", "revoked_at"),
    )
    id: Mapped[pk]
    public_id: Mapped[str] = mapped_column(String(36), unique=True)  # UUID, in every request and event
    label: Mapped[str] = mapped_column(String(80))  # what the phone calls itself
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="RESTRICT"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    public_key: Mapped[bytes] = mapped_column(LargeBinary(65))  # P-256, X9.62 uncompressed point
    app_version: Mapped[str] = mapped_column(String(40))
    enrolled_at: Mapped[moment]
    enrolled_by: Mapped[str] = mapped_column(String(120))
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_pack_serial: Mapped[str | None] = mapped_column(String(40))
    last_pack_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_pack_rows: Mapped[int | None]
    unsent_reported: Mapped[int | None]
    unsent_oldest_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_seq_reported: Mapped[int | None]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    revoke_reason: Mapped[str | None] = mapped_column(String(300))


class DeviceInvitation(Base):
    """A code on the manager's screen: good once, for minutes, kept as a hash."""

    __tablename__ = "device_invitation"
    __table_args__ = (CheckConstraint("(used_at IS NULL) = (device_id IS NULL)", name="used_by_a_device"),)
    id: Mapped[pk]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="RESTRICT"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"))
    created_at: Mapped[moment]
    created_by: Mapped[str] = mapped_column(String(120))
    expires_at: Mapped[moment]
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id", ondelete="RESTRICT"))


class RoundPack(Base):
    """What all packs of a round share: under which salt and cost its typed codes open their rows."""

    __tablename__ = "round_pack"
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="RESTRICT"), primary_key=True)
    typed_salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    iterations: Mapped[int]
    made_at: Mapped[moment]


class PackRow(Base):
    """A voucher's record for the pack that opens with its typed code: dear to make, so made once and kept."""

    __tablename__ = "pack_row"
    voucher_id: Mapped[int] = mapped_column(ForeignKey("voucher.id", ondelete="RESTRICT"), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="RESTRICT"), index=True)
    typed: Mapped[bytes] = mapped_column(LargeBinary(136))


class FileKey(Base):
    """The centre's key for files of unsent events. The private half is encrypted with the site's data key."""

    __tablename__ = "file_key"
    id: Mapped[pk]
    public_key: Mapped[bytes] = mapped_column(LargeBinary(65), unique=True)
    private_key: Mapped[bytes] = mapped_column(LargeBinary, info={SEALED_FOR: "file_key"})
    created_at: Mapped[moment]


class SupervisorCode(Base):
    """A person's code for handouts without a voucher. The code is shown once and kept nowhere.

    `key` is what the code derives, sealed: the server checks proofs with it; phones get only its hash.
    """

    __tablename__ = "supervisor_code"
    __table_args__ = (
        Index(
            "uq_supervisor_code_live",
            "user_id",
            "site_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(None, "site_id"),
    )
    id: Mapped[pk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="RESTRICT"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"))
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    iterations: Mapped[int]
    key: Mapped[bytes] = mapped_column(LargeBinary, info={SEALED_FOR: "supervisor_code"})
    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[moment]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
