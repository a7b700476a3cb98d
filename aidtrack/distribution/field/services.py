"""Taking one event: in one transaction from the text a phone signed to the ledger, its outcome and receipt."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.db.prepared import Prepared, Row, as_moment, rows_of
from aidtrack.db.vault import current_vault
from aidtrack.distribution.field import events, later, reviews, statements, undoing
from aidtrack.distribution.field.devices import FieldDevice, device_by
from aidtrack.distribution.field.errors import Kept
from aidtrack.distribution.field.events import Event, Unreadable
from aidtrack.distribution.field.handing import take_handout, voucher_asked
from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.distribution.field.projection import notes_of
from aidtrack.distribution.field.receipts import EventReceipt
from aidtrack.distribution.field.taking import Sent, Taking, add_event, add_plain_outcome
from aidtrack.distribution.models import CameBy, CaseKind
from aidtrack.distribution.phones.signatures import event_is_signed
from aidtrack.distribution.phones.supervisors import proves
from aidtrack.distribution.services.supervisor_codes import key_of_code
from aidtrack.kernel.clock import local_date

RAW = "field_quarantine.raw"
LONGEST_SIGNATURE = 256
NOT_ITS_PHONES = (
    "unsigned",
    "unknown_device",
)  # kept for such a reason, the same text may still be the true event


def take(
    session: Session, sent: Sent, *, carrier: FieldDevice, came_by: CameBy, now: datetime
) -> EventReceipt:
    """Take one event, for the first or for the hundredth time; always gives its receipt.

    What happened is recorded whatever the rules say of it. Only what cannot be read, was not signed by its
    phone, contradicts itself or names what does not exist is kept aside for a person.

    Args:
        carrier: the phone that brought it; mostly, and not always, the one that made it.
    """
    digest = events.body_hash(sent.body)
    event: Event | None = None
    try:
        event = events.read(sent.body)
        device = carrier if event.device == carrier.public_id else device_by(session, event.device)
        _require_genuine(event, sent, device)
        assert device is not None
        known, kept, voucher = _look_up(session, event, digest)
        if known:
            return _repeat(known[0], event, digest)
        if kept and kept[0][2] not in NOT_ITS_PHONES:  # somebody may have entered it by hand since
            return EventReceipt(
                event.id, digest, Outcome.KEPT, as_moment(kept[0][1]), repeated=True, reason=kept[0][2]
            )
        _require_trusted(event, device)  # only now: what was recorded before a revocation stays recorded
        return _take_new(Taking(session, event, sent, digest, device, came_by, now, voucher))
    except Unreadable as why:
        name = (why.id, why.device, why.seq)
        return _keep(session, sent, digest, why.reason, name, carrier=carrier, came_by=came_by, now=now)
    except Kept as why:
        assert event is not None
        name = (event.id, event.device, event.seq)
        return _keep(session, sent, digest, why.reason, name, carrier=carrier, came_by=came_by, now=now)


def _look_up(session: Session, event: Event, digest: bytes) -> tuple[list[Row], list[Row], Row | None]:
    """The event if it is known, or kept, and the voucher it names: all in one message.

    A handout and its undo come one after the other: whoever takes one of them waits here for the other.
    """
    asked: list[tuple[Prepared, dict[str, Any]]] = [
        (statements.KNOWN, {"event_id": event.id}),
        (statements.KEPT, {"raw_hash": digest}),
    ]
    voucher = voucher_asked(event)
    if voucher is not None:
        asked.append((statements.VOUCHER, voucher))
    if session.get_bind().dialect.name == "postgresql":
        _, *found = rows_of(session, (statements.ALONE, {"about": event.of or event.id}), *asked)
    else:
        found = rows_of(session, *asked)
    known, kept, *rest = found
    return known, kept, rest[0][0] if rest and rest[0] else None


def _require_genuine(event: Event, sent: Sent, device: FieldDevice | None) -> None:
    if device is None:
        raise Kept("unknown_device")
    if not event_is_signed(device.public_key, sent.signature, events.as_bytes(sent.body)):
        raise Kept("unsigned")
    if event.round != device.round_id or event.place != device.place_id:
        raise Kept("contradiction")


def _require_trusted(event: Event, device: FieldDevice) -> None:
    if device.revoked_at is not None and event.est >= device.revoked_at:
        raise Kept("after_revocation")


def _repeat(known: Any, event: Event, digest: bytes) -> EventReceipt:
    if bytes(known[1]) != digest:
        raise Kept("other_body")
    return EventReceipt(
        event.id,
        digest,
        Outcome(known[6]),
        as_moment(known[4]),
        repeated=True,
        notes=tuple(notes_of(known[7])),
    )


def _take_new(taking: Taking) -> EventReceipt:
    if taking.event.type == events.HANDOUT:
        return take_handout(taking)
    if taking.event.type == events.UNDO:
        return _take_undo(taking)
    return _take_without_voucher(taking)


# -- taking back, and families without a paper -----------------------------------------------------------


def _take_undo(taking: Taking) -> EventReceipt:
    """Take a handout of the same phone back. One that is not here yet will be, and is undone then."""
    session, event, device, now = taking.session, taking.event, taking.device, taking.now
    assert event.of is not None
    target = statements.KNOWN.row(session, event_id=event.of)
    event_id = add_event(taking, of_event=event.of)
    notes: list[str] = []
    after = target is not None and target[2] == device.id and later.settled(session, target[0])
    if target is not None and target[2] == device.id and target[3] == events.WITHOUT_VOUCHER:
        if target[6] != Outcome.UNDONE.value:
            _nothing_to_enter(taking, target[0])
    elif target is None or target[2] != device.id or target[8] is None:
        notes = ["waiting"]
    else:
        undoing.undo(
            session, target[8], target[0], undo_uid=event.id, digest=taking.digest, reason=event.reason or "—",
            actor=device.actor, now=now,
        )  # fmt: skip
    notes = sorted([*notes, *later.notes_of_undo(session, event.of, settled=after, known=target is not None)])
    add_plain_outcome(taking, event_id, Outcome.TAKEN_BACK, notes)
    later.open_case(taking, event_id, notes)
    return EventReceipt(event.id, taking.digest, Outcome.TAKEN_BACK, now, notes=tuple(notes))


def _take_without_voucher(taking: Taking) -> EventReceipt:
    """Goods given on a supervisor's word: nothing is posted until a person says whose they are."""
    event_id = add_event(taking)
    add_plain_outcome(taking, event_id, Outcome.KEPT, ["without_voucher", *_doubts(taking)])
    reviews.of_event(
        taking.session,
        event_id,
        CaseKind.KEPT,
        site_id=taking.device.site_id,
        on=taking.on,
        now=taking.now,
        new=True,
    )
    undos = statements.UNDO_OF.rows(taking.session, event_id=taking.event.id, device_id=taking.device.id)
    for undo in undos:
        statements.SET_NOTES.run(taking.session, of_id=undo[0], new_notes=[])
    if undos:  # it was undone before it came
        _nothing_to_enter(taking, event_id)
    outcome = Outcome.UNDONE if undos else Outcome.KEPT
    return EventReceipt(taking.event.id, taking.digest, outcome, taking.now, reason="without_voucher")


def _doubts(taking: Taking) -> list[str]:
    """What speaks against the supervisor's word; whoever reads the event weighs it."""
    event = taking.event
    assert event.supervisor is not None
    code = key_of_code(taking.session, event.supervisor, site_id=taking.device.site_id)
    if code is None or event.proof is None or not proves(code.key, event.id, event.proof):
        return ["unproven"]
    withdrawn = code.withdrawn_at is not None and code.withdrawn_at <= event.est
    return ["code_withdrawn"] if withdrawn else []


def _nothing_to_enter(taking: Taking, event_id: int) -> None:
    """Goods given on a supervisor's word came back: nobody is asked any more to enter them."""
    statements.SET_OUTCOME.run(
        taking.session, of_id=event_id, new_outcome=Outcome.UNDONE.value, is_first=False, is_undone=True,
        is_withdrawn=False, at=taking.now,
    )  # fmt: skip
    reviews.of_event(
        taking.session, event_id, None, site_id=taking.device.site_id, on=taking.on, now=taking.now
    )
    audit.record(
        taking.session, actor=taking.device.actor, action="field.outcome", object_type="field_event",
        object_id=event_id, site_id=taking.device.site_id, now=taking.now,
        facts={"before": Outcome.KEPT.value, "after": Outcome.UNDONE.value},
    )  # fmt: skip


# -- kept aside -----------------------------------------------------------------------------------------


def _keep(
    session: Session, sent: Sent, digest: bytes, reason: str, name: tuple[str | None, str | None, int | None], *,
    carrier: FieldDevice, came_by: CameBy, now: datetime,
) -> EventReceipt:  # fmt: skip
    """Put aside what cannot be taken, raw and encrypted, once for each text; its receipt says so."""
    id_, device_name, seq = name
    device = carrier if device_name in (None, carrier.public_id) else device_by(session, device_name or "")
    if device is not None and not event_is_signed(
        device.public_key, sent.signature, events.as_bytes(sent.body)
    ):
        device = seq = None  # whoever wrote it, nothing says that it was this phone
    found = statements.KEPT.row(session, raw_hash=digest)
    if found is not None:
        return EventReceipt(id_, digest, Outcome.KEPT, as_moment(found[1]), repeated=True, reason=reason)
    raw = sent.body.encode("utf-8", "backslashreplace").decode()
    statements.ADD_KEPT[session.get_bind().dialect.name].run(
        session, raw=current_vault().encrypt(raw, RAW), raw_hash=digest,
        signature=sent.signature[:LONGEST_SIGNATURE], reason=reason, event_id=id_,
        device_id=device.id if device else None, seq=seq if device else None, site_id=carrier.site_id, received_at=now,
        came_by=came_by.value,
    )  # fmt: skip
    row = statements.KEPT.row(session, raw_hash=digest)
    assert row is not None
    reviews.of_kept(session, row[0], site_id=carrier.site_id, on=local_date(now, carrier.time_zone), now=now)
    if id_ is not None and device is not None:
        later.undone_before(session, id_, device, actor=carrier.actor, now=now)
    audit.record(
        session, actor=carrier.actor, action="field.keep", object_type="field_quarantine", object_id=row[0],
        site_id=carrier.site_id, now=now, facts={"reason": reason, "device": carrier.id, "came_by": came_by.value},
    )  # fmt: skip
    return EventReceipt(id_, digest, Outcome.KEPT, now, reason=reason)


def keep_failed(
    session: Session, sent: Sent, *, carrier: FieldDevice, came_by: CameBy, now: datetime
) -> EventReceipt:
    """Put aside an event that failed here for a reason of ours, so that its phone need not wait for a mend."""
    name: tuple[str | None, str | None, int | None]
    try:
        event = events.read(sent.body)
        name = (event.id, event.device, event.seq)
    except Unreadable as why:
        name = (why.id, why.device, why.seq)
    digest = events.body_hash(sent.body)
    return _keep(session, sent, digest, "failure", name, carrier=carrier, came_by=came_by, now=now)


def note_sequence(session: Session, device: FieldDevice, *, now: datetime) -> bool:
    """The phone holds nothing more: is its sequence whole? Opens or closes the device's case; False: it is not.

    While it still holds events, numbers are missing because they have not come yet.
    """
    of = {"device_id": device.id}
    [(count, highest)] = statements.SEQUENCE.rows(session, **of)
    whole = (count or 0) == (highest or 0) and not statements.UNLINKED.rows(session, **of)
    reviews.of_gap(
        session,
        device.id,
        gap=not whole,
        site_id=device.site_id,
        on=local_date(now, device.time_zone),
        now=now,
    )
    return whole
