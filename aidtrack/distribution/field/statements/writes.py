"""What taking an event writes: the event, what became of it, what it took, and cases for the supervisor."""

from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from aidtrack.db.prepared import Prepared, PreparedInsert
from aidtrack.distribution.models import FieldEvent, FieldOutcome, FieldQuarantine, FieldTake, ReviewCase


def _columns(mapping: Any, *left_out: str) -> list[str]:
    table: Table = mapping.__table__
    return [column.name for column in table.columns if column.name not in left_out]


ADD_EVENT = Prepared(insert(FieldEvent).returning(FieldEvent.id), columns=_columns(FieldEvent, "id"))
ADD_OUTCOME = Prepared(insert(FieldOutcome), columns=_columns(FieldOutcome))
ADD_TAKE = PreparedInsert(cast(Table, FieldTake.__table__), _columns(FieldTake))
SET_OUTCOME = Prepared(
    update(FieldOutcome)
    .where(FieldOutcome.event_id == bindparam("of_id"))
    .values(
        outcome=bindparam("new_outcome"),
        first=bindparam("is_first"),
        undone=bindparam("is_undone"),
        withdrawn=bindparam("is_withdrawn"),
        changed_at=bindparam("at"),
    )
)
SET_SHORT = Prepared(
    update(FieldOutcome)
    .where(FieldOutcome.event_id == bindparam("of_id"))
    .values(outcome=bindparam("new_outcome"), short=bindparam("is_short"), changed_at=bindparam("at"))
)
SET_NOTES = Prepared(
    update(FieldOutcome)
    .where(FieldOutcome.event_id == bindparam("of_id"))
    .values(notes=bindparam("new_notes"))
)
TAKES_FALL = Prepared(
    update(FieldTake)
    .where(FieldTake.event_id == bindparam("of_id"))
    .values(standing=bindparam("no"), short=bindparam("no"))
)
NOT_SHORT = Prepared(
    update(FieldOutcome).where(FieldOutcome.event_id == bindparam("of_id")).values(short=bindparam("no"))
)
TAKE_SHORT = Prepared(
    update(FieldTake)
    .where(FieldTake.event_id == bindparam("of_id"), FieldTake.lot_id == bindparam("of_lot"))
    .values(short=bindparam("is_short"))
)


def _unless_there(mapping: Any, index: list[str], dialect: Any) -> Prepared:
    names = _columns(mapping, "id")
    statement = dialect.insert(mapping.__table__).values({name: bindparam(name) for name in names})
    return Prepared(statement.on_conflict_do_nothing(index_elements=index))


ADD_KEPT = {
    "sqlite": _unless_there(FieldQuarantine, ["raw_hash"], sqlite),
    "postgresql": _unless_there(FieldQuarantine, ["raw_hash"], postgresql),
}
ADD_CASE = Prepared(insert(ReviewCase), columns=_columns(ReviewCase, "id"))
SET_CASE = Prepared(
    update(ReviewCase)
    .where(ReviewCase.id == bindparam("case_id"))
    .values(
        kind=bindparam("new_kind"),
        settled_at=bindparam("at"),
        settled_by=bindparam("by"),
        settled_by_id=bindparam("by_id"),
        how=bindparam("new_how"),
        reason=bindparam("new_reason"),
    )
)
