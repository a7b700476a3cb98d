"""An event being taken, and the rows it becomes."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.db.prepared import Row
from aidtrack.db.vault import current_vault
from aidtrack.distribution.field import numbered, reviews, statements
from aidtrack.distribution.field.devices import FieldDevice
from aidtrack.distribution.field.events import Event
from aidtrack.distribution.field.outcomes import Judged, Outcome
from aidtrack.distribution.field.projection import Known
from aidtrack.distribution.models import CameBy
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.late import dataclass

BODY = "field_event.body"


@dataclass(frozen=True, slots=True)
class Sent:
    """One event as it lies in a batch or a file: a text and the signature over it."""

    body: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Taking:
    """A readable, genuine event that is not here yet, and all that goes with it."""

    session: Session
    event: Event
    sent: Sent
    digest: bytes
    device: FieldDevice
    came_by: CameBy
    now: datetime
    voucher: Row | None = None  # of `statements.VOUCHER`, looked up together with the event

    @property
    def happened(self) -> datetime:
        """When goods changed hands, as far as that can be: not before the phone was ours, not after now.

        Who is first goes by `est` as it stands; this is only the day that papers and reports name.
        """
        return min(max(self.event.est, self.device.enrolled_at), self.now)

    @property
    def on(self) -> date:
        return local_date(self.happened, self.device.time_zone)


def add_event(
    taking: Taking,
    *,
    voucher_id: int | None = None,
    entitlement_id: int | None = None,
    of_event: str | None = None,
    number: int | None = None,
) -> int:
    """The event's row; `number` was taken from its sequence before."""
    event, device = taking.event, taking.device
    row = {
        "event_id": event.id, "device_id": device.id, "seq": event.seq, "prev_hash": event.prev,
        "body": current_vault().encrypt(taking.sent.body, BODY), "body_hash": taking.digest,
        "signature": taking.sent.signature, "type": event.type, "round_id": device.round_id,
        "place_id": device.place_id, "site_id": device.site_id, "voucher_id": voucher_id,
        "entitlement_id": entitlement_id, "of_event": of_event, "est_at": event.est, "wall_at": event.wall,
        "received_at": taking.now, "came_by": taking.came_by.value,
    }  # fmt: skip
    if number is not None:
        numbered.ADD_EVENT.run(taking.session, id=number, **row)
        return number
    return int(statements.ADD_EVENT.rows(taking.session, **row)[0][0])


def add_outcome(
    taking: Taking, event_id: int, judged: Judged, new: Known, *, entitlement_id: int, handout_id: int
) -> None:
    fact = new.fact
    statements.ADD_OUTCOME.run(
        taking.session, event_id=event_id, entitlement_id=entitlement_id, handout_id=handout_id,
        outcome=judged.outcome.value, first=judged.first, undone=fact.undone, late=fact.late, withdrawn=fact.withdrawn,
        short=fact.short, partial=new.partial, notes=new.notes, changed_at=taking.now,
    )  # fmt: skip
    kind = reviews.kind_of(judged.outcome, new.notes)
    if kind is not None:
        reviews.of_event(
            taking.session, event_id, kind, site_id=new.site_id, on=taking.on, now=taking.now, new=True
        )
    _audit(taking, event_id, judged.outcome)


def add_plain_outcome(taking: Taking, event_id: int, outcome: Outcome, notes: list[str]) -> None:
    """Of an event that is no handout on an entitlement."""
    statements.ADD_OUTCOME.run(
        taking.session, event_id=event_id, entitlement_id=None, handout_id=None, outcome=outcome.value, first=False,
        undone=False, late=False, withdrawn=False, short=False, partial=False, notes=notes, changed_at=taking.now,
    )  # fmt: skip
    _audit(taking, event_id, outcome)


def _audit(taking: Taking, event_id: int, outcome: Outcome) -> None:
    audit.record(
        taking.session, actor=taking.device.actor, action="field.take", object_type="field_event", object_id=event_id,
        site_id=taking.device.site_id, now=taking.now,
        facts={"outcome": outcome.value, "device": taking.device.id, "came_by": taking.came_by.value},
    )  # fmt: skip
