"""The one door: order, refusals by name, and nothing half done."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from psycopg.errors import CheckViolation
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from aidtrack.db.engines import sqlite_driver
from aidtrack.inventory import ledger
from aidtrack.inventory.errors import AlreadyReversed, NotEnoughStock
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, EntryKind, PlaceKind
from aidtrack.inventory.ledger import Move
from aidtrack.inventory.models import StockBalance, StockEntry, StockLot, StockMove
from aidtrack.kernel.errors import NotFound
from tests.inventory.conftest import KG, NOW, TODAY, Centre, Unit, line

HANDED_OUT = VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT]


@pytest.fixture
def lots(unit: Unit, centre: Centre, received: Callable[..., int]) -> list[int]:
    received(line(centre.rice, 10 * KG), line(centre.oil, 5 * KG))
    with unit() as session:
        return list(session.scalars(select(StockLot.id).order_by(StockLot.id)))


def hand_out(unit: Unit, centre: Centre, *moves: Move, locked: bool = False) -> int:
    with unit() as session:
        return ledger.post(
            session, kind=EntryKind.HANDOUT, document="V1", effective_on=TODAY, site_id=centre.site, moves=moves,
            actor=centre.keeper(), now=NOW, balances_locked=locked,
        )  # fmt: skip


def test_the_lot_that_is_short_is_named_and_nothing_is_written(
    unit: Unit, centre: Centre, lots: list[int]
) -> None:
    with pytest.raises(NotEnoughStock) as refused:
        hand_out(
            unit, centre, Move(lots[0], centre.warehouse, HANDED_OUT, KG),
            Move(lots[1], centre.warehouse, HANDED_OUT, 6 * KG),
        )  # fmt: skip
    assert refused.value.facts == {
        "lot_id": lots[1], "place_id": centre.warehouse, "wanted": 6 * KG, "available": 5 * KG, "missing": KG,
    }  # fmt: skip
    with unit() as session:
        assert ledger.balance(session, lot_id=lots[0], place_id=centre.warehouse) == 10 * KG
        assert session.scalar(select(func.count()).select_from(StockEntry)) == 1


def test_two_moves_of_one_lot_are_judged_together(unit: Unit, centre: Centre, lots: list[int]) -> None:
    with pytest.raises(NotEnoughStock):
        hand_out(unit, centre, *[Move(lots[1], centre.warehouse, HANDED_OUT, 3 * KG)] * 2)


def test_goods_that_were_never_there_are_not_taken(unit: Unit, centre: Centre, lots: list[int]) -> None:
    with pytest.raises(NotEnoughStock):
        hand_out(unit, centre, Move(lots[0], centre.point, HANDED_OUT, 1))


def test_the_check_stands_behind_a_caller_who_says_it_has_locked(
    unit: Unit, centre: Centre, lots: list[int]
) -> None:
    # prepared statements raise the driver's own error
    with pytest.raises((CheckViolation, sqlite_driver().IntegrityError), match="units_in_bounds"):
        hand_out(unit, centre, Move(lots[1], centre.warehouse, HANDED_OUT, 6 * KG), locked=True)
    with unit() as session:
        assert ledger.balance(session, lot_id=lots[1], place_id=centre.warehouse) == 5 * KG


@pytest.mark.parametrize("units", [0, -1, 10**12 + 1, 1.0, True])
def test_what_is_no_quantity_is_a_mistake_of_the_program(
    unit: Unit, centre: Centre, lots: list[int], units: int
) -> None:
    with pytest.raises(ValueError, match="base units"):
        hand_out(unit, centre, Move(lots[0], centre.warehouse, HANDED_OUT, units))


def test_an_entry_without_moves_and_a_move_to_where_it_is_are_mistakes_of_the_program(
    unit: Unit, centre: Centre, lots: list[int]
) -> None:
    with pytest.raises(ValueError, match="moves something"):
        hand_out(unit, centre)
    with pytest.raises(ValueError, match="somewhere else"):
        hand_out(unit, centre, Move(lots[0], centre.point, centre.point, 1))


def test_a_reversal_counts_on_the_day_it_is_made(unit: Unit, centre: Centre, lots: list[int]) -> None:
    entry_id = hand_out(unit, centre, Move(lots[0], centre.warehouse, HANDED_OUT, KG))
    # half past midnight in Kyiv is still the evening before in UTC
    later = datetime(2022, 10, 9, 21, 30, tzinfo=UTC)
    with unit() as session:
        reversal_id = ledger.reverse(
            session, entry_id, reason="wrong family", actor=centre.keeper(), now=later
        )
        reversal = session.get_one(StockEntry, reversal_id)
        moves = ledger.moves_of(session, reversal_id)
    assert reversal.effective_on == TODAY + timedelta(days=7)
    assert moves == [Move(lots[0], HANDED_OUT, centre.warehouse, KG)]


def test_an_entry_is_reversed_once_and_an_unknown_one_never(
    unit: Unit, centre: Centre, lots: list[int]
) -> None:
    entry_id = hand_out(unit, centre, Move(lots[0], centre.warehouse, HANDED_OUT, KG))
    with unit() as session:
        ledger.reverse(session, entry_id, reason="wrong family", actor=centre.keeper(), now=NOW)
    with pytest.raises(AlreadyReversed), unit() as session:
        ledger.reverse(session, entry_id, reason="wrong family", actor=centre.keeper(), now=NOW)
    with pytest.raises(NotFound), unit() as session:
        ledger.reverse(session, 999_999, reason="wrong family", actor=centre.keeper(), now=NOW)


@pytest.mark.parametrize("statement", ["UPDATE stock_move SET units = units + 1", "DELETE FROM stock_entry"])
def test_the_database_itself_refuses_to_change_what_was_recorded(
    unit: Unit, centre: Centre, lots: list[int], statement: str
) -> None:
    with pytest.raises(DBAPIError, match="append-only"), unit() as session:
        session.execute(text(statement))


def test_the_database_itself_refuses_a_negative_balance(unit: Unit, lots: list[int]) -> None:
    with pytest.raises(IntegrityError), unit() as session:
        session.execute(update(StockBalance).values(units=-1))


def test_moves_and_balances_agree_after_both(unit: Unit, centre: Centre, lots: list[int]) -> None:
    hand_out(
        unit, centre, Move(lots[1], centre.warehouse, HANDED_OUT, 5 * KG),
        Move(lots[0], centre.warehouse, HANDED_OUT, 10 * KG),
    )  # fmt: skip
    with unit() as session:
        assert session.scalars(select(StockBalance.units)).all() == [0, 0]
        assert session.scalar(select(func.count()).select_from(StockMove)) == 4
