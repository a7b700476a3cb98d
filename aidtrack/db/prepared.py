"""Statements of the hot path: written once with SQLAlchemy, compiled once, run by the driver itself.

Handing out goods is the one act that a whole queue of people waits for. Compiling, caching and result
building cost SQLAlchemy four fifths of its time there (docs/adr/0006), so these statements keep only what
is needed: text, parameters by name, plain tuples. They run inside the session's own transaction.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import CompilerElement

Row = tuple[Any, ...]


class Prepared:
    """One statement for both engines. Parameters are its `bindparam`s, given by name.

    Args:
        columns: for an INSERT, the columns to fill; each is a parameter of that name.
    """

    def __init__(self, statement: CompilerElement, *, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._compiled: dict[str, tuple[str, dict[str, Any]]] = {}

    def _for(self, session: Session, parameters: Mapping[str, Any]) -> tuple[Any, str, dict[str, Any]]:
        name, cursor = _driver(session)
        if name not in self._compiled:
            self._compiled[name] = self._compile(session.connection())
        text, constants = self._compiled[name]
        native = _sqlite_values if name == "sqlite" else _postgres_values
        return cursor, text, native({**constants, **parameters} if constants else parameters)

    def _compile(self, connection: Connection) -> tuple[str, dict[str, Any]]:
        dialect = connection.dialect
        paramstyle = "named" if dialect.name == "sqlite" else "pyformat"
        compiled = self._statement.compile(
            dialect=type(dialect)(paramstyle=paramstyle), column_keys=self._columns
        )
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        return str(compiled), constants

    def rows(self, session: Session, **parameters: Any) -> list[Row]:
        cursor, text, native = self._for(session, parameters)
        cursor.execute(text, native)
        found: list[Row] = cursor.fetchall()
        return found

    def row(self, session: Session, **parameters: Any) -> Row | None:
        """The first row, or None."""
        cursor, text, native = self._for(session, parameters)
        cursor.execute(text, native)
        found: Row | None = cursor.fetchone()
        return found

    def run(self, session: Session, **parameters: Any) -> None:
        cursor, text, native = self._for(session, parameters)
        cursor.execute(text, native)

    def run_many(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        cursor, text, first = self._for(session, rows[0])
        if len(rows) == 1:
            cursor.execute(text, first)
        else:
            cursor.executemany(text, [first, *(self._for(session, row)[2] for row in rows[1:])])


UNIT_CURSOR = "aidtrack_unit_cursor"


def keep_cursor(session: Session) -> None:
    """Called by `unit_of_work`: its statements share one cursor instead of asking for the connection each time."""
    connection = session.connection()
    session.info[UNIT_CURSOR] = (connection.dialect.name, connection.connection.cursor())


def _driver(session: Session) -> tuple[str, Any]:
    kept: tuple[str, Any] | None = session.info.get(UNIT_CURSOR)
    if kept is not None:
        return kept
    connection = session.connection()
    return connection.dialect.name, connection.connection.cursor()


def batch(session: Session) -> AbstractContextManager[Any]:
    """Send the statements inside without waiting for each answer (PostgreSQL's pipeline mode).

    An error of any of them is raised when the block ends, at the latest.
    """
    name, cursor = _driver(session)
    if name == "sqlite":
        return nullcontext()
    pipeline: AbstractContextManager[Any] = cursor.connection.pipeline()
    return pipeline


def _moment_text(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


# by exact type, because this runs for every value of every statement
_SQLITE: dict[type, Callable[[Any], Any]] = {
    datetime: _moment_text,
    date: date.isoformat,
    dict: json.dumps,
    list: json.dumps,
}
_POSTGRES: dict[type, Callable[[Any], Any]] = {dict: json.dumps, list: json.dumps}


def _sqlite_values(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _SQLITE[type(value)](value) if type(value) in _SQLITE else value
        for name, value in parameters.items()
    }


def _postgres_values(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _POSTGRES[type(value)](value) if type(value) in _POSTGRES else value
        for name, value in parameters.items()
    }


def as_date(value: date | str) -> date:
    """A DATE column's value as the driver gave it: SQLite keeps ISO text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def as_moment(value: datetime | str) -> datetime:
    """A moment's value as the driver gave it, aware, in UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
