"""The audit log: who did what, when, to which row; and which personal data were read."""

from sqlalchemy import BigInteger, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from aidtrack.db import Base, Json, Words, append_only, moment, pk


@append_only
class AuditEvent(Base):
    """One act. Written in the transaction of the act itself; holds no personal data."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "actor_label", "at"), Index(None, "object_type", "object_id"))
    id: Mapped[pk]
    at: Mapped[moment]
    actor_label: Mapped[str] = mapped_column(String(120))
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    token_id: Mapped[int | None] = mapped_column(BigInteger)
    site_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(64))
    object_type: Mapped[str | None] = mapped_column(String(48))
    object_id: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(Words(500))  # about a family sealed, and sealed in the chain
    facts: Mapped[dict[str, object] | None] = mapped_column(Json)


@append_only
class AuditSeal(Base):
    """A link of the chain: the hash over all events since the seal before it, and over that seal.

    Events are sealed in batches and not one by one, because one hash per row would queue every handout
    of every counter behind one row (docs/adr/0004).
    """

    __tablename__ = "audit_seal"
    id: Mapped[pk]
    at: Mapped[moment]
    first_event_id: Mapped[int] = mapped_column(BigInteger)
    last_event_id: Mapped[int] = mapped_column(BigInteger)
    events: Mapped[int] = mapped_column(BigInteger)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


@append_only
class CommandReceipt(Base):
    """The one effect of a client's command id (I10): same id and body, same answer; other body, a conflict."""

    __tablename__ = "command_receipt"
    command_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(48))
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    object_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[moment]
    actor_label: Mapped[str] = mapped_column(String(120))
