"""The ledger's own statements, prepared for speed (see `aidtrack.db.prepared`). For `ledger` alone."""

from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site
from aidtrack.db.prepared import Prepared, PreparedInsert, as_list, listed
from aidtrack.inventory.models import Place, StockBalance, StockEntry, StockMove, StockShortage

ENTRY = cast(Table, StockEntry.__table__)
MOVE = cast(Table, StockMove.__table__)
BALANCE = cast(Table, StockBalance.__table__)
SHORTAGE = cast(Table, StockShortage.__table__)


def _all_but_id(table: Table) -> dict[str, Any]:
    return {column.name: bindparam(column.name) for column in table.columns if column.name != "id"}


ADD_ENTRY = Prepared(insert(ENTRY).values(_all_but_id(ENTRY)).returning(ENTRY.c.id))
ADD_NUMBERED_ENTRY = Prepared(insert(ENTRY).values({**_all_but_id(ENTRY), "id": bindparam("id")}))
ADD_MOVE = PreparedInsert(MOVE, list(_all_but_id(MOVE)))
# no "units >= taken" here: a shortage that was overlooked must break the CHECK, not pass in silence
TAKE = Prepared(
    update(BALANCE)
    .where(BALANCE.c.lot_id == bindparam("of_lot"), BALANCE.c.place_id == bindparam("at_place"))
    .values(units=BALANCE.c.units - bindparam("by"))
)
_TAKEN = listed(BALANCE, ("lot_id", "place_id", "units"))
TAKE_AT_ONCE = Prepared(
    update(BALANCE)
    .where(BALANCE.c.lot_id == _TAKEN.c.lot_id, BALANCE.c.place_id == _TAKEN.c.place_id)
    .values(units=BALANCE.c.units - _TAKEN.c.units)
)


def _standing(table: Table) -> Any:
    return select(table.c.units).where(
        table.c.lot_id == bindparam("of_lot"), table.c.place_id == bindparam("at_place")
    )


UNITS_STANDING, UNITS_OWED = Prepared(_standing(BALANCE)), Prepared(_standing(SHORTAGE))
UNITS_LOCKED = Prepared(_standing(BALANCE).with_for_update())
# an entry that is to be reversed, with its site's time zone
ENTRY_LOCKED = Prepared(
    select(
        ENTRY.c.kind,
        ENTRY.c.document,
        ENTRY.c.effective_on,
        ENTRY.c.site_id,
        ENTRY.c.reverses_id,
        ENTRY.c.cause,
        Site.time_zone,
    )
    .join(Site, Site.id == ENTRY.c.site_id)
    .where(ENTRY.c.id == bindparam("of_entry"))
    .with_for_update(of=ENTRY)
)
REVERSAL_OF = Prepared(select(ENTRY.c.id).where(ENTRY.c.reverses_id == bindparam("of_entry")))
MOVES_OF = Prepared(
    select(MOVE.c.lot_id, MOVE.c.source_id, MOVE.c.target_id, MOVE.c.units)
    .where(MOVE.c.entry_id == bindparam("of_entry"))
    .order_by(MOVE.c.id)
)
OWED_LOCKED = Prepared(
    select(SHORTAGE.c.lot_id, SHORTAGE.c.place_id, SHORTAGE.c.units)
    .where(
        SHORTAGE.c.lot_id == bindparam("of_lot"),
        SHORTAGE.c.place_id == bindparam("at_place"),
        SHORTAGE.c.units > 0,
    )
    .with_for_update()
)
PAY = Prepared(
    update(SHORTAGE)
    .where(SHORTAGE.c.lot_id == bindparam("of_lot"), SHORTAGE.c.place_id == bindparam("at_place"))
    .values(units=SHORTAGE.c.units - bindparam("by"))
)
PLACE_CODE = Prepared(select(Place.code).where(Place.id == bindparam("at_place")))


def _add_to(table: Table, insert_into: Any) -> Prepared:
    statement = insert_into(table).values(
        lot_id=bindparam("of_lot"), place_id=bindparam("at_place"), units=bindparam("by")
    )
    return Prepared(
        statement.on_conflict_do_update(
            index_elements=[table.c.lot_id, table.c.place_id],
            set_={"units": table.c.units + statement.excluded.units},
        )
    )


BRING, OWE = (
    {"postgresql": _add_to(table, postgresql.insert), "sqlite": _add_to(table, sqlite.insert)}
    for table in (BALANCE, SHORTAGE)
)


def at(key: tuple[int, int], units: int) -> dict[str, int]:
    """The parameters for one balance or debt, by lot and place."""
    return {"of_lot": key[0], "at_place": key[1], "by": units}


def take(session: Session, rows: list[dict[str, int]]) -> None:
    """Lower balances whose rows are locked by now."""
    if len(rows) < 2 or session.get_bind().dialect.name == "sqlite":
        TAKE.run_many(session, rows)
    else:
        lots, places, units = zip(*(row.values() for row in rows), strict=True)
        TAKE_AT_ONCE.run(session, lot_id=as_list(lots), place_id=as_list(places), units=as_list(units))
