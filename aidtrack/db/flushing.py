"""Short units on PostgreSQL wait for the disk together, after they have let go of their rows.

All counters of a site take from the same lots, and PostgreSQL keeps a lot's row locked until the commit is on
disk: with 10 ms for that, eight counters stand in a line of 80 ms. So a short unit commits without waiting
(`synchronous_commit = off` for this one transaction), the next counter goes on at once, and nobody is answered
before an empty second transaction, which does wait, is on disk. The log is written in order, so that everything
before it is on disk then too, and PostgreSQL flushes for all who wait at the same time.

Eight threads that go for the same rows at once also fight for the interpreter while they hold them. So the short
units of one process take turns, and wait for the disk outside their turn (benchmarks/handouts.py: a third off the
95th percentile). It is a courtesy and no lock: whoever has waited for `TURN_WITHIN` goes on without, because the
unit before may stand before a row that a long import holds.

If the machine dies in between, the handout is gone and nobody was told of it: the client sends it again under
the same id. Another unit may have read it meanwhile; therefore every unit, also one that refuses or finds its
work done already, leaves through the same wait.
"""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from aidtrack.db.prepared import UNIT_CURSOR

BEGIN = "BEGIN; SET LOCAL synchronous_commit TO off"
# a record of no meaning, so that the transaction has something to wait for
MARK = "SELECT pg_logical_emit_message(true, 'aidtrack', '')"
TURN_WITHIN = 0.25  # seconds; a turn takes some milliseconds
SERIES = "aidtrack_series"  # each act of such a session takes a turn of its own

_turns: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()
_making = threading.Lock()


@contextmanager
def flushed_together(engine: Engine, *, in_turn: bool = True) -> Iterator[Session]:
    """A session in a transaction of its own; leaves when everything it wrote or read is on disk."""
    with engine.connect() as connection, _without_its_begin(connection) as cursor:
        try:
            with turn(engine) if in_turn else nullcontext():
                try:
                    connection.begin()  # so that the session joins and does not commit
                    cursor.execute(BEGIN, prepare=False)  # two statements cannot be prepared as one
                    with Session(connection, expire_on_commit=False, autoflush=False) as session:
                        session.info[UNIT_CURSOR] = (engine.dialect, cursor)
                        session.info[SERIES] = not in_turn
                        yield session
                        session.flush()
                    cursor.execute("COMMIT", prepare=False)
                except BaseException:
                    _undo(connection, cursor.connection)
                    raise
        except BaseException:
            if not cursor.connection.closed:
                cursor.execute(MARK)
            raise
        cursor.execute(MARK)
        connection.commit()


def _undo(connection: Connection, driver: Any) -> None:
    """Roll back; after a mere refusal past psycopg, which with every rollback forgets the statements it prepared.

    Planning them anew for the next handout takes the database four times as long as the handout. The statements
    belong to the connection and not to the transaction; only one that failed may have left some half made.
    """
    from psycopg.pq import TransactionStatus  # 9 MB that a server on SQLite never needs

    if driver.info.transaction_status is TransactionStatus.INTRANS:
        driver.pgconn.exec_(b"ROLLBACK")
    connection.rollback()


@contextmanager
def turn(engine: Engine) -> Iterator[None]:
    """One short unit of this process at a time, as long as none of them stands still."""
    with _making:
        turn = _turns.setdefault(engine, threading.Lock())
    mine = turn.acquire(timeout=TURN_WITHIN)
    try:
        yield
    finally:
        if mine:
            turn.release()


@contextmanager
def _without_its_begin(connection: Connection) -> Iterator[Any]:
    """The driver's cursor on a connection where only we say BEGIN: psycopg's would be a message more."""
    from psycopg.pq import TransactionStatus  # 9 MB that a server on SQLite never needs

    driver: Any = connection.connection.driver_connection
    driver.autocommit = True
    try:
        with closing(driver.cursor()) as cursor:
            yield cursor
    finally:
        if driver.info.transaction_status is TransactionStatus.IDLE:
            driver.autocommit = False
        else:  # the pool must not lend it to anybody who expects a transaction
            connection.invalidate()


def make_commit_wait(engine: Engine, cursor: Any) -> None:
    """Before a longer unit's commit: one that wrote nothing would not wait for what it read."""
    if engine.dialect.name != "sqlite":
        cursor.execute(MARK)


def wait_for_the_disk(engine: Engine) -> None:
    """Leave when everything that could be read until now is on disk."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            connection.exec_driver_sql(MARK)
