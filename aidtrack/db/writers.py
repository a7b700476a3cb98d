"""One queue for everybody who writes to a SQLite file, threads and processes alike.

SQLite lets one writer in and makes the others ask again at growing intervals, so a busy process can starve
another for longer than any time-out (seen with two servers on one file). Here they wait in the operating
system's queue and are woken at once. `BEGIN IMMEDIATE` remains the lock that counts.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Engine

try:
    import fcntl
except ImportError:  # Windows: processes poll, as SQLite does by itself
    fcntl = None  # type: ignore[assignment]

_queues: dict[str, "_Queue"] = {}
_making = threading.Lock()


class _Queue:
    def __init__(self, database: str | None) -> None:
        self._threads = threading.Lock()
        self._file = _lock_file(database)

    @contextmanager
    def turn(self) -> Iterator[None]:
        with self._threads:
            if self._file is None:
                yield
                return
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)


def _lock_file(database: str | None) -> int | None:
    if fcntl is None or not database or database == ":memory:":
        return None
    try:
        return os.open(f"{database}.writers", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None  # a read-only folder: SQLite itself will say so at the first write


@contextmanager
def my_turn(engine: Engine) -> Iterator[None]:
    """Wait until no one else of ours writes to this file; nothing to wait for on PostgreSQL."""
    if engine.dialect.name != "sqlite":
        yield
        return
    key = str(engine.url)
    with _making:
        queue = _queues.get(key)
        if queue is None:
            queue = _queues[key] = _Queue(engine.url.database)
    with queue.turn():
        yield
