"""One door for transactions."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar

from sqlalchemy.engine import Engine
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.orm import Session

from aidtrack.db.base import Reading, db
from aidtrack.db.flushing import flushed_together, make_commit_wait
from aidtrack.db.groups import finish_open_group, grouped
from aidtrack.db.prepared import keep_cursor
from aidtrack.db.writers import process_turn, threads_of

_open: ContextVar[bool] = ContextVar("aidtrack_unit_open", default=False)
AFTER_COMMIT = "after_commit"


def read_session() -> Session:
    """The request's session for reading: ended by the application at the end of the request."""
    return db.session()


def end_reading() -> None:
    """Let go of what the request read so far; its next question sees what is committed by then."""
    session = db.session()
    if isinstance(session, Reading):
        session.end()


@contextmanager
def unit_of_work(*, short: bool = False, series: bool = False) -> Iterator[Session]:
    """Open a writing transaction, commit it when the block ends well, roll it back when it raises.

    On SQLite the transaction takes the write lock at once (`BEGIN IMMEDIATE`), so nothing that was read
    inside can change before the commit; on PostgreSQL services lock rows themselves. Refuses to nest.
    Callbacks registered with `after_commit` run last, and only after a durable commit.

    Args:
        short: the unit takes milliseconds and many come at once, as at the counter: those that come together
            share the wait for the disk (`aidtrack.db.groups` on SQLite, `aidtrack.db.flushing` on PostgreSQL).
        series: a short unit of many acts (`aidtrack.db.series`), each of which lets go of its rows: it goes on beside
            the others, who would wait for its last act otherwise.
    """
    if _open.get():
        raise RuntimeError("units of work do not nest: the adapter opens exactly one")
    if db.session.registry.has():
        db.session.remove()  # a read transaction left open would hold a snapshot or a connection
    engine = db.engine
    if engine.dialect.name != "sqlite":
        transaction = flushed_together(engine, in_turn=not series) if short else _alone(engine)
    else:
        transaction = grouped(engine) if short else _alone_in_turn(engine)
    token = _open.set(True)
    try:
        with _driver_failures(engine), transaction as session:
            yield session
    finally:
        _open.reset(token)
    for callback in session.info.get(AFTER_COMMIT, ()):
        callback()


@contextmanager
def _alone(engine: Engine) -> Iterator[Session]:
    with Session(engine, expire_on_commit=False, autoflush=False) as session:
        session.connection(execution_options={"aidtrack_writes": True})
        with closing(keep_cursor(session)) as cursor:
            yield session
            session.flush()
            make_commit_wait(engine, cursor)
        session.commit()


@contextmanager
def _alone_in_turn(engine: Engine) -> Iterator[Session]:
    with threads_of(engine):
        finish_open_group(engine)
        with process_turn(engine), _alone(engine) as session:
            yield session


@contextmanager
def _driver_failures(engine: Engine) -> Iterator[None]:
    """Prepared statements speak to the driver; a locked or lost database looks the same from both ways."""
    driver = engine.dialect.dbapi
    assert driver is not None
    try:
        yield
    except driver.OperationalError as error:
        raise OperationalError("prepared statement", None, error) from error
    except driver.InternalError as error:  # what PostgreSQL answers while it is read-only
        raise InternalError("prepared statement", None, error) from error


def after_commit(session: Session, callback: Callable[[], None]) -> None:
    """Run once the unit has been committed: printing, notices, nothing that must not be lost."""
    session.info.setdefault(AFTER_COMMIT, []).append(callback)
