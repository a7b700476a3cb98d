"""Stock cards: how a balance came about, line by line."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, true
from sqlalchemy.orm import Session, aliased

from aidtrack.inventory.kinds import EntryKind, PlaceKind
from aidtrack.inventory.models import Donor, Place, StockEntry, StockLot, StockMove
from aidtrack.inventory.queries.stock import whole
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class CardRow:
    """One line of a stock card. `balance` is what stood there after it, over all lots of the item.

    `document` and `reason` are empty for handouts on a liaison's card: a voucher's serial, and words that may
    be about a family, are not theirs to see.
    """

    entry_id: int
    on: date
    document: str
    kind: EntryKind
    reversal: bool
    reason: str | None
    units_in: int
    units_out: int
    balance: int
    lot_id: int
    lot_code: str
    donor_code: str
    other_place_kind: PlaceKind
    other_place_name_uk: str
    other_place_name_en: str
    actor_label: str


@dataclass(frozen=True, slots=True)
class Card:
    """A stretch of a stock card: the balance before it, its lines, and how many lines there are in all."""

    opening: int
    rows: list[CardRow]
    lines: int
    closing: int


def stock_card(
    session: Session,
    actor: Actor,
    *,
    item_id: int,
    place_id: int,
    first_day: date | None = None,
    last_day: date | None = None,
    offset: int = 0,
    limit: int = 200,
) -> Card:
    """Every movement of an item at a place, in the ledger's order within a day, with the running balance.

    The caller has looked the place up through `catalogue.place`, which judges the site. A liaison's card
    holds the lots of their own donors alone, so its balance is theirs too.
    """
    other = aliased(Place)
    into = StockMove.target_id == place_id
    signed = case((into, StockMove.units), else_=-StockMove.units)
    here = or_(StockMove.source_id == place_id, StockMove.target_id == place_id)
    scope = and_(StockLot.item_id == item_id, here, _of_donors(actor))
    moves = (
        select(
            StockEntry.id.label("entry_id"), StockEntry.effective_on, StockEntry.document, StockEntry.kind,
            StockEntry.reverses_id.is_not(None).label("reversal"), StockEntry.reason, StockEntry.actor_label,
            case((into, StockMove.units), else_=0).label("units_in"),
            case((into, 0), else_=StockMove.units).label("units_out"),
            whole(func.sum(signed).over(order_by=(StockEntry.effective_on, StockMove.id))).label("balance"),
            StockMove.id.label("move_id"), StockMove.lot_id,
            case((into, StockMove.source_id), else_=StockMove.target_id).label("other_id"),
        )
        .join(StockEntry, StockEntry.id == StockMove.entry_id)
        .join(StockLot, StockLot.id == StockMove.lot_id)
        .where(scope)
        .subquery()
    )  # fmt: skip
    inside = and_(
        moves.c.effective_on >= first_day if first_day else true(),
        moves.c.effective_on <= last_day if last_day else true(),
    )
    lines = session.execute(select(func.count()).select_from(moves).where(inside)).scalar_one()
    opening = _sum_until(session, scope, signed, StockEntry.effective_on < first_day) if first_day else 0
    closing = _sum_until(session, scope, signed, StockEntry.effective_on <= last_day if last_day else true())
    query = (
        select(
            moves.c.entry_id, moves.c.effective_on, moves.c.document, moves.c.kind, moves.c.reversal,
            moves.c.reason, moves.c.units_in, moves.c.units_out, moves.c.balance, moves.c.lot_id, StockLot.code,
            Donor.code, other.kind, other.name_uk, other.name_en, moves.c.actor_label,
        )
        .join(StockLot, StockLot.id == moves.c.lot_id)
        .join(Donor, Donor.id == StockLot.donor_id)
        .join(other, other.id == moves.c.other_id)
        .where(inside)
        .order_by(moves.c.effective_on, moves.c.move_id)
        .offset(offset)
        .limit(limit)
    )  # fmt: skip
    found: Iterable[Any] = session.execute(query)
    rows = [CardRow(*row) for row in found]
    if actor.donor_ids is not None:
        rows = [
            replace(row, document="", reason=None) if row.kind is EntryKind.HANDOUT else row for row in rows
        ]
    return Card(opening=opening, rows=rows, lines=lines, closing=closing)


def _of_donors(actor: Actor) -> ColumnElement[bool]:
    return literal(True) if actor.donor_ids is None else StockLot.donor_id.in_(actor.donor_ids)


def _sum_until(
    session: Session, scope: ColumnElement[bool], signed: ColumnElement[int], until: ColumnElement[bool]
) -> int:
    query = (
        select(func.coalesce(func.sum(signed), 0))
        .select_from(StockMove)
        .join(StockEntry, StockEntry.id == StockMove.entry_id)
        .join(StockLot, StockLot.id == StockMove.lot_id)
        .where(scope, until)
    )
    return int(session.execute(query).scalar_one())
