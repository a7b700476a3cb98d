"""Taking a field handout back: its goods return to the place they left, and its entitlement is judged anew."""

from datetime import datetime

from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.db import seal_words
from aidtrack.distribution.field import projection, returning, statements
from aidtrack.distribution.handouts.statements import ADD_HANDOUT, NEXT_TURN
from aidtrack.distribution.models import HandoutKind
from aidtrack.inventory import ledger
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import local_date

BEFORE = "—"  # the undo came home before its handout; its own event holds the reason


def undo(
    session: Session, handout_id: int, event_id: int, *, undo_uid: str, digest: bytes, reason: str, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Reverse the handout of an event, once: a second undo of it changes nothing.

    `event_id` is the handout's event. Where the same press was made online too, that one handout is reversed.
    """
    given = statements.GIVEN.row(session, handout_id=handout_id)
    assert given is not None
    entitlement_id = given[3]
    projection.hold(session, entitlement_id, entry_id=given[2])
    given = statements.GIVEN.row(
        session, handout_id=handout_id
    )  # again: somebody may have undone it meanwhile
    assert given is not None
    if given[11] is not None:
        return
    statements.TAKES_FALL.run(session, of_id=event_id, no=False)  # what came back carries no shortage
    statements.NOT_SHORT.run(session, of_id=event_id, no=False)
    reason = seal_words(session, given[7], reason)
    entry_id = ledger.reverse(session, given[2], reason=reason, actor=actor, now=now)
    returning.take_off(session, handout_id, reason=reason, actor=actor, now=now)
    row = ADD_HANDOUT.row(
        session, client_id=undo_uid, body_hash=digest, kind=HandoutKind.REVERSAL.value, entitlement_id=given[3],
        turn=given[4], voucher_id=given[5], round_id=given[6], household_id=given[7], place_id=given[8],
        site_id=given[9], entry_id=entry_id, collector=given[10], given_on=local_date(now), at=now,
        actor_label=actor.label, user_id=actor.user_id, token_id=None, reverses_id=handout_id, reason=reason,
    )  # fmt: skip
    assert row is not None
    if given[1] == HandoutKind.REGULAR.value:
        NEXT_TURN.run(session, entitlement_id=entitlement_id)
    audit.record(
        session, actor=actor, action="handout.undo", object_type="handout", object_id=row[0], site_id=given[9],
        now=now,
    )  # fmt: skip
    projection.reconsider(session, entitlement_id, actor=actor, now=now)
