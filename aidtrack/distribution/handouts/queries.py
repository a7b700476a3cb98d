"""Receipts read back, and the day's tally at a place."""

from collections import defaultdict
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from aidtrack.db import open_words
from aidtrack.db.prepared import Prepared, as_moment
from aidtrack.distribution.handouts import statements
from aidtrack.distribution.handouts.receipts import LotPart, Receipt, ReceiptLine
from aidtrack.distribution.models import Handout, HandoutLine
from aidtrack.inventory.models import Donor, Item, StockLot, StockMove
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound

_LINES = Prepared(
    select(Item.id, Item.code, Item.base_unit, HandoutLine.due_units, HandoutLine.units)
    .join(Item, Item.id == HandoutLine.item_id)
    .where(HandoutLine.handout_id == bindparam("handout_id"))
    .order_by(Item.code)
)
_PARTS = Prepared(
    select(StockLot.item_id, StockLot.code, Donor.code, StockMove.units)
    .join(StockLot, StockLot.id == StockMove.lot_id)
    .join(Donor, Donor.id == StockLot.donor_id)
    .where(StockMove.entry_id == bindparam("entry_id"))
    .order_by(StockLot.id)
)


def receipt(session: Session, row: tuple[Any, ...]) -> Receipt:
    """The receipt of a stored handout (a row of `HANDOUT_BY_CLIENT_ID`), marked as repeated."""
    reverses_id = row[14]
    reverses = None
    lines_of, entry_id = row[0], row[11]
    if reverses_id is not None:
        reverses = session.scalar(select(Handout.client_id).where(Handout.id == reverses_id))
        lines_of = reverses_id
    parts: dict[int, list[LotPart]] = defaultdict(list)
    for item_id, lot_code, donor_code, units in _PARTS.rows(session, entry_id=entry_id):
        parts[item_id].append(LotPart(lot_code, donor_code, units))
    return Receipt(
        client_id=row[1],
        kind=row[3],
        serial=row[17],
        place_id=row[9],
        place_code=row[18],
        at=as_moment(row[12]),
        lines=tuple(
            ReceiptLine(item_id, code, base_unit, due, units, tuple(parts[item_id]))
            for item_id, code, base_unit, due, units in _LINES.rows(session, handout_id=lines_of)
        ),
        reason=open_words(row[13]) if row[13] else row[13],
        reverses=reverses,
        repeated=True,
    )


def receipt_for(session: Session, client_id: str, *, actor: Actor) -> Receipt:
    """The receipt of that client id, if it was given at one of the actor's sites; else NotFound."""
    row = statements.HANDOUT_BY_CLIENT_ID.row(session, client_id=client_id)
    if row is None or row[10] not in actor.site_ids:
        raise NotFound
    return receipt(session, row)
