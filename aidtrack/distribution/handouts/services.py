"""Handing out on a voucher, and taking a handout back: one transaction from the paper to the ledger."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.audit.services import body_hash
from aidtrack.db import seal_words
from aidtrack.db.prepared import as_moment, batch
from aidtrack.distribution.errors import (
    Collision,
    NothingHandedOut,
    ProxyNotAllowed,
    QuantityRaised,
    ReasonNeeded,
    UndoTooLate,
    UnknownItem,
    UnknownVoucher,
)
from aidtrack.distribution.field import projection
from aidtrack.distribution.handouts import presented, queries, statements
from aidtrack.distribution.handouts.commands import HandOut, UndoHandout
from aidtrack.distribution.handouts.presented import CounterPlace, DueLine, FoundVoucher, LotRow
from aidtrack.distribution.handouts.receipts import LotPart, Receipt, ReceiptLine
from aidtrack.distribution.models.handouts import Collector, HandoutKind
from aidtrack.distribution.rights.queries import proxy_allowed
from aidtrack.distribution.vouchers import VoucherEvent, next_state
from aidtrack.inventory import ledger
from aidtrack.inventory.allocation import LotOnHand, Pick, plan_picks
from aidtrack.inventory.errors import NotEnoughStock
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, PlaceKind
from aidtrack.inventory.ledger import Move
from aidtrack.inventory.models import EntryKind
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import CommandReused, DomainError, NotFound

HANDED_OUT = VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT]
UNDO_WITHIN = timedelta(minutes=15)


def hand_out(
    session: Session, command: HandOut, *, actor: Actor, now: datetime, happened_on: date | None = None
) -> Receipt:
    """Hand out what a voucher is due, from the place's lots, soonest expiry first within earmarks.

    The voucher's row is locked before anything is judged, then the balances of its items by lot id; the
    unique turn of an entitlement and the CHECK on balances are the second line.

    Args:
        happened_on: the local day on which the goods were given, where a paper is entered afterwards; the
            voucher is judged by that day and reports count on it. The caller has judged the day itself.

    Returns:
        the receipt; `repeated` when this client id had its effect before (I10).

    Raises:
        CommandReused: the client id was used with another body.
        VoucherRefused: unknown, foreign, void, expired, not yet valid, wrong place, already collected.
        NotEnoughStock: with `item` in the facts.
        QuantityRaised, UnknownItem, ReasonNeeded: the quantities asked for are not allowed.
        ProxyNotAllowed: the programme's rule lets only the family collect.
    """
    actor.require(Permission.HANDOUT_GIVE)
    place = place_of(session, command.place_id, actor)
    digest = body_hash(command.body())
    client_id = str(command.client_id)
    # the client id is asked for only under the lock: a twin of this request may have held it until now
    try:
        voucher = presented.find(session, command.code, locked=True)
    except DomainError:
        earlier = statements.HANDOUT_BY_CLIENT_ID.row(session, client_id=client_id)
        if earlier is None:
            raise
        return _repeat(session, earlier, digest, command, actor)
    seen = presented.look(
        session, client_id=client_id, place_id=command.place_id, profile_id=voucher.profile_id
    )
    if seen.earlier is not None:
        return _repeat(session, seen.earlier, digest, command, actor)
    if voucher.site_id not in actor.site_ids:
        raise UnknownVoucher  # another site's voucher and none at all answer alike (I14)
    on = happened_on or local_date(now)
    presented.require_open(session, voucher, on=on, place_id=command.place_id, language=actor.language)
    # what paper says happened, happened: only at the counter can it still be refused
    if command.collector is Collector.PROXY and happened_on is None:
        _require_proxy_allowed(session, voucher, on)
    due, lots = seen.due, seen.lots
    wanted = quantities(command, due)
    picks = pick(due, wanted, lots, voucher=voucher, on=on)
    moves = [
        Move(pick.lot_id, command.place_id, HANDED_OUT, pick.units)
        for line in due
        for pick in picks[line.item_id]
    ]
    partial = any(wanted[line.item_id] < line.units for line in due)
    words = seal_words(session, voucher.household_id, command.reason)
    with _collisions(session), batch(session):
        entry_id = ledger.post(
            session, kind=EntryKind.HANDOUT, document=voucher.serial, effective_on=on, site_id=place.site_id,
            moves=moves, actor=actor, now=now, balances_locked=True, entry_id=seen.numbers[0],
        )  # fmt: skip
        handout_id = add_handout(
            session, kind=HandoutKind.REGULAR, client_id=client_id, digest=digest, voucher=voucher,
            place=place, entry_id=entry_id, collector=command.collector.value, reason=words, actor=actor,
            now=now, on=on, number=seen.numbers[1],
        )  # fmt: skip
        statements.ADD_LINE.run_many(
            session,
            [
                {"handout_id": handout_id, "item_id": line.item_id, "due_units": line.units,
                 "units": wanted[line.item_id]}
                for line in due
            ],
        )  # fmt: skip
        event = VoucherEvent.REDEEM_PARTLY if partial else VoucherEvent.REDEEM
        statements.SET_VOUCHER_STATE.run(
            session, voucher_id=voucher.id, new_state=next_state(voucher.state, event).value
        )
        audit.record(
            session, actor=actor, action="handout.give", object_type="handout", object_id=handout_id,
            site_id=place.site_id, reason=words, now=now,
        )  # fmt: skip
    by_lot = {row.lot.lot_id: row for row in lots}
    return Receipt(
        client_id=client_id,
        kind=HandoutKind.REGULAR.value,
        serial=voucher.serial,
        place_id=place.id,
        place_code=place.code,
        at=now,
        lines=tuple(receipt_line(line, wanted[line.item_id], picks[line.item_id], by_lot) for line in due),
        reason=command.reason,
        reverses=None,
    )


def undo_handout(session: Session, command: UndoHandout, *, actor: Actor, now: datetime) -> Receipt:
    """Take a handout back by a reversal: goods return to their place, the voucher opens again.

    Within `UNDO_WITHIN` whoever hands out may do it; later it takes the right to correct handouts.

    Raises:
        NotFound: no such handout at this actor's sites.
        UndoTooLate: the short while is over and the actor may not correct handouts.
        NotPossibleNow: it was undone before.
    """
    digest = body_hash(command.body())
    found = statements.HANDOUT_BY_CLIENT_ID.row(session, client_id=str(command.handout_client_id))
    if found is None or found[10] not in actor.site_ids or found[3] != HandoutKind.REGULAR.value:
        raise NotFound
    if now - as_moment(found[12]) > UNDO_WITHIN or not actor.can(Permission.HANDOUT_GIVE):
        if not actor.can(Permission.HANDOUT_CORRECT):
            raise UndoTooLate(minutes=int(UNDO_WITHIN.total_seconds() // 60))
        actor.require(Permission.HANDOUT_CORRECT, site_id=found[10])
    place = place_of(session, found[9], actor)
    # every paper of the family, in the order in which phones' events take them
    projection.hold(session, found[4], entry_id=found[11])
    voucher = presented.lock_by_id(session, found[6])
    earlier = statements.HANDOUT_BY_CLIENT_ID.row(session, client_id=str(command.client_id))
    if earlier is not None:
        return _repeat(session, earlier, digest, command, actor)
    state = next_state(voucher.state, VoucherEvent.UNDO)
    words = seal_words(session, voucher.household_id, command.reason)
    with _collisions(session):
        entry_id = ledger.reverse(session, found[11], reason=words, actor=actor, now=now)
        handout_id = add_handout(
            session, kind=HandoutKind.REVERSAL, client_id=str(command.client_id), digest=digest, voucher=voucher,
            place=place, entry_id=entry_id, collector=found[16], reason=words, actor=actor, now=now,
            reverses_id=found[0],
        )  # fmt: skip
        statements.SET_VOUCHER_STATE.run(session, voucher_id=voucher.id, new_state=state.value)
        statements.NEXT_TURN.run(session, entitlement_id=voucher.entitlement_id)
        projection.reconsider(session, voucher.entitlement_id, actor=actor, now=now)
        audit.record(
            session, actor=actor, action="handout.undo", object_type="handout", object_id=handout_id,
            site_id=place.site_id, reason=words, now=now,
        )  # fmt: skip
    row = statements.HANDOUT_BY_CLIENT_ID.row(session, client_id=str(command.client_id))
    assert row is not None
    return replace(queries.receipt(session, row), repeated=False)


def _repeat(
    session: Session,
    earlier: tuple[Any, ...],
    digest: bytes,
    command: HandOut | UndoHandout,
    actor: Actor,
) -> Receipt:
    if earlier[10] not in actor.site_ids:
        raise CommandReused
    receipt = queries.receipt(session, earlier)
    if bytes(earlier[2]) == digest or (
        isinstance(command, HandOut) and _same_press(session, command, receipt)
    ):
        return receipt
    raise CommandReused


def _same_press(session: Session, command: HandOut, receipt: Receipt) -> bool:
    """Whether the press came home from the field under this id before: same voucher, place and quantities."""
    if receipt.kind != HandoutKind.FIELD.value or receipt.place_id != command.place_id:
        return False
    voucher = presented.find(session, command.code, locked=False)
    due = {line.item_id: line.units for line in presented.due_lines(session, voucher.profile_id)}
    wanted = {item: units for item, units in {**due, **command.quantities}.items() if units}
    given = {line.item_id: line.units for line in receipt.lines if line.units}
    return voucher.serial == receipt.serial and wanted == given


def _require_proxy_allowed(session: Session, voucher: FoundVoucher, on: date) -> None:
    if not proxy_allowed(session, voucher.programme_id, on):
        raise ProxyNotAllowed


def place_of(session: Session, place_id: int, actor: Actor) -> CounterPlace:
    place = presented.place(session, place_id)
    if place is None or place.site_id not in actor.site_ids or not place.active:
        raise NotFound
    return place


def quantities(command: HandOut, due: list[DueLine]) -> dict[int, int]:
    """Base units to hand out by item: what is due, lowered where the command says so."""
    of_item = {line.item_id: line.units for line in due}
    unknown = set(command.quantities) - set(of_item)
    if unknown:
        raise UnknownItem
    wanted = {**of_item, **command.quantities}
    for line in due:
        if not 0 <= wanted[line.item_id] <= line.units:
            raise QuantityRaised(item=line.item_code, due=line.units)
    if not any(wanted.values()):
        raise NothingHandedOut
    if wanted != of_item and not (command.reason or "").strip():
        raise ReasonNeeded
    return wanted


def pick(
    due: list[DueLine], wanted: dict[int, int], lots: list[LotRow], *, voucher: FoundVoucher, on: date
) -> dict[int, list[Pick]]:
    held: dict[int, list[LotOnHand]] = defaultdict(list)
    for row in lots:
        held[row.item_id].append(row.lot)
    picks: dict[int, list[Pick]] = {}
    for line in due:
        units = wanted[line.item_id]
        try:
            picks[line.item_id] = (
                plan_picks(held[line.item_id], units=units, programme_id=voucher.programme_id, on=on)
                if units
                else []
            )
        except NotEnoughStock as error:
            raise NotEnoughStock(item=line.item_code, **error.facts) from error
    return picks


def add_handout(
    session: Session, *, kind: HandoutKind, client_id: str, digest: bytes, voucher: FoundVoucher,
    place: CounterPlace, entry_id: int, collector: str, reason: str | None, actor: Actor, now: datetime,
    reverses_id: int | None = None, on: date | None = None, number: int | None = None,
) -> int:  # fmt: skip
    """The handout's row; `number` was taken from its sequence before."""
    row = {
        "client_id": client_id, "body_hash": digest, "kind": kind.value, "entitlement_id": voucher.entitlement_id,
        "turn": voucher.turn, "voucher_id": voucher.id, "round_id": voucher.round_id,
        "household_id": voucher.household_id, "place_id": place.id, "site_id": place.site_id, "entry_id": entry_id,
        "collector": collector, "given_on": on or local_date(now), "at": now, "actor_label": actor.label,
        "user_id": actor.user_id, "token_id": actor.token_id, "reverses_id": reverses_id, "reason": reason,
    }  # fmt: skip
    if number is not None:
        statements.ADD_NUMBERED_HANDOUT.run(session, id=number, **row)
        return number
    return int(statements.ADD_HANDOUT.rows(session, **row)[0][0])


def receipt_line(line: DueLine, units: int, picks: list[Pick], by_lot: dict[int, LotRow]) -> ReceiptLine:
    return ReceiptLine(
        item_id=line.item_id,
        item_code=line.item_code,
        base_unit=line.base_unit,
        due_units=line.units,
        units=units,
        parts=tuple(
            LotPart(by_lot[pick.lot_id].lot_code, by_lot[pick.lot_id].donor_code, pick.units)
            for pick in sorted(picks, key=lambda pick: pick.lot_id)
        ),
    )


@contextmanager
def _collisions(session: Session) -> Iterator[None]:
    """Turn the database's second line (unique turn, CHECK on balances) into a clear refusal."""
    driver = session.get_bind().dialect.dbapi
    assert driver is not None
    try:
        yield
    except (driver.IntegrityError, IntegrityError) as error:
        raise Collision from error
