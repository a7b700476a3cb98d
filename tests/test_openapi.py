"""The API is what its description says, for bodies nobody would think of: a short walk of schemathesis.

That a body which fits the description is also accepted is not asked: codes of places, items and vouchers
are known to the database alone.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from aidtrack.app import create_app
from aidtrack.db import db, unit_of_work
from aidtrack.kernel.actor import Role
from tests.conftest import config_for
from tests.support.databases import SqliteDatabases
from tests.support.people import bearer
from tests.support.two_sites import half, shared

EXAMPLES = 4


@pytest.fixture(scope="module")
def app(sqlite_databases: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with sqlite_databases.fresh() as url:
        made = create_app(config_for(url, tmp_path_factory.mktemp("openapi")))
        # a failure is to be an answer with 500 here, as it is for a program
        made.testing = made.config["TESTING"] = False
        with made.app_context(), unit_of_work() as session:
            half(session, "DN", shared(session))
        yield made
        with made.app_context():
            db.session.remove()
            db.engine.dispose()


def walk(operation: Any, people: list[dict[str, str]]) -> list[dict[str, str]]:
    """Send requests as the description allows them; who was not refused for their role.

    Making a request up costs most of the time, so each is sent by all. Whom the role forbids it sends one: nobody looks
    at the body before that.
    """
    may = list(people)

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        for token in list(may):
            answer = case.call(headers=token)
            assert answer.status_code < 500
            case.validate_response(answer, headers=token, excluded_checks=[positive_data_acceptance])
            if answer.status_code == 403:
                may.remove(token)

    send()
    return may


def test_answers_are_as_described(app: Flask) -> None:
    people = [bearer(app, role) for role in Role]
    walked: dict[str, int] = {}
    found: Any
    for found in schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app).get_all_operations():
        operation = found.ok()
        walked[f"{operation.method} {operation.path}"] = len(walk(operation, people))
    assert len(walked) > 90
    assert [name for name, may in walked.items() if not may] == [], "what nobody may do was not looked at"
