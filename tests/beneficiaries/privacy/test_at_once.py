"""Two looks of one person at the same moment: each is counted with the other one."""

import pytest
from flask import Flask

from aidtrack.beneficiaries.privacy import settings
from aidtrack.beneficiaries.privacy.budget import Limits
from aidtrack.beneficiaries.privacy.errors import AskedForReason
from aidtrack.beneficiaries.services import open_household
from aidtrack.kernel.actor import Actor
from tests.beneficiaries.conftest import Unit
from tests.beneficiaries.families import NOW, member, registered
from tests.support.in_turn import while_the_first_is_open


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    """On SQLite writers queue for the whole file."""
    return postgresql_url


def test_two_families_opened_at_once_are_two(
    app: Flask, unit: Unit, caseworker: Actor, administrator: Actor
) -> None:
    with unit() as session:
        settings.set_limits(session, Limits(1, 4, 3, 4), actor=administrator, now=NOW)
        one, two = (registered(session, caseworker, head=member(name)) for name in ("Першенко", "Другенко"))
    refused = while_the_first_is_open(
        app,
        unit,
        lambda session: open_household(session, one, actor=caseworker, now=NOW),
        lambda session: open_household(session, two, actor=caseworker, now=NOW),
    )
    assert isinstance(refused, AskedForReason)
