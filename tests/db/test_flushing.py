"""Short units on PostgreSQL let go of their rows early, and leave only when the log is on disk."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, current_app
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import OperationalError

from aidtrack.accounts.models import Site
from aidtrack.app import create_app
from aidtrack.db import db, unit_of_work
from aidtrack.db.engines import assert_durable
from aidtrack.db.flushing import _turns
from aidtrack.db.series import step
from tests.conftest import config_for


class Refused(Exception):
    """What a service raises."""


@pytest.fixture
def app(postgresql_url: str, tmp_path: Path) -> Iterator[Flask]:
    app = create_app(config_for(postgresql_url, tmp_path))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def scalar(statement: str) -> object:
    with db.engine.connect() as connection:
        return connection.exec_driver_sql(statement).scalar_one()


def add_site(code: str) -> object:
    """Adds it in a short unit; the place in the log up to which it must be on disk afterwards."""
    with unit_of_work(short=True) as session:
        session.add(Site(code=code, name_uk=code, name_en=code))
        session.flush()
        assert session.scalar(text("SHOW synchronous_commit")) == "off"
        return session.scalar(text("SELECT pg_current_wal_insert_lsn()"))


def number_of_sites() -> int:
    with db.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(Site)).scalar_one()


@pytest.mark.usefixtures("app")
def test_whoever_leaves_a_short_unit_finds_it_on_disk() -> None:
    for number in range(20):
        written = add_site(f"S{number}")
        assert scalar(f"SELECT pg_current_wal_flush_lsn() >= '{written}'::pg_lsn")
    assert scalar("SHOW synchronous_commit") == "on"
    assert number_of_sites() == 20


@pytest.mark.usefixtures("app")
def test_a_refusal_leaves_nothing_behind_and_keeps_the_statements_that_the_connection_knows() -> None:
    asked = text("SELECT count(*) FROM site WHERE code = :code")

    def refused() -> None:
        with unit_of_work(short=True) as session:
            session.add(Site(code="S", name_uk="S", name_en="S"))
            session.flush()
            assert session.scalar(asked, {"code": "S"}) == 1
            raise Refused

    for _ in range(20):
        with pytest.raises(Refused):
            refused()
    with unit_of_work(short=True) as session:
        assert session.scalar(asked, {"code": "S"}) == 0
        assert session.scalar(text("SELECT count(*) > 1 FROM pg_prepared_statements"))


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("short", [True, False])
def test_whoever_only_read_or_was_refused_waits_for_what_was_read(short: bool) -> None:
    for number in range(10):
        with db.engine.begin() as connection:  # a neighbour whose commit did not wait
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
            connection.execute(insert(Site), {"code": f"N{number}", "name_uk": "n", "name_en": "n"})
            written = connection.exec_driver_sql("SELECT pg_current_wal_insert_lsn()").scalar_one()
        with unit_of_work(short=short) as session:
            assert session.scalar(select(func.count()).select_from(Site)) == number + 1
        assert scalar(f"SELECT pg_current_wal_flush_lsn() >= '{written}'::pg_lsn")


def add_and_refuse(*, short: bool) -> None:
    with unit_of_work(short=short) as session:
        session.add(Site(code="BAD", name_uk="n", name_en="n"))
        session.flush()
        raise Refused


@pytest.mark.usefixtures("app")
def test_a_refused_unit_leaves_nothing_and_its_connection_is_as_it_was() -> None:
    for short in (True, False):  # the second on the pool's same connection: there BEGIN is the driver's again
        with pytest.raises(Refused):
            add_and_refuse(short=short)
        assert number_of_sites() == 0


def lose_the_connection() -> None:
    with unit_of_work(short=True) as session:
        own = session.connection().connection.driver_connection
        assert own is not None
        with db.engine.connect() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({own.info.backend_pid})")
        session.execute(text("SELECT 1"))


@pytest.mark.usefixtures("app")
def test_a_lost_connection_is_a_database_failure_and_is_not_lent_again() -> None:
    with pytest.raises(OperationalError):
        lose_the_connection()
    add_site("S1")
    assert number_of_sites() == 1


def test_a_server_that_cannot_wait_is_not_served(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_durable(db.engine)
    monkeypatch.setattr("aidtrack.db.engines.MARK", "SELECT no_such_function()")
    with pytest.raises(RuntimeError, match="pg_logical_emit_message"):
        assert_durable(db.engine)


@pytest.mark.usefixtures("app")
def test_a_unit_that_stands_before_somebodys_row_does_not_keep_the_others() -> None:
    """Short units take turns, but only as long as they move: here the first waits until we let it go."""
    add_site("S1")
    add_site("S2")
    locked = text("SELECT id FROM site WHERE code = :code FOR UPDATE")
    app, first_has_it, served = current_app._get_current_object(), threading.Event(), []  # type: ignore[attr-defined]

    def first() -> None:
        with app.app_context(), unit_of_work(short=True) as session:
            first_has_it.set()
            session.execute(locked, {"code": "S1"})
            served.append("first")

    waiting = threading.Thread(target=first)
    with db.engine.begin() as connection:
        connection.execute(locked, {"code": "S1"})
        waiting.start()
        assert first_has_it.wait(60)
        with unit_of_work(short=True) as session:
            session.execute(locked, {"code": "S2"})
            served.append("second")
    waiting.join(60)
    assert served == ["second", "first"]


@pytest.mark.usefixtures("app")
def test_short_units_take_turns_and_a_series_one_for_each_of_its_acts() -> None:
    """A series is open for as long as a phone has events; whoever stands at the counter does not wait for that."""
    with unit_of_work(short=True):
        assert _turns[db.engine].locked()
    assert not _turns[db.engine].locked()
    with unit_of_work(short=True, series=True) as session:
        assert not _turns[db.engine].locked()
        with step(session):
            assert _turns[db.engine].locked()
        assert not _turns[db.engine].locked()
    with unit_of_work(short=True) as session, step(session):  # in the unit's own turn: it waits for nobody
        assert _turns[db.engine].locked()
