"""What the close of a day decides by itself: which lots carry a difference, and when a second person signs.

Source: docs/rules.md#day-close
"""

from collections.abc import Sequence
from datetime import date

from aidtrack.inventory.kinds import LossCause
from aidtrack.kernel.late import dataclass

# of what the book says: half a bag of rice in 1.25 t is measuring, five bags are a question
SECOND_PERSON_ABOVE = (2, 100)


@dataclass(frozen=True, slots=True)
class LotInBook:
    """A lot behind one counted line, as the frozen book has it."""

    lot_id: int
    units: int
    expires_on: date | None
    received_on: date


def needs_second_person(book: int, counted: int, cause: LossCause | None) -> bool:
    """Whether another person must approve a line: more than 2 % of the book, or theft."""
    part, whole = SECOND_PERSON_ABOVE
    return cause is LossCause.THEFT or abs(counted - book) * whole > book * part


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
