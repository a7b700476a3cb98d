"""The one door to stock entries, moves and balances.

Everything that moves goods calls `post`; nothing else writes these three tables. What leaves a place
enters another in the same row (docs/adr/0002), and the balances are changed in the same transaction.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.db.prepared import as_date, rows_of
from aidtrack.inventory import statements
from aidtrack.inventory.errors import AlreadyReversed, NotEnoughStock, ReversalOfReversal
from aidtrack.inventory.kinds import UNHELD_PLACE_IDS, VIRTUAL_PLACE_IDS, EntryKind, LossCause, PlaceKind
from aidtrack.inventory.statements import MOVE
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import MAX_UNITS

SUSPENSE = VIRTUAL_PLACE_IDS[PlaceKind.SUSPENSE]


@dataclass(frozen=True, slots=True)
class Move:
    """Some units of one lot leaving `source_id` for `target_id`."""

    lot_id: int
    source_id: int
    target_id: int
    units: int


def post(
    session: Session,
    *,
    kind: EntryKind,
    document: str,
    effective_on: date,
    site_id: int,
    moves: Sequence[Move],
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    cause: LossCause | None = None,
    reverses_id: int | None = None,
    balances_locked: bool = False,
    entry_id: int | None = None,
) -> int:
    """Record one document in the ledger and bring the balances along; gives the entry's id.

    The caller has authorised the act and flushed new lots. Where goods come to a place that owes units of the
    same lot, the debt is paid at once by an entry of its own.

    Args:
        document: number of the paper it stands for (receipt act, voucher's serial, transfer note).
        effective_on: local day at the site; reports go by it.
        cause: why goods were lost, for losses and differences.
        reverses_id: set by `reverse` alone.
        balances_locked: the caller has locked, read and judged every balance it takes from, in lot order;
            then nothing here waits but for the entry's id, and only the CHECK stands behind it.
        entry_id: taken from the entries' sequence before; then not for that either.

    Raises:
        NotEnoughStock: a held place would go below zero; nothing was written.
    """
    _check(moves)
    changes = _changes(moves)
    if not balances_locked:
        _lock_and_judge(session, changes)
    row = {
        "kind": kind.value, "document": document, "effective_on": effective_on, "recorded_at": now,
        "actor_label": actor.label, "user_id": actor.user_id, "site_id": site_id, "reverses_id": reverses_id,
        "reason": reason, "cause": cause.value if cause else None,
    }  # fmt: skip
    if entry_id is None:
        entry_id = int(statements.ADD_ENTRY.rows(session, **row)[0][0])
    else:
        statements.ADD_NUMBERED_ENTRY.run(session, id=entry_id, **row)
    statements.take(session, [statements.at(key, -units) for key, units in changes if units < 0])
    statements.BRING[session.get_bind().dialect.name].run_many(
        session, [statements.at(key, units) for key, units in changes if units > 0]
    )
    statements.ADD_MOVE.run_many(
        session,
        [
            {"entry_id": entry_id, "lot_id": move.lot_id, "source_id": move.source_id,
             "target_id": move.target_id, "units": move.units}
            for move in moves
        ],
    )  # fmt: skip
    brought = [key for key, units in changes if units > 0]
    if brought and kind is not EntryKind.SHORTAGE:
        _pay_shortages(session, brought, effective_on=effective_on, site_id=site_id, actor=actor, now=now)
    return entry_id


# -- shortages: goods that left although the book did not hold them --------------------------------------

Told = Callable[[Session, int, int, Actor, datetime], None]  # lot, place
WHEN_PAID: list[Told] = []  # other rooms hear of a shortage that became smaller, in the same transaction


def hold(session: Session, lot_ids: Iterable[int], place_id: int) -> dict[int, int]:
    """What stands of these lots at a place, every balance locked, also of lots that never stood there."""
    wanted = sorted(set(lot_ids))
    statements.BRING[session.get_bind().dialect.name].run_many(
        session, [statements.at((lot_id, place_id), 0) for lot_id in wanted]
    )
    return {lot_id: balance(session, lot_id=lot_id, place_id=place_id) for lot_id in wanted}


def owe(
    session: Session, missing: Mapping[int, int], *, place_id: int, effective_on: date, site_id: int, actor: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Bring units of lots to a place out of suspense, as its debt, because they were handed out there.

    A handout that happened is recorded although the book held less. What comes to the place later pays the
    debt before it counts as held (`post`), so that balances do not depend on who came home first. The
    caller has locked the balances (`hold`).
    """
    entry_id = post(
        session, kind=EntryKind.SHORTAGE, document=_place_code(session, place_id), effective_on=effective_on,
        site_id=site_id, moves=[Move(lot, SUSPENSE, place_id, units) for lot, units in sorted(missing.items())],
        actor=actor, now=now, balances_locked=True,
    )  # fmt: skip
    statement = statements.OWE[session.get_bind().dialect.name]
    statement.run_many(
        session, [statements.at((lot, place_id), units) for lot, units in sorted(missing.items())]
    )
    return entry_id


def _pay_shortages(
    session: Session, brought: Sequence[tuple[int, int]], *, effective_on: date, site_id: int, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Goods came to places: what these still owe of the same lots goes back to suspense first."""
    found = rows_of(
        session,
        *(
            (statements.OWED_LOCKED, {"of_lot": lot_id, "at_place": place_id})
            for lot_id, place_id in sorted(brought)
        ),
    )
    owed = [row for rows in found for row in rows]
    for lot_id, place_id, units in owed:
        paid = min(units, balance(session, lot_id=lot_id, place_id=place_id))
        post(
            session, kind=EntryKind.SHORTAGE, document=_place_code(session, place_id), effective_on=effective_on,
            site_id=site_id, moves=[Move(lot_id, place_id, SUSPENSE, paid)], actor=actor, now=now,
            balances_locked=True,
        )  # fmt: skip
        statements.PAY.run(session, **statements.at((lot_id, place_id), paid))
        for told in WHEN_PAID:
            told(session, lot_id, place_id, actor, now)


def shortage(session: Session, *, lot_id: int, place_id: int) -> int:
    """What was handed out of the lot there beyond what the book held, and is not paid for yet."""
    row = statements.UNITS_OWED.row(session, of_lot=lot_id, at_place=place_id)
    return int(row[0]) if row is not None else 0


def _place_code(session: Session, place_id: int) -> str:
    return str(statements.PLACE_CODE.rows(session, at_place=place_id)[0][0])


def reverse(session: Session, entry_id: int, *, reason: str, actor: Actor, now: datetime) -> int:
    """Undo one entry by its mirror image: the same kind and document, every move the other way round.

    The reversal counts on the day it is made, never on a day whose report may already be published; a
    document dated ahead is reversed on its own day.

    Raises:
        NotFound: no such entry.
        AlreadyReversed: an entry is reversed once.
        ReversalOfReversal: what was undone by mistake is recorded anew.
        NotEnoughStock: the goods have meanwhile left the place they would have to leave again.
    """
    entry = statements.ENTRY_LOCKED.row(session, of_entry=entry_id)
    if entry is None:
        raise NotFound
    kind, document, effective_on, site_id, reverses_id, cause, time_zone = entry
    if reverses_id is not None:
        raise ReversalOfReversal
    if statements.REVERSAL_OF.row(session, of_entry=entry_id) is not None:
        raise AlreadyReversed(document=document)
    return post(
        session,
        kind=EntryKind(kind),
        document=document,
        effective_on=max(as_date(effective_on), local_date(now, time_zone)),
        site_id=site_id,
        moves=[
            Move(move.lot_id, move.target_id, move.source_id, move.units)
            for move in moves_of(session, entry_id)
        ],
        actor=actor,
        now=now,
        reason=reason,
        cause=LossCause(cause) if cause is not None else None,
        reverses_id=entry_id,
    )


def moves_of(session: Session, entry_id: int) -> list[Move]:
    """The moves of one entry in the order they were written."""
    return [Move(*row) for row in statements.MOVES_OF.rows(session, of_entry=entry_id)]


def balance(session: Session, *, lot_id: int, place_id: int) -> int:
    """What stands there of the lot; zero where nothing ever did."""
    row = statements.UNITS_STANDING.row(session, of_lot=lot_id, at_place=place_id)
    return int(row[0]) if row is not None else 0


def folded(session: Session, *, lot_id: int) -> dict[int, int]:
    """What the moves alone say about a lot, by place, virtual places included: the ledger's own word."""
    legs = (
        select(MOVE.c.target_id.label("place_id"), MOVE.c.units.label("units"))
        .where(MOVE.c.lot_id == lot_id)
        .union_all(
            select(MOVE.c.source_id.label("place_id"), (-MOVE.c.units).label("units")).where(
                MOVE.c.lot_id == lot_id
            )
        )
        .subquery()
    )
    rows = session.execute(select(legs.c.place_id, func.sum(legs.c.units)).group_by(legs.c.place_id))
    return {place_id: int(units) for place_id, units in rows}


Change = tuple[tuple[int, int], int]  # (lot, place), base units


def _check(moves: Sequence[Move]) -> None:
    """Refuse what no service may ask for; people's input was judged before."""
    if not moves:
        raise ValueError("a stock entry moves something")
    for move in moves:
        if type(move.units) is not int or not 1 <= move.units <= MAX_UNITS:
            raise ValueError(f"{move.units!r} is not a quantity in base units")
        if move.source_id == move.target_id:
            raise ValueError("a move leads somewhere else")


def _changes(moves: Iterable[Move]) -> list[Change]:
    """What the moves do to balances of held places, in (lot, place) order and without zeros."""
    changes: defaultdict[tuple[int, int], int] = defaultdict(int)
    for move in moves:
        if move.source_id not in UNHELD_PLACE_IDS:
            changes[move.lot_id, move.source_id] -= move.units
        if move.target_id not in UNHELD_PLACE_IDS:
            changes[move.lot_id, move.target_id] += move.units
    return sorted((key, units) for key, units in changes.items() if units)


def _lock_and_judge(session: Session, changes: Sequence[Change]) -> None:
    """Lock every balance touched, in one order for everybody so that nobody waits in a ring, and compare."""
    found = rows_of(
        session,
        *(
            (statements.UNITS_LOCKED, {"of_lot": lot_id, "at_place": place_id})
            for (lot_id, place_id), _ in changes
        ),
    )
    for ((lot_id, place_id), units), rows in zip(changes, found, strict=True):
        available = int(rows[0][0]) if rows else 0
        if available + units < 0:
            raise NotEnoughStock(
                lot_id=lot_id,
                place_id=place_id,
                wanted=-units,
                available=available,
                missing=-units - available,
            )
