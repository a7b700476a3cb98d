"""A handout made without a network: from its event to the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import Session

from aidtrack.db.prepared import as_date, as_moment, rows_of
from aidtrack.distribution import signing
from aidtrack.distribution.field import goods, projection, statements, undoing
from aidtrack.distribution.field.devices import FieldDevice
from aidtrack.distribution.field.errors import Kept
from aidtrack.distribution.field.events import Event
from aidtrack.distribution.field.outcomes import FieldHandout, Outcome
from aidtrack.distribution.field.projection import Known
from aidtrack.distribution.field.receipts import EventReceipt
from aidtrack.distribution.field.taking import Taking, add_event, add_outcome
from aidtrack.distribution.handouts.statements import ADD_HANDOUT, ADD_LINE, DUE, LOTS_LOCKED
from aidtrack.distribution.models import HandoutKind
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import DomainError

AHEAD_S = 600  # a trusted time this far after its arrival is worth a look


@dataclass(frozen=True, slots=True)
class _Voucher:
    id: int
    serial: str
    first_day: date
    last_day: date
    key_withdrawn_at: datetime | None
    entitlement_id: int
    household_id: int
    profile_id: int
    round_id: int
    programme_id: int


@lru_cache(maxsize=64)
def _public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    return signing.public_key_from_bytes(point)


def _voucher(session: Session, token: str) -> _Voucher:
    """The genuine voucher behind a code, whatever became of it since."""
    try:
        code = signing.DecodedCode.of(token)
        row = statements.VOUCHER.row(session, public_id=code.claims.voucher_id.bytes)
        if row is None:
            raise Kept("unknown_voucher")
        tag = int.from_bytes(bytes(row[12]), "big")
        code.verify({row[4]: _public_key(bytes(row[5]))}, tag)
    except DomainError as refusal:
        raise Kept(refusal.code) from refusal
    withdrawn_at = as_moment(row[6]) if row[6] is not None else None
    return _Voucher(row[0], row[1], as_date(row[2]), as_date(row[3]), withdrawn_at, *row[7:12])


def take_handout(taking: Taking) -> EventReceipt:
    session, event, device, now = taking.session, taking.event, taking.device, taking.now
    assert event.token is not None
    voucher = _voucher(session, event.token)
    standing = projection.hold(session, voucher.entitlement_id)
    twin, undos, due, lots = rows_of(
        session,
        (statements.TWIN, {"client_id": event.id}),
        (statements.UNDO_OF, {"event_id": event.id, "device_id": device.id}),
        (DUE, {"profile_id": voucher.profile_id}),
        (LOTS_LOCKED, {"place_id": device.place_id, "profile_id": voucher.profile_id}),
    )
    actor = device.actor
    # by the phone's day, not by ours: a batch that comes at midnight is not late for it
    est_on = local_date(event.est, device.time_zone)
    notes = {"future"} if (event.est - now).total_seconds() > AHEAD_S else set()
    if est_on < voucher.first_day:
        notes.add("early")
    if voucher.round_id != device.round_id:
        notes.add("other_round")
    fallen_short: frozenset[int] = frozenset()
    takes: Mapping[int, int] = {}
    if twin:
        handout_id, partial = _same_press(session, twin[0], event, voucher, device), event.partial
    else:
        given = goods.judge(session, event, due, lots, programme_id=voucher.programme_id, on=est_on)
        takes, partial = given.takes, "partial" in given.notes
        notes |= given.notes - {"partial"}
        fallen_short = goods.owe_what_is_missing(
            session,
            given,
            place_id=device.place_id,
            on=taking.on,
            site_id=device.site_id,
            actor=actor,
            now=now,
        )
        entry_id = goods.post(
            session, given, document=voucher.serial, place_id=device.place_id, on=taking.on, site_id=device.site_id,
            actor=actor, now=now,
        )  # fmt: skip
        handout_id = _add_handout(taking, voucher, given, turn=standing.turn, entry_id=entry_id)
    paper = next(paper for paper in standing.papers if paper.id == voucher.id)
    event_id = add_event(taking, voucher_id=voucher.id, entitlement_id=voucher.entitlement_id)
    statements.ADD_TAKE.run_many(
        session,
        [
            {"event_id": event_id, "lot_id": lot, "place_id": device.place_id, "units": units, "est_at": event.est,
             "uid": event.id, "standing": True, "short": False}
            for lot, units in takes.items()
        ],
    )  # fmt: skip
    carries = [
        projection.carry(session, lot, device.place_id, event_id=event_id, actor=actor, now=now)
        for lot in sorted(fallen_short)
    ]
    fact = FieldHandout(
        id=event.id, est=event.est, withdrawn=paper.withdrawn(event.est, voucher.key_withdrawn_at),
        late=est_on > voucher.last_day, short=any(carries), online=bool(twin),
        undone=bool(twin) and twin[0][4] is not None,
    )  # fmt: skip
    new = Known(event_id, fact, partial, None, fact.withdrawn, False, device.site_id, sorted(notes))
    judged = projection.project(session, standing, new, actor=actor, now=now)[event.id]
    add_outcome(taking, event_id, judged, new, entitlement_id=voucher.entitlement_id, handout_id=handout_id)
    outcome = judged.outcome
    if undos:  # it was undone before it came
        undoing.undo(
            session, handout_id, event_id, undo_uid=undos[0][1], digest=bytes(undos[0][2]), reason=undoing.BEFORE,
            actor=actor, now=now,
        )  # fmt: skip
        for undo in undos:
            statements.SET_NOTES.run(session, of_id=undo[0], new_notes=[])
        outcome = Outcome.UNDONE
    return EventReceipt(event.id, taking.digest, outcome, now, notes=tuple(sorted(notes)))


def _same_press(session: Session, twin: Any, event: Event, voucher: _Voucher, device: FieldDevice) -> int:
    """The same press reached the server online under the same id: one handout, if it says the same.

    Raises:
        Kept: it says something else.
    """
    handout_id, kind, voucher_id, place_id, _undone_by = twin
    if kind != HandoutKind.REGULAR.value or (voucher_id, place_id) != (voucher.id, device.place_id):
        raise Kept("other_body")
    online = {
        code: units for code, units in statements.TWIN_LINES.rows(session, handout_id=handout_id) if units
    }
    if online != {line.item: line.units for line in event.lines if line.units}:
        raise Kept("other_body")
    return int(handout_id)


def _add_handout(taking: Taking, voucher: _Voucher, given: goods.Goods, *, turn: int, entry_id: int) -> int:
    device, event = taking.device, taking.event
    row = ADD_HANDOUT.row(
        taking.session, client_id=event.id, body_hash=taking.digest, kind=HandoutKind.FIELD.value,
        entitlement_id=voucher.entitlement_id, turn=turn, voucher_id=voucher.id, round_id=voucher.round_id,
        household_id=voucher.household_id, place_id=device.place_id, site_id=device.site_id, entry_id=entry_id,
        collector=event.collector, given_on=taking.on, at=taking.happened, actor_label=device.actor.label,
        user_id=device.user_id, token_id=None, reverses_id=None, reason=event.reason,
    )  # fmt: skip
    assert row is not None
    ADD_LINE.run_many(
        taking.session,
        [
            {"handout_id": row[0], "item_id": line.item_id, "due_units": line.due_units, "units": line.units}
            for line in given.lines
        ],
    )
    return int(row[0])
