"""Fixtures for all tests: fresh databases of both kinds, the application on them, and a real browser.

`database_url` runs a test twice, on SQLite and on PostgreSQL; so do `app`, `client` and `unit`, which
stand on it. A test that needs one kind only takes `sqlite_url` or `postgresql_url`.

Tests that take `app` share one application and one database of each kind, which are taken back in between
(tests/support/one_app.py); any other test, and any that starts servers, has a database of its own.
"""

import gc
import os
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings, strategies
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from sqlalchemy.orm import Session

from aidtrack.config import Config
from tests.support import chromium
from tests.support.databases import TEMPLATE, Begun, PostgresqlDatabases, SqliteDatabases, begun
from tests.support.nursery import Nursery, nursery
from tests.support.one_app import Apps
from tests.support.postgres import place_for_data, running_server
from tests.support.serving import served

pytest_plugins = ("tests.support.parallel",)

COMPILED_TEMPLATES = FileSystemBytecodeCache()
HERE = Path(__file__).resolve().parent
SCREENSHOTS = HERE.parent / "build" / "screenshots"
LONGEST_FIRST = (
    "proofs/test_state_machine.py", "demo/", "proofs/", "test_migrations.py", "test_route_roles.py", "e2e/",
    "scanner/devices/test_packs.py", "visibility/", "reports/test_pages.py", "reports/", "races/", "scanner/",
)  # fmt: skip
BEGUN = pytest.StashKey[Begun]()
OTHERS_TOO = {"servers"}  # processes of their own, which may outlast a test
FROM_OUTSIDE = {"AIDTRACK_CHROMIUM", "AIDTRACK_FIELD_SEEDS", "AIDTRACK_PG_BIN", "AIDTRACK_TEST_PG_URL"}

# What a person has configured for the product on this machine must not reach the tests.
for _name in [name for name in os.environ if name.startswith("AIDTRACK_") and name not in FROM_OUTSIDE]:
    del os.environ[_name]

# The same examples each time, so that green stays green; HYPOTHESIS_PROFILE=explore searches anew.
settings.register_profile(
    "repeat", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", settings.get_profile("repeat"), derandomize=False, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by their folder, so that `make quick` can leave the slow ones out; the longest come first."""
    import aidtrack.app  # noqa: F401

    # what is imported by now stays: walked again with every collection it costs nearly a tenth of the run
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # a look for cycles after every 700 objects is a twentieth of the rest
    for item in items:
        for folder, mark in (("e2e", pytest.mark.e2e), ("races", pytest.mark.race)):
            if folder in item.path.parts:
                item.add_marker(mark)
    # a long test that begins last keeps one process busy while the others have nothing left to do
    items.sort(key=lambda item: _place_in_the_run(item.path))


def _place_in_the_run(path: Path) -> int:
    place = path.relative_to(HERE).as_posix()
    return next((n for n, one in enumerate(LONGEST_FIRST) if place.startswith(one)), len(LONGEST_FIRST))


def migrate(url: str) -> None:
    from aidtrack.db import upgrade

    upgrade(url)


def config_for(url: str, instance: Path) -> Config:
    """The configuration of an application under test."""
    return Config(
        database_url=url,
        secret_key="for tests only, and nowhere else",
        data_key=b"for tests only, and nowhere else",
        production=False,
        instance=instance,
        testing=True,
    )


# --- Databases --------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """What all processes of a run need is made before they part (tests/support/parallel.py)."""
    if session.config.option.processes < 2 or session.config.option.collectonly:
        return (yield)
    with begun(migrate) as made, TemporaryDirectory() as instance:
        session.config.stash[BEGUN] = made
        build(config_for(f"sqlite:///{made.sqlite}", Path(instance)))  # imports what an application imports
        strategies.text().validate()  # hypothesis makes its table of all characters when it is first asked for one
        gc.freeze()
        return (yield)


@pytest.fixture(scope="session")
def postgresql_server(pytestconfig: pytest.Config) -> Iterator[str]:
    """URL of a running server; each process of a run has its own."""
    given = os.environ.get("AIDTRACK_TEST_PG_URL")
    if given:
        yield given
        return
    made = pytestconfig.stash.get(BEGUN, None)
    with running_server(copy_of=made.postgresql if made else None) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_databases(
    pytestconfig: pytest.Config, postgresql_server: str
) -> Iterator[PostgresqlDatabases]:
    is_copy = BEGUN in pytestconfig.stash and "AIDTRACK_TEST_PG_URL" not in os.environ
    databases = PostgresqlDatabases(postgresql_server, migrate, TEMPLATE if is_copy else None)
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def sqlite_databases(pytestconfig: pytest.Config) -> Iterator[SqliteDatabases]:
    made = pytestconfig.stash.get(BEGUN, None)
    with TemporaryDirectory(prefix="aidsqlite-", dir=place_for_data(durable=False)) as folder:
        yield SqliteDatabases(Path(folder), migrate, made.sqlite if made else None)


def may_share(request: pytest.FixtureRequest) -> bool:
    """Whether nothing but the application, in this process, touches the test's database."""
    return "app" in request.fixturenames and not OTHERS_TOO.intersection(request.fixturenames)


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, sqlite_databases: SqliteDatabases) -> Iterator[str]:
    if may_share(request):
        yield sqlite_databases.again()
        return
    with sqlite_databases.fresh() as url:
        yield url


@pytest.fixture
def postgresql_url(
    request: pytest.FixtureRequest, postgresql_databases: PostgresqlDatabases
) -> Iterator[str]:
    if may_share(request):
        yield postgresql_databases.again()
        return
    with postgresql_databases.fresh() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated, empty database; the test runs once on each kind."""
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database without a table, of each kind: for tests of migrations."""
    databases = request.getfixturevalue(f"{request.param}_databases")
    with databases.empty() as url:
        yield url


# --- The application --------------------------------------------------------------------------------


def build(config: Config) -> Flask:
    from aidtrack.app import create_app

    application = create_app(config)
    # what Jinja compiled for one application serves them all
    application.jinja_env.bytecode_cache = COMPILED_TEMPLATES
    return application


@pytest.fixture(scope="session")
def apps() -> Iterator[Apps]:
    made = Apps(build)
    yield made
    made.close()


@pytest.fixture
def app(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The whole application on a fresh database of each kind."""
    from aidtrack.db import db

    config = config_for(database_url, tmp_path)
    if may_share(request):
        kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
        shared = request.getfixturevalue("apps").of(
            config, request.getfixturevalue(f"{kind}_databases").generation
        )
        yield shared.app
        shared.rest()
        return
    application = build(config)
    yield application
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def unit(app: Flask) -> Iterator[Callable[[], AbstractContextManager[Session]]]:
    """Opens units of work as an adapter does: `with unit() as session: service(session, …)`."""
    from aidtrack.db import unit_of_work

    with app.app_context():
        yield unit_of_work


@pytest.fixture(scope="session")
def servers() -> Iterator[Nursery]:
    """Starts the product's own server in processes of their own, quickly."""
    with nursery() as opened:
        yield opened


# --- The browser ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    running = chromium.launch(playwright, *chromium.SPARING)
    yield running
    running.close()


@pytest.fixture(scope="session")
def desk(browser: Browser) -> chromium.KeptContext:
    return chromium.KeptContext(browser)


@pytest.fixture(scope="session")
def narrow_phone(browser: Browser) -> chromium.KeptContext:
    return chromium.KeptContext(browser, phone=True)


@pytest.fixture
def browser_context(desk: chromium.KeptContext) -> Iterator[BrowserContext]:
    """A desk's browser; the test fails on script errors, breaches of the CSP and foreign hosts."""
    yield desk.context
    assert desk.take_back() == []


@pytest.fixture
def page(browser_context: BrowserContext) -> Page:
    return browser_context.new_page()


@pytest.fixture
def phone_page(narrow_phone: chromium.KeptContext) -> Iterator[Page]:
    """A page on the narrowest phone we promise to serve, watched like the desk's."""
    yield narrow_phone.context.new_page()
    assert narrow_phone.take_back() == []


@pytest.fixture
def live_url(app: Flask) -> Iterator[str]:
    """The application served to a browser."""
    with served(app) as url:
        yield url


@pytest.fixture
def screenshot(request: pytest.FixtureRequest) -> Callable[..., Path]:
    """Keeps a picture of the page, or of what is in sight of it, in build/screenshots/<test>/<name>.jpg."""
    folder = SCREENSHOTS / re.sub(r"[^\w-]+", "_", request.node.name).strip("_")

    def take(page: Page, name: str, *, whole: bool = True) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{name}.jpg"  # a PNG takes the processor twice as long
        page.screenshot(path=file, full_page=whole, type="jpeg", quality=70)
        return file

    return take
