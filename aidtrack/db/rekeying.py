"""Sealing everything anew that a former data key sealed, a portion at a time.

Households' values stay as they are: only their keys are wrapped anew, and what lies under the site's own key. Run again
after it was killed it passes over what is done; beside a server that has both keys it disturbs nobody.
"""

from collections.abc import Callable, Iterator
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import Column, ColumnElement, LargeBinary, Table, func, select, text, type_coerce
from sqlalchemy.engine import Connection

from aidtrack.db.append_only import APPEND_ONLY, writable
from aidtrack.db.base import Base
from aidtrack.db.keyring import OF_SITE
from aidtrack.db.session import unit_of_work
from aidtrack.db.types import SEALED_FOR, EncryptedText
from aidtrack.db.vault import bound_to_household, current_vault
from aidtrack.kernel.late import dataclass

PORTION = 500
KEYS = "household_key"


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column with values under the site's data key. `head`: the byte before those values, where others stand too."""

    table: Table
    column: Column[Any]
    purpose: str
    head: bytes = b""

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column.name}"

    def bound_to(self, row_id: int) -> bytes:
        return bound_to_household(row_id) if self.table.name == KEYS else self.purpose.encode()


@dataclass(slots=True)
class Found:
    """What a walk over one column met. `unreadable`: row numbers of values that no key at hand opens."""

    column: SealedColumn
    values: int = 0
    changed: int = 0
    unreadable: list[int] | None = None


def sealed_columns() -> list[SealedColumn]:
    """Every column that may hold something under the site's data key."""
    found = []
    for name in sorted(Base.metadata.tables):
        table = Base.metadata.tables[name]
        for column in table.columns:
            if isinstance(column.type, EncryptedText):
                head = OF_SITE if column.type.owner else b""
                found.append(SealedColumn(table, column, column.type.purpose, head))
            elif SEALED_FOR in column.info:
                found.append(SealedColumn(table, column, column.info[SEALED_FOR]))
    return found


def seal_anew(
    *, write: bool = True, progress: Callable[[int, int], None] = lambda done, total: None
) -> Iterator[Found]:
    """Walk over every column; without `write` nothing changes, and `changed` is what is still to be done.

    Args:
        progress: called after each portion with how many values were looked at, and how many there were.
    """
    columns = sealed_columns()
    with unit_of_work() as session:
        total = sum(_count(session.connection(), column) for column in columns)
    walked = 0
    for column in columns:
        found = Found(column, unreadable=[])
        after = 0
        while True:
            with unit_of_work() as session:
                last = _portion(session.connection(), found, after, write=write)
            if last is None:
                break
            after = last
            progress(min(walked + found.values, total), total)
        walked += found.values
        progress(min(walked, total), total)
        yield found
    progress(total, total)


def _count(connection: Connection, one: SealedColumn) -> int:
    return int(connection.scalar(select(func.count()).where(*_held(one))) or 0)


def _held(one: SealedColumn) -> list[ColumnElement[bool]]:
    """Rows with a value under the site's own key."""
    value = type_coerce(one.column, LargeBinary)
    return [one.column.is_not(None), *([func.substr(value, 1, 1) == one.head] if one.head else [])]


def _portion(connection: Connection, found: Found, after: int, *, write: bool) -> int | None:
    one, vault = found.column, current_vault()
    [key] = one.table.primary_key
    value = type_coerce(one.column, LargeBinary)
    asked = select(key, value).where(*_held(one), key > after).order_by(key).limit(PORTION)
    rows = connection.execute(asked).all()
    changed = []
    for row_id, stored in rows:
        before = bytes(stored)
        if not before:
            continue  # erased
        found.values += 1
        try:
            sealed = vault.under_newest_key(before[len(one.head) :], one.bound_to(row_id))
        except InvalidTag:
            assert found.unreadable is not None
            found.unreadable.append(row_id)
            continue
        if sealed is not None:
            found.changed += 1
            changed.append({"row": row_id, "before": before, "after": one.head + sealed})
    if changed and write:
        # as it was read: what somebody else has written since is theirs, and the next walk sees it
        statement = text(
            f"UPDATE {one.table.name} SET {one.column.name} = :after "  # noqa: S608  (our own mapping's names)
            f"WHERE {key.name} = :row AND {one.column.name} = :before"
        )
        with writable(connection, one.table.name, one.table.name in APPEND_ONLY):
            connection.execute(statement, changed)
    return rows[-1][0] if len(rows) == PORTION else None
