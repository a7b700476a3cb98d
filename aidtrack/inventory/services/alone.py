"""What one person's word has let pass at a place: small losses and differences of an item, together.

Each is below the limit that asks for a second person; their sum over the site's days may not be (docs/rules.md,
Second person).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, timedelta

from sqlalchemy import case, func, insert, select
from sqlalchemy.orm import Session, aliased

from aidtrack.accounts.approvals import services as approvals
from aidtrack.accounts.approvals.rules import together_need_two
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, PlaceKind
from aidtrack.inventory.models import LossAlone, StockBalance, StockEntry, StockLot, StockMove
from aidtrack.kernel.late import dataclass

# goods go there for good; what was sent on counts as far as it has not come back
IN_TRANSIT = VIRTUAL_PLACE_IDS[PlaceKind.IN_TRANSIT]
LEFT_TO = (
    VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT], VIRTUAL_PLACE_IDS[PlaceKind.TRANSFERRED_AWAY], IN_TRANSIT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Passed:
    """Differences of an item that one person alone let pass: their sum whatever the sign, and what was missing."""

    units: int = 0
    missing: int = 0


def items_of(session: Session, lot_ids: Collection[int]) -> dict[int, int]:
    """Each lot's item."""
    rows = session.execute(select(StockLot.id, StockLot.item_id).where(StockLot.id.in_(set(lot_ids))))
    return {row[0]: row[1] for row in rows}


def by_item(session: Session, units: Mapping[int, int]) -> dict[int, int]:
    """Units by lot, whatever their sign, as sums by item."""
    found: defaultdict[int, int] = defaultdict(int)
    items = items_of(session, units)
    for lot_id, of_lot in units.items():
        found[items[lot_id]] += abs(of_lot)
    return dict(found)


def over_limit(
    session: Session, differences: Mapping[int, int], *, site_id: int, place_id: int, on: date,
    arriving: Mapping[int, int] | None = None,
) -> frozenset[int]:  # fmt: skip
    """The items whose differences, with those of the site's last days, are too much for one person's word.

    Args:
        differences: base units by item, whatever their sign; not posted yet.
        arriving: by lot, what is being received and does not stand at the place yet, lost on the way or not.
    """
    threshold = approvals.threshold_of(session, site_id)
    before = passed(session, place_id, differences, on=on, days=threshold.loss_days)
    # alone it was judged against what the book says of its lot already
    asked = {item for item, units in differences.items() if units and before[item].units}
    if not asked:
        return frozenset()
    base = _handled(
        session, place_id, asked, since=first_day(on, threshold.loss_days), arriving=arriving or {}
    )
    return frozenset(
        item
        for item in asked
        if together_need_two(
            threshold,
            handled=base[item] + before[item].missing,
            units=before[item].units + differences[item],
        )
    )


def first_day(on: date, days: int) -> date:
    return on - timedelta(days=days - 1)


def passed(
    session: Session, place_id: int, item_ids: Collection[int], *, on: date, days: int
) -> defaultdict[int, Passed]:
    """What stands as passed on one person's word at a place in so many days, by item."""
    reversal = aliased(StockEntry)
    missing = case((LossAlone.difference < 0, -LossAlone.difference), else_=0)
    query = (
        select(LossAlone.item_id, func.sum(func.abs(LossAlone.difference)), func.sum(missing))
        .outerjoin(reversal, reversal.reverses_id == LossAlone.entry_id)
        .where(
            LossAlone.place_id == place_id, LossAlone.item_id.in_(set(item_ids)),
            LossAlone.on_day >= first_day(on, days), reversal.id.is_(None),
        )
        .group_by(LossAlone.item_id)
    )  # fmt: skip
    found: defaultdict[int, Passed] = defaultdict(Passed)
    found.update({row[0]: Passed(int(row[1]), int(row[2])) for row in session.execute(query)})
    return found


def note(session: Session, entry_id: int, differences: Mapping[int, int], *, place_id: int, on: date) -> None:
    """An entry's differences by lot were one person's word alone."""
    items = items_of(session, differences)
    rows = [
        {"entry_id": entry_id, "lot_id": lot_id, "place_id": place_id, "item_id": items[lot_id], "on_day": on,
         "difference": units}
        for lot_id, units in sorted(differences.items())
        if units
    ]  # fmt: skip
    if rows:
        session.execute(insert(LossAlone), rows)


def _handled(
    session: Session, place_id: int, item_ids: Collection[int], *, since: date, arriving: Mapping[int, int]
) -> defaultdict[int, int]:
    """What the place had of each item since that day: what stands there now, what went to others, what arrives.

    A lot that arrives where it had been sent from, as a van's does that comes home, is the same goods once.
    """
    found: defaultdict[int, int] = defaultdict(int)
    standing = (
        select(StockLot.item_id, func.sum(StockBalance.units))
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .where(StockBalance.place_id == place_id, StockLot.item_id.in_(item_ids))
        .group_by(StockLot.item_id)
    )
    for item_id, units in session.execute(standing):
        found[item_id] += int(units)
    source, target = StockMove.source_id, StockMove.target_id
    moved = (
        select(StockLot.item_id, StockLot.id, source, target, func.sum(StockMove.units))
        .join(StockMove, StockMove.lot_id == StockLot.id)
        .join(StockEntry, StockEntry.id == StockMove.entry_id)
        .where(
            StockLot.item_id.in_(item_ids), StockEntry.effective_on >= since,
            ((source == place_id) & target.in_(LEFT_TO)) | ((target == place_id) & source.in_(LEFT_TO)),
        )
        .group_by(StockLot.item_id, StockLot.id, source, target)
    )  # fmt: skip
    went: defaultdict[tuple[int, int, int], int] = defaultdict(int)
    for item_id, lot_id, from_id, to_id, units in session.execute(moved):
        if from_id == place_id:
            went[item_id, lot_id, to_id] += int(units)
        else:
            went[item_id, lot_id, from_id] -= int(units)
    items = items_of(session, arriving)
    for lot_id, units in arriving.items():
        on_the_way = (items[lot_id], lot_id, IN_TRANSIT)
        went[on_the_way] = max(went[on_the_way], units)
    for (item_id, _lot, _to), units in went.items():
        found[item_id] += max(0, units)
    return found
