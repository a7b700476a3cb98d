"""What a caseworker waits for in a registry of 100 000 families: searches, a family's page, the warning while typing.

Measured inside the server's process, whole requests with their pages and log rows, one after the other; people take
turns, because whoever looks at too many families in an hour is stopped.
"""

import random
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.app import create_app
from aidtrack.beneficiaries.matching import romanise
from aidtrack.beneficiaries.models import Household, Person
from aidtrack.config import load
from aidtrack.db.base import db
from aidtrack.kernel.actor import Actor, Role
from benchmarks.meter import Meter, quietly
from benchmarks.register import CASEWORKERS, HOUSEHOLDS, SITES, register
from tests.support.people import Somebody, sign_in
from tests.support.product import environment

ASKED = 80  # of each kind
TURN = 15  # requests of one person
SITE = SITES[0][0]


def run(households: int = HOUSEHOLDS) -> dict[str, Any]:
    found = {}
    for kind in ("sqlite", "postgresql"):
        with register(kind, households) as (url, folder):
            found[kind] = measure(url, folder, households)
    return found


def measure(url: str, folder: Path, households: int = HOUSEHOLDS) -> dict[str, Any]:
    app = create_app(load(environment(url, folder)))
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        sample = _sample(random.Random(5), households)
        db.session.remove()
    desks = _desks(app)
    asked: dict[str, Callable[[FlaskClient, dict[str, Any]], int]] = {
        "surname": lambda desk, one: _search(desk, one["surname"]),
        "part_of_a_name": lambda desk, one: _search(desk, one["surname"][:4]),
        "surname_and_given_name": lambda desk, one: _search(
            desk, f"{one['surname'][:5]} {one['given_name']}"
        ),
        "in_latin_letters": lambda desk, one: _search(desk, romanise(one["surname"])),
        "phone": lambda desk, one: _search(desk, one["phone"]),
        "document": lambda desk, one: _search(desk, one["document"]),
        "registration_no": lambda desk, one: _search(desk, one["registration_no"]),
        "household_page": lambda desk, one: desk.get(f"/families/{one['id']}").status_code,
        "duplicate_while_typing": lambda desk, one: _typing(desk, one, "birth_date"),
        "duplicate_typed_without_a_birth_date": lambda desk, one: _typing(desk, one, "sex"),
        "first_page": lambda desk, one: desk.get("/").status_code,
        "acts_due": lambda desk, one: desk.get("/cases/due").status_code,
        "own_open_appeals": lambda desk, one: (
            desk.get("/cases/journal?status=open&assigned=mine").status_code
        ),
    }
    results: dict[str, Any] = {"families": households}
    for name, ask in asked.items():
        quietly()
        meter = Meter(url)
        for number, one in enumerate(sample):
            if number == 0:
                ask(next(desks), one)  # statements are compiled once
            desk = next(desks)
            with meter.measuring():
                status = ask(desk, one)
            assert status in (200, 303), (name, status)
        results[name] = meter.of_many()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return results


def _search(desk: FlaskClient, text: str) -> int:
    return desk.post("/families", data={"q": text}).status_code


def _typing(desk: FlaskClient, one: dict[str, Any], last: str) -> int:
    body = {name: one[name] for name in ("given_name", "patronymic", "phone", last)}
    return desk.post("/families/doubles/typed", json={**body, "surname": one["surname"][:-1]}).status_code


def _desks(app: Flask) -> Iterator[FlaskClient]:
    """The register's caseworkers in turn."""
    for number in cycle(range(1, CASEWORKERS + 1)):
        login = f"worker-{number}"
        actor = Actor(login, Role.CASEWORKER, frozenset({SITE}), user_id=number)
        client = sign_in(app, Somebody(number, login, "", actor))
        for _ in range(TURN):
            yield client


def _sample(chance: random.Random, households: int) -> list[dict[str, Any]]:
    """Heads of families with a phone, a paper and a birth date, from all over the registry."""
    some = chance.sample(range(1, households), min(40 * ASKED, households - 1))
    with Session(db.engine) as session:
        rows = session.execute(
            select(
                Household.id, Household.registration_no, Household.phone, Person.surname, Person.given_name,
                Person.patronymic, Person.sex, Person.document, Person.birth_date,
            )
            .join(Person, (Person.household_id == Household.id) & Person.is_head)
            .where(
                Household.id.in_(some), Household.site_id == SITE,
                Household.phone.is_not(None), Person.document.is_not(None), Person.birth_date.is_not(None),
            )
            .limit(ASKED)
        ).all()  # fmt: skip
    return [{**row._mapping, "birth_date": row.birth_date.isoformat()} for row in rows]
