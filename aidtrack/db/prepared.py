"""Statements of the hot path: written once with SQLAlchemy, compiled once, run by the driver itself.

Handing out goods is the one act that a whole queue of people waits for. Compiling, caching and result
building cost SQLAlchemy four fifths of its time there (docs/adr/0006), so these statements keep only what
is needed: text, parameters by name, plain tuples. They run inside the session's own transaction.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Table, TableValuedAlias, bindparam, cast, func, insert, select, types
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import CompilerElement

from aidtrack.kernel.late import dataclass

Row = tuple[Any, ...]


class _Listed(types.UserDefinedType[Any]):
    """A list written out as PostgreSQL reads it (`as_list`): no cast to another type, and no JSON."""

    cache_ok = True


PLAIN_TYPES = (types.Integer, types.String, types.LargeBinary, types.Boolean, _Listed)


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement as one driver takes it. `doubtful` parameters may hold what the driver does not know."""

    text: str
    constants: dict[str, Any]
    doubtful: tuple[str, ...]
    converters: Mapping[type, Callable[[Any], Any]]

    def values(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self.doubtful and not self.constants:
            return parameters
        values = {**self.constants, **parameters}
        for name in self.doubtful:
            convert = self.converters.get(type(values[name]))
            if convert is not None:
                values[name] = convert(values[name])
        return values


class Prepared:
    """One statement for both engines. Parameters are its `bindparam`s, given by name.

    Args:
        columns: for an INSERT, the columns to fill; each is a parameter of that name.
    """

    def __init__(self, statement: CompilerElement, *, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._written: dict[str, _Written] = {}

    def written(self, dialect: Dialect) -> _Written:
        found = self._written.get(dialect.name)
        if found is None:
            found = self._written[dialect.name] = self._compile(dialect)
        return found

    def _compile(self, dialect: Dialect) -> _Written:
        sqlite = dialect.name == "sqlite"
        make: Any = type(dialect)  # the abstract base takes no arguments, the real ones do
        compiled: Any = self._statement.compile(
            dialect=make(paramstyle="named" if sqlite else "pyformat"), column_keys=self._columns
        )
        if any(getattr(bind.type, "owner", None) for bind in compiled.binds.values()):
            raise RuntimeError("a prepared statement writes past aidtrack.db.sealing")
        return _Written(
            str(compiled),
            {name: value for name, value in compiled.params.items() if value is not None},
            tuple(name for name, bind in compiled.binds.items() if not isinstance(bind.type, PLAIN_TYPES)),
            _SQLITE if sqlite else _POSTGRES,
        )

    def rows(self, session: Session, **parameters: Any) -> list[Row]:
        with driver_of(session) as (dialect, cursor):
            return self._asked(dialect, cursor, parameters).fetchall()  # type: ignore[no-any-return]

    def row(self, session: Session, **parameters: Any) -> Row | None:
        """The first row, or None."""
        with driver_of(session) as (dialect, cursor):
            return self._asked(dialect, cursor, parameters).fetchone()  # type: ignore[no-any-return]

    def run(self, session: Session, **parameters: Any) -> None:
        with driver_of(session) as (dialect, cursor):
            self._asked(dialect, cursor, parameters)

    def run_many(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        with driver_of(session) as (dialect, cursor):
            written = self.written(dialect)
            if len(rows) == 1:
                cursor.execute(written.text, written.values(rows[0]))
            else:
                cursor.executemany(written.text, [written.values(row) for row in rows])

    def _asked(self, dialect: Dialect, cursor: Any, parameters: Mapping[str, Any]) -> Any:
        written = self.written(dialect)
        cursor.execute(written.text, written.values(parameters))
        return cursor


def listed(table: Table, columns: Iterable[str]) -> TableValuedAlias:
    """Rows as PostgreSQL makes them of one list a column; its parameters have the columns' names."""
    names = list(columns)
    arrays = (cast(bindparam(name, type_=_Listed()), postgresql.ARRAY(table.c[name].type)) for name in names)
    return func.unnest(*arrays).table_valued(*names).render_derived()


def as_list(values: Iterable[int | str | datetime | None]) -> str:
    """A list in PostgreSQL's own text: the driver's arrays take it longer than the statements that they save."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: int | str | datetime | None) -> str:
    if isinstance(value, int):  # and truths, which are read as they are written here
        return str(value)
    if value is None:
        return "NULL"
    text = value if isinstance(value, str) else value.isoformat()
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'


class PreparedInsert:
    """An INSERT of several rows at once: on PostgreSQL one statement over lists, as each one costs it a message."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        rows = listed(table, columns)
        self._each = Prepared(insert(table), columns=columns)
        self._at_once = Prepared(insert(table).from_select(list(columns), select(rows)))
        self._columns = columns

    def run_many(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        if len(rows) < 2 or session.get_bind().dialect.name == "sqlite":
            self._each.run_many(session, rows)
        else:
            self._at_once.run(
                session, **{column: as_list(row[column] for row in rows) for column in self._columns}
            )


def rows_of(session: Session, *asked: tuple[Prepared, Mapping[str, Any]]) -> list[list[Row]]:
    """The rows of several statements, in their order: PostgreSQL is asked once for all of them."""
    kept: Kept | None = session.info.get(UNIT_CURSOR)
    if kept is None or kept[0].name == "sqlite":
        return [statement.rows(session, **parameters) for statement, parameters in asked]
    dialect, unit_cursor = kept
    connection = unit_cursor.connection
    with connection.pipeline():
        cursors = [statement._asked(dialect, connection.cursor(), given) for statement, given in asked]
    # outside, where every answer is here: inside, the first fetch would be a message of its own
    return [cursor.fetchall() for cursor in cursors]


def glance(engine: Engine, statement: Prepared, **parameters: Any) -> list[Row]:
    """One read outside every unit, past sessions and transactions: a single message to the database.

    For what is asked before each request of a queue, such as whose token it carries.
    """
    written = statement.written(engine.dialect)
    driver: Any = engine.dialect.dbapi
    lent = engine.raw_connection()
    connection: Any = lent.driver_connection
    try:
        if engine.dialect.name != "sqlite":
            connection.autocommit = True
        found: list[Row] = connection.execute(written.text, written.values(parameters)).fetchall()
        if engine.dialect.name != "sqlite":
            connection.autocommit = False
    except driver.Error as error:
        lent.invalidate()
        if isinstance(error, driver.OperationalError):
            raise OperationalError("prepared statement", None, error) from error
        raise
    finally:
        lent.close()
    return found


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
Kept = tuple[Dialect, Any]


def keep_cursor(session: Session) -> Any:
    """Called at a unit's door: its statements share one cursor instead of asking for the connection each time.

    Whoever keeps it closes it before the connection is another's. SQLite's driver shares a connection's
    statements between cursors: a cursor left to the garbage collector resets its last statement whenever it
    is collected, under the hands of whoever runs that statement then.
    """
    connection = session.connection()
    cursor = connection.connection.cursor()
    session.info[UNIT_CURSOR] = (connection.dialect, cursor)
    return cursor


class _InUnit:
    """The unit's own cursor: it stays open, and the unit's door minds its failures.

    A class and not a generator, because this surrounds every statement of a handout.
    """

    __slots__ = ("kept",)

    def __init__(self, kept: Kept) -> None:
        self.kept = kept

    def __enter__(self) -> Kept:
        return self.kept

    def __exit__(self, *_failure: object) -> None:
        return None


def driver_of(session: Session) -> AbstractContextManager[Kept]:
    """The unit's cursor, or one for this statement alone whose failures look like SQLAlchemy's."""
    kept: Kept | None = session.info.get(UNIT_CURSOR)
    return _InUnit(kept) if kept is not None else _for_this_alone(session)


@contextmanager
def _for_this_alone(session: Session) -> Iterator[Kept]:
    connection = session.connection()
    driver = connection.dialect.dbapi
    assert driver is not None
    cursor = connection.connection.cursor()
    try:
        yield connection.dialect, cursor
    except driver.OperationalError as error:
        raise OperationalError("prepared statement", None, error) from error
    finally:
        cursor.close()


def batch(session: Session) -> AbstractContextManager[Any]:
    """Send a unit's statements inside without waiting for each answer (PostgreSQL's pipeline mode).

    An error of any of them is raised when the block ends, at the latest.
    """
    dialect, cursor = session.info[UNIT_CURSOR]
    if dialect.name == "sqlite":
        return nullcontext()
    pipeline: AbstractContextManager[Any] = cursor.connection.pipeline()
    return pipeline


def _moment_text(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


# by exact type, because this runs for every handout
_SQLITE: dict[type, Callable[[Any], Any]] = {
    datetime: _moment_text,
    date: date.isoformat,
    dict: json.dumps,
    list: json.dumps,
}
_POSTGRES: dict[type, Callable[[Any], Any]] = {dict: json.dumps, list: json.dumps}


def as_date(value: date | str) -> date:
    """A DATE column's value as the driver gave it: SQLite keeps ISO text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def as_moment(value: datetime | str) -> datetime:
    """A moment's value as the driver gave it, aware, in UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
