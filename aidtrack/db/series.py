"""Several acts of one caller inside a short unit: each succeeds or fails alone, all wait for the disk once.

A phone brings a day of events. Each is a transaction of its own, because one says nothing about another and
no row is to be held for the rest of the batch; waiting for the disk after every one would make a minute of
what takes seconds. Nobody is told of any before the unit has ended, and so before all of them are on disk.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from sqlalchemy.orm import Session

from aidtrack.db.flushing import BEGIN, SERIES, turn
from aidtrack.db.groups import group_of
from aidtrack.db.prepared import UNIT_CURSOR

STEP = "aidtrack_step"  # a savepoint


@contextmanager
def step(session: Session) -> Iterator[None]:
    """One act of `unit_of_work(short=True)`. What it raises undoes it alone; the unit goes on for the others.

    On PostgreSQL it commits and lets go of its rows, in a turn of its own; on SQLite, where the group's one transaction is the
    commit, it is a savepoint of it.
    """
    dialect, cursor = session.info[UNIT_CURSOR]
    if dialect.name == "sqlite":
        if not cursor.connection.in_transaction:  # given up by SQLite: a savepoint now would commit by itself
            raise RuntimeError("the transaction is gone")
        cursor.execute(f"SAVEPOINT {STEP}")
        try:
            yield
        except BaseException:
            cursor.execute(f"ROLLBACK TO {STEP}")
            cursor.execute(f"RELEASE {STEP}")
            raise
        cursor.execute(f"RELEASE {STEP}")
        return
    with turn(session.get_bind().engine) if session.info[SERIES] else nullcontext():
        try:
            yield
        except BaseException:
            cursor.execute(f"ROLLBACK; {BEGIN}", prepare=False)
            raise
        cursor.execute(f"COMMIT; {BEGIN}", prepare=False)


def others_wait(session: Session) -> bool:
    """Whether another unit stands in line behind this one, which then should end: they share its commit anyway.

    Only on SQLite, where one writes at a time; PostgreSQL's units wait for each other's rows alone.
    """
    bind = session.get_bind()
    return bind.dialect.name == "sqlite" and group_of(bind.engine).coming > 0
