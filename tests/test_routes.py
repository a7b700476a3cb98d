"""Every route says who may use it, and nobody else gets further than the door."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, Rule

from aidtrack.app import create_app
from aidtrack.db import db
from aidtrack.web import check_routes
from aidtrack.web.access import Rule as AccessRule
from aidtrack.web.access import access_of
from tests.conftest import config_for

# Open to everybody. A new entry is a decision: write here why.
PUBLIC = {
    "static",  # style sheets, scripts and pictures
    "assets.file",  # the same under a prefix that browsers may keep
    "language.choose",  # the switch stands on the sign-in page too
    "accounts.sign_in",
    "accounts.sign_out",  # also with a session that has just died
    "feedback.say",  # anybody may complain without saying who they are
    "feedback.answer",
    "feedback.again",
    "home.help",  # the tour, without a figure in it
    "sync_api.EnrolView",  # a phone with an invitation: nobody is signed in on it
    "field.page",  # the phone's page: no user and no data, so that it may be kept anywhere
    "field.spoken_page",
    "field.manifest",
    "field.script",
    "field.style",
    "field.worker",
    "openapi",  # the description of the API, without data
}


@pytest.fixture(scope="module")
def whole_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on an empty database: nothing here may get as far as asking it."""
    folder: Path = tmp_path_factory.mktemp("routes")
    app = create_app(config_for(f"sqlite:///{folder / 'empty.sqlite3'}", folder))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def stranger(whole_app: Flask) -> FlaskClient:
    return whole_app.test_client()


def addresses(app: Flask) -> list[tuple[Rule, str, str]]:
    """Every (route, method, address), with a made-up value in each place."""
    made_up = {"RowNumber": 1, "UUIDConverter": uuid.UUID(int=7), "FloatConverter": 1.0}
    found = []
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            values = {
                name: min(converter.items)
                if isinstance(converter, AnyConverter)
                else made_up.get(type(converter).__name__, "x")
                for name, converter in rule._converters.items()
            }
            for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
                found.append((rule, method, adapter.build(rule.endpoint, values, method=method)))
    return found


def test_every_route_declares_who_may_use_it(whole_app: Flask) -> None:
    check_routes(whole_app)
    assert len(list(whole_app.url_map.iter_rules())) > 20


def test_only_what_is_listed_here_is_public(whole_app: Flask) -> None:
    public = set()
    for rule, method, _ in addresses(whole_app):
        access = access_of(whole_app, rule.endpoint, method)
        assert access is not None
        if access.rule is AccessRule.PUBLIC:
            public.add(rule.endpoint)
    assert public == PUBLIC


def test_a_stranger_gets_no_further_than_the_door(whole_app: Flask, stranger: FlaskClient) -> None:
    for rule, method, address in addresses(whole_app):
        if rule.endpoint in PUBLIC:
            continue
        answer = stranger.open(address, method=method)
        if address.startswith("/sync/"):
            assert (answer.status_code, answer.get_json()["code"]) == (401, "unknown_device"), address
        elif address.startswith("/api/"):
            assert (answer.status_code, answer.get_json()["code"]) == (401, "sign_in_needed"), (
                method,
                address,
            )
        else:
            assert answer.status_code == 303, (method, address, answer.status_code)
            assert answer.location is not None
            assert answer.location.startswith("/sign-in"), (method, address)


def test_a_stranger_with_a_made_up_token_gets_no_further_either(whole_app: Flask) -> None:
    whole_app.extensions["aidtrack_load_token_actor"] = lambda token: None
    client = whole_app.test_client()
    for rule, method, address in addresses(whole_app):
        if rule.endpoint not in PUBLIC and address.startswith(("/api/", "/sync/")):
            answer = client.open(address, method=method, headers={"Authorization": "Bearer made-up"})
            assert answer.status_code == 401, (method, address)
