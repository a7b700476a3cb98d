"""Every invariant is found when it is broken behind the program's back, and none when it is not."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from aidtrack.inventory import ledger
from aidtrack.inventory.commands import LotUnits, TransferAway
from aidtrack.inventory.invariants import INVARIANTS
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, EntryKind, LossCause, PlaceKind
from aidtrack.inventory.models import StockLot
from aidtrack.inventory.services import reverse_entry, transfer_away
from aidtrack.kernel.ids import new_uuid
from tests.inventory.conftest import KG, NOW, TODAY, Centre, Unit, line

HANDED_OUT = VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT]


@pytest.fixture
def lot(unit: Unit, centre: Centre, received: Callable[..., int]) -> int:
    """A lot with a receipt, a handout, and a transfer away that was taken back."""
    received(line(centre.rice, 10 * KG), agreement_id=centre.agreement)
    with unit() as session:
        lot_id = session.scalars(select(StockLot.id)).one()
        ledger.post(
            session, kind=EntryKind.HANDOUT, document="V1", effective_on=TODAY, site_id=centre.site,
            moves=[ledger.Move(lot_id, centre.warehouse, HANDED_OUT, KG)], actor=centre.keeper(), now=NOW,
        )  # fmt: skip
        command = TransferAway(str(new_uuid()), centre.warehouse, "Hospital", (LotUnits(lot_id, KG),))
        entry_id = transfer_away(session, command, actor=centre.keeper(), now=NOW)
        reverse_entry(session, entry_id, reason="not collected", actor=centre.keeper(), now=NOW)
    return lot_id


def breaches(unit: Unit) -> list[str]:
    with unit() as session:
        return [breach.code for check in INVARIANTS for breach in check(session)]


def test_an_honest_ledger_has_no_breach(unit: Unit, lot: int) -> None:
    assert breaches(unit) == []


def test_an_empty_ledger_has_no_breach(unit: Unit, centre: Centre) -> None:
    assert breaches(unit) == []


def _unguarded(unit: Unit, *statements: str) -> None:
    """Change rows as a hand at the database's console could: without the triggers."""
    with unit() as session:
        postgresql = session.get_bind().dialect.name == "postgresql"
        tables = ("stock_move", "stock_entry")
        if postgresql:
            for table in tables:
                session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        else:
            for table in tables:
                session.execute(text(f"DROP TRIGGER {table}_no_update"))
                session.execute(text(f"DROP TRIGGER {table}_no_delete"))
        for statement in statements:
            session.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        pytest.param("UPDATE stock_balance SET units = units + 1", {"I4"}, id="a balance that drifted"),
        pytest.param("DELETE FROM stock_balance", {"I4"}, id="a balance that is gone"),
        pytest.param(
            "UPDATE stock_move SET units = units + 1 WHERE id = (SELECT min(id) FROM stock_move)",
            {"I2", "I4"}, id="a receipt that grew",
        ),
        pytest.param(
            "UPDATE stock_move SET units = 20000 WHERE target_id = 3", {"I3", "I4"}, id="more handed out than came",
        ),
        pytest.param(
            "UPDATE stock_move SET units = units - 1 WHERE source_id = 6", {"I4", "I7"}, id="a crooked reversal",
        ),
        pytest.param(
            "UPDATE stock_entry SET kind = 'loss' WHERE reverses_id IS NOT NULL", {"I2", "I7"},
            id="a reversal of another kind",
        ),
        pytest.param("UPDATE stock_entry SET kind = 'dispatch' WHERE kind = 'handout'", {"I2"}, id="a wrong leg"),
        pytest.param(
            "UPDATE stock_lot SET donor_id = (SELECT max(id) FROM donor)", {"I6"}, id="another donor's goods",
        ),
        pytest.param("UPDATE stock_lot SET earmarked = NOT earmarked", {"I6"}, id="an earmark that appeared"),
        pytest.param("UPDATE stock_lot SET agreement_id = NULL", {"I6"}, id="an agreement that vanished"),
        pytest.param("UPDATE donation_line SET item_id = (SELECT max(id) FROM item)", {"I6"}, id="another item"),
    ],
)  # fmt: skip
def test_each_breach_is_found_by_its_name(unit: Unit, lot: int, statement: str, codes: set[str]) -> None:
    _unguarded(unit, statement)
    assert set(breaches(unit)) == codes


def test_a_fraction_of_a_gram_is_found_where_the_database_would_keep_one(
    request: pytest.FixtureRequest, unit: Unit, lot: int
) -> None:
    with unit() as session:
        dialect = session.get_bind().dialect.name
        session.execute(text("UPDATE stock_balance SET units = 8999.5"))
        kept = session.execute(text("SELECT units FROM stock_balance")).scalar_one()
    # PostgreSQL's column rounds it to a whole number at once; SQLite keeps what it is given
    assert (set(breaches(unit)), kept) == (({"I1", "I4"}, 8999.5) if dialect == "sqlite" else (set(), 9000))


def test_a_loss_in_transit_has_its_leg(unit: Unit, centre: Centre, lot: int) -> None:
    transit, loss = VIRTUAL_PLACE_IDS[PlaceKind.IN_TRANSIT], VIRTUAL_PLACE_IDS[PlaceKind.LOSS]
    with unit() as session:
        for kind, source, target, cause in (
            (EntryKind.DISPATCH, centre.warehouse, transit, None),
            (EntryKind.LOSS, transit, loss, LossCause.THEFT),
        ):
            ledger.post(
                session, kind=kind, document="T1", effective_on=TODAY, site_id=centre.site, actor=centre.keeper(),
                moves=[ledger.Move(lot, source, target, KG)], now=NOW, reason="stolen", cause=cause,
            )  # fmt: skip
    assert breaches(unit) == []
