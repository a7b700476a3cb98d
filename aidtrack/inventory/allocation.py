"""Which lots a quantity is taken from: soonest expiry first, within what the programme may use.

Source: docs/rules.md#allocation (DESIGN §3)
"""

from collections.abc import Iterable
from datetime import date

from aidtrack.inventory.errors import NotEnoughStock
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class LotOnHand:
    """What one place holds of one lot. `earmarked` binds it to `programme_id`; else any programme may use it."""

    lot_id: int
    units: int
    expires_on: date | None
    programme_id: int | None
    earmarked: bool
    received_on: date
    usable: bool = True  # False while quarantined, recalled or rejected


@dataclass(frozen=True, slots=True)
class Pick:
    lot_id: int
    units: int


def may_use(lot: LotOnHand, *, programme_id: int | None, on: date) -> bool:
    """Whether the programme may hand out from the lot that day; a lot is good through its expiry date."""
    if not lot.usable or lot.units <= 0:
        return False
    if lot.expires_on is not None and lot.expires_on < on:
        return False
    return not lot.earmarked or lot.programme_id == programme_id


def available(lots: Iterable[LotOnHand], *, programme_id: int | None, on: date) -> int:
    """Base units the programme may hand out on that day."""
    return sum(lot.units for lot in lots if may_use(lot, programme_id=programme_id, on=on))


def plan_picks(lots: Iterable[LotOnHand], *, units: int, programme_id: int | None, on: date) -> list[Pick]:
    """Choose the lots for one line, soonest expiry first; only the last lot touched may be split.

    Args:
        lots: what the place holds of the item, each lot once, in any order.
        units: base units wanted, > 0.
        programme_id: the programme handed out under; None may use free lots only.
        on: local date at the place.

    Raises:
        NotEnoughStock: nothing is planned then; there is no partial plan.
    """
    if units <= 0:
        raise ValueError(f"cannot plan {units} units")
    usable = [lot for lot in lots if may_use(lot, programme_id=programme_id, on=on)]
    on_hand = sum(lot.units for lot in usable)
    if on_hand < units:
        raise NotEnoughStock(wanted=units, available=on_hand, missing=units - on_hand)
    picks: list[Pick] = []
    missing = units
    for lot in sorted(usable, key=_turn):
        if missing == 0:
            break
        taken = min(lot.units, missing)
        picks.append(Pick(lot.lot_id, taken))
        missing -= taken
    return picks


def _turn(lot: LotOnHand) -> tuple[bool, date, date, int]:
    # earmarked lots first, so that free stock stays free for longest; a lot without expiry can wait
    return (not lot.earmarked, lot.expires_on or date.max, lot.received_on, lot.lot_id)
