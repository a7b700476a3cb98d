"""A centre with one point, stock for it, vouchers and a person of its warehouse."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from aidtrack.db import unit_of_work
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from tests.support import people
from tests.support import world as made
from tests.support.people import Somebody
from tests.support.world import World
from tests.web.support import token_in

Unit = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def world(app: Flask) -> World:
    """Three open vouchers for 500 g of rice and 920 g of oil each, and goods for many."""
    with app.app_context(), unit_of_work() as session:
        world = made.small_centre(session, due=[("RICE", 500), ("OIL", 920)])
        made.add_vouchers(session, world, 3)
        soon = local_date(utc_now()) + timedelta(days=40)
        made.add_lot(session, world, "RICE", 50_000, expires_on=soon)
        made.add_lot(session, world, "OIL", 92_000, donor="MINRE")
    return world


@pytest.fixture
def warehouse(app: Flask, world: World) -> Somebody:
    with app.app_context(), unit_of_work() as session:
        return people.add_person(session, Role.WAREHOUSE, site_ids=[world.site_id])


@dataclass(frozen=True)
class Answer:
    """Status and JSON of one call."""

    status: int
    body: dict[str, Any]


@dataclass
class Counter:
    """The counter as its script uses it."""

    client: FlaskClient
    world: World
    token: str = ""

    def open(self) -> str:
        """Load the page, as the script's token comes with it."""
        page = self.client.get(f"/counter/?place={self.world.place_id}")
        assert page.status_code == 200
        self.token = token_in(page.text)
        return page.text

    def send(self, method: str, path: str, body: Any) -> Answer:
        if not self.token:
            self.open()
        headers = {"Accept": "application/json", "X-CSRFToken": self.token}
        response = self.client.open(path, method=method, json=body, headers=headers)
        assert isinstance(response.json, dict), response.text
        return Answer(response.status_code, response.json)

    def scan(self, code: str, **changes: Any) -> dict[str, Any]:
        answer = self.send(
            "POST", "/counter/scan", {"code": code, "place_id": self.world.place_id, **changes}
        )
        assert answer.status == 200, answer.body
        return answer.body

    def give(self, code: str, *, id_: object = None, **changes: Any) -> Answer:
        body = {"code": code, "place_id": self.world.place_id, **changes}
        return self.send("PUT", f"/counter/handouts/{id_ or uuid4()}", body)

    def undo(self, handout: object, *, id_: object = None, reason: str = "Помилка") -> Answer:
        return self.send(
            "POST", f"/counter/handouts/{handout}/undo", {"id": str(id_ or uuid4()), "reason": reason}
        )


@pytest.fixture
def counter(app: Flask, world: World, warehouse: Somebody) -> Counter:
    return Counter(people.sign_in(app, warehouse), world)
