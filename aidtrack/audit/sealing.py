"""Seal what has happened, and check that nothing sealed has changed since."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Row, Select, String, func, select, text, type_coerce
from sqlalchemy.orm import Session

from aidtrack.audit import chain
from aidtrack.audit.models import AuditEvent, AuditSeal
from aidtrack.kernel.invariants import Breach

MOST_AT_ONCE = 50_000  # hashing this many takes a third of a second, for which writers wait

# One order for the columns and for chain.Event; reasons as they lie there, for their family may be erased
COLUMNS = (
    AuditEvent.id, AuditEvent.at, AuditEvent.actor_label, AuditEvent.user_id, AuditEvent.token_id,
    AuditEvent.site_id, AuditEvent.action, AuditEvent.object_type, AuditEvent.object_id,
    type_coerce(AuditEvent.reason, String), AuditEvent.facts,
)  # fmt: skip


def last_seal(session: Session) -> AuditSeal | None:
    return session.scalars(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1)).one_or_none()


def not_sealed(session: Session) -> int:
    """How many events wait for a seal."""
    last = last_seal(session)
    newer = select(func.count(AuditEvent.id)).where(AuditEvent.id > (last.last_event_id if last else 0))
    return session.scalar(newer) or 0


def seal(session: Session, now: datetime, *, most: int = MOST_AT_ONCE) -> AuditSeal | None:
    """Seal the events since the last seal, at most so many; None when there is nothing new.

    Call it in a unit of work of its own, repeatedly until it gives None. On PostgreSQL it waits for every
    running writer and keeps new ones out until the commit: a lower number may be given out earlier and
    committed later, and would otherwise slip in under a seal already made.
    """
    if session.get_bind().dialect.name == "postgresql":
        # not SHARE: two sealers would both pass, and seal the same events twice
        session.execute(text("LOCK TABLE audit_event IN SHARE ROW EXCLUSIVE MODE"))
    before = last_seal(session)
    batch = chain.hash_batch(
        before.hash if before is not None else chain.BEFORE_THE_FIRST,
        _events(
            session,
            select(*COLUMNS).where(AuditEvent.id > (before.last_event_id if before else 0)).limit(most),
        ),
    )
    if batch.first_event_id is None or batch.last_event_id is None:
        return None
    made = AuditSeal(
        at=now,
        first_event_id=batch.first_event_id,
        last_event_id=batch.last_event_id,
        events=batch.events,
        previous_hash=before.hash if before is not None else chain.BEFORE_THE_FIRST,
        hash=batch.hash,
    )
    session.add(made)
    session.flush()  # for its number, which is half of the checkpoint
    return made


def check_chain(session: Session, checkpoints: tuple[str, ...] = ()) -> Iterator[Breach]:
    """I9: the audit log is what was sealed, and the seals are what was given out.

    Args:
        checkpoints: as printed on reports (`chain.checkpoint`), to be found again in our seals.
    """
    previous_hash, previous_last = chain.BEFORE_THE_FIRST, 0
    known: dict[int, bytes] = {}
    for one in session.scalars(select(AuditSeal).order_by(AuditSeal.id)).all():
        if bytes(one.previous_hash) != previous_hash:
            yield Breach("I9", f"audit seal {one.id} does not follow the seal before it")
        batch = chain.hash_batch(
            bytes(one.previous_hash),
            _events(
                session,
                select(*COLUMNS).where(AuditEvent.id > previous_last, AuditEvent.id <= one.last_event_id),
            ),
        )
        if batch.events != one.events:
            yield Breach(
                "I9", f"audit seal {one.id} covers {one.events} events, and {batch.events} are there"
            )
        elif batch.hash != bytes(one.hash) or batch.first_event_id != one.first_event_id:
            yield Breach(
                "I9",
                f"an audit event from {one.first_event_id} to {one.last_event_id} is not what seal {one.id} sealed",
            )
        previous_hash, previous_last = bytes(one.hash), one.last_event_id
        known[one.id] = previous_hash
    for text_ in checkpoints:
        seal_id, seal_hash = chain.read_checkpoint(text_)
        if known.get(seal_id) != seal_hash:
            yield Breach("I9", f"the checkpoint given out as seal {seal_id} is not the seal we hold")


def _events(session: Session, query: Select[*tuple[object, ...]]) -> Iterator[chain.Event]:
    rows: Iterator[Row[*tuple[object, ...]]] = iter(
        session.execute(query.order_by(AuditEvent.id).execution_options(yield_per=2000))
    )
    for row in rows:
        yield chain.Event(*row)  # type: ignore[arg-type]
