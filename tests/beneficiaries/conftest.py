"""A caseworker at one site, another at another, and clients signed in as them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.services import seed_category_kinds
from aidtrack.db import unit_of_work
from aidtrack.kernel.actor import Actor, Role
from tests.support.people import Somebody, add_person, add_site

Unit = Callable[[], AbstractContextManager[Session]]


def somebody(unit: Unit, role: Role, site: str = "DN") -> Somebody:
    with unit() as session:
        seed_category_kinds(session)
        return add_person(session, role, site_ids=[add_site(session, site)])


@pytest.fixture
def unit(app: Flask) -> Unit:
    """Units of work as an adapter opens them, and no context left over for the next client."""

    @contextmanager
    def opened() -> Iterator[Session]:
        with app.app_context(), unit_of_work() as session:
            yield session

    return opened


@pytest.fixture
def worker(unit: Unit) -> Somebody:
    return somebody(unit, Role.CASEWORKER)


@pytest.fixture
def caseworker(worker: Somebody) -> Actor:
    return worker.actor


@pytest.fixture
def stranger(unit: Unit, worker: Somebody) -> Actor:
    """A caseworker of another site."""
    return somebody(unit, Role.CASEWORKER, "ZH").actor


@pytest.fixture
def administrator(unit: Unit, worker: Somebody) -> Actor:
    return somebody(unit, Role.ADMINISTRATOR).actor
