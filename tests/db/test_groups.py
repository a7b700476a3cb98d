"""Short units committed together on SQLite: each stands or falls alone, and none is answered too early."""

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from aidtrack.accounts.models import Site
from aidtrack.app import create_app
from aidtrack.db import db, groups, unit_of_work
from aidtrack.db.writers import threads_of
from tests.conftest import config_for


class Refused(Exception):
    """What a service raises."""


@pytest.fixture
def sqlite_app(sqlite_url: str, tmp_path: Path) -> Flask:
    return create_app(config_for(sqlite_url, tmp_path))


def add_site(code: str) -> None:
    with unit_of_work(short=True) as session:
        session.add(Site(code=code, name_uk=code, name_en=code))
        session.flush()
        if code.startswith("BAD"):
            raise Refused


def together(app: Flask, works: Sequence[Callable[[], None]]) -> list[BaseException | None]:
    """Run each in a thread of its own while the writer's queue is held, so that all of them wait together."""
    ends: list[BaseException | None] = [None] * len(works)

    def run(number: int) -> None:
        with app.app_context():
            try:
                works[number]()
            except (Refused, OperationalError) as error:
                ends[number] = error
            db.session.remove()

    with app.app_context():
        queue = threads_of(db.engine)
        group = groups.group_of(db.engine)
    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    with queue:
        for thread in threads:
            thread.start()
        while group.coming < len(works):
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    return ends


def sites(app: Flask) -> set[str]:
    with app.app_context():
        found = set(db.session.scalars(select(Site.code)))
        db.session.remove()
    return found


def test_units_that_wait_together_share_one_commit(
    sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []
    finish = groups._Group.finish

    def counted(group: groups._Group) -> None:
        commits.append(1)
        finish(group)

    monkeypatch.setattr(groups._Group, "finish", counted)
    ends = together(sqlite_app, [partial(add_site, f"S{n}") for n in range(8)])
    assert ends == [None] * 8
    assert sites(sqlite_app) == {f"S{n}" for n in range(8)}
    assert len(commits) == 1


def test_a_refused_unit_disturbs_nobody_and_leaves_nothing(sqlite_app: Flask) -> None:
    codes = ["S1", "BAD1", "S2", "BAD2", "S3"]
    ends = together(sqlite_app, [partial(add_site, code) for code in codes])
    assert [isinstance(end, Refused) for end in ends] == [False, True, False, True, False]
    assert sites(sqlite_app) == {"S1", "S2", "S3"}


def test_if_the_commit_fails_nobody_is_told_it_worked(
    sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.engine import Connection

    def disk_full(connection: Connection) -> None:
        raise OperationalError("COMMIT", None, Exception("database or disk is full"))

    monkeypatch.setattr(Connection, "commit", disk_full)
    # a refusal that stands on what is not committed would be no truth either
    ends = together(sqlite_app, [partial(add_site, code) for code in ("S1", "BAD", "S2", "S3")])
    monkeypatch.undo()
    assert [type(end) for end in ends] == [OperationalError] * 4
    assert sites(sqlite_app) == set()


def test_a_longer_unit_commits_the_open_group_first(sqlite_app: Flask) -> None:
    def longer() -> None:
        with unit_of_work() as session:
            seen.append(session.scalar(select(func.count()).select_from(Site)))
            session.execute(text("SELECT 1"))

    seen: list[int | None] = []
    add_site_in_app = [partial(add_site, f"S{n}") for n in range(3)]
    assert together(sqlite_app, add_site_in_app) == [None] * 3
    with sqlite_app.app_context():
        longer()
    assert seen == [3]


def test_a_transaction_that_sqlite_gave_up_fails_for_everybody_in_it(sqlite_app: Flask) -> None:
    def disk_trouble() -> None:
        with unit_of_work(short=True) as session:
            session.connection().connection.cursor().execute("ROLLBACK")  # as SQLite does by itself
            raise Refused

    works = [lambda: add_site("S1"), lambda: add_site("S2"), disk_trouble, lambda: add_site("S3")]
    ends = together(sqlite_app, works)
    # whoever came before or after: nobody is told of success, and nothing is half there
    assert all(end is not None for end in ends), ends
    assert sites(sqlite_app) == set()
    add_site_alone = together(sqlite_app, [lambda: add_site("S9")])
    assert add_site_alone == [None]
