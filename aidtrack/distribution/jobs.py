"""Long work in a thread of the server, with progress to look at: issuing, printing.

How far a run is stands in the instance folder too, so that a server's other processes can tell: on PostgreSQL a
page may be asked of any of them. When a run's process dies, issuing has lost nothing that was committed and goes on
when asked again; a printed file is simply made anew.
"""

import json
import logging
import os
import re
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
TELL_EVERY = 0.5  # seconds; pages look once a second

ID = re.compile("[0-9a-f]{16}")

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
    notes: Path | None = None  # where it writes how far it is
    told: float = 0.0

    def progress(self, done: int, total: int | None = None) -> None:
        self.done = done
        if total is not None:
            self.total = total
        if time.monotonic() - self.told > TELL_EVERY:
            self.tell()

    def tell(self) -> None:
        """Write down how far the run is, for the other processes; a full disk must not end it."""
        if self.notes is None:
            return
        self.told = time.monotonic()
        error = self.error
        said = {
            "id": self.id, "kind": self.kind.value, "round_id": self.round_id, "owner": self.owner,
            "done": self.done, "total": self.total, "skipped": self.skipped, "failed": self.failed,
            "finished": self.finished, "filename": self.filename, "file": str(self.file) if self.file else None,
            "error": {"code": error.code, "text": error.text, "facts": error.facts} if error else None,
            "process": os.getpid(),
        }  # fmt: skip
        try:
            fresh = self.notes.with_suffix(".new")
            fresh.write_text(json.dumps(said, default=str), encoding="utf-8")
            fresh.replace(self.notes)
        except OSError:
            log.warning("the progress of job %s cannot be written", self.id)

    @classmethod
    def told_in(cls, notes: Path) -> "Job | None":
        """A run of another process as it was last written down; None where it is gone or its process died."""
        try:
            said = json.loads(notes.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not said["finished"] and not _lives(said["process"]):
            return None
        job = cls(
            said["id"], JobKind(said["kind"]), said["round_id"], said["owner"], 0.0, done=said["done"],
            total=said["total"], skipped=said["skipped"], failed=said["failed"], finished=said["finished"],
            file=Path(said["file"]) if said["file"] else None, filename=said["filename"],
        )  # fmt: skip
        if said["error"] is not None:
            words = {"code": said["error"]["code"], "text": said["error"]["text"]}
            refusal: type[DomainError] = type("ToldElsewhere", (DomainError,), words)
            job.error = refusal(**said["error"]["facts"])
        return job


Work = Callable[[Job], None]


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process != os.getpid()  # one of ours that is not known here was another life's under this number


@dataclass(slots=True)
class Jobs:
    """The server's jobs, this process's own at first hand: one of a kind at a time per round."""

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
            elsewhere = self._elsewhere(kind, round_id)
            if elsewhere is not None and (kind is not JobKind.PRINT or elsewhere.owner == owner):
                return elsewhere
            job = Job(secrets.token_hex(8), kind, round_id, owner, time.monotonic(), total=total)
            job.notes = notes_folder(self.app) / f"{job.id}.json"
            job.tell()
            self._jobs[job.id] = job
        thread = threading.Thread(target=self._run, args=(job, work), name=f"{kind}-{round_id}", daemon=True)
        thread.start()
        return job

    def get(self, job_id: str, round_id: int) -> Job | None:
        job = self._jobs.get(job_id)
        if job is None and ID.fullmatch(job_id):
            job = Job.told_in(notes_folder(self.app) / f"{job_id}.json")
        return job if job is not None and job.round_id == round_id else None

    def running(self, kind: JobKind, round_id: int) -> Job | None:
        with self._lock:
            return self._running(kind, round_id) or self._elsewhere(kind, round_id)

    def _elsewhere(self, kind: JobKind, round_id: int) -> Job | None:
        """A run of another process."""
        for notes in notes_folder(self.app).glob("*.json"):
            job = Job.told_in(notes) if notes.stem not in self._jobs else None
            if job is not None and (job.kind, job.round_id) == (kind, round_id) and not job.finished:
                return job
        return None

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
        forget_notes(self.app)

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
            job.tell()


def notes_folder(app: Flask) -> Path:
    path = Path(app.instance_path) / "jobs"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def forget_notes(app: Flask) -> None:
    """Remove what was written of runs that nobody looks at any more."""
    for left in notes_folder(app).iterdir():
        if time.time() - left.stat().st_mtime > KEEP_SECONDS:
            left.unlink(missing_ok=True)


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
