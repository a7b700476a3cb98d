"""Rows with numbers taken in advance, so that all of a handout goes to PostgreSQL in one message.

While a phone's handout waits for an answer, every other phone at the place waits for its lots.
"""

from typing import Any

from sqlalchemy import Table, func, insert, select

from aidtrack.db.prepared import Prepared
from aidtrack.distribution.handouts.statements import ADD_NUMBERED_HANDOUT
from aidtrack.distribution.models import FieldEvent


def _whole(mapping: Any) -> Prepared:
    table: Table = mapping.__table__
    return Prepared(insert(mapping), columns=[column.name for column in table.columns])


# of the entry, the handout and the event, in this order
NUMBERS = Prepared(
    select(
        *(
            func.nextval(func.pg_get_serial_sequence(table, "id"))
            for table in ("stock_entry", "handout", "field_event")
        )
    )
)
ADD_HANDOUT, ADD_EVENT = ADD_NUMBERED_HANDOUT, _whole(FieldEvent)
