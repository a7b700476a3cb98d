"""A change and its row in the audit log are one transaction: neither is ever there without the other.

Every form is filled in and sent, and every program's request, at one's own site; once while the database takes no audit row,
and once while each unit of work breaks just before its commit.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from aidtrack.db import Base, db
from aidtrack.db import session as units
from aidtrack.kernel.actor import Role
from aidtrack.web.access import Rule as Declared
from aidtrack.web.jobs import THREADS
from tests.conftest import build, config_for
from tests.support.filled_forms import filling_in
from tests.support.patience import SECONDS
from tests.test_route_forms import PRESSES, WORDS
from tests.test_route_roles import (
    BODIES,
    WRITING,
    World,
    all_routes,
    allowed,
    ask,
    client_for,
    filled,
    url_of,
)
from tests.test_route_roles import unwritten as unwritten  # a fixture of this module too

NO_ROWS = {
    "sqlite": ("CREATE TRIGGER no_audit BEFORE INSERT ON audit_event BEGIN SELECT RAISE(ABORT, 'no audit'); END", "DROP TRIGGER no_audit"),
    "postgresql": (
        "ALTER TABLE audit_event ADD CONSTRAINT no_audit CHECK (id IS NULL) NOT VALID",
        "ALTER TABLE audit_event DROP CONSTRAINT no_audit",
    ),
}  # fmt: skip
# What is no act: when somebody was last seen, tries at guessing, answers to programs' ids.
NO_ACTS = {"sign_in_session", "sign_in_attempt"}
LEFT_ALONE = {
    "accounts.sign_out",
    "accounts.sign_in",
    "accounts.password",
}  # they end the session, or take seconds of hashing


class Broken(Exception):
    """A unit of work that fails after everything was written."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One of each kind for all tests here: none of them may change it."""
    with request.getfixturevalue(f"{request.param}_databases").fresh() as url:
        for made in filled(build(config_for(url, tmp_path_factory.mktemp("audit")))):
            made.app.config["PROPAGATE_EXCEPTIONS"] = False
            yield made


def content(world: World) -> dict[str, object]:
    """Of each table how many rows it has and, summed up, what stands in them."""
    found: dict[str, object] = {}
    with world.app.app_context(), db.engine.connect() as connection:
        for name in sorted(set(Base.metadata.tables) - NO_ACTS):
            if connection.dialect.name == "postgresql":
                summed = text(f"SELECT count(*), sum(hashtext(t::text)) FROM {name} t")
                found[name] = tuple(connection.execute(summed).one())
            else:
                found[name] = [tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))]
    return found


@contextmanager
def no_audit_rows(world: World) -> Iterator[None]:
    with world.app.app_context():
        forbid, allow = NO_ROWS[db.engine.dialect.name]
        with db.engine.begin() as connection:
            connection.execute(text(forbid))
        yield
        with db.engine.begin() as connection:
            connection.execute(text(allow))


def everything_is_done(world: World, clients: dict[Role, FlaskClient]) -> int:
    """Send every form and every program's request; how many broke on the way."""
    broken = 0
    for route in all_routes(world):
        role = next((role for role in Role if allowed(route, role)), None)
        if (
            route.method not in WRITING
            or route.endpoint in LEFT_ALONE
            or role is None
            or route.access.rule is Declared.DEVICE
        ):
            continue
        for pressed in PRESSES.get(route.endpoint, [{}]):
            with filling_in(WORDS):
                if route.is_api or route.endpoint in BODIES:
                    status = ask(world, route, role, world.own, clients[role]).status_code
                else:
                    url = url_of(world, route, world.own)
                    status = clients[role].post(url, data=pressed, buffered=True).status_code
            broken += status >= 500
    for thread in threading.enumerate():
        if thread.name.startswith(THREADS):
            thread.join(SECONDS)
    return broken


@pytest.fixture
def clients(world: World) -> dict[Role, FlaskClient]:
    return {role: client_for(world, role) for role in Role}


def test_without_its_audit_row_nothing_is_changed(world: World, clients: dict[Role, FlaskClient]) -> None:
    before = content(world)
    with no_audit_rows(world):
        broken = everything_is_done(world, clients)
    after = content(world)
    assert [name for name in before if before[name] != after[name]] == []
    assert broken > 45


def test_a_change_that_fails_leaves_no_audit_row(
    world: World, clients: dict[Role, FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_given: object) -> None:
        raise Broken

    monkeypatch.setattr(units, "make_commit_wait", breaks)
    # short units too, without sharing their commit with others
    monkeypatch.setattr(units, "grouped", units._alone_in_turn)
    monkeypatch.setattr(units, "flushed_together", lambda engine, **_how: units._alone(engine))
    before = content(world)
    broken = everything_is_done(world, clients)
    assert content(world) == before
    assert broken > 45
