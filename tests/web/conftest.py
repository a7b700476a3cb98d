"""The web room alone, with a person who is simply there."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.support import Someone, make_app, person


@pytest.fixture
def someone() -> Someone:
    return Someone(person())


@pytest.fixture
def web_app(tmp_path: Path, someone: Someone) -> Flask:
    return make_app(tmp_path, someone)


@pytest.fixture
def browser_like(web_app: Flask) -> FlaskClient:
    return web_app.test_client()
