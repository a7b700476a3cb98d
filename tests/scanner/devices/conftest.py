"""A round with vouchers, somebody who runs it, and somebody with a phone."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from aidtrack.db import unit_of_work
from aidtrack.kernel.actor import Role
from tests.support import people, phones
from tests.support.people import Somebody
from tests.support.phones import Phone
from tests.support.world import World


@dataclass
class Hall:
    """The app, the small centre, its manager (runs rounds) and its helper (hands out)."""

    app: Flask
    world: World
    manager: Somebody
    helper: Somebody

    def invite(self) -> bytes:
        with self.app.app_context(), unit_of_work() as session:
            return phones.invitation(
                session, user_id=self.helper.user_id, round_id=self.world.round_id, place_id=self.world.place_id,
                actor=self.manager.actor,
            )  # fmt: skip

    def phone(self) -> Phone:
        return phones.enrolled(
            self.app, user_id=self.helper.user_id, round_id=self.world.round_id, place_id=self.world.place_id,
            actor=self.manager.actor,
        )  # fmt: skip


@pytest.fixture
def hall(app: Flask, world: World) -> Iterator[Hall]:
    with app.app_context(), unit_of_work() as session:
        manager = people.add_person(session, Role.CASEWORKER, site_ids=[world.site_id])
        helper = people.add_person(session, Role.WAREHOUSE, site_ids=[world.site_id])
    yield Hall(app, world, manager, helper)
    for thread in threading.enumerate():  # a run that makes rows ready still holds a connection
        if thread.name.startswith("pack-"):
            thread.join(timeout=60)
