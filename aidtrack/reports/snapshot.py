"""Reading many things as of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from aidtrack.db import db


@contextmanager
def snapshot() -> Iterator[Session]:
    """A session in which every query sees the same committed state, and which writes nothing.

    A statement is made of several queries; a handout committed between two of them must not open a gap.
    On PostgreSQL the transaction is REPEATABLE READ, on SQLite every transaction is such a snapshot.
    """
    engine = db.engine
    with Session(engine, autoflush=False, expire_on_commit=False) as session:
        if engine.dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session
        session.rollback()
