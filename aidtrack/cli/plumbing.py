"""What every command needs: the application on the configured database, and one clear line when it fails."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from getpass import getuser
from typing import TYPE_CHECKING

import click

from aidtrack.config import (
    DATA_KEY,
    ENVIRONMENT,
    SECRET_KEY,
    Config,
    ConfigurationError,
    database_url,
    has_development_keys,
    load,
)
from aidtrack.kernel.actor import Actor, Role, system_actor
from aidtrack.kernel.collecting import no_collecting
from aidtrack.kernel.errors import DomainError

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

ROLES = tuple(role.value.replace("_", "-") for role in Role)


class CannotGoOn(Exception):
    """The machine or the database is not ready; the message says what to do."""


def environment(*, trial: bool = False) -> Mapping[str, str]:
    """The process's environment, as a trial's where somebody plainly runs one.

    A production server names its secrets. Where none is named, `start` and `demo` make a trial, and the
    other commands find it again by the keys it left in the instance folder.
    """
    env = dict(os.environ)
    silent = not any(env.get(name) for name in (ENVIRONMENT, SECRET_KEY, DATA_KEY))
    if silent and (trial or has_development_keys(env)):
        env[ENVIRONMENT] = "development"
    return env


def open_vault(env: Mapping[str, str]) -> None:
    """For migrations that seal what stood open. Where no key is named, tables are changed without one."""
    from aidtrack.db.vault import Vault, use_vault

    try:
        config = load(env)
    except ConfigurationError:
        return
    use_vault(Vault.of(config))


def checked_url(env: Mapping[str, str]) -> str:
    """The database's URL, refused here with a clear sentence when it cannot be one."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    url = database_url(env)
    try:
        backend = make_url(url).get_backend_name()
    except ArgumentError:
        raise CannotGoOn("AIDTRACK_DATABASE_URL is not the address of a database") from None
    if backend not in ("sqlite", "postgresql"):
        raise CannotGoOn(f"AIDTRACK_DATABASE_URL must name a SQLite or PostgreSQL database, not {backend}")
    return url


def revision_of(url: str) -> str | None:
    """The database's revision; a SQLite file that is not there is not made by asking."""
    from pathlib import Path

    from sqlalchemy.engine import make_url

    from aidtrack.db.migrate import current_revision

    parts = make_url(url)
    if parts.get_backend_name() == "sqlite" and parts.database and not Path(parts.database).exists():
        return None
    return current_revision(url)


def require_head(url: str) -> None:
    """Refuse to work on tables that are older or newer than this program."""
    from aidtrack.db.migrate import head_revision

    found, wanted = revision_of(url), head_revision()
    if found is None:
        raise CannotGoOn("the database has no tables yet: run `aidtrack db upgrade` first")
    if found != wanted:
        raise CannotGoOn(
            f"the database is at revision {found} and this program at {wanted}: run `aidtrack db upgrade` first"
        )


def open_app(config: Config | None = None) -> "Flask":
    """The application on the configured database, which must have its tables."""
    env = environment()
    config = config or load(env)
    with no_collecting():
        checked_url(env)
        require_head(config.database_url)
        from aidtrack.app import create_app

        return create_app(config)


@contextmanager
def working_app() -> Iterator["Flask"]:
    """The application with its context pushed, for one command."""
    from aidtrack.db import db as database

    app = open_app()
    with app.app_context():
        try:
            yield app
        finally:
            database.session.remove()
            database.engine.dispose()


def operator(session: "Session | None" = None) -> Actor:
    """Who acts from the command line: whoever may run it, at every site."""
    from aidtrack.accounts import queries

    sites = frozenset(site.id for site in queries.sites(session)) if session is not None else frozenset[int]()
    return system_actor(f"cli:{_user_name()}"[:120], site_ids=sites)


def _user_name() -> str:
    try:
        return getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"


def sentence_for(error: Exception) -> str | None:
    """One line for a person; None for what is a fault of the program and deserves its traceback."""
    if isinstance(error, click.UsageError):
        where = f" (see `{error.ctx.command_path} --help`)" if error.ctx is not None else ""
        return one_line(error.format_message()) + where
    if isinstance(error, click.ClickException):
        return one_line(error.format_message())
    if isinstance(error, DomainError):
        return one_line(error.message())
    if isinstance(error, CannotGoOn | ConfigurationError):
        return one_line(str(error))
    if isinstance(error, OSError):
        return one_line(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    return _of_database(error)


def _of_database(error: Exception) -> str | None:
    from alembic.util import CommandError
    from sqlalchemy.exc import OperationalError

    if isinstance(error, CommandError):
        return one_line(str(error))
    if isinstance(error, OperationalError):
        return f"the database does not answer: {one_line(str(error.orig))}"
    return None


def one_line(text: str) -> str:
    return " ".join(text.split())


class Day(click.ParamType[date]):
    """A calendar day: 2022-09-01 or 01.09.2022."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        from aidtrack.web.forms import read_day

        if isinstance(value, date):
            return value
        try:
            return read_day(str(value))
        except ValueError:
            self.fail(f"{value!r} is no date; write 2022-09-01 or 01.09.2022", param, ctx)


class RoleType(click.ParamType[Role]):
    """A role, with a hyphen or an underscore."""

    name = "role"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Role:
        try:
            return Role(str(value).strip().lower().replace("-", "_"))
        except ValueError:
            self.fail(f"{value!r} is no role; choose from {', '.join(ROLES)}", param, ctx)


DAY = Day()
ROLE = RoleType()
