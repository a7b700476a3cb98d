"""`python3 start.py` as one piece: from the line typed to a page signed in to, and its end."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from aidtrack.accounts import passwords, services
from aidtrack.accounts.commands import AddPerson
from aidtrack.app import create_app
from aidtrack.cli.demonstration import LABEL
from aidtrack.config import load
from aidtrack.db import db, unit_of_work
from aidtrack.kernel.actor import Role, system_actor
from aidtrack.kernel.clock import utc_now
from tests.support import patience
from tests.support.people import add_site
from tests.support.product import ROOT, free_port

LOGIN = "ivan"


@pytest.fixture
def environment(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    """An instance with somebody in it: loading the whole demonstration is measured in tests/demo."""
    given = {
        "AIDTRACK_ENV": "development",
        "AIDTRACK_DATABASE_URL": sqlite_url,
        "AIDTRACK_INSTANCE": str(tmp_path),
    }
    app = create_app(load(given))
    with app.app_context():
        with unit_of_work() as session:
            command = AddPerson(
                LOGIN, "Іван", Role.WAREHOUSE, frozenset({add_site(session)}), must_change_password=False
            )
            services.create_user(
                session, command, password=passwords.new_password(), actor=system_actor(LABEL), now=utc_now()
            )
        db.session.remove()
        db.engine.dispose()
    return {**os.environ, **given, "AIDTRACK_PORT": str(free_port())}


@contextmanager
def started(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The script's process and what it said up to the address."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "start.py")], cwd="/", env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "aidtrack: open http" in line:
                break
        yield process, said
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # the server's own processes too
        process.communicate()


def answered(browser: urllib.request.OpenerDirector, address: str) -> str | None:
    """The page; None while nobody listens there yet."""
    try:
        with browser.open(address, timeout=patience.SECONDS) as page:
            return str(page.read().decode())
    except urllib.error.URLError:
        return None


def test_it_prints_an_address_and_a_sign_in_that_opens_the_first_page_and_stops_when_asked(
    environment: dict[str, str],
) -> None:
    with started(environment) as (process, said):
        address = re.search(r"open (http://127\.0\.0\.1:\d+)/", said)
        password = re.search(rf"^  warehouse +{LOGIN} +(\S+)$", said, re.MULTILINE)
        assert address is not None and password is not None, said
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        page = patience.until(lambda: answered(browser, f"{address[1]}/sign-in"), "the first page")
        token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
        assert token is not None
        fields = urllib.parse.urlencode({"login": LOGIN, "password": password[1], "csrf_token": token[1]})
        with browser.open(f"{address[1]}/sign-in", fields.encode(), timeout=patience.SECONDS) as home:
            assert home.url == f"{address[1]}/" and LOGIN in home.read().decode()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=patience.SECONDS) == 0
