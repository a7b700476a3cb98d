"""The request's session for reading ends with COMMIT where it only read, and never writes."""

from flask import Flask
from sqlalchemy import func, select, text

from aidtrack.accounts.models import Site
from aidtrack.db import db, read_session, unit_of_work
from aidtrack.db.session import end_reading


def sites() -> int:
    return read_session().scalar(select(func.count()).select_from(Site)) or 0


def test_what_was_prepared_serves_later_requests_and_each_sees_what_is_committed(app: Flask) -> None:
    with app.app_context():
        for number in range(8):  # the driver prepares what it is asked again and again
            with unit_of_work() as session:
                session.add(Site(code=f"S{number}", name_uk="м", name_en="s"))
            assert sites() == number + 1
            end_reading()
            assert sites() == number + 1
            db.session.remove()
        if db.engine.dialect.name == "postgresql":
            prepared = read_session().scalars(text("SELECT statement FROM pg_prepared_statements")).all()
            assert any("FROM site" in statement for statement in prepared)


def test_what_only_waits_in_it_is_not_written(app: Flask) -> None:
    with app.app_context():
        read_session().add(Site(code="S1", name_uk="м", name_en="s"))
        db.session.remove()
        assert sites() == 0
