"""Two sites whose every personal field holds a word of its own (a canary): planted once, and as planted for each test.

Only the table `tests.support.visible.MAY_SEE` lets a word out (DESIGN §6). Another site's words may be nowhere at all.
Pages and scope are walked on SQLite; what databases do in ways of their own is asked again of PostgreSQL (test_searches).
"""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aidtrack.db import db
from tests.conftest import build, config_for
from tests.support.databases import SqliteDatabases, sqlite_url
from tests.support.emptied import copied_over
from tests.support.planting import Planted, planted_in
from tests.test_route_roles import World, filled


@pytest.fixture(scope="package")
def world(sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with sqlite_databases.fresh() as url:
        yield from filled(build(config_for(url, tmp_path_factory.mktemp("visibility"))))


@pytest.fixture(scope="package")
def sown(world: World) -> Planted:
    return planted_in(world)


@pytest.fixture(scope="package")
def kept(sown: Planted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database as it was planted: walking through forms changes it."""
    _rest(sown.world)
    copy = tmp_path_factory.mktemp("planted") / "planted.sqlite3"
    shutil.copyfile(_file(sown.world), copy)
    return copy


@pytest.fixture
def planted(sown: Planted, kept: Path, monkeypatch: pytest.MonkeyPatch) -> Planted:
    _rest(sown.world)
    copied_over(kept, _file(sown.world))
    at_once = SimpleNamespace(Thread=AtOnce, Lock=threading.Lock)
    monkeypatch.setattr("aidtrack.web.jobs.threading", at_once)
    return sown


class AtOnce:
    """A thread that has run when it has started, so that nothing is still being done when an answer comes."""

    def __init__(self, *, target: Callable[..., None], args: tuple[Any, ...], **_others: Any) -> None:
        self._run, self._args = target, args

    def start(self) -> None:
        self._run(*self._args)


def _file(world: World) -> Path:
    return Path(world.app.config["SQLALCHEMY_DATABASE_URI"].removeprefix(sqlite_url(Path("/"))[:-1]))


def _rest(world: World) -> None:
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()


def plainly(world: World) -> str:
    """What anybody reads who has a copy of the database and of the folder beside it."""
    _rest(world)
    return _file(world).read_bytes().decode("utf-8", "replace") + beside(world)


def beside(world: World) -> str:
    """The folder beside the database: files of logs, of forms kept, of tables and papers."""
    files = [path.read_bytes() for path in Path(world.app.instance_path).rglob("*") if path.is_file()]
    return b"\n".join(files).decode("utf-8", "replace")
