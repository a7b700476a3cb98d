"""A family that had been served elsewhere was given goods again, and signed for them on paper.

It happened, so the goods leave the book as they do for a phone's extra (DESIGN §1.1): the family's voucher, its
turn and its next round stay as they are, and a person reads it.
"""

import uuid
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from aidtrack import audit
from aidtrack.audit.services import body_hash
from aidtrack.db import seal_words
from aidtrack.distribution.field import returning
from aidtrack.distribution.handouts import presented, services, statements
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.distribution.handouts.presented import FoundVoucher
from aidtrack.distribution.handouts.services import HANDED_OUT
from aidtrack.distribution.models.handouts import Handout, HandoutKind
from aidtrack.inventory import ledger
from aidtrack.inventory.ledger import Move
from aidtrack.inventory.models import EntryKind
from aidtrack.kernel.actor import Actor, Permission


def served_elsewhere(session: Session, voucher: FoundVoucher, *, place_id: int, on: date) -> bool:
    """Whether the family's standing handout is surely another one: at another place or on another day.

    On the same day at the same place it may well be this very handout, recorded by a phone or the counter too.
    """
    standing = statements.STANDING_HANDOUT.row(
        session, entitlement_id=voucher.entitlement_id, turn=voucher.turn
    )
    if standing is None:
        return False
    given_on = session.execute(select(Handout.given_on).where(Handout.id == standing[0])).scalar_one()
    return standing[9] != place_id or given_on != on


def hand_out_extra(
    session: Session, command: HandOut, *, actor: Actor, now: datetime, happened_on: date
) -> str:
    """Post what a signed paper says was given although the family had been served; gives the client id.

    Raises:
        NotEnoughStock: nobody can say which lots it was; and what else the quantities can be.
    """
    actor.require(Permission.HANDOUT_GIVE)
    place = services.place_of(session, command.place_id, actor)
    voucher = presented.find(session, command.code, locked=True)
    client_id = str(command.client_id)
    seen = presented.look(
        session, client_id=client_id, place_id=command.place_id, profile_id=voucher.profile_id
    )
    wanted = services.quantities(command, seen.due)
    picks = services.pick(seen.due, wanted, seen.lots, voucher=voucher, on=happened_on)
    entry_id = ledger.post(
        session, kind=EntryKind.HANDOUT, document=voucher.serial, effective_on=happened_on, site_id=place.site_id,
        moves=[
            Move(one.lot_id, command.place_id, HANDED_OUT, one.units)
            for line in seen.due
            for one in picks[line.item_id]
        ],
        actor=actor, now=now, balances_locked=True,
    )  # fmt: skip
    words = seal_words(session, voucher.household_id, command.reason)
    handout_id = services.add_handout(
        session, kind=HandoutKind.FIELD, client_id=client_id, digest=body_hash(command.body()), voucher=voucher,
        place=place, entry_id=entry_id, collector=command.collector.value, reason=words, actor=actor,
        now=now, on=happened_on,
    )  # fmt: skip
    statements.ADD_LINE.run_many(
        session,
        [
            {"handout_id": handout_id, "item_id": line.item_id, "due_units": line.units, "units": wanted[line.item_id]}
            for line in seen.due
        ],
    )  # fmt: skip
    audit.record(
        session, actor=actor, action="handout.extra", object_type="handout", object_id=handout_id,
        site_id=place.site_id, reason=words, now=now,
    )  # fmt: skip
    return client_id


def take_back(session: Session, client_id: str, *, reason: str, actor: Actor, now: datetime) -> int | None:
    """Undo an extra that turned out to be a handout recorded before; gives the entry, None if it was undone."""
    back = aliased(Handout)
    found = session.execute(
        select(Handout)
        .outerjoin(back, back.reverses_id == Handout.id)
        .where(Handout.client_id == client_id, Handout.kind == HandoutKind.FIELD, back.id.is_(None))
    ).scalar_one_or_none()
    if found is None:
        return None
    reason = seal_words(session, found.household_id, reason)
    entry_id = ledger.reverse(session, found.entry_id, reason=reason, actor=actor, now=now)
    returning.take_off(session, found.id, reason=reason, actor=actor, now=now)
    statements.ADD_HANDOUT.row(
        session, client_id=str(uuid.uuid5(uuid.UUID(client_id), "taken back")), body_hash=found.body_hash, kind=HandoutKind.REVERSAL.value,
        entitlement_id=found.entitlement_id, turn=found.turn, voucher_id=found.voucher_id, round_id=found.round_id,
        household_id=found.household_id, place_id=found.place_id, site_id=found.site_id, entry_id=entry_id,
        collector=found.collector.value, given_on=found.given_on, at=now, actor_label=actor.label,
        user_id=actor.user_id, token_id=actor.token_id, reverses_id=found.id, reason=reason,
    )  # fmt: skip
    return entry_id
