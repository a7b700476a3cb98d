"""One door for transactions."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from aidtrack.db.base import db
from aidtrack.db.prepared import keep_cursor

_open: ContextVar[bool] = ContextVar("aidtrack_unit_open", default=False)
_writers: dict[str, threading.Lock] = {}
AFTER_COMMIT = "after_commit"


def read_session() -> Session:
    """The request's session for reading: ended by the application at the end of the request."""
    return db.session()


def _writer_lock(engine: Engine) -> threading.Lock:
    return _writers.setdefault(str(engine.url), threading.Lock())


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Open a writing transaction, commit it when the block ends well, roll it back when it raises.

    On SQLite the transaction takes the write lock at once (`BEGIN IMMEDIATE`), so nothing that was read
    inside can change before the commit; on PostgreSQL services lock rows themselves. Threads of one process
    queue for SQLite's single writer here instead of polling for it inside the driver. Refuses to nest.
    Callbacks registered with `after_commit` run last, and only after a durable commit.
    """
    if _open.get():
        raise RuntimeError("units of work do not nest: the adapter opens exactly one")
    db.session.remove()  # a read transaction left open would hold a snapshot or a connection
    engine = db.engine
    sqlite = engine.dialect.name == "sqlite"
    token = _open.set(True)
    try:
        with _writer_lock(engine) if sqlite else nullcontext():
            session = Session(engine, expire_on_commit=False, autoflush=False)
            try:
                session.connection(execution_options={"aidtrack_writes": True})
                keep_cursor(session)
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise
            finally:
                session.close()
    finally:
        _open.reset(token)
    for callback in session.info.get(AFTER_COMMIT, ()):
        callback()


def after_commit(session: Session, callback: Callable[[], None]) -> None:
    """Run once the unit has been committed: printing, notices, nothing that must not be lost."""
    session.info.setdefault(AFTER_COMMIT, []).append(callback)
