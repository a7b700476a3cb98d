"""Undos that come when a person has already decided, or that take back what only a person can put right."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.distribution.field import reviews, statements
from aidtrack.distribution.field.devices import FieldDevice
from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.distribution.field.projection import notes_of
from aidtrack.distribution.field.taking import Taking
from aidtrack.distribution.models import FieldOutcome, FieldQuarantine, ReviewCase, Settlement
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import local_date

AFTER_SETTLEMENT, OF_KEPT = "after_settlement", "of_kept"


def settled(session: Session, event_id: int) -> bool:
    """Whether a person settled the case of an event; asked before the undo changes anything."""
    found = session.execute(select(ReviewCase.how).where(ReviewCase.event_id == event_id)).scalar()
    return found is not None and found is not Settlement.BY_ITSELF


def notes_of_undo(session: Session, of: str, *, settled: bool, known: bool) -> list[str]:
    """What a person should know of an undo. `known`: the event it takes back was taken as one."""
    notes = [AFTER_SETTLEMENT] if settled else []
    if not known:
        kept = session.execute(select(FieldQuarantine.id).where(FieldQuarantine.event_id == of)).first()
        notes += [OF_KEPT] if kept is not None else []
    return notes


def open_case(taking: Taking, event_id: int, notes: list[str]) -> None:
    """A case of the undo's own, where it needs one."""
    kind = reviews.kind_of(Outcome.TAKEN_BACK, notes)
    if kind is not None:
        reviews.of_event(
            taking.session,
            event_id,
            kind,
            site_id=taking.device.site_id,
            on=taking.on,
            now=taking.now,
            new=True,
        )


def undone_before(session: Session, uid: str, device: FieldDevice, *, actor: Actor, now: datetime) -> None:
    """What is being kept was undone before it came: its undo gets a case, unless the event itself is here too."""
    if statements.KNOWN.row(session, event_id=uid) is not None:
        return
    for undo in statements.UNDO_OF.rows(session, event_id=uid, device_id=device.id):
        before = session.execute(
            select(FieldOutcome.notes).where(FieldOutcome.event_id == undo[0])
        ).scalar_one()
        notes = sorted({*notes_of(before), OF_KEPT})
        statements.SET_NOTES.run(session, of_id=undo[0], new_notes=notes)
        kind = reviews.kind_of(Outcome.TAKEN_BACK, notes)
        reviews.of_event(
            session, undo[0], kind, site_id=device.site_id, on=local_date(now, device.time_zone), now=now
        )
        audit.record(
            session, actor=actor, action="field.outcome", object_type="field_event", object_id=undo[0],
            site_id=device.site_id, now=now, facts={"before": "taken_back", "after": "taken_back", "note": OF_KEPT},
        )  # fmt: skip
