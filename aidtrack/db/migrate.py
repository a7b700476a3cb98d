"""Migrations, run on whatever database the URL names."""

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine

from aidtrack.db.bundled import bundled
from aidtrack.db.engines import configure, engine_options


def _config(engine: Engine) -> Config:
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
    engine = _engine(url)
    try:
        command.upgrade(_config(engine), revision)
    finally:
        engine.dispose()


def downgrade(url: str, revision: str) -> None:
    """Take migrations back to that revision (`base` removes everything)."""
    engine = _engine(url)
    try:
        command.downgrade(_config(engine), revision)
    finally:
        engine.dispose()


def current_revision(url: str) -> str | None:
    """The revision the database is at, None for an empty one."""
    from alembic.migration import MigrationContext

    engine = _engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def head_revision() -> str | None:
    """The newest revision this version of the program knows."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(bundled("migrations"))).get_current_head()
