"""The goods of a field handout: judged first, then posted whole, whatever the book holds."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from aidtrack.db.prepared import as_date
from aidtrack.distribution.field import statements
from aidtrack.distribution.field.errors import Kept
from aidtrack.distribution.field.events import Event, EventLine
from aidtrack.inventory import ledger
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, EntryKind, PlaceKind
from aidtrack.inventory.ledger import Move
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass

HANDED_OUT = VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT]


@dataclass(frozen=True, slots=True)
class Given:
    """One item of an event with its lots found; `due_units` is never below `units`."""

    item_id: int
    due_units: int
    units: int


@dataclass(frozen=True, slots=True)
class Goods:
    """What an event says was handed out, in rows of ours. `takes` are units by lot."""

    lines: tuple[Given, ...]
    takes: dict[int, int]
    held: dict[int, int]  # units by lot that the place holds, their balances locked
    notes: frozenset[str]

    @property
    def missing(self) -> dict[int, int]:
        """What the book does not hold of each lot."""
        short = {lot: units - self.held.get(lot, 0) for lot, units in self.takes.items()}
        return {lot: units for lot, units in short.items() if units > 0}


@dataclass(frozen=True, slots=True)
class _Lot:
    id: int
    item_id: int
    expires_on: date | None
    programme_id: int | None
    earmarked: bool


def judge(
    session: Session, event: Event, due: list[Any], lots: list[Any], *, programme_id: int, on: date
) -> Goods:
    """Find items and lots by their codes. Nothing is written yet.

    A lot that has expired, or that another programme's families were promised, was handed out all the same:
    that is noted, and the goods are posted.

    Args:
        due, lots: rows of the counter's `DUE` and `LOTS_LOCKED` for the voucher's profile and the place.

    Raises:
        Kept: `unknown_item`, `unknown_lot`, `contradiction`.
    """
    of_code = {row[1]: row for row in due}
    known = {row[8]: _Lot(row[1], row[0], _day(row[3]), row[4], bool(row[5])) for row in lots}
    held = {row[1]: row[2] for row in lots}
    notes: set[str] = set()
    lines: list[Given] = []
    takes: dict[int, int] = {}
    for line in event.lines:
        item_id, due_units = _item(session, line, of_code, notes)
        lines.append(Given(item_id, due_units, line.units))
        for part in line.lots:
            lot = known.get(part.lot)
            if lot is None:
                lot = known[part.lot] = _lot(session, part.lot)
            if lot.item_id != item_id:
                raise Kept("contradiction")
            takes[lot.id] = takes.get(lot.id, 0) + part.units
            if lot.expires_on is not None and lot.expires_on < on:
                notes.add("expired_lot")
            if lot.earmarked and lot.programme_id != programme_id:
                notes.add("other_programme")
    named = {line.item for line in event.lines}
    if any(row[1] not in named for row in due) or any(line.units < line.due_units for line in lines):
        notes.add("partial")
    return Goods(tuple(lines), takes, held, frozenset(notes))


def _item(session: Session, line: EventLine, of_code: dict[str, Any], notes: set[str]) -> tuple[int, int]:
    """The item's id and what was due of it: never less than what was given, since that happened."""
    row = of_code.get(line.item)
    if row is not None:
        if line.units > row[3]:
            notes.add("raised")
        return row[0], max(row[3], line.units)
    found = statements.ITEM_BY_CODE.row(session, code=line.item)
    if found is None:
        raise Kept("unknown_item")
    notes.add("not_due")
    return found[0], max(line.due, line.units, 1)


def _lot(session: Session, code: str) -> _Lot:
    row = statements.LOT_BY_CODE.row(session, code=code)
    if row is None:
        raise Kept("unknown_lot")
    return _Lot(row[0], row[1], _day(row[2]), row[3], bool(row[4]))


def _day(value: Any) -> date | None:
    return as_date(value) if value is not None else None


def owe_what_is_missing(
    session: Session, goods: Goods, *, place_id: int, on: date, site_id: int, actor: Actor, now: datetime
) -> frozenset[int]:
    """Bring what the book does not hold to the place as its debt. Gives the lots that fell short."""
    unseen = [lot for lot in goods.takes if lot not in goods.held]
    if unseen:
        goods.held.update(ledger.hold(session, unseen, place_id))
    missing = goods.missing
    if missing:
        ledger.owe(
            session, missing, place_id=place_id, effective_on=on, site_id=site_id, actor=actor, now=now
        )
    return frozenset(missing)


def post(
    session: Session,
    goods: Goods,
    *,
    document: str,
    place_id: int,
    on: date,
    site_id: int,
    actor: Actor,
    now: datetime,
    entry_id: int | None,
) -> int:
    """The handout's entry in the ledger; every unit it takes stands at the place by now."""
    return ledger.post(
        session, kind=EntryKind.HANDOUT, document=document, effective_on=on, site_id=site_id,
        moves=[Move(lot, place_id, HANDED_OUT, units) for lot, units in sorted(goods.takes.items())],
        actor=actor, now=now, balances_locked=True, entry_id=entry_id,
    )  # fmt: skip
