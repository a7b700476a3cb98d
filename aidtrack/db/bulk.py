"""Many rows into one table by the driver's fastest way: COPY on PostgreSQL, one statement run again on SQLite.

A register of fifty thousand families is two million rows. SQLAlchemy's INSERT takes each value through half a dozen
calls, and PostgreSQL parses statements of ten thousand values; here a column is made ready as a whole. What identifies a
family is sealed on the way, as everywhere (`aidtrack.db.sealing`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from struct import Struct
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, text
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aidtrack.db.keyring import seal, seal_for_site
from aidtrack.db.prepared import driver_of
from aidtrack.db.sealing import Owned, OwnerUnknown, Sealed, bound_columns, keyring_of

HASH_BYTES = 16
# one row of PostgreSQL's binary COPY: two fields, each with its length before it
_PAIR = Struct(f">hi{HASH_BYTES}siq")
_COPY_BEGINS, _COPY_ENDS = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"

Rows = Sequence[Mapping[str, Any]]
Values = Iterable[Any]


def insert_rows(session: Session, table: Table, rows: Rows) -> None:
    """Insert rows of plain values, all with the same columns; columns left out get their constant default.

    Raises:
        IntegrityError: a constraint refuses one of them.
    """
    if not rows:
        return
    dialect = session.connection().dialect
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    for column in table.columns:
        if column.name not in columns and column.default is not None:
            if not column.default.is_scalar:
                raise TypeError(f"{table.name}.{column.name} has no constant default")
            columns[column.name] = [column.default.arg] * len(rows)  # type: ignore[attr-defined]
    columns |= _sealed(session.connection(), table, columns)
    ready = [_ready(table.c[name], values, dialect) for name, values in columns.items()]
    insert_tuples(session, table, list(columns), zip(*ready, strict=True))


def insert_tuples(
    session: Session, table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Insert rows as the driver takes them: nothing in them needs sealing or another type."""
    with driver_of(session) as (dialect, cursor):
        driver = dialect.dbapi
        assert driver is not None
        named = ", ".join(columns)
        try:
            if dialect.name == "sqlite":
                marks = ", ".join("?" * len(columns))
                cursor.executemany(f"INSERT INTO {table.name} ({named}) VALUES ({marks})", rows)  # noqa: S608
                return
            # binary: a line of text would stand in the message of whatever refuses it
            with cursor.copy(f"COPY {table.name} ({named}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types([_type_name(table.c[name], dialect) for name in columns])
                for row in rows:
                    copy.write_row(row)
        except driver.IntegrityError as error:
            raise IntegrityError("many rows", None, error) from error


def insert_hashes(
    session: Session, table: Table, columns: tuple[str, str], pairs: Iterable[tuple[bytes, int]]
) -> None:
    """Insert short keyed hashes with the number each belongs to: for PostgreSQL written here in one go.

    A registration has twenty times as many of them as rows of any other table, and the driver takes longer to write
    them out one by one than to send them.
    """
    if session.get_bind().dialect.name == "sqlite":
        insert_tuples(session, table, columns, pairs)
        return
    rows = [_PAIR.pack(2, HASH_BYTES, hashed, 8, number) for hashed, number in pairs]
    with driver_of(session) as (dialect, cursor):
        driver = dialect.dbapi
        assert driver is not None
        try:
            named = ", ".join(columns)
            with cursor.copy(f"COPY {table.name} ({named}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.write(b"".join((_COPY_BEGINS, *rows, _COPY_ENDS)))
        except driver.IntegrityError as error:
            raise IntegrityError("many rows", None, error) from error


def next_ids(session: Session, table: Table, count: int) -> list[int]:
    """Numbers for so many rows about to be inserted."""
    if session.connection().dialect.name == "sqlite":  # the writer is alone: they are ours to give
        last = session.scalar(text(f"SELECT max(id) FROM {table.name}")) or 0  # noqa: S608
        return list(range(last + 1, last + 1 + count))
    numbers = f"SELECT nextval('{table.name}_id_seq') FROM generate_series(1, :rows)"  # noqa: S608
    return list(session.scalars(text(numbers), {"rows": count}))


def _sealed(connection: Connection, table: Table, columns: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """The columns that identify somebody, each text under the key of the household its row names."""
    bound = bound_columns(table.name)
    if bound is None:
        return {}
    texts = {name: columns[name] for name in bound.purposes.keys() & columns.keys()}
    named = columns.get(bound.owner) or [None] * max(map(len, texts.values()), default=0)
    owners = {
        name: [
            value.household_id if isinstance(value, Owned) else owner
            for value, owner in zip(values, named, strict=True)
        ]
        for name, values in texts.items()
    }
    whose = {
        owner
        for name, values in texts.items()
        for value, owner in zip(values, owners[name], strict=True)
        if isinstance(value, str)
    }
    if (None in whose and bound.owner == "id") or not all(
        one is None or isinstance(one, int) for one in whose
    ):
        raise OwnerUnknown(f"{table.name}.{bound.owner} must be a number")
    ciphers = keyring_of(connection).to_write(connection, whose - {None})

    def shut(value: Any, household_id: int | None, purpose: str) -> Any:
        if not isinstance(value, str):
            return value
        if household_id is None:
            return Sealed(seal_for_site(value, purpose))
        return Sealed(seal(ciphers[household_id], household_id, value, purpose))

    return {
        name: [
            shut(value, owner, bound.purposes[name])
            for value, owner in zip(values, owners[name], strict=True)
        ]
        for name, values in texts.items()
    }


def _ready(column: Column[Any], values: Values, dialect: Dialect) -> Values:
    """A column's values as the driver takes them; bytes are taken as they are by both."""
    if isinstance(column.type, LargeBinary):
        return values
    convert: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    return values if convert is None else map(convert, values)


def _type_name(column: Column[Any], dialect: Dialect) -> str:
    """As PostgreSQL calls it, without its length: «bigint», «varchar»."""
    return str(column.type.compile(dialect)).partition("(")[0].lower()
