"""Statements of the hot path: written once with SQLAlchemy, compiled once, run by the driver itself.

Handing out goods is the one act that a whole queue of people waits for. Compiling, caching and result
building cost SQLAlchemy four fifths of its time there (docs/adr/0006), so these statements keep only what
is needed: text, parameters by name, plain tuples. They run inside the session's own transaction.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
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

    def _written(
        self, session: Session, name: str, parameters: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        if name not in self._compiled:
            self._compiled[name] = self._compile(session.connection())
        text, constants = self._compiled[name]
        native = _sqlite_values if name == "sqlite" else _postgres_values
        return text, native({**constants, **parameters} if constants else parameters)

    def _compile(self, connection: Connection) -> tuple[str, dict[str, Any]]:
        dialect = connection.dialect
        paramstyle = "named" if dialect.name == "sqlite" else "pyformat"
        make: Any = type(dialect)  # the abstract base takes no arguments, the real ones do
        compiled = self._statement.compile(dialect=make(paramstyle=paramstyle), column_keys=self._columns)
        constants = {name: value for name, value in compiled.params.items() if value is not None}
        return str(compiled), constants

    def rows(self, session: Session, **parameters: Any) -> list[Row]:
        with _driver(session) as (name, cursor):
            cursor.execute(*self._written(session, name, parameters))
            found: list[Row] = cursor.fetchall()
            return found

    def row(self, session: Session, **parameters: Any) -> Row | None:
        """The first row, or None."""
        with _driver(session) as (name, cursor):
            cursor.execute(*self._written(session, name, parameters))
            found: Row | None = cursor.fetchone()
            return found

    def run(self, session: Session, **parameters: Any) -> None:
        with _driver(session) as (name, cursor):
            cursor.execute(*self._written(session, name, parameters))

    def run_many(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        with _driver(session) as (name, cursor):
            text, first = self._written(session, name, rows[0])
            if len(rows) == 1:
                cursor.execute(text, first)
            else:
                cursor.executemany(text, [first, *(self._written(session, name, row)[1] for row in rows[1:])])


def plain_rows(session: Session, statement: CompilerElement) -> list[Row]:
    """The rows of a statement whose values are mostly bytes, past every conversion.

    psycopg asks for text unless it is told otherwise, and bytes as text are hexadecimal digits: twice as
    many, written by the server and read back by the driver. Values of the statement are written into its
    text, so they may be numbers and days that came from the database, and nothing a person typed.
    """
    connection = session.connection()
    text = str(statement.compile(connection.engine, compile_kwargs={"literal_binds": True}))
    driver: Any = connection.connection
    cursor = driver.cursor() if connection.dialect.name == "sqlite" else driver.cursor(binary=True)
    try:
        cursor.execute(text)
        found: list[Row] = cursor.fetchall()
        return found
    finally:
        cursor.close()


UNIT_CURSOR = "aidtrack_unit_cursor"


def keep_cursor(session: Session) -> Any:
    """Called by `unit_of_work`: its statements share one cursor instead of asking for the connection each time.

    Whoever keeps it closes it before the connection is another's. SQLite's driver shares a connection's
    statements between cursors: a cursor left to the garbage collector resets its last statement whenever it
    is collected, under the hands of whoever runs that statement then.
    """
    connection = session.connection()
    cursor = connection.connection.cursor()
    session.info[UNIT_CURSOR] = (connection.dialect.name, cursor)
    return cursor


class _InUnit:
    """The unit's own cursor: it stays open, and the unit's door minds its failures.

    A class and not a generator, because this surrounds every statement of a handout.
    """

    __slots__ = ("kept",)

    def __init__(self, kept: tuple[str, Any]) -> None:
        self.kept = kept

    def __enter__(self) -> tuple[str, Any]:
        return self.kept

    def __exit__(self, *_failure: object) -> None:
        return None


def _driver(session: Session) -> AbstractContextManager[tuple[str, Any]]:
    """The unit's cursor, or one for this statement alone whose failures look like SQLAlchemy's."""
    kept: tuple[str, Any] | None = session.info.get(UNIT_CURSOR)
    return _InUnit(kept) if kept is not None else _for_this_alone(session)


@contextmanager
def _for_this_alone(session: Session) -> Iterator[tuple[str, Any]]:
    connection = session.connection()
    driver = connection.dialect.dbapi
    assert driver is not None
    cursor = connection.connection.cursor()
    try:
        yield connection.dialect.name, cursor
    except driver.OperationalError as error:
        raise OperationalError("prepared statement", None, error) from error
    finally:
        cursor.close()


def batch(session: Session) -> AbstractContextManager[Any]:
    """Send a unit's statements inside without waiting for each answer (PostgreSQL's pipeline mode).

    An error of any of them is raised when the block ends, at the latest.
    """
    name, cursor = session.info[UNIT_CURSOR]
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
