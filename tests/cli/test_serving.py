"""The server as an operator starts it: refuses what would lose data, answers, stops when asked."""

import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aidtrack.cli.demonstration import LABEL
from aidtrack.config import Config
from tests.cli.conftest import Run
from tests.support import patience
from tests.support.kinds import database_url as database_url  # SQLite: tests/races serves PostgreSQL
from tests.support.patience import until


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running server and what it printed first."""
    server = subprocess.Popen(
        [sys.executable, "-m", "aidtrack.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert server.stdout is not None
        yield server, server.stdout.readline()
    finally:
        server.kill()
        server.communicate()


def status_of(url: str) -> int:
    def ask() -> int | None:
        try:
            with urllib.request.urlopen(url, timeout=patience.SECONDS) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except urllib.error.URLError:
            return None

    return until(ask, f"an answer at {url}")


def test_the_server_answers_and_stops_when_asked(centre: str, environment: None) -> None:
    port = free_port()
    with serving("serve", "--port", str(port), "--threads", "2") as (server, printed):
        assert printed == f"aidtrack: open http://127.0.0.1:{port}/   (Ctrl+C stops it)\n"
        assert status_of(f"http://127.0.0.1:{port}/sign-in") == 200
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=patience.SECONDS) == 0


def test_a_port_in_use_is_one_line(centre: str, run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = run("serve", "--port", str(taken.getsockname()[1]))
    assert refused.code == 2
    assert "Address already in use" in refused.line


def test_sqlite_takes_one_process(sqlite_url: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIDTRACK_DATABASE_URL", sqlite_url)
    assert "SQLite takes one server process" in run("serve", "--workers", "2").line


def test_a_database_that_answers_before_the_data_is_on_disk_is_refused(
    postgresql_url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{postgresql_url}&options=-csynchronous_commit%3Doff"
    monkeypatch.setenv("AIDTRACK_DATABASE_URL", url)
    refused = run("serve", "--port", str(free_port()))
    assert refused.code == 2
    assert "synchronous_commit=on" in refused.line


def test_the_demonstration_does_not_touch_a_database_with_a_centre(centre: str, run: Run) -> None:
    refused = run("demo")
    assert refused.code == 2
    assert "the database already has a centre in it" in refused.line
    left = run("demo", "--if-empty")
    assert left.code == 0
    assert "nothing was loaded" in left.line


def test_the_demonstration_is_loaded_from_the_command_line_with_a_sign_in_for_each_role(
    on: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is loaded is told by tests/demo; here a centre with its people stands for it."""
    from flask import Flask

    from aidtrack import demo
    from aidtrack.accounts import passwords, services
    from aidtrack.accounts.commands import AddPerson
    from aidtrack.cli.progress import Report
    from aidtrack.db import unit_of_work
    from aidtrack.kernel.actor import Role, system_actor
    from aidtrack.kernel.clock import utc_now
    from tests.support.people import add_site

    def load(app: Flask, report: Report) -> None:
        report("People", 0, len(Role))
        with app.app_context(), unit_of_work() as session:
            for role in (Role.WAREHOUSE, Role.REVIEWER):
                command = AddPerson(role.value, role.value, role, frozenset({add_site(session)}))
                made = passwords.new_password()
                services.create_user(
                    session, command, password=made, actor=system_actor(LABEL), now=utc_now()
                )

    monkeypatch.setattr(demo, "load", load)
    done = run("demo")
    assert (done.code, done.err) == (0, "")
    assert re.findall(r"^  (\w+) +\1 +[a-z0-9-]{19}$", done.out, re.MULTILINE) == ["warehouse", "reviewer"]


def test_a_trial_prints_new_passwords_for_one_person_of_each_role_at_every_start(
    centre: str, environment: None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from aidtrack.accounts import passwords, services
    from aidtrack.accounts.commands import AddPerson
    from aidtrack.app import create_app
    from aidtrack.cli.demonstration import print_sign_ins
    from aidtrack.db import db, read_session, unit_of_work
    from aidtrack.kernel.actor import Role, system_actor
    from aidtrack.kernel.clock import utc_now
    from tests.support.people import add_site

    app = create_app(Config(centre, "k" * 40, b"d" * 32, production=False, instance=tmp_path, testing=True))
    with app.app_context(), unit_of_work() as session:
        for login, role in (
            ("ivan", Role.WAREHOUSE),
            ("petro", Role.WAREHOUSE),
            ("olha", Role.CASEWORKER),
        ):
            command = AddPerson(login, login, role, frozenset({add_site(session)}))
            services.create_user(
                session, command, password=passwords.new_password(), actor=system_actor(LABEL), now=utc_now()
            )
    capsys.readouterr()
    print_sign_ins(app)
    first = capsys.readouterr().out
    print_sign_ins(app)
    second = capsys.readouterr().out
    found = dict(re.findall(r"(\w+) +([\w-]{19})$", second, re.MULTILINE))
    assert set(found) == {"ivan", "olha"}
    assert "admin" not in second
    assert first != second
    with app.app_context():
        assert passwords.matches(found["ivan"], services.credentials(read_session(), "ivan").password_hash)
        db.session.remove()
        db.engine.dispose()
