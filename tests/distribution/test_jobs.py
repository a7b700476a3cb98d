"""Long runs: another process of the server sees how far one is, and a dead process's run is none."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from flask import Flask

from aidtrack.distribution.errors import RoundClosed
from aidtrack.distribution.jobs import Job, JobKind, Jobs, notes_folder


@pytest.fixture
def server(tmp_path: Path) -> Flask:
    return Flask("aidtrack", instance_path=str(tmp_path))


def as_if_of(process: int, server: Flask) -> None:
    """What is written down, as another process would have written it."""
    for notes in notes_folder(server).glob("*.json"):
        notes.write_text(json.dumps({**json.loads(notes.read_text()), "process": process}))


def test_another_process_sees_a_run_and_starts_no_second_one(server: Flask) -> None:
    here, there = Jobs(server), Jobs(server)
    go, begun = threading.Event(), threading.Event()

    def work(job: Job) -> None:
        job.progress(3, 10)
        begun.set()
        go.wait(10)

    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        job = here.start(JobKind.ISSUE, 7, "anna", work)
        assert begun.wait(10)
        job.tell()
        as_if_of(other.pid, server)
        seen = there.get(job.id, 7)
        assert seen is not None
        assert (seen.done, seen.total, seen.finished, seen.owner) == (3, 10, False, "anna")
        again = there.start(JobKind.ISSUE, 7, "borys", lambda _job: pytest.fail("a second run"))
        assert again.id == job.id
        assert there.get(job.id, 8) is None and there.running(JobKind.PRINT, 7) is None
        other.communicate(b"\n")
    assert there.running(JobKind.ISSUE, 7) is None  # its process died
    go.set()


def test_a_refusal_is_told_to_whoever_asks_elsewhere(server: Flask) -> None:
    here, there = Jobs(server), Jobs(server)
    done = threading.Event()

    def work(_job: Job) -> None:
        done.set()
        raise RoundClosed

    job = here.start(JobKind.ISSUE, 7, "anna", work)
    assert done.wait(10)
    for thread in threading.enumerate():
        if thread.name == "issue-7":
            thread.join(10)
    seen = there.get(job.id, 7)
    assert seen is not None and seen.finished and seen.error is not None
    assert (seen.error.code, seen.error.text) == (RoundClosed.code, RoundClosed.text)


@pytest.mark.parametrize("name", ["../../secret", "ABCDEF0123456789", "", "0" * 15])
def test_a_name_that_no_run_has_opens_no_file(server: Flask, name: str) -> None:
    (notes_folder(server).parent / "secret.json").write_text("{}")
    assert Jobs(server).get(name, 7) is None
