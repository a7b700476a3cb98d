"""What all other tests stand on: databases that are real, migrated, and each test's own."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import create_engine, inspect, make_url, text

from aidtrack.db import db
from aidtrack.db.engines import engine_options
from aidtrack.kernel.actor import Role
from tests.support import people
from tests.support.chromium import PHONE, show_to_camera, type_like_scanner
from tests.support.databases import PostgresqlDatabases
from tests.support.one_app import Apps
from tests.support.parallel import belongs_to
from tests.support.product import ROOT
from tests.support.searching import around
from tests.support.serving import served


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_migrated_database_of_its_own(database_url: str, turn: int) -> None:
    engine = create_engine(database_url, **engine_options(database_url))
    with engine.begin() as connection:
        assert len(inspect(connection).get_table_names()) > 20
        # Fails if the other turn's table is still here.
        connection.execute(text("CREATE TABLE left_by_a_test (turn INTEGER)"))
    engine.dispose()


def test_a_database_taken_back_has_its_first_rows_and_a_changed_one_is_made_anew(
    postgresql_server: str, postgresql_databases: PostgresqlDatabases
) -> None:
    template = postgresql_databases._migrated()
    databases = PostgresqlDatabases(postgresql_server, postgresql_databases.migrate, template, _prefix="own")
    url = make_url(databases.again()).set(drivername="postgresql").render_as_string(hide_password=False)

    def asked(question: LiteralString) -> object:
        with closing(psycopg.connect(url, autocommit=True)) as connection:
            answer = connection.execute(question)
            return answer.fetchone() if answer.description else None

    look: LiteralString = (
        "SELECT (SELECT count(*) FROM working_week), (SELECT count(*) FROM item), nextval('item_id_seq')"
    )
    written: LiteralString = (
        "INSERT INTO item (code, name_uk, name_en, base_unit, active) VALUES ('R', 'р', 'r', 'g', true)"
    )
    try:
        first = asked(look)
        asked(written)
        asked("DELETE FROM working_week")
        databases.again()
        assert (asked(look), databases.generation) == (first, 1)
        asked("ALTER TABLE item ADD COLUMN more TEXT")
        databases.again()
        assert databases.generation == 2
        assert asked("SELECT count(*) FROM pg_attribute WHERE attname = 'more'") == (0,)
    finally:
        databases.close()


def test_postgresql_is_real_and_commits_before_it_answers(postgresql_url: str) -> None:
    url = make_url(postgresql_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg.connect(url)) as connection:
        assert connection.info.server_version >= 15_00_00
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_the_phone_is_as_narrow_as_we_promise(phone_page: Page) -> None:
    assert phone_page.evaluate("() => innerWidth") == PHONE["width"] == 360


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file in a folder that all processes of a run share; making it twice is refused."""
    mark = tmp_path_factory.getbasetemp() / "made_once"
    mark.touch(exist_ok=False)
    return mark


@pytest.mark.parametrize("turn", range(9))
def test_what_a_file_s_tests_share_is_made_in_one_process(made_once: Path, turn: int) -> None:
    """Scattered over three processes, the tests of the demonstration alone would load it six times."""
    assert made_once.exists()


@pytest.mark.parametrize(
    ("test", "group"),
    [
        ("tests/reports/test_pages.py::test_a[postgresql]", "tests/reports/test_pages.py"),
        ("tests/demo/test_demo.py::test_b[postgresql-ever]", "tests/demo/test_demo.py"),
        ("tests/proofs/test_crash.py::test_d[postgresql]", "tests/proofs/test_crash.py on postgresql"),
        ("tests/proofs/test_state_machine.py::test_c[1]", "tests/proofs/test_state_machine.py::test_c[1]"),
        ("tests/visibility/test_walks.py::test_e[who]", "tests/visibility/"),
    ],
)
def test_files_stay_together_and_the_longest_are_parted(test: str, group: str) -> None:
    assert belongs_to(test) == group


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("pass", "4 passed"),
        ("assert turn == 1, 'seen by the parent'", "seen by the parent"),
        ("os.kill(os.getpid(), 9)", "a process ended with -9"),
        ("raise KeyboardInterrupt", "a process ended with 1"),
    ],
)
def test_what_happens_in_a_process_of_the_run_reaches_its_end(tmp_path: Path, body: str, said: str) -> None:
    for name in ("test_a.py", "test_b.py"):
        text = f"import os, pytest\n@pytest.mark.parametrize('turn', [1, 2])\ndef test_one(turn): {body}\n"
        (tmp_path / name).write_text(text, encoding="utf-8")
    run = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.support.parallel",
        "--processes",
        "2",
        "-c",
        os.devnull,
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run([*run, tmp_path], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
    assert (done.returncode == 0) is (body == "pass")
    assert said in done.stdout, done.stdout


@pytest.mark.parametrize(("ukrainian", "typed"), [(False, "AID1:X-9"), (True, "ФШВ1ЖЧ-9")])
def test_the_scanner_types_what_the_keyboard_layout_makes_of_it(
    page: Page, ukrainian: bool, typed: str
) -> None:
    page.set_content("<form onsubmit='return false'><input autofocus></form>")
    page.locator("input").focus()
    page.evaluate(
        "() => { window.codes = []; document.addEventListener('keydown', event => codes.push(event.code)); }"
    )
    type_like_scanner(page, "AID1:X-9", ukrainian_layout=ukrainian)
    assert page.locator("input").input_value() == typed
    expected = ["KeyA", "KeyI", "KeyD", "Digit1", "Semicolon", "KeyX", "Minus", "Digit9", "Enter"]
    assert page.evaluate("() => codes") == expected


def test_the_scanner_waits_until_the_page_takes_keys(page: Page) -> None:
    page.set_content("<form onsubmit='return false'><input autofocus disabled></form>")
    page.evaluate(
        "() => { setTimeout(() => { const input = document.querySelector('input');"
        " input.disabled = false; input.focus(); }, 500); }"
    )
    type_like_scanner(page, "AID1:X-9")
    assert page.locator("input").input_value() == "AID1:X-9"


SEE = """async () => {
  const video = document.createElement("video");
  video.muted = true;
  video.srcObject = await navigator.mediaDevices.getUserMedia({video: true});
  await video.play();
  await new Promise((done) => video.requestVideoFrameCallback(done));
  const canvas = Object.assign(document.createElement("canvas"), {width: 640, height: 480});
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0);
  return [[150, 60], [400, 60]].map(([x, y]) => pen.getImageData(x, y, 1, 1).data[0] < 128);
}"""


def test_the_camera_sees_what_is_shown_to_it(page: Page, tmp_path: Path) -> None:
    # Only a secure context has a camera; an address of this machine is one.
    with served(Flask("empty", root_path=str(tmp_path))) as url:
        page.goto(f"{url}/nothing-here")
        show_to_camera(page, [[True, False], [False, True]])
        assert page.evaluate(SEE) == [True, False]


class TestConnectionsOfTheOneApplication:
    @pytest.fixture
    def database_url(self, postgresql_url: str) -> str:
        """Its driver warns of a connection that is collected while it is open."""
        return postgresql_url

    def test_one_that_comes_back_after_its_test_is_closed(self, app: Flask, apps: Apps) -> None:
        [shared] = [one for one in apps._made.values() if one.app is app]
        with app.app_context():
            lent = db.engine.raw_connection()
        driver: Any = lent.driver_connection
        shared.rest()
        lent.close()
        assert not driver.closed  # it went back to a pool that nothing uses any more
        shared.rest()
        assert driver.closed


def test_a_search_reads_what_the_cookie_holds(app: Flask) -> None:
    client, _login = people.client_as(app, Role.WAREHOUSE, site="DN")
    with client.session_transaction() as kept:
        kept["note"] = "канарка"
    assert "канарка" in around(client.get("/"), client)
