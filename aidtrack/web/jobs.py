"""Long work in a thread of the server, with progress to look at: the one way the house has for it.

A run is known by its `key`, the thing that only one run at a time may work on. How far it is stands in the instance
folder, so that the machine's other processes can tell: a page may be asked of any of them. Whether its process still
lives is told by a lock that the process holds and the system takes back when it dies; so a run that was killed shows
as failed at once, everywhere. What a run does must be such that it can be started again.
"""

import json
import logging
import os
import secrets
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from flask_babel import gettext as _

from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.late import dataclass
from aidtrack.web.failures import told
from aidtrack.web.problems import translate

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows: one process serves, and knows its own runs
    fcntl = None

EXTENSION = "aidtrack_jobs"
THREADS = "job-"  # how their names begin
TURN = "turn.lock"
KEEP_SECONDS = 30 * 60  # a file of voucher codes does not lie about for longer
TELL_EVERY = 0.5  # seconds; pages look once a second

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Job:
    """One run. The thread writes it, pages read it; of another process's run they see what was last written down."""

    id: str
    key: str
    kind: str  # for the words of a page
    owner: str  # the actor's label: nobody else takes the file
    started: float  # by the wall clock, since processes compare it
    done: int = 0
    total: int = 0
    skipped: int = 0
    phase: str = ""
    error: DomainError | None = None  # it refused
    failed: bool = False  # it broke, or its process died
    died: bool = False
    finished: bool = False
    file: Path | None = None
    filename: str = ""
    notes: Path | None = None
    process: str = ""
    told: float = 0.0

    def progress(self, done: int, total: int | None = None, *, phase: str | None = None) -> None:
        self.done = done
        if total is not None:
            self.total = total
        turned = phase is not None and phase != self.phase
        if turned:
            self.phase = str(phase)
        if turned or time.monotonic() - self.told > TELL_EVERY:
            self.tell()

    def tell(self) -> None:
        """Write down how far the run is; a full disk must not end it."""
        if self.notes is None:
            return
        self.told = time.monotonic()
        error = self.error
        said = {
            "id": self.id, "key": self.key, "kind": self.kind, "owner": self.owner, "started": self.started,
            "done": self.done, "total": self.total, "skipped": self.skipped, "phase": self.phase,
            "failed": self.failed, "finished": self.finished, "filename": self.filename,
            "file": str(self.file) if self.file else None, "process": self.process,
            "error": {"code": error.code, "text": error.text, "facts": error.facts} if error else None,
        }  # fmt: skip
        try:
            fresh = self.notes.with_suffix(".new")
            fresh.write_text(json.dumps(said, default=str), encoding="utf-8")
            fresh.replace(self.notes)
        except OSError:
            log.warning("the progress of a %s cannot be written", self.kind)

    @classmethod
    def told_in(cls, notes: Path) -> "Job | None":
        """A run as it was last written down; None where that is gone."""
        try:
            said = json.loads(notes.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        refused = said.pop("error")
        said["file"] = Path(said["file"]) if said["file"] else None
        job = cls(**said)
        if refused is not None:
            words = {"code": refused["code"], "text": refused["text"]}
            refusal: type[DomainError] = type("ToldElsewhere", (DomainError,), words)
            job.error = refusal(**refused["facts"])
        if not job.finished and not _lives(notes.with_name(f"{job.process}.alive")):
            job.died = job.failed = job.finished = True
        return job


Work = Callable[[Job], None]


class Jobs:
    """A process's runs at first hand, and those of the machine's other processes as they wrote them down."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.folder = Path(app.instance_path) / "jobs"
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._process = ""
        self._let_go: weakref.finalize[..., Jobs] | None = None
        _every.add(self)

    def start(self, key: str, kind: str, owner: str, work: Work, *, total: int = 0, phase: str = "") -> Job:
        """Begin, or give the run of this key that is under way: pressing a button twice starts one."""
        with self._lock, self._one_process():
            self._tidy()
            running = self.running(key)
            if running is not None:
                return running
            job = Job(secrets.token_hex(8), key, kind, owner, time.time(), total=total, phase=phase)
            job.notes, job.process = self.folder / f"{job.id}.json", self._alive()
            job.tell()
            self._jobs[job.id] = job
        threading.Thread(target=self._run, args=(job, work), name=f"{THREADS}{kind}", daemon=True).start()
        return job

    def get(self, job_id: str, *keys: str) -> Job | None:
        """A run by its id, when it is of one of these keys."""
        return next((job for job in self._all() if job.id == job_id and job.key in keys), None)

    def latest(self, key: str) -> Job | None:
        """The newest run of a key, over or not, as long as it is remembered."""
        of_key = (job for job in self._all() if job.key == key)
        return max(of_key, key=lambda job: job.started, default=None)

    def running(self, key: str) -> Job | None:
        return next((job for job in self._all() if job.key == key and not job.finished), None)

    def private_file(self, job: Job, suffix: str) -> Path:
        """An empty file for what the run makes, readable by the server's owner alone; it goes when the run does."""
        path = self.folder / f"{job.id}{suffix}"
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        return path

    def _all(self) -> list[Job]:
        own = dict(self._jobs)  # copied: threads of requests begin others meanwhile
        told = (Job.told_in(notes) for notes in self.folder.glob("*.json") if notes.stem not in own)
        return [*own.values(), *(job for job in told if job is not None)]

    def tidy(self) -> None:
        """What a server that died left goes when the next one starts."""
        if self.folder.exists():
            with self._lock, self._one_process():
                self._tidy()

    def _tidy(self) -> None:
        """Forget runs that ended long ago, with their files, and what dead processes left."""
        before = time.time() - KEEP_SECONDS
        for job in list(self._jobs.values()):
            if job.finished and job.started < before:
                del self._jobs[job.id]
        lasting = {job.id for job in self._all() if not job.finished}
        for left in self.folder.iterdir():
            if left.name == TURN or left.stem in lasting or _lives(left):
                continue
            with suppress(OSError):  # its run has just written it anew
                if left.stat().st_mtime < before:
                    left.unlink()

    def _run(self, job: Job, work: Work) -> None:
        try:
            with self.app.app_context():
                work(job)
        except DomainError as error:
            job.error = error
        except Exception as error:  # noqa: BLE001 - the page says that it failed
            # its key stands in no log: it may open a page
            log.error("a run failed: %s\n%s", job.kind, told(error))
            job.failed = True
        finally:
            job.finished = True
            job.tell()

    @contextmanager
    def _one_process(self) -> Iterator[None]:
        """Of the machine's processes, one at a time looks whether a run is under way and begins it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if fcntl is None:
            yield
            return
        turn = os.open(self.folder / TURN, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield
        finally:
            os.close(turn)

    def _alive(self) -> str:
        """This process's mark: a lock it holds as long as it lives."""
        if not self._process:
            self._process = secrets.token_hex(8)
            path = self.folder / f"{self._process}.alive"
            held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if fcntl is not None:
                fcntl.flock(held, fcntl.LOCK_EX)
            self._let_go = weakref.finalize(self, os.close, held)
        return self._process

    def after_fork(self) -> None:
        """In a process made by forking: the runs are its parent's, and so is the lock."""
        if self._let_go is not None:
            self._let_go()
        self._jobs, self._lock, self._process, self._let_go = {}, threading.Lock(), "", None


_every: weakref.WeakSet[Jobs] = weakref.WeakSet()


def _after_fork() -> None:
    for jobs in list(_every):
        jobs.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _lives(mark: Path) -> bool:
    """Whether the process that holds this mark lives."""
    if fcntl is None or mark.suffix != ".alive":
        return False
    try:
        asked = os.open(mark, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(asked, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(asked)
    return False


def jobs() -> Jobs:
    found: Jobs = current_app.extensions[EXTENSION]
    return found


def problem(job: Job | None) -> str | None:
    """Why a run did not end well, in words; None where it did, or still goes on."""
    if job is None or not (job.error or job.failed):
        return None
    if job.error is not None:
        return translate(job.error)
    words: str = (
        _("The server was stopped during this run. What it did up to then stands; start it again to go on.")
        if job.died
        else _("The run stopped because of a fault. What it did up to then stands; start it again to go on.")
    )
    return words


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = made = Jobs(app)
    made.tidy()
