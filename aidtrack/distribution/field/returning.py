"""A part of a handout's goods came back to the place they had left: lot by lot, while the handout stands.

Where everything came back the handout is undone as ever (`undoing`, `handouts.extra`); what had come back of it
before is then taken off again first, so that no unit stands in the book twice.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session, aliased

from aidtrack.accounts.models import Site
from aidtrack.db import seal_words
from aidtrack.distribution.field import projection
from aidtrack.distribution.models import GoodsReturned, Handout
from aidtrack.distribution.queries.rounds import Named
from aidtrack.inventory import ledger
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, EntryKind, PlaceKind
from aidtrack.inventory.ledger import Move
from aidtrack.inventory.models import Donor, Item, StockEntry, StockLot, StockMove
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit

HANDED_OUT = VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT]


@dataclass(frozen=True, slots=True)
class GivenLot(Named):
    """What a handout took of one lot, and what of it came back since, base units."""

    lot_id: int
    code: str
    donor_code: str
    batch: str | None
    expires_on: date | None
    item_id: int
    item_name_uk: str
    item_name_en: str
    base_unit: BaseUnit
    units: int
    back: int

    @property
    def left(self) -> int:
        return self.units - self.back


def given_lots(session: Session, handout_id: int) -> list[GivenLot]:
    """The lots of a handout, in the order they were picked."""
    query = (
        select(
            StockLot.id, StockLot.code, Donor.code, StockLot.batch, StockLot.expires_on, Item.id, Item.name_uk,
            Item.name_en, Item.base_unit, StockMove.units,
        )
        .join(StockMove, StockMove.lot_id == StockLot.id)
        .join(Handout, Handout.entry_id == StockMove.entry_id)
        .join(Donor, Donor.id == StockLot.donor_id)
        .join(Item, Item.id == StockLot.item_id)
        .where(Handout.id == handout_id, StockMove.target_id == HANDED_OUT)
        .order_by(StockMove.id)
    )  # fmt: skip
    back: dict[int, int] = {}
    for entry_id in _standing(session, handout_id):
        for move in ledger.moves_of(session, entry_id):
            back[move.lot_id] = back.get(move.lot_id, 0) + move.units
    return [GivenLot(*row[:10], back.get(row[0], 0)) for row in session.execute(query)]


_UNDONE = aliased(StockEntry)
_ITEMS_BACK = (
    select(GoodsReturned.handout_id, StockLot.item_id, func.sum(StockMove.units))
    .join(StockMove, StockMove.entry_id == GoodsReturned.entry_id)
    .join(StockLot, StockLot.id == StockMove.lot_id)
    .outerjoin(_UNDONE, _UNDONE.reverses_id == GoodsReturned.entry_id)
    .where(GoodsReturned.handout_id.in_(bindparam("handout_ids", expanding=True)), _UNDONE.id.is_(None))
    .group_by(GoodsReturned.handout_id, StockLot.item_id)
)


def items_back(session: Session, handout_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """What came back of standing handouts, by handout and item."""
    found = session.execute(_ITEMS_BACK, {"handout_ids": list(handout_ids)})
    return {(row[0], row[1]): int(row[2]) for row in found}


def bring_back(
    session: Session, handout_id: int, parts: Mapping[int, int], *, document: str, reason: str, actor: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Post units by lot back to the place they left; gives the entry. The caller holds the family and has judged them."""
    handout = session.get_one(Handout, handout_id)
    reason = seal_words(session, handout.household_id, reason)
    entry_id = ledger.post(
        session, kind=EntryKind.HANDOUT, document=document, effective_on=_today(session, handout.site_id, now),
        site_id=handout.site_id, actor=actor, now=now, reason=reason,
        moves=[Move(lot, HANDED_OUT, handout.place_id, units) for lot, units in sorted(parts.items()) if units],
    )  # fmt: skip
    session.execute(insert(GoodsReturned).values(entry_id=entry_id, handout_id=handout_id))
    return entry_id


def take_off(session: Session, handout_id: int, *, reason: str, actor: Actor, now: datetime) -> None:
    """The whole handout has just come back: what had come back of it before leaves the book again.

    Goods that were handed out since, or that paid a debt, are owed by the place until somebody counts.
    """
    for entry_id in _standing(session, handout_id):
        moves = ledger.moves_of(session, entry_id)
        place_id = moves[0].target_id
        held = ledger.hold(session, [move.lot_id for move in moves], place_id)
        missing = {
            move.lot_id: move.units - held[move.lot_id] for move in moves if move.units > held[move.lot_id]
        }
        site_id = session.get_one(Handout, handout_id).site_id
        if missing:
            ledger.owe(
                session, missing, place_id=place_id, effective_on=_today(session, site_id, now), site_id=site_id,
                actor=actor, now=now,
            )  # fmt: skip
        ledger.reverse(session, entry_id, reason=reason, actor=actor, now=now)
        for lot_id in sorted(missing):
            projection.when_paid(session, lot_id, place_id, actor, now)


def _standing(session: Session, handout_id: int) -> list[int]:
    undone = aliased(StockEntry)
    return list(
        session.scalars(
            select(GoodsReturned.entry_id)
            .outerjoin(undone, undone.reverses_id == GoodsReturned.entry_id)
            .where(GoodsReturned.handout_id == handout_id, undone.id.is_(None))
            .order_by(GoodsReturned.entry_id)
        )
    )


def _today(session: Session, site_id: int, now: datetime) -> date:
    return local_date(now, session.execute(select(Site.time_zone).where(Site.id == site_id)).scalar_one())
