"""Many rows at once: lists of ids in portions both databases take, inserts that give their ids in order."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import FamilyKey, Household
from aidtrack.db import Base
from aidtrack.db.sealing import keyring_of

PORTION = 5000  # bound values in one statement; SQLite takes 32,766, PostgreSQL 65,535
T = TypeVar("T")


def portions(values: Iterable[T], size: int = PORTION) -> Iterator[list[T]]:
    iterator = iter(values)
    while portion := list(islice(iterator, size)):
        yield portion


def insert_returning(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert the rows and give their ids in the same order. New households get their keys here."""
    if not rows:
        return []
    table = model.__table__
    assert isinstance(table, Table)
    if model is Household:
        return _insert_households(session, table, rows)
    if session.get_bind().dialect.name == "sqlite":
        # one row at a time is all RETURNING in order does there; the writer is alone, so ids are ours to give
        after = session.scalar(select(func.max(table.c.id))) or 0
        ids = list(range(after + 1, after + 1 + len(rows)))
        session.execute(insert(table), [{"id": number, **row} for number, row in zip(ids, rows, strict=True)])
        return ids
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return [row.id for row in session.execute(statement, list(rows))]


def _insert_households(session: Session, table: Table, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Households know their numbers before they are written, since their keys carry them."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        after = session.scalar(select(func.max(table.c.id))) or 0
        ids = list(range(after + 1, after + 1 + len(rows)))
    else:
        numbers = "SELECT nextval('household_id_seq') FROM generate_series(1, :rows)"
        ids = list(session.scalars(text(numbers), {"rows": len(rows)}))
    keys = keyring_of(connection).make(connection, ids)
    session.execute(insert(table), [{**row, "id": number} for number, row in zip(ids, rows, strict=True)])
    session.execute(insert(FamilyKey.__table__), keys)  # type: ignore[arg-type]
    return ids


def insert_many(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows whose ids nobody asks for."""
    if not rows:
        return
    table = model.__table__
    assert isinstance(table, Table)
    statement = insert(table)
    if session.get_bind().dialect.name == "postgresql":
        # with RETURNING the rows travel as a few long statements, without it one by one
        session.execute(statement.returning(*table.primary_key), list(rows))
    else:
        session.execute(statement, list(rows))
