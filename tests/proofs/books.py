"""What the database says of what the model knows, in the model's own words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from aidtrack.db import db
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, PlaceKind
from tests.proofs.model import LOSS, PEOPLE, SUSPENSE, TRANSIT, Spot
from tests.proofs.remembered import Remembered

SPOTS = {
    VIRTUAL_PLACE_IDS[PlaceKind.IN_TRANSIT]: TRANSIT,
    VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT]: PEOPLE,
    VIRTUAL_PLACE_IDS[PlaceKind.LOSS]: LOSS,
    VIRTUAL_PLACE_IDS[PlaceKind.SUSPENSE]: SUSPENSE,
}
FOLD = (
    "SELECT lot_id, place_id, SUM(units) FROM (SELECT lot_id, target_id AS place_id, units FROM stock_move "
    "UNION ALL SELECT lot_id, source_id, -units FROM stock_move) AS legs "
    f"WHERE place_id <> {VIRTUAL_PLACE_IDS[PlaceKind.SUPPLIER]} GROUP BY lot_id, place_id HAVING SUM(units) <> 0"
)


@dataclass(frozen=True, slots=True)
class Books:
    """Units by lot and spot, papers' states, handouts by kind."""

    held: dict[tuple[int, Spot], int]
    fold: dict[tuple[int, Spot], int]
    papers: dict[int, str]
    handouts: Counter[str]


def sound_books(checks: Iterable[Remembered]) -> Books:
    """The books, of which every invariant was asked in the same look."""
    with db.engine.connect() as connection, Session(connection) as session:
        ask = connection.exec_driver_sql
        books = Books(
            held=_by_spot(ask("SELECT lot_id, place_id, units FROM stock_balance WHERE units > 0")),
            fold=_by_spot(ask(FOLD)),
            papers=dict(map(tuple, ask("SELECT id, state FROM voucher"))),
            handouts=Counter(kind for (kind,) in ask("SELECT kind FROM handout")),
        )
        breaches = [breach for check in checks for breach in check.breaches(session)]
    assert breaches == []
    return books


def _by_spot(rows: Iterable[Any]) -> dict[tuple[int, Spot], int]:
    return {(lot, SPOTS.get(place, place)): units for lot, place, units in rows}
