"""A caseworker at one site, another at another, and clients signed in as them."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.services import seed_category_kinds
from aidtrack.kernel.actor import Actor, Role
from tests.support.people import Somebody, add_person, add_site

Unit = Callable[[], AbstractContextManager[Session]]


def somebody(unit: Unit, role: Role, site: str = "DN") -> Somebody:
    with unit() as session:
        seed_category_kinds(session)
        return add_person(session, role, site_ids=[add_site(session, site)])


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
