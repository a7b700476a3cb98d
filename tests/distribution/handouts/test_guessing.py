"""Typed codes cannot be guessed through the API, and printed ones do not wait for it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from aidtrack.audit.models import AuditEvent
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.handouts import guessing
from aidtrack.distribution.handouts.guessing import GUESSES, GUESSES_WITHIN
from aidtrack.kernel.actor import Actor, Role
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.ids import new_code
from tests.support import world as made
from tests.support.kinds import on_sqlite
from tests.support.people import bearer
from tests.support.world import World

Ask = Callable[[FlaskClient, str, dict[str, str]], int]


@pytest.fixture
def world(app: Flask) -> World:
    with app.app_context(), unit_of_work() as session:
        world = made.small_centre(session, due=[("RICE", 500)])
        made.add_vouchers(session, world, 2)
        made.add_lot(session, world, "RICE", 50_000)
    return world


@pytest.fixture
def token(app: Flask, world: World) -> dict[str, str]:
    return bearer(app, Role.WAREHOUSE, site="DN")


def give(client: FlaskClient, code: str, token: dict[str, str]) -> int:
    body = {"voucher": code, "place": "P1"}
    return client.put(f"/api/v1/handouts/{uuid4()}", json=body, headers=token).status_code


def look(client: FlaskClient, code: str, token: dict[str, str]) -> int:
    return client.get(f"/api/v1/vouchers/{code}", headers=token).status_code


@on_sqlite
@pytest.mark.parametrize("ask", [give, look])
def test_guesses_through_the_api_end_in_a_wait(
    app: Flask, client: FlaskClient, world: World, token: dict[str, str], ask: Ask
) -> None:
    for _ in range(GUESSES):
        assert ask(client, new_code(), token) == 404
    assert ask(client, world.typed_codes[0], token) == 429
    assert give(client, world.typed_codes[0], token) == 429, "one count for both ways"
    # a signature is not guessed, so the queue with printed codes goes on
    assert give(client, world.codes[0], token) == 201
    other = bearer(app, Role.WAREHOUSE, site="DN")
    assert look(client, world.typed_codes[1], other) == 200, "somebody else's guesses stop nobody"


def test_the_wait_ends(app: Flask, world: World, token: dict[str, str], client: FlaskClient) -> None:
    for _ in range(GUESSES):
        look(client, new_code(), token)
    with app.app_context():
        event = read_session().scalars(select(AuditEvent).where(AuditEvent.action == guessing.ACTION)).first()
        assert event is not None and event.token_id is not None
        assert (event.object_type, event.object_id) == ("api_token", event.token_id)
        actor = Actor("api:x", Role.WAREHOUSE, frozenset(), token_id=event.token_id)
        with pytest.raises(guessing.TooManyWrongCodes):
            guessing.slow_down(read_session(), actor=actor, now=utc_now())
        guessing.slow_down(read_session(), actor=actor, now=utc_now() + GUESSES_WITHIN + timedelta(seconds=1))


@on_sqlite
def test_the_log_does_not_hold_the_code(
    app: Flask, client: FlaskClient, world: World, token: dict[str, str]
) -> None:
    code = new_code()
    give(client, code, token)
    with app.app_context():
        rows = read_session().execute(select(AuditEvent.__table__)).all()
    assert any(row.action == guessing.ACTION for row in rows)
    assert code not in repr(rows)
