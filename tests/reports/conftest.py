"""Books on a fresh database of each kind, without the rest of the application."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from aidtrack.db import db
from aidtrack.db.engines import configure, engine_options
from aidtrack.db.vault import Vault, use_vault
from tests.reports.books import Books


@pytest.fixture
def bare_app(database_url: str) -> Iterator[Flask]:
    """Only the database door: what is tested here needs no route."""
    use_vault(Vault(b"for tests only, and nowhere else"))
    app = Flask("aidtrack")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=database_url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(database_url)
    )
    db.init_app(app)
    with app.app_context():
        configure(db.engine)
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def session(bare_app: Flask) -> Iterator[Session]:
    """One transaction, never committed."""
    with Session(db.engine, autoflush=False) as opened:
        opened.connection(execution_options={"aidtrack_writes": True})
        yield opened
        opened.rollback()


@pytest.fixture
def books(session: Session) -> Books:
    return Books(session).found()
