"""A handout made without a network: from its event to the ledger."""

from contextlib import nullcontext
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import Session

from aidtrack.db.prepared import Row, as_date, as_moment, batch
from aidtrack.distribution import signing
from aidtrack.distribution.field import goods, numbered, projection, statements, undoing
from aidtrack.distribution.field.devices import FieldDevice
from aidtrack.distribution.field.errors import Kept
from aidtrack.distribution.field.events import Event
from aidtrack.distribution.field.outcomes import FieldHandout, Outcome
from aidtrack.distribution.field.projection import Known, Standing
from aidtrack.distribution.field.receipts import EventReceipt
from aidtrack.distribution.field.taking import Taking, add_event, add_outcome
from aidtrack.distribution.handouts.statements import ADD_HANDOUT, ADD_LINE, DUE, LOTS_LOCKED
from aidtrack.distribution.models import HandoutKind
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.late import dataclass

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


def voucher_asked(event: Event) -> dict[str, Any] | None:
    """What to ask `statements.VOUCHER` for; None where the event names no voucher that could be looked up."""
    try:
        return (
            {"public_id": signing.DecodedCode.of(event.token).claims.voucher_id.bytes}
            if event.token
            else None
        )
    except DomainError:
        return None  # `_voucher` says why, should the event turn out to be new


def _voucher(row: Row | None, token: str) -> _Voucher:
    """The genuine voucher behind a code, whatever became of it since."""
    try:
        code = signing.DecodedCode.of(token)
        if row is None:
            raise Kept("unknown_voucher")
        tag = int.from_bytes(bytes(row[12]), "big")
        code.verify({row[4]: _public_key(bytes(row[5]))}, tag)
    except DomainError as refusal:
        raise Kept(refusal.code) from refusal
    withdrawn_at = as_moment(row[6]) if row[6] is not None else None
    return _Voucher(row[0], row[1], as_date(row[2]), as_date(row[3]), withdrawn_at, *row[7:12])


def take_handout(taking: Taking) -> EventReceipt:
    """Post what was handed out, and judge the family's events anew with this one among them.

    Raises:
        Kept: before anything was written.
    """
    session, event, device, now = taking.session, taking.event, taking.device, taking.now
    assert event.token is not None
    voucher = _voucher(taking.voucher, event.token)
    in_advance = session.get_bind().dialect.name == "postgresql"
    standing, (twins, undos, by_hand, due, lots, *numbers) = projection.hold_and_ask(
        session,
        voucher.entitlement_id,
        (statements.TWIN, {"client_id": event.id}),
        (statements.UNDO_OF, {"event_id": event.id, "device_id": device.id}),
        (statements.POSTED_BY_HAND, {"event_id": event.id}),
        (DUE, {"profile_id": voucher.profile_id}),
        (LOTS_LOCKED, {"place_id": device.place_id, "profile_id": voucher.profile_id}),
        *([(numbered.NUMBERS, {})] if in_advance else []),
    )
    # by the phone's day, not by ours: a batch that comes at midnight is not late for it
    on = local_date(event.est, device.time_zone)
    twin = twins[0] if twins else None
    given = None
    if twin is not None:
        _require_same_press(session, twin, event, voucher, device)
    else:
        given = goods.judge(session, event, due, lots, programme_id=voucher.programme_id, on=on)
    new = _Handout(
        voucher,
        standing,
        given,
        int(twin[0]) if twin is not None else None,
        undone_online=twin is not None and twin[4] is not None,
        late=on > voucher.last_day,
        notes=_notes(taking, voucher, given, on, posted_by_hand=bool(by_hand)),
    )
    fallen_short = _owe(taking, given)
    # what nothing here waits for goes to the database in one message, or other phones wait for the lots' rows
    with nullcontext() if fallen_short else batch(session):
        handout_id, event_id, outcome = _write(taking, new, fallen_short, *(numbers[0][0] if numbers else ()))
    if undos:  # it was undone before it came
        undoing.undo(
            session, handout_id, event_id, undo_uid=undos[0][1], digest=bytes(undos[0][2]), reason=undoing.BEFORE,
            actor=device.actor, now=now,
        )  # fmt: skip
        for undo in undos:
            statements.SET_NOTES.run(session, of_id=undo[0], new_notes=[])
        outcome = Outcome.UNDONE
    return EventReceipt(event.id, taking.digest, outcome, now, notes=tuple(new.notes))


@dataclass(frozen=True, slots=True)
class _Handout:
    """An event that will be taken: what it stands on and what was found out about it."""

    voucher: _Voucher
    standing: Standing
    given: goods.Goods | None  # None: the same press was made online as `online_id`
    online_id: int | None
    undone_online: bool
    late: bool
    notes: list[str]


def _notes(
    taking: Taking, voucher: _Voucher, given: goods.Goods | None, on: date, *, posted_by_hand: bool
) -> list[str]:
    """What a supervisor should know beside the outcome."""
    notes = set(given.notes) - {"partial"} if given is not None else set()
    if (taking.event.est - taking.now).total_seconds() > AHEAD_S:
        notes.add("future")
    if (taking.device.enrolled_at - taking.event.est).total_seconds() > AHEAD_S:
        notes.add("before_enrolment")
    if posted_by_hand:
        notes.add("posted_by_hand")
    if on < voucher.first_day:
        notes.add("early")
    if voucher.round_id != taking.device.round_id:
        notes.add("other_round")
    return sorted(notes)


def _owe(taking: Taking, given: goods.Goods | None) -> frozenset[int]:
    if given is None:
        return frozenset()
    device = taking.device
    return goods.owe_what_is_missing(
        taking.session, given, place_id=device.place_id, on=taking.on, site_id=device.site_id, actor=device.actor,
        now=taking.now,
    )  # fmt: skip


def _write(
    taking: Taking, new: _Handout, fallen_short: frozenset[int], entry_number: int | None = None,
    handout_number: int | None = None, event_number: int | None = None,
) -> tuple[int, int, Outcome]:  # fmt: skip
    """Goods, handout, event, outcome, paper, review and log; ids of handout and event, and the outcome."""
    session, event, device, now = taking.session, taking.event, taking.device, taking.now
    voucher, given, actor = new.voucher, new.given, taking.device.actor
    if given is not None:
        entry_id = goods.post(
            session, given, document=voucher.serial, place_id=device.place_id, on=taking.on, site_id=device.site_id,
            actor=actor, now=now, entry_id=entry_number,
        )  # fmt: skip
        turn = new.standing.turn
        handout_id = _add_handout(taking, voucher, given, turn=turn, entry_id=entry_id, number=handout_number)
    else:
        assert new.online_id is not None
        handout_id = new.online_id
    event_id = add_event(
        taking, voucher_id=voucher.id, entitlement_id=voucher.entitlement_id, number=event_number
    )
    statements.ADD_TAKE.run_many(
        session,
        [
            {"event_id": event_id, "lot_id": lot, "place_id": device.place_id, "units": units, "est_at": event.est,
             "uid": event.id, "standing": True, "short": False}
            for lot, units in (given.takes if given is not None else {}).items()
        ],
    )  # fmt: skip
    carries = [
        projection.carry(session, lot, device.place_id, event_id=event_id, actor=actor, now=now)
        for lot in sorted(fallen_short)
    ]
    paper = next(paper for paper in new.standing.papers if paper.id == voucher.id)
    fact = FieldHandout(
        id=event.id, est=event.est, withdrawn=paper.withdrawn(event.est, voucher.key_withdrawn_at), late=new.late,
        short=any(carries), online=given is None, undone=new.undone_online,
    )  # fmt: skip
    partial = "partial" in given.notes if given is not None else event.partial
    known = Known(event_id, fact, partial, None, fact.withdrawn, False, device.site_id, new.notes)
    judged = projection.project(session, new.standing, known, actor=actor, now=now)[event.id]
    add_outcome(taking, event_id, judged, known, entitlement_id=voucher.entitlement_id, handout_id=handout_id)
    return handout_id, event_id, judged.outcome


def _require_same_press(
    session: Session, twin: Any, event: Event, voucher: _Voucher, device: FieldDevice
) -> None:
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


def _add_handout(
    taking: Taking, voucher: _Voucher, given: goods.Goods, *, turn: int, entry_id: int, number: int | None
) -> int:
    device, event = taking.device, taking.event
    row = {
        "client_id": event.id, "body_hash": taking.digest, "kind": HandoutKind.FIELD.value,
        "entitlement_id": voucher.entitlement_id, "turn": turn, "voucher_id": voucher.id,
        "round_id": voucher.round_id, "household_id": voucher.household_id, "place_id": device.place_id,
        "site_id": device.site_id, "entry_id": entry_id, "collector": event.collector, "given_on": taking.on,
        "at": taking.happened, "actor_label": device.actor.label, "user_id": device.user_id, "token_id": None,
        "reverses_id": None, "reason": event.reason,
    }  # fmt: skip
    if number is not None:
        numbered.ADD_HANDOUT.run(taking.session, id=number, **row)
        handout_id = number
    else:
        handout_id = int(ADD_HANDOUT.rows(taking.session, **row)[0][0])
    ADD_LINE.run_many(
        taking.session,
        [
            {
                "handout_id": handout_id,
                "item_id": line.item_id,
                "due_units": line.due_units,
                "units": line.units,
            }
            for line in given.lines
        ],
    )
    return handout_id
