"""Freezing the book of a place and counting its shelf blind."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from aidtrack.distribution.dayclose import queries
from aidtrack.distribution.dayclose.commands import SaveCount, StartDay
from aidtrack.distribution.dayclose.errors import (
    DayOutOfReach,
    DayTaken,
    NotAllCounted,
    NotAPointOrVan,
)
from aidtrack.distribution.dayclose.queries import ShelfLot
from aidtrack.distribution.dayclose.services.shared import back_to_counting, held, log
from aidtrack.distribution.models import DayClose, DayCountLine, DayCountLot, DayState
from aidtrack.inventory.kinds import PlaceKind
from aidtrack.inventory.services.documents import earlier, next_number, open_place, remember
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
    log(session, close, action="day.start", actor=actor, now=now, facts={"day": command.day.isoformat()})
    remember(session, command, START, close.id, actor=actor, now=now)
    return close.id


def take_book_anew(session: Session, close_id: int, *, actor: Actor, now: datetime) -> None:
    """Freeze the book again; figures already counted stay where their lots still stand in the same line.

    For handouts that were recorded after the book was taken but happened before the shelf was counted, as a
    phone's do that comes home late.
    """
    close = held(session, close_id, actor, DayState.COUNTING, DayState.COMPARED, DayState.WAITING)
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
        back_to_counting(close)
    elif close.state is DayState.WAITING:
        close.state = DayState.COMPARED
    session.flush()
    log(
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
    close = held(session, command.close_id, actor, DayState.COUNTING)
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
        log(session, close, action="day.count", actor=actor, now=now, facts=facts)
    session.flush()


def count_again(session: Session, close_id: int, line_id: int, *, actor: Actor, now: datetime) -> None:
    """Take one figure back and count that line once more; the log keeps the figure."""
    close = held(session, close_id, actor, DayState.COMPARED, DayState.WAITING)
    row = session.get(DayCountLine, line_id)
    if row is None or row.close_id != close.id:
        raise NotFound
    facts = {"line": row.position, "counted": row.counted_units}
    row.counted_units = row.as_typed = row.cause = row.reason = row.counted_by = None
    back_to_counting(close)
    session.flush()
    log(session, close, action="day.count_again", actor=actor, now=now, facts=facts)


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
