"""A dry run or an import in a thread of the server, with progress to look at.

What a run found or made is in the database and the encrypted result when it ends; only the progress lives in this
process. A run that died with its server is simply started again: a dry run changes nothing, and what an import
brought in before is recognised.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, current_app

from aidtrack.kernel.errors import DomainError

EXTENSION = "aidtrack_import_jobs"
FORGET_SECONDS = 3600

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Job:
    """One run. The thread writes, pages read. `phase`: reading, checking, bringing_in."""

    uid: str
    kind: str
    started: float
    phase: str = "reading"
    done: int = 0
    total: int = 0
    error: DomainError | None = None
    failed: bool = False
    finished: bool = False

    def progress(self, phase: str, done: int, total: int) -> None:
        self.phase, self.done, self.total = phase, done, total


Work = Callable[[Job], None]


@dataclass(slots=True)
class Jobs:
    """The process's runs, one at a time for each file."""

    app: Flask
    _jobs: dict[str, Job] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, uid: str, kind: str, work: Work) -> Job:
        """Begin, or give the one that is running: pressing a button twice starts one run."""
        with self._lock:
            before = time.monotonic() - FORGET_SECONDS
            for old in [one for one in self._jobs.values() if one.finished and one.started < before]:
                del self._jobs[old.uid]
            running = self._jobs.get(uid)
            if running is not None and not running.finished:
                return running
            job = self._jobs[uid] = Job(uid, kind, time.monotonic())
        threading.Thread(target=self._run, args=(job, work), name=f"import-{kind}", daemon=True).start()
        return job

    def get(self, uid: str) -> Job | None:
        return self._jobs.get(uid)

    def _run(self, job: Job, work: Work) -> None:
        try:
            with self.app.app_context():
                work(job)
        except DomainError as error:
            job.error = error
        except Exception:
            log.exception("import: the %s failed", job.kind)  # the id stands in no log: it opens a page
            job.failed = True
        finally:
            job.finished = True


def jobs() -> Jobs:
    found: Jobs = current_app.extensions[EXTENSION]
    return found
