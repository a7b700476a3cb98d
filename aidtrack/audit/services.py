"""Write audit rows, and remember which client commands already had their effect."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent, CommandReceipt
from aidtrack.db import seal_words
from aidtrack.db.prepared import Prepared
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import CommandReused
from aidtrack.kernel.late import dataclass

_ADD_EVENT = Prepared(
    insert(AuditEvent),
    columns=[column.name for column in AuditEvent.__table__.columns if column.name != "id"],
)


def record(
    session: Session,
    *,
    actor: Actor,
    action: str,
    now: datetime,
    object_type: str | None = None,
    object_id: int | None = None,
    site_id: int | None = None,
    reason: str | None = None,
    facts: Mapping[str, object] | None = None,
) -> None:
    """Add one audit row to the running transaction.

    Args:
        action: `room.verb`; reads of personal data are `read.<what>`.
        facts: JSON values that explain the act. Never a name, phone, document, address or code. A reading gets
            `for`, what it served.
        reason: about a household it is sealed here; about what a household was given the caller sealed it
            (`seal_words`), who knows whose it is.
    """
    if object_type == "household":
        reason = seal_words(session, object_id, reason)
    if action.startswith("read."):
        facts = {"for": actor.purpose, **(facts or {})}
    _ADD_EVENT.run(
        session, at=now, actor_label=actor.label, user_id=actor.user_id, token_id=actor.token_id, site_id=site_id,
        action=action, object_type=object_type, object_id=object_id, reason=reason,
        facts=dict(facts) if facts else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an earlier use of the same command id made."""

    object_id: int | None


def body_hash(body: Mapping[str, Any]) -> bytes:
    """SHA-256 of the body's canonical JSON: the same request hashes alike whatever its spelling."""
    return sha256(json.dumps(body, sort_keys=True, separators=(",", ":"), default=str).encode()).digest()


def already_done(
    session: Session, *, command_id: str, kind: str, body: Mapping[str, Any]
) -> Remembered | None:
    """What this client command id made before, None if it is new (I10). First line of a creating service.

    Raises:
        CommandReused: the id was used with another body or for another kind of command.
    """
    before = session.execute(
        select(CommandReceipt.kind, CommandReceipt.body_hash, CommandReceipt.object_id).where(
            CommandReceipt.command_id == command_id
        )
    ).one_or_none()
    if before is None:
        return None
    if before.kind != kind or bytes(before.body_hash) != body_hash(body):
        raise CommandReused()
    return Remembered(before.object_id)


def mark_done(
    session: Session,
    *,
    command_id: str,
    kind: str,
    body: Mapping[str, Any],
    object_id: int,
    actor: Actor,
    now: datetime,
) -> None:
    """Bind a client command id to what it made. Last line of a creating service.

    Two identical requests racing on PostgreSQL both come here; the primary key lets one pass, and the
    other's transaction is rolled back whole.
    """
    session.execute(
        insert(CommandReceipt).values(
            command_id=command_id, kind=kind, body_hash=body_hash(body), object_id=object_id, at=now,
            actor_label=actor.label,
        )
    )  # fmt: skip
