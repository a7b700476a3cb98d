"""Short units that wait for SQLite's one writer together are committed together.

Making a commit durable takes longer than a handout's own work. Where several threads of the server queue for
the writer, each runs in a savepoint of one transaction, and the last of them commits for all. Nobody is
answered before that commit; if it fails, everybody fails. A unit that refuses or breaks is undone by its own
savepoint and disturbs nobody.

SQLite may give up a whole transaction by itself (a full disk, a failing one). What units after that wrote
would be committed and what units before it wrote would be lost, so a savepoint around all of them is released
before the commit: it is gone with the transaction it was made in, and then everybody fails.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from aidtrack.db.prepared import UNIT_CURSOR
from aidtrack.db.writers import process_turn, threads_of

WHOLE, UNIT = "aidtrack_whole", "aidtrack_unit"  # savepoints
MOST = 32  # units in one commit: the first of them waits for the last

_groups: dict[str, "_Group"] = {}


@dataclass
class _Open:
    """The transaction that several units share, and those who wait for its commit."""

    connection: Connection
    cursor: Any  # the driver's: savepoints through SQLAlchemy cost more than what they guard
    leave: ExitStack
    units: int = 0
    waiting: list["_Ticket"] = field(default_factory=list)


@dataclass
class _Ticket:
    done: threading.Event = field(default_factory=threading.Event)
    failure: BaseException | None = None


class _Group:
    def __init__(self) -> None:
        self.open: _Open | None = None
        self.coming = 0  # units that have asked for their turn and will have it
        self._counting = threading.Lock()

    def announce(self, change: int) -> None:
        with self._counting:
            self.coming += change

    def begin(self, engine: Engine) -> _Open:
        """The open transaction, or a new one. The caller has the threads' lock."""
        if self.open is None:
            with ExitStack() as stack:
                stack.enter_context(process_turn(engine))
                connection = engine.connect().execution_options(aidtrack_writes=True)
                stack.callback(connection.close)
                connection.begin()
                cursor = connection.connection.cursor()
                stack.callback(cursor.close)
                cursor.execute(f"SAVEPOINT {WHOLE}")
                self.open = _Open(connection, cursor, stack.pop_all())
        return self.open

    def finish(self) -> None:
        """Commit what is open and tell everybody who waits. The caller has the threads' lock."""
        opened, self.open = self.open, None
        if opened is None:
            return
        failure: BaseException | None = None
        try:
            with opened.leave:
                opened.cursor.execute(f"RELEASE {WHOLE}")
                opened.connection.commit()
        except BaseException as error:  # noqa: BLE001  (every unit of the group must hear of it)
            failure = error
        for ticket in opened.waiting:
            ticket.failure = failure
            ticket.done.set()
        if failure is not None:
            raise failure


def group_of(engine: Engine) -> _Group:
    return _groups.setdefault(str(engine.url), _Group())


def finish_open_group(engine: Engine) -> None:
    """Before a unit of its own begins: the group's transaction would block it. Called with the threads' lock."""
    group = _groups.get(str(engine.url))
    if group is not None:
        with suppress(Exception):  # told to those whose units these were; it is not this caller's failure
            group.finish()


@contextmanager
def grouped(engine: Engine) -> Iterator[Session]:
    """A session inside the group's transaction; leaves when the group's commit is durable.

    A refusal waits for it too: "already collected" may stand on a handout that is committed only then.
    """
    group = group_of(engine)
    group.announce(+1)
    ticket: _Ticket | None = None
    refusal: BaseException | None = None
    with threads_of(engine):
        group.announce(-1)
        opened = group.begin(engine)
        opened.units += 1
        try:
            with _savepoint(opened.cursor), _session(opened.connection) as session:
                session.info[UNIT_CURSOR] = (engine.dialect, opened.cursor)
                yield session
                session.flush()
        except BaseException as error:  # noqa: BLE001  (raised below, once the others have their commit)
            refusal = error
        if group.coming and opened.units < MOST:
            ticket = _Ticket()
            opened.waiting.append(ticket)
        else:
            group.finish()
    if ticket is not None:
        ticket.done.wait()
        if ticket.failure is not None:
            raise ticket.failure
    if refusal is not None:
        raise refusal


def _session(connection: Connection) -> Session:
    # its close leaves the shared transaction alone; undoing is the savepoint's
    return Session(connection, expire_on_commit=False, autoflush=False, join_transaction_mode="rollback_only")


@contextmanager
def _savepoint(cursor: Any) -> Iterator[None]:
    if not cursor.connection.in_transaction:
        # given up by SQLite before this unit: its savepoint would be the outermost, and releasing that commits
        cursor.execute(f"RELEASE {WHOLE}")  # there is none: fails as it will for the others
    cursor.execute(f"SAVEPOINT {UNIT}")
    try:
        yield
    except BaseException:
        with suppress(Exception):  # gone with the whole transaction: `finish` will see that
            cursor.execute(f"ROLLBACK TO {UNIT}")
            cursor.execute(f"RELEASE {UNIT}")
        raise
    cursor.execute(f"RELEASE {UNIT}")
