"""Explaining and posting the difference, the second person's word, and taking a closed day back."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site
from aidtrack.audit.models import AuditEvent
from aidtrack.distribution.dayclose import day, queries
from aidtrack.distribution.dayclose.commands import CloseDay, Explanation
from aidtrack.distribution.dayclose.errors import (
    BookMoved,
    NotExplained,
    PhonesHoldEvents,
    SamePerson,
    SurplusHasLeft,
)
from aidtrack.distribution.dayclose.queries import CloseRow, CountLine
from aidtrack.distribution.dayclose.rules import spread
from aidtrack.distribution.dayclose.services.shared import held, log, reason_of
from aidtrack.distribution.models import DayClose, DayCountLine, DayCountLot, DayState
from aidtrack.inventory import services as stock
from aidtrack.inventory.commands import CountLot
from aidtrack.inventory.errors import NotEnoughStock
from aidtrack.inventory.kinds import LossCause
from aidtrack.inventory.models import StockMove
from aidtrack.inventory.services import alone
from aidtrack.inventory.services.correcting import post_count
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import local_date


def close_day(session: Session, command: CloseDay, *, actor: Actor, now: datetime) -> DayState:
    """Explain the differences and close; a large difference waits for a second person instead.

    Raises:
        NotExplained, BookMoved, PhonesHoldEvents, NotInThisState, NotFound.
    """
    close = held(session, command.close_id, actor, DayState.COMPARED)
    for line in queries.lines(session, close.id):
        if line.difference:
            _explain(session, line, command.explanations.get(line.id))
    session.flush()
    lines = queries.lines(session, close.id)
    _require_sent(session, close, command)
    close.note = (command.note or "").strip()[:500] or None
    close.sent_back_reason = None
    close.second_person = any(line.second_person for line in lines) or bool(
        together(session, close, lines, now=now)
    )
    if close.second_person:
        _require_still_book(session, close, lines)
        close.state = DayState.WAITING
        session.flush()
        log(session, close, action="day.wait", actor=actor, now=now)
        return close.state
    _post(session, close, lines, actor=actor, now=now)
    return close.state


def together(
    session: Session, close: DayClose | CloseRow, lines: Sequence[CountLine], *, now: datetime
) -> frozenset[int]:
    """The items of which the day's differences are too much with what one person alone let pass here lately."""
    time_zone = session.execute(select(Site.time_zone).where(Site.id == close.site_id)).scalar_one()
    return alone.over_limit(
        session, queries.differences(lines), site_id=close.site_id, place_id=close.place_id,
        on=local_date(now, time_zone),
    )  # fmt: skip


def approve_day(session: Session, close_id: int, *, actor: Actor, now: datetime) -> None:
    """The second person's word on a large difference: it is posted and the day is closed (I17).

    Raises:
        SamePerson: the actor counted some of it, or explained a difference.
    """
    close = held(session, close_id, actor, DayState.WAITING)
    lines = queries.lines(session, close.id)
    own = close.counted_by == actor.label or (
        actor.user_id is not None and close.counted_by_id == actor.user_id
    )
    if own or any(line.counted_by == actor.label for line in lines) or _had_a_hand(session, close, actor):
        raise SamePerson
    close.approved_by, close.approved_by_id = actor.label, actor.user_id
    _post(session, close, lines, actor=actor, now=now)


def _had_a_hand(session: Session, close: DayClose, actor: Actor) -> bool:
    """Whether the actor finished a count of this close or put its explanations forward, also before it was sent back."""
    who = AuditEvent.actor_label == actor.label
    if actor.user_id is not None:
        who |= AuditEvent.user_id == actor.user_id
    query = select(AuditEvent.id).where(
        AuditEvent.object_type == "day_close",
        AuditEvent.object_id == close.id,
        AuditEvent.action.in_(("day.count", "day.wait")),
        who,
    )
    return session.execute(query.limit(1)).first() is not None


def send_back(session: Session, close_id: int, reason: str, *, actor: Actor, now: datetime) -> None:
    """The second person does not agree: the differences are looked at again."""
    close = held(session, close_id, actor, DayState.WAITING)
    close.sent_back_reason = reason_of(reason)
    close.state = DayState.COMPARED
    session.flush()
    log(session, close, action="day.send_back", actor=actor, now=now, reason=close.sent_back_reason)


def reopen_day(session: Session, close_id: int, reason: str, *, actor: Actor, now: datetime) -> None:
    """Take a closed day back: its posted differences are reversed, and it can be counted anew.

    Raises:
        SurplusHasLeft: what the count had found is no longer here to be taken back.
        ReasonMissing, NotInThisState, NotFound.
    """
    close = held(session, close_id, actor, DayState.CLOSED)
    reason = reason_of(reason)
    entries = session.execute(
        select(DayCountLot.entry_id)
        .join(DayCountLine, DayCountLine.id == DayCountLot.line_id)
        .where(DayCountLine.close_id == close.id, DayCountLot.entry_id.is_not(None))
        .order_by(DayCountLot.entry_id)
    ).scalars()
    try:
        for entry_id in entries:
            assert entry_id is not None
            stock.reverse_entry(session, entry_id, reason=f"{close.number}: {reason}", actor=actor, now=now)
    except NotEnoughStock as error:
        raise SurplusHasLeft from error
    close.state, close.reopen_reason = DayState.REOPENED, reason
    close.reopened_at, close.reopened_by = now, actor.label
    session.flush()
    log(session, close, action="day.reopen", actor=actor, now=now, reason=reason)


def _explain(session: Session, line: CountLine, given: Explanation | None) -> None:
    row = session.get_one(DayCountLine, line.id)
    if given is not None:
        row.reason = given.reason.strip()[:300]
        row.cause = given.cause if line.difference < 0 else LossCause.COUNTING
    if row.cause is None or len(row.reason or "") < 3:
        raise NotExplained(field=f"lines-{line.position - 1}-reason")


def _require_sent(session: Session, close: DayClose, command: CloseDay) -> None:
    close.unsent_events = day.unsent(day.phones(session, close.place_id, close.day))
    if close.unsent_events and not command.accept_unsent:
        raise PhonesHoldEvents(events=close.unsent_events)


def _require_still_book(session: Session, close: DayClose, lines: list[CountLine]) -> None:
    """Refuse where what stands at the place is no longer what the sheet was made from."""
    book = {lot.lot_id: lot.book_units for line in lines for lot in line.lots}
    now = {lot.lot_id: lot.units for lot in queries.shelf(session, close.place_id, close.day, locked=True)}
    moved = [lot for lot in book.keys() | now.keys() if book.get(lot, 0) != now.get(lot, 0)]
    if moved:
        raise BookMoved(lots=len(moved))


def _post(session: Session, close: DayClose, lines: list[CountLine], *, actor: Actor, now: datetime) -> None:
    """Post every lot's difference through the count service, and close."""
    _require_still_book(session, close, lines)
    posted = 0
    for line in lines:
        differences = spread([lot.in_book() for lot in line.lots], line.counted_units or 0)
        for lot in line.lots:
            row = session.get_one(DayCountLot, (line.id, lot.lot_id))
            row.difference = differences[lot.lot_id]
            if not row.difference:
                continue
            post_count(
                session,
                CountLot(
                    command_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{close.number}:{close.id}:{lot.lot_id}")),
                    place_id=close.place_id, lot_id=lot.lot_id, expected_units=lot.book_units,
                    counted_units=lot.book_units + row.difference, reason=f"{close.number}: {line.reason}",
                    cause=line.cause or LossCause.COUNTING,
                ),
                actor=actor, now=now, two_persons=close.second_person,
            )  # fmt: skip
            # the place's balances are held, so the lot's newest entry here is the one just made
            row.entry_id = session.execute(
                select(func.max(StockMove.entry_id)).where(
                    StockMove.lot_id == lot.lot_id,
                    or_(StockMove.source_id == close.place_id, StockMove.target_id == close.place_id),
                )
            ).scalar_one()
            posted += 1
    close.state, close.closed_at, close.closed_by = DayState.CLOSED, now, actor.label
    session.flush()
    facts = {"differences": posted, "unsent": close.unsent_events, "second_person": close.second_person}
    log(session, close, action="day.close", actor=actor, now=now, facts=facts)
