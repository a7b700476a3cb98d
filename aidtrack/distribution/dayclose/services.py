"""Closing a day: freeze the book, count blind, explain and post the difference, and take it back with a reason."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.distribution.dayclose import day, queries
from aidtrack.distribution.dayclose.commands import CloseDay, Explanation, SaveCount, StartDay
from aidtrack.distribution.dayclose.errors import (
    BookMoved,
    DayOutOfReach,
    DayTaken,
    NotAllCounted,
    NotAPointOrVan,
    NotExplained,
    NotInThisState,
    PhonesHoldEvents,
    SamePerson,
    SurplusHasLeft,
)
from aidtrack.distribution.dayclose.queries import CountLine, ShelfLot
from aidtrack.distribution.dayclose.rules import spread
from aidtrack.distribution.errors import ReasonMissing
from aidtrack.distribution.models import DayClose, DayCountLine, DayCountLot, DayState
from aidtrack.inventory import services as stock
from aidtrack.inventory.commands import CountLot
from aidtrack.inventory.errors import NotEnoughStock
from aidtrack.inventory.kinds import LossCause, PlaceKind
from aidtrack.inventory.models import StockMove
from aidtrack.inventory.services.documents import earlier, hold_site, next_number, open_place, remember
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound

START = "day.start"
LETTER = "D"
DAYS_BACK = 14
PLACES = (PlaceKind.POINT, PlaceKind.VAN)


def start_day(session: Session, command: StartDay, *, actor: Actor, now: datetime) -> int:
    """Freeze the book of the place and make the sheet to count by; gives the close's id.

    Who comes second to a day that is being counted joins it.

    Raises:
        DayTaken, DayOutOfReach, NotAPointOrVan, CommandReused, NotFound.
    """
    place, today = open_place(session, command.place_id, Permission.DAY_CLOSE, actor=actor, now=now)
    before = earlier(session, command, START)
    if before is not None:
        return before
    if place.kind not in PLACES:
        raise NotAPointOrVan
    if not today - timedelta(days=DAYS_BACK) <= command.day <= today:
        raise DayOutOfReach(days=DAYS_BACK)
    standing = queries.standing(session, place.id, command.day)
    if standing is not None:
        if standing.state is DayState.COUNTING:
            return standing.id
        raise DayTaken(number=standing.number)
    close = DayClose(
        number=next_number(session, DayClose.number, place.site_code, LETTER, command.day),
        place_id=place.id, site_id=place.site_id, day=command.day, by_item=command.by_item, book_entry_id=0,
        state=DayState.COUNTING, book_at=now, started_at=now, started_by=actor.label,
    )  # fmt: skip
    session.add(close)
    session.flush()  # its id
    _freeze(session, close, now=now)
    _log(session, close, action="day.start", actor=actor, now=now, facts={"day": command.day.isoformat()})
    remember(session, command, START, close.id, actor=actor, now=now)
    return close.id


def take_book_anew(session: Session, close_id: int, *, actor: Actor, now: datetime) -> None:
    """Freeze the book again; figures already counted stay where their lots still stand in the same line.

    For handouts that were recorded after the book was taken but happened before the shelf was counted, as a
    phone's do that comes home late.
    """
    close = _held(session, close_id, actor, DayState.COUNTING, DayState.COMPARED, DayState.WAITING)
    counted = {frozenset(lot.lot_id for lot in line.lots): line for line in queries.lines(session, close.id)}
    session.execute(
        delete(DayCountLot).where(
            DayCountLot.line_id.in_(select(DayCountLine.id).where(DayCountLine.close_id == close.id))
        )
    )
    session.execute(delete(DayCountLine).where(DayCountLine.close_id == close.id))
    _freeze(session, close, now=now)
    kept = 0
    for line in queries.lines(session, close.id):
        same = counted.get(frozenset(lot.lot_id for lot in line.lots))
        if same is not None and same.counted_units is not None:
            row = session.get_one(DayCountLine, line.id)
            row.counted_units, row.as_typed, row.counted_by = (
                same.counted_units,
                same.as_typed,
                same.counted_by,
            )
            row.cause, row.reason = same.cause, same.reason
            kept += 1
    if kept < len(queries.lines(session, close.id)):
        _back_to_counting(close)
    elif close.state is DayState.WAITING:
        close.state = DayState.COMPARED
    session.flush()
    _log(
        session,
        close,
        action="day.book",
        actor=actor,
        now=now,
        facts={"entry": close.book_entry_id, "kept": kept},
    )


def save_count(session: Session, command: SaveCount, *, actor: Actor, now: datetime) -> None:
    """Write down what stands on the shelf. With `finish` the book is opened and figures stand.

    Raises:
        NotAllCounted: finished with lines that nobody counted.
        NotInThisState, NotFound.
    """
    close = _held(session, command.close_id, actor, DayState.COUNTING)
    rows = {
        row.id: row
        for row in session.execute(select(DayCountLine).where(DayCountLine.close_id == close.id)).scalars()
    }
    for line in command.lines:
        row = rows.get(line.line_id)
        if row is None:
            raise NotFound
        if row.counted_units != line.units:
            row.counted_by = actor.label
        row.counted_units, row.as_typed = line.units, line.as_typed[:80]
    if command.finish:
        missing = sum(row.counted_units is None for row in rows.values())
        if missing:
            raise NotAllCounted(missing=missing)
        close.state, close.counted_at = DayState.COMPARED, now
        close.counted_by, close.counted_by_id = actor.label, actor.user_id
        facts = {"lines": len(rows)}
        _log(session, close, action="day.count", actor=actor, now=now, facts=facts)
    session.flush()


def count_again(session: Session, close_id: int, line_id: int, *, actor: Actor, now: datetime) -> None:
    """Take one figure back and count that line once more; the log keeps the figure."""
    close = _held(session, close_id, actor, DayState.COMPARED, DayState.WAITING)
    row = session.get(DayCountLine, line_id)
    if row is None or row.close_id != close.id:
        raise NotFound
    facts = {"line": row.position, "counted": row.counted_units}
    row.counted_units = row.as_typed = row.cause = row.reason = row.counted_by = None
    _back_to_counting(close)
    session.flush()
    _log(session, close, action="day.count_again", actor=actor, now=now, facts=facts)


def close_day(session: Session, command: CloseDay, *, actor: Actor, now: datetime) -> DayState:
    """Explain the differences and close; a large difference waits for a second person instead.

    Raises:
        NotExplained, BookMoved, PhonesHoldEvents, NotInThisState, NotFound.
    """
    close = _held(session, command.close_id, actor, DayState.COMPARED)
    for line in queries.lines(session, close.id):
        if line.difference:
            _explain(session, line, command.explanations.get(line.id))
    session.flush()
    lines = queries.lines(session, close.id)
    _require_sent(session, close, command)
    close.note = (command.note or "").strip()[:500] or None
    close.sent_back_reason = None
    close.second_person = any(line.second_person for line in lines)
    if close.second_person:
        _require_still_book(session, close, lines)
        close.state = DayState.WAITING
        session.flush()
        _log(session, close, action="day.wait", actor=actor, now=now)
        return close.state
    _post(session, close, lines, actor=actor, now=now)
    return close.state


def approve_day(session: Session, close_id: int, *, actor: Actor, now: datetime) -> None:
    """The second person's word on a large difference: it is posted and the day is closed (I17).

    Raises:
        SamePerson: the actor counted some of it.
    """
    close = _held(session, close_id, actor, DayState.WAITING)
    lines = queries.lines(session, close.id)
    own = close.counted_by == actor.label or (
        actor.user_id is not None and close.counted_by_id == actor.user_id
    )
    if own or any(line.counted_by == actor.label for line in lines):
        raise SamePerson
    close.approved_by, close.approved_by_id = actor.label, actor.user_id
    _post(session, close, lines, actor=actor, now=now)


def send_back(session: Session, close_id: int, reason: str, *, actor: Actor, now: datetime) -> None:
    """The second person does not agree: the differences are looked at again."""
    close = _held(session, close_id, actor, DayState.WAITING)
    close.sent_back_reason = _reason(reason)
    close.state = DayState.COMPARED
    session.flush()
    _log(session, close, action="day.send_back", actor=actor, now=now, reason=close.sent_back_reason)


def reopen_day(session: Session, close_id: int, reason: str, *, actor: Actor, now: datetime) -> None:
    """Take a closed day back: its posted differences are reversed, and it can be counted anew.

    Raises:
        SurplusHasLeft: what the count had found is no longer here to be taken back.
        ReasonMissing, NotInThisState, NotFound.
    """
    close = _held(session, close_id, actor, DayState.CLOSED)
    reason = _reason(reason)
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
    _log(session, close, action="day.reopen", actor=actor, now=now, reason=reason)


# -- what they share ---------------------------------------------------------------------------------


def _held(session: Session, close_id: int, actor: Actor, *states: DayState) -> DayClose:
    """The close in one of these states, with its row and its site held until the unit ends."""
    actor.require(Permission.DAY_CLOSE)
    site_id = session.execute(select(DayClose.site_id).where(DayClose.id == close_id)).scalar_one_or_none()
    if site_id is None or site_id not in actor.site_ids:
        raise NotFound
    hold_site(session, site_id)
    close = session.execute(
        select(DayClose)
        .where(DayClose.id == close_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    if close.state not in states:
        raise NotInThisState(state=close.state.value)
    return close


def _freeze(session: Session, close: DayClose, *, now: datetime) -> None:
    """Make the sheet from the book as it is at this moment, every balance of the place held meanwhile."""
    lots = queries.shelf(session, close.place_id, close.day, locked=True)
    close.book_entry_id, close.book_at = queries.last_entry(session), now
    groups: dict[object, list[ShelfLot]] = {}
    for lot in lots:
        groups.setdefault(lot.looks if close.by_item else lot.lot_id, []).append(lot)
    for position, group in enumerate(groups.values(), start=1):
        line = DayCountLine(close_id=close.id, position=position, item_id=group[0].item_id)
        session.add(line)
        session.flush()  # its id
        session.execute(
            insert(DayCountLot),
            [{"line_id": line.id, "lot_id": lot.lot_id, "book_units": lot.units} for lot in group],
        )
    session.flush()


def _back_to_counting(close: DayClose) -> None:
    close.state = DayState.COUNTING
    close.counted_at = close.counted_by = close.counted_by_id = None


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
            stock.count_lot(
                session,
                CountLot(
                    command_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{close.number}:{close.id}:{lot.lot_id}")),
                    place_id=close.place_id, lot_id=lot.lot_id, expected_units=lot.book_units,
                    counted_units=lot.book_units + row.difference, reason=f"{close.number}: {line.reason}",
                    cause=line.cause or LossCause.COUNTING,
                ),
                actor=actor, now=now,
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
    _log(session, close, action="day.close", actor=actor, now=now, facts=facts)


def _reason(text: str) -> str:
    reason = text.strip()
    if len(reason) < 3:
        raise ReasonMissing
    return reason[:300]


def _log(
    session: Session, close: DayClose, *, action: str, actor: Actor, now: datetime, reason: str | None = None,
    facts: Mapping[str, object] | None = None,
) -> None:  # fmt: skip
    audit.record(
        session, actor=actor, action=action, object_type="day_close", object_id=close.id,
        site_id=close.site_id, reason=reason, facts={"number": close.number, **(facts or {})}, now=now,
    )  # fmt: skip
