"""Many rows at once: lists of ids in portions both databases take, inserts that give their ids in order."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Table
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import FamilyKey, Household
from aidtrack.db import Base
from aidtrack.db.bulk import insert_rows, next_ids
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
    ids = next_ids(session, table, len(rows))
    if model is Household:  # their values are sealed on the way to the table
        keys = keyring_of(session.connection()).make(session.connection(), ids)
    insert_rows(session, table, [{**row, "id": number} for row, number in zip(rows, ids, strict=True)])
    if model is Household:
        insert_many(session, FamilyKey, keys)
    return ids


def insert_many(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows whose ids nobody asks for."""
    table = model.__table__
    assert isinstance(table, Table)
    insert_rows(session, table, rows)
