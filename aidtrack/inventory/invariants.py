"""What must hold of stock after every commit (DESIGN §2, I1–I4 and the lots' part of I6).

Both legs of a move stand in one row, so conservation holds by construction; what a database could still
have wrong, by a hand at its console or by a bug, is looked for here with one aggregate a rule.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from aidtrack.inventory.kinds import HELD_PLACES, VIRTUAL_PLACE_IDS, EntryKind, PlaceKind
from aidtrack.inventory.models import (
    Donation,
    DonationLine,
    Place,
    StockBalance,
    StockEntry,
    StockLot,
    StockMove,
    StockShortage,
)
from aidtrack.kernel.invariants import Breach
from aidtrack.kernel.quantity import MAX_UNITS

Rows = Select[*tuple[Any, ...]]
SUSPENSE_ID = VIRTUAL_PLACE_IDS[PlaceKind.SUSPENSE]

# where each kind of document takes goods from and brings them to; None is any real place
_LEGS: dict[EntryKind, tuple[tuple[PlaceKind | None, PlaceKind | None], ...]] = {
    EntryKind.RECEIPT: ((PlaceKind.SUPPLIER, None),),
    # the last: a part of it came back
    EntryKind.HANDOUT: (
        (None, PlaceKind.HANDED_OUT), (PlaceKind.SUSPENSE, PlaceKind.HANDED_OUT), (PlaceKind.HANDED_OUT, None),
    ),
    EntryKind.DISPATCH: ((None, PlaceKind.IN_TRANSIT),),
    EntryKind.ARRIVAL: ((PlaceKind.IN_TRANSIT, None), (PlaceKind.IN_TRANSIT, PlaceKind.SUSPENSE)),
    EntryKind.TRANSFER_AWAY: ((None, PlaceKind.TRANSFERRED_AWAY),),
    EntryKind.LOSS: (
        (None, PlaceKind.LOSS), (PlaceKind.IN_TRANSIT, PlaceKind.LOSS), (PlaceKind.SUSPENSE, PlaceKind.LOSS),
    ),
    # the last: another lot was handed out than was written down; that one's count lost what this one regains
    EntryKind.COUNT: ((None, PlaceKind.LOSS), (PlaceKind.SUSPENSE, None), (PlaceKind.LOSS, None)),
    # handed out beyond what the book held there, and paid for by what came later
    EntryKind.SHORTAGE: ((PlaceKind.SUSPENSE, None), (None, PlaceKind.SUSPENSE)),
}  # fmt: skip


def bounds(session: Session) -> Iterator[Breach]:
    """I1: whole base units, 1 … 10^12 (0 … for balances)."""
    for name, column, low in (
        ("stock_move", StockMove.units, 1),
        ("donation_line", DonationLine.units, 1),
        ("stock_balance", StockBalance.units, 0),
    ):
        outside = or_(column < low, column > MAX_UNITS, *_not_whole(session, column))
        wrong = session.execute(select(func.count()).where(outside)).scalar_one()
        if wrong:
            yield Breach("I1", f"{name}: {wrong} rows are no whole number of base units within bounds")


def _not_whole(session: Session, column: Any) -> list[ColumnElement[bool]]:
    # SQLite keeps whatever type it is given; PostgreSQL's column cannot hold anything else
    return [func.typeof(column) != "integer"] if session.get_bind().dialect.name == "sqlite" else []


def conservation(session: Session) -> Iterator[Breach]:
    """I2: what entered a lot from its supplier is what its line says, and each kind moves where it may."""
    received = (
        select(
            StockMove.lot_id.label("lot_id"),
            func.sum(
                case((StockMove.source_id == VIRTUAL_PLACE_IDS[PlaceKind.SUPPLIER], StockMove.units), else_=0)
            ).label("units"),
        )
        .join(StockEntry, StockEntry.id == StockMove.entry_id)
        .where(StockEntry.kind == EntryKind.RECEIPT)
        .group_by(StockMove.lot_id)
        .subquery()
    )
    query: Rows = (
        select(StockLot.code, DonationLine.units, func.coalesce(received.c.units, 0))
        .outerjoin(DonationLine, DonationLine.lot_id == StockLot.id)
        .outerjoin(received, received.c.lot_id == StockLot.id)
        .where(
            or_(
                DonationLine.units.is_(None),
                received.c.units.is_(None),
                DonationLine.units != received.c.units,
            )
        )
    )
    for code, announced, units in session.execute(query):
        yield Breach("I2", f"lot {code}: its donation line says {announced}, its receipt {units}")
    yield from _wrong_legs(session)


def _wrong_legs(session: Session) -> Iterator[Breach]:
    source, target = aliased(Place), aliased(Place)
    query: Rows = (
        select(
            StockEntry.kind,
            source.kind,
            target.kind,
            StockEntry.reverses_id.is_not(None),
            func.min(StockEntry.id),
        )
        .select_from(StockMove)
        .join(StockEntry, StockEntry.id == StockMove.entry_id)
        .outerjoin(source, source.id == StockMove.source_id)
        .outerjoin(target, target.id == StockMove.target_id)
        .group_by(StockEntry.kind, source.kind, target.kind, StockEntry.reverses_id.is_not(None))
    )
    for kind, from_kind, to_kind, reversal, first in session.execute(query):
        if from_kind is None or to_kind is None:
            yield Breach("I2", f"entry {first}: a move leads to or from a place that does not exist")
            continue
        legs = (_leg(to_kind), _leg(from_kind)) if reversal else (_leg(from_kind), _leg(to_kind))
        if legs not in _LEGS[kind]:
            yield Breach("I2", f"entry {first}: a {kind} moves goods from {from_kind} to {to_kind}")


def _leg(kind: PlaceKind) -> PlaceKind | None:
    return kind if kind in VIRTUAL_PLACE_IDS else None


def _folded() -> Any:
    """Per lot and held place: what the moves alone say."""
    legs = union_all(
        select(StockMove.lot_id, StockMove.target_id.label("place_id"), StockMove.units.label("units")),
        select(StockMove.lot_id, StockMove.source_id.label("place_id"), (-StockMove.units).label("units")),
    ).subquery()
    return (
        select(legs.c.lot_id, legs.c.place_id, func.sum(legs.c.units).label("units"))
        .join(Place, Place.id == legs.c.place_id)
        .where(Place.kind.in_(HELD_PLACES))
        .group_by(legs.c.lot_id, legs.c.place_id)
    )


def never_negative(session: Session) -> Iterator[Breach]:
    """I3: no held place has handed on more of a lot than came to it."""
    fold = _folded().subquery()
    query: Rows = (
        select(StockLot.code, Place.code, fold.c.units)
        .join(StockLot, StockLot.id == fold.c.lot_id)
        .join(Place, Place.id == fold.c.place_id)
        .where(fold.c.units < 0)
    )
    for lot, place, units in session.execute(query):
        yield Breach("I3", f"lot {lot} at {place}: {units} base units")


def balances(session: Session) -> Iterator[Breach]:
    """I4: every kept balance is the fold of the ledger, and every fold has its balance."""
    fold = _folded().subquery()
    kept = StockBalance
    same = and_(kept.lot_id == fold.c.lot_id, kept.place_id == fold.c.place_id)
    from_ledger: Rows = (
        select(StockLot.code, Place.code, func.coalesce(kept.units, 0), fold.c.units)
        .select_from(fold)
        .join(StockLot, StockLot.id == fold.c.lot_id)
        .join(Place, Place.id == fold.c.place_id)
        .outerjoin(kept, same)
        .where(or_(kept.units.is_(None), kept.units != fold.c.units))
    )
    without_ledger: Rows = (
        select(StockLot.code, Place.code, kept.units, func.coalesce(fold.c.units, 0))
        .select_from(kept)
        .join(StockLot, StockLot.id == kept.lot_id)
        .join(Place, Place.id == kept.place_id)
        .outerjoin(fold, same)
        .where(fold.c.units.is_(None), kept.units != 0)
    )
    for query in (from_ledger, without_ledger):
        for lot, place, units, ledger_units in session.execute(query):
            yield Breach("I4", f"lot {lot} at {place}: the balance says {units}, the ledger {ledger_units}")


def shortages(session: Session) -> Iterator[Breach]:
    """I3, its other half: a kept shortage is the fold of its entries, and nothing stands beside it unpaid."""
    legs = union_all(
        select(StockMove.lot_id, StockMove.target_id.label("place_id"), StockMove.units.label("units"))
        .join(StockEntry, StockEntry.id == StockMove.entry_id)
        .where(StockEntry.kind == EntryKind.SHORTAGE, StockMove.source_id == SUSPENSE_ID),
        select(StockMove.lot_id, StockMove.source_id.label("place_id"), (-StockMove.units).label("units"))
        .join(StockEntry, StockEntry.id == StockMove.entry_id)
        .where(StockEntry.kind == EntryKind.SHORTAGE, StockMove.target_id == SUSPENSE_ID),
        select(StockShortage.lot_id, StockShortage.place_id, (-StockShortage.units).label("units")),
    ).subquery()
    differing: Rows = (
        select(StockLot.code, Place.code, func.sum(legs.c.units))
        .select_from(legs)
        .join(StockLot, StockLot.id == legs.c.lot_id)
        .join(Place, Place.id == legs.c.place_id)
        .group_by(StockLot.code, Place.code)
        .having(func.sum(legs.c.units) != 0)
    )
    for lot, place, units in session.execute(differing):
        yield Breach("I3", f"lot {lot} at {place}: its shortage differs from its entries by {units}")
    unpaid: Rows = (
        select(StockLot.code, Place.code, StockShortage.units, StockBalance.units)
        .select_from(StockShortage)
        .join(
            StockBalance,
            and_(
                StockBalance.lot_id == StockShortage.lot_id, StockBalance.place_id == StockShortage.place_id
            ),
        )
        .join(StockLot, StockLot.id == StockShortage.lot_id)
        .join(Place, Place.id == StockShortage.place_id)
        .where(StockShortage.units > 0, StockBalance.units > 0)
    )
    for lot, place, units, held in session.execute(unpaid):
        yield Breach("I3", f"lot {lot} at {place}: {held} stand there while {units} are still owed")


def reversals(session: Session) -> Iterator[Breach]:
    """I7's content: a reversal has the kind, document and mirrored moves of what it reverses."""
    original = aliased(StockEntry)
    differing: Rows = (
        select(StockEntry.id, original.id)
        .join(original, original.id == StockEntry.reverses_id)
        .where(or_(StockEntry.kind != original.kind, StockEntry.document != original.document))
    )
    for entry_id, original_id in session.execute(differing):
        yield Breach("I7", f"entry {entry_id} reverses {original_id} but is another kind or document")
    there = select(
        StockEntry.reverses_id.label("pair"), StockMove.lot_id, StockMove.target_id.label("a"),
        StockMove.source_id.label("b"), StockMove.units.label("units"),
    ).join(StockEntry, StockEntry.id == StockMove.entry_id).where(StockEntry.reverses_id.is_not(None))  # fmt: skip
    back = select(
        StockMove.entry_id.label("pair"), StockMove.lot_id, StockMove.source_id.label("a"),
        StockMove.target_id.label("b"), (-StockMove.units).label("units"),
    ).where(
        StockMove.entry_id.in_(select(StockEntry.reverses_id).where(StockEntry.reverses_id.is_not(None)))
    )  # fmt: skip
    legs = union_all(there, back).subquery()
    query: Rows = (
        select(legs.c.pair)
        .group_by(legs.c.pair, legs.c.lot_id, legs.c.a, legs.c.b)
        .having(func.sum(legs.c.units) != 0)
        .distinct()
    )
    for (entry_id,) in session.execute(query):
        yield Breach("I7", f"the reversal of entry {entry_id} does not mirror its moves")


def attribution(session: Session) -> Iterator[Breach]:
    """I6, the lots' part: a lot's donor, agreement, programme and earmark are its donation's."""
    query: Rows = (
        select(StockLot.code, Donation.number)
        .join(Donation, Donation.id == StockLot.donation_id)
        .where(
            or_(
                StockLot.donor_id != Donation.donor_id,
                StockLot.earmarked != Donation.earmarked,
                func.coalesce(StockLot.agreement_id, 0) != func.coalesce(Donation.agreement_id, 0),
                func.coalesce(StockLot.programme_id, 0) != func.coalesce(Donation.programme_id, 0),
            )
        )
    )
    for lot, number in session.execute(query):
        yield Breach("I6", f"lot {lot} names another giver than its donation {number}")
    items: Rows = (
        select(StockLot.code)
        .join(DonationLine, DonationLine.lot_id == StockLot.id)
        .where(
            or_(DonationLine.item_id != StockLot.item_id, DonationLine.donation_id != StockLot.donation_id)
        )
    )
    for (lot,) in session.execute(items):
        yield Breach("I6", f"lot {lot} is of another item or donation than its line")


INVARIANTS = (bounds, conservation, never_negative, balances, shortages, reversals, attribution)
