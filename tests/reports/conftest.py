"""Books on a fresh database of each kind."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from aidtrack.db import db
from tests.reports.books import Books


@pytest.fixture
def bare_app(app: Flask) -> Iterator[Flask]:
    """Only the database door: what is tested here needs no route."""
    with app.app_context():
        yield app


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
