"""One queue for everybody who writes to a SQLite file, threads and processes alike.

SQLite lets one writer in and makes the others ask again at growing intervals, so a busy process can starve
another for longer than any time-out (seen with two servers on one file). Here they wait in the operating
system's queue and are woken at once. `BEGIN IMMEDIATE` remains the lock that counts.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy.engine import Engine

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows: processes poll, as SQLite does by itself
    fcntl = None

_queues: dict[str, "_Queue"] = {}
_making = threading.Lock()


class _Queue:
    def __init__(self, database: str | None) -> None:
        self.threads = threading.Lock()
        self._file = _lock_file(database)

    @contextmanager
    def processes(self) -> Iterator[None]:
        """This process's turn; the caller has the threads' lock."""
        if self._file is None:
            yield
            return
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def forget(self) -> None:
        if self._file is not None:
            os.close(self._file)


def _lock_file(database: str | None) -> int | None:
    if fcntl is None or not database or database == ":memory:":
        return None
    try:
        return os.open(f"{database}.writers", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None  # a read-only folder: SQLite itself will say so at the first write


def _queue(engine: Engine) -> _Queue:
    key = str(engine.url)
    with _making:
        if key not in _queues:
            _queues[key] = _Queue(engine.url.database)
        return _queues[key]


def _after_fork() -> None:
    """A process made by forking queues in its own name: a lock's file that it shares would be its parent's turn,
    and would stay taken if it were killed."""
    for queue in _queues.values():
        queue.forget()
    _queues.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def threads_of(engine: Engine) -> threading.Lock:
    """The lock that this process's threads queue at."""
    return _queue(engine).threads


def process_turn(engine: Engine) -> AbstractContextManager[None]:
    """Wait until no other process of ours writes. The caller has the threads' lock."""
    return _queue(engine).processes()
