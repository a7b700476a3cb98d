"""Long runs: every process of the machine sees how far one is, and one that was killed shows as failed at once."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from aidtrack.kernel.errors import NotFound
from aidtrack.web.jobs import KEEP_SECONDS, Job, Jobs
from tests.support.patience import SECONDS, until

ANOTHER = """
import sys, threading
from flask import Flask
from aidtrack.web.jobs import Jobs

jobs = Jobs(Flask("aidtrack", instance_path=sys.argv[1]))
begun = threading.Event()

def work(job):
    job.progress(3, 10, phase="halfway")
    begun.set()
    threading.Event().wait()

jobs.start("issue-7", "issue", "anna", work)
begun.wait()
print("begun", flush=True)
threading.Event().wait()
"""


@pytest.fixture
def server(tmp_path: Path) -> Flask:
    return Flask("aidtrack", instance_path=str(tmp_path))


@contextmanager
def another_process(server: Flask) -> Iterator[subprocess.Popen[str]]:
    """A process of its own with a run under way."""
    said = [sys.executable, "-c", ANOTHER, server.instance_path]
    with subprocess.Popen(said, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "begun\n"
            yield process
        finally:
            process.kill()


def finished(job: Job) -> Job:
    until(lambda: job.finished, "the run's end")
    return job


def never(_job: Job) -> None:
    raise AssertionError("a second run")


def test_another_process_sees_a_run_and_starts_no_second_one(server: Flask) -> None:
    here = Jobs(server)
    with another_process(server) as other:
        job = here.running("issue-7")
        assert job is not None
        assert (job.done, job.total, job.phase, job.owner, job.finished) == (3, 10, "halfway", "anna", False)
        assert here.start("issue-7", "issue", "borys", never).id == job.id
        assert here.running("issue-8") is None and here.get(job.id, "issue-8") is None
        other.kill()
        other.wait(SECONDS)
        killed = here.get(job.id, "issue-7")
    assert killed is not None and killed.finished and killed.failed and killed.died
    assert here.running("issue-7") is None
    again = finished(here.start("issue-7", "issue", "borys", lambda _job: None))
    assert not again.failed
    newest = here.latest("issue-7")
    assert newest is not None and newest.id == again.id


def test_twice_pressed_starts_one_run_and_afterwards_another_may_start(server: Flask) -> None:
    here, there = Jobs(server), Jobs(server)
    go = threading.Event()

    def work(_job: Job) -> None:
        go.wait(SECONDS)

    first = here.start("print-7-anna", "print", "anna", work)
    assert here.start("print-7-anna", "print", "anna", never) is first
    assert there.start("print-7-anna", "print", "anna", never).id == first.id
    go.set()
    finished(first)
    assert finished(here.start("print-7-anna", "print", "anna", lambda _job: None)).id != first.id


def test_a_refusal_and_a_fault_are_told_to_whoever_asks_elsewhere(server: Flask) -> None:
    here, there = Jobs(server), Jobs(server)

    def refuses(_job: Job) -> None:
        raise NotFound

    def breaks(_job: Job) -> None:
        raise ValueError

    def end(key: str) -> Job:
        return until(lambda: (job := there.latest(key)) and job.finished and job, "its end")  # type: ignore[return-value]

    here.start("issue-7", "issue", "anna", refuses)
    here.start("issue-8", "issue", "anna", breaks)
    refused, broken = end("issue-7"), end("issue-8")
    assert refused.error is not None and not refused.failed
    assert (refused.error.code, refused.error.text) == (NotFound.code, NotFound.text)
    assert broken.failed and not broken.died and broken.error is None


def test_old_runs_and_their_files_go_and_what_runs_stays(
    server: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Jobs(server)
    go = threading.Event()

    def prints(job: Job) -> None:
        job.file = here.private_file(job, ".pdf")

    def lasts(job: Job) -> None:
        job.file = here.private_file(job, ".pdf")
        go.wait(SECONDS)

    old = finished(here.start("print-7-anna", "print", "anna", prints))
    lasting = here.start("print-8-anna", "print", "anna", lasts)
    until(lambda: lasting.file)
    assert old.file is not None and old.file.stat().st_mode & 0o077 == 0
    monkeypatch.setattr("aidtrack.web.jobs.KEEP_SECONDS", -KEEP_SECONDS)
    finished(here.start("issue-1", "issue", "anna", lambda _job: None))
    assert here.latest("print-7-anna") is None and not old.file.exists()
    assert here.running("print-8-anna") is lasting and lasting.file is not None and lasting.file.exists()
    assert Jobs(server).running("print-8-anna") is not None
    left = here.folder / "0000000000000000.pdf"
    left.touch()
    Jobs(server).tidy()
    assert not left.exists() and lasting.file.exists()
    go.set()
    finished(lasting)


def test_a_name_that_no_run_has_opens_no_file(server: Flask) -> None:
    here = Jobs(server)
    finished(here.start("issue-7", "issue", "anna", lambda _job: None))
    (here.folder.parent / "secret.json").write_text("{}")
    for name in ("../secret", "ABCDEF0123456789", "", "0" * 15):
        assert here.get(name, "issue-7") is None
