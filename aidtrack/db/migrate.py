"""Migrations, run on whatever database the URL names.

Alembic itself is imported only to run them: asking where a database stands is part of every start, which
should not wait for it.
"""

from typing import TYPE_CHECKING

from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Engine

from aidtrack.db.bundled import bundled
from aidtrack.db.engines import configure, engine_options

if TYPE_CHECKING:
    from alembic.config import Config


def _config(engine: Engine) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(bundled("migrations")))
    config.attributes["engine"] = engine
    return config


def _engine(url: str) -> Engine:
    engine = create_engine(url, **engine_options(url))
    configure(engine)
    return engine


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to that revision; an empty database gets every table."""
    from alembic import command

    engine = _engine(url)
    try:
        command.upgrade(_config(engine), revision)
    finally:
        engine.dispose()


def downgrade(url: str, revision: str) -> None:
    """Take migrations back to that revision (`base` removes everything)."""
    from alembic import command

    engine = _engine(url)
    try:
        command.downgrade(_config(engine), revision)
    finally:
        engine.dispose()


def current_revision(url: str) -> str | None:
    """The revision the database is at, None for an empty one."""
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            return str(found) if found is not None else None
    finally:
        engine.dispose()


def head_revision() -> str:
    """The newest revision this version of the program knows: migrations are numbered in their order."""
    return max(file.name.split("_")[0] for file in (bundled("migrations") / "versions").glob("[0-9]*_*.py"))
