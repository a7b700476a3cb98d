"""What the close of a day decides by itself: which lots carry a difference.

Source: docs/rules.md#day-close
"""

from collections.abc import Sequence
from datetime import date

from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class LotInBook:
    """A lot behind one counted line, as the frozen book has it."""

    lot_id: int
    units: int
    expires_on: date | None
    received_on: date


def leaving_order(lots: Sequence[LotInBook]) -> list[LotInBook]:
    """Lots in the order in which goods leave: soonest expiry, then longest here, then number."""
    return sorted(
        lots,
        key=lambda lot: (lot.expires_on is None, lot.expires_on or date.max, lot.received_on, lot.lot_id),
    )


def spread(lots: Sequence[LotInBook], counted: int) -> dict[int, int]:
    """The difference of one line as differences of its lots, base units; below zero is missing.

    Goods leave by expiry, so what is missing is taken from the lots that leave first, as far as the book
    has it there, and what is over belongs to the first of them: less of it left than was written down.
    """
    order = leaving_order(lots)
    difference = counted - sum(lot.units for lot in order)
    found = dict.fromkeys((lot.lot_id for lot in order), 0)
    if difference > 0:
        found[order[0].lot_id] = difference
        return found
    missing = -difference
    for lot in order:
        taken = min(missing, lot.units)
        found[lot.lot_id] = -taken
        missing -= taken
    return found
