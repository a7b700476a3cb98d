"""What a caseworker waits for in a registry of 100 000 families: searches, a family's page, the warning while typing.

Measured inside the server's process, whole requests with their pages and log rows, one after the other; people take
turns, because whoever looks at too many families in an hour is stopped.
"""

import gc
import random
import statistics
import time
from collections.abc import Callable, Iterator
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
from aidtrack.db import unit_of_work
from aidtrack.db.base import db
from aidtrack.kernel.actor import Role
from benchmarks.register import HOUSEHOLDS, SITES, register
from tests.support.people import add_person, sign_in
from tests.support.product import environment

ASKED = 80  # of each kind
TURN = 30  # requests of one person
SITE = SITES[0][0]


def run(households: int = HOUSEHOLDS) -> dict[str, Any]:
    found = {}
    for kind in ("sqlite", "postgresql"):
        with register(kind, households) as (url, folder):
            found[kind] = measure(url, folder)
    return found


def measure(url: str, folder: Path) -> dict[str, Any]:
    app = create_app(load(environment(url, folder)))
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        sample = _sample(random.Random(5))
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
        "duplicate_while_typing": _typing,
    }
    results: dict[str, Any] = {"families": HOUSEHOLDS}
    for name, ask in asked.items():
        times, work = [], []
        for number, one in enumerate(sample):
            if number == 0:
                ask(next(desks), one)  # statements are compiled once
            desk = next(desks)
            began, busy = time.perf_counter(), time.process_time()
            status = ask(desk, one)
            work.append(1000 * (time.process_time() - busy))
            times.append(1000 * (time.perf_counter() - began))
            assert status in (200, 303), (name, status)
        gc.collect()
        times.sort()
        work.sort()
        results[name] = {
            "median_ms": round(statistics.median(times), 1), "p95_ms": round(times[int(len(times) * 0.95)], 1),
            "p95_processor_ms": round(work[int(len(work) * 0.95)], 1),
        }  # fmt: skip
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return results


def _search(desk: FlaskClient, text: str) -> int:
    return desk.post("/families", data={"q": text}).status_code


def _typing(desk: FlaskClient, one: dict[str, Any]) -> int:
    body = {"surname": one["surname"][:-1], "given_name": one["given_name"], "birth_date": one["birth_date"]}
    return desk.post("/families/doubles/typed", json={**body, "phone": one["phone"]}).status_code


def _desks(app: Flask) -> Iterator[FlaskClient]:
    while True:
        with app.app_context(), unit_of_work() as session:
            who = add_person(session, Role.CASEWORKER, site_ids=[SITE])
        client = sign_in(app, who)
        for _ in range(TURN):
            yield client


def _sample(chance: random.Random) -> list[dict[str, Any]]:
    """Heads of families with a phone, a paper and a birth date, from all over the registry."""
    with Session(db.engine) as session:
        rows = session.execute(
            select(
                Household.id, Household.registration_no, Household.phone, Person.surname, Person.given_name,
                Person.document, Person.birth_date,
            )
            .join(Person, (Person.household_id == Household.id) & Person.is_head)
            .where(
                Household.id.in_(chance.sample(range(1, HOUSEHOLDS), 40 * ASKED)), Household.site_id == SITE,
                Household.phone.is_not(None), Person.document.is_not(None), Person.birth_date.is_not(None),
            )
            .limit(ASKED)
        ).all()  # fmt: skip
    return [{**row._mapping, "birth_date": row.birth_date.isoformat()} for row in rows]
