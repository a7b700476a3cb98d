"""Long work in a thread of the server, with progress to look at: issuing, printing.

Jobs live in this process's memory. When it dies, issuing has lost nothing that was committed and goes on
when asked again; a printed file is simply made anew.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from flask import Flask

from aidtrack.kernel.errors import DomainError

EXTENSION = "aidtrack_jobs"
KEEP_SECONDS = 30 * 60  # a file of voucher codes does not lie about for longer

log = logging.getLogger(__name__)


class JobKind(StrEnum):
    ISSUE = "issue"
    PRINT = "print"
    PACK = "pack"  # rows for phones
    TRIAL = "trial"  # a rule tried over a registry; `round_id` is the trial's
    MARK = "mark"  # families marked by a trial's list; `round_id` is the trial's


@dataclass(slots=True)
class Job:
    """One run. The thread writes `done`, `total`, `error`, `finished`; pages read them."""

    id: str
    kind: JobKind
    round_id: int
    owner: str  # the actor's label: nobody else takes the file
    started: float
    done: int = 0
    total: int = 0
    skipped: int = 0
    error: DomainError | None = None
    failed: bool = False
    finished: bool = False
    file: Path | None = None
    filename: str = ""

    def progress(self, done: int, total: int | None = None) -> None:
        self.done = done
        if total is not None:
            self.total = total


Work = Callable[[Job], None]


@dataclass(slots=True)
class Jobs:
    """The process's jobs: one of a kind at a time per round."""

    app: Flask
    _jobs: dict[str, Job] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, kind: JobKind, round_id: int, owner: str, work: Work, *, total: int = 0) -> Job:
        """Begin, or give the one that is running: pressing the button twice starts one run."""
        self.tidy()
        with self._lock:
            running = self._running(kind, round_id)
            if running is not None and (kind is not JobKind.PRINT or running.owner == owner):
                return running
            job = Job(secrets.token_hex(8), kind, round_id, owner, time.monotonic(), total=total)
            self._jobs[job.id] = job
        thread = threading.Thread(target=self._run, args=(job, work), name=f"{kind}-{round_id}", daemon=True)
        thread.start()
        return job

    def get(self, job_id: str, round_id: int) -> Job | None:
        job = self._jobs.get(job_id)
        return job if job is not None and job.round_id == round_id else None

    def running(self, kind: JobKind, round_id: int) -> Job | None:
        with self._lock:
            return self._running(kind, round_id)

    def tidy(self) -> None:
        """Forget old jobs and remove their files."""
        before = time.monotonic() - KEEP_SECONDS
        with self._lock:
            old = [job for job in self._jobs.values() if job.finished and job.started < before]
            for job in old:
                del self._jobs[job.id]
        for job in old:
            if job.file is not None:
                job.file.unlink(missing_ok=True)

    def _running(self, kind: JobKind, round_id: int) -> Job | None:
        of_round = (job for job in self._jobs.values() if job.kind is kind and job.round_id == round_id)
        return next((job for job in of_round if not job.finished), None)

    def _run(self, job: Job, work: Work) -> None:
        try:
            with self.app.app_context():
                work(job)
        except DomainError as error:
            job.error = error
        except Exception:
            log.exception("job %s of round %s failed", job.kind, job.round_id)
            job.failed = True
        finally:
            job.finished = True


def folder(app: Flask) -> Path:
    """Where finished files wait, readable by the server's owner alone."""
    path = Path(app.instance_path) / "print"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = Jobs(app)
    for left in (Path(app.instance_path) / "print").glob("*.pdf"):  # of a process that died
        if time.time() - left.stat().st_mtime > KEEP_SECONDS:
            left.unlink(missing_ok=True)
