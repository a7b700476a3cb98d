"""I7 in the database itself: tables whose rows are added and never changed or deleted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Table
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase

M = TypeVar("M", bound=DeclarativeBase)

APPEND_ONLY: list[str] = []

PG_FUNCTION = """
CREATE OR REPLACE FUNCTION aidtrack_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: rows of % are never changed or deleted', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
PG_DROP_FUNCTION = "DROP FUNCTION IF EXISTS aidtrack_append_only()"


def append_only(mapping: type[M]) -> type[M]:
    """Mark a mapping; `create_triggers` guards its table (called by the migrations)."""
    table = mapping.__table__
    assert isinstance(table, Table)
    APPEND_ONLY.append(table.name)
    return mapping


def create_triggers(table: str, dialect: str) -> list[str]:
    """The DDL that refuses UPDATE and DELETE (and TRUNCATE, which only PostgreSQL has)."""
    if dialect == "postgresql":
        return [
            PG_FUNCTION,
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION aidtrack_append_only()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION aidtrack_append_only()",
        ]
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'append-only: rows of {table} are never changed or deleted'); END"
        for verb in ("UPDATE", "DELETE")
    ]


@contextmanager
def writable(connection: Connection, table: str, guarded: bool) -> Iterator[None]:
    """Without its guard for as long as values are sealed anew, in the caller's transaction: nobody else sees it gone."""
    if not guarded:
        yield
        return
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only")
        yield
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER {table}_append_only")
        return
    connection.exec_driver_sql(f"DROP TRIGGER {table}_no_update")
    yield
    connection.exec_driver_sql(create_triggers(table, "sqlite")[0])
