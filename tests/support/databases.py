"""Fresh migrated databases at the price of a copy: migrated once per run, then cloned for each test."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

Migrate = Callable[[str], None]


def sqlite_url(file: Path) -> str:
    return f"sqlite:///{file}"


@dataclass
class SqliteDatabases:
    """Copies of one migrated file."""

    folder: Path
    migrate: Migrate
    _template: Path | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def empty(self) -> Iterator[str]:
        yield sqlite_url(self.folder / f"empty-{next(self._numbers)}.sqlite3")

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """A migrated database of its own for one test."""
        if self._template is None:
            template = self.folder / "template.sqlite3"
            self.migrate(sqlite_url(template))
            self._template = template
        file = self.folder / f"test-{next(self._numbers)}.sqlite3"
        shutil.copyfile(self._template, file)
        yield sqlite_url(file)
        for left in self.folder.glob(f"{file.name}*"):  # and its journals
            left.unlink(missing_ok=True)


@dataclass
class PostgresqlDatabases:
    """Databases made from one migrated template on one server, which other runs may share."""

    server_url: str
    migrate: Migrate
    _prefix: str = field(default_factory=lambda: f"aid_test_{os.getpid()}")
    _template: str | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def _url(self, database: str) -> str:
        return make_url(self.server_url).set(database=database).render_as_string(hide_password=False)

    def _run(self, statement: str, *names: str) -> None:
        url: URL = make_url(self.server_url).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    @contextmanager
    def _database(self, statement: str, *template: str) -> Iterator[str]:
        name = f"{self._prefix}_{next(self._numbers)}"
        self._run(statement, name, *template)
        try:
            yield self._url(name)
        finally:
            self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    @contextmanager
    def empty(self) -> Iterator[str]:
        with self._database("CREATE DATABASE {}") as url:
            yield url

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """A migrated database of its own for one test."""
        if self._template is None:
            template = f"{self._prefix}_template"
            self._run("CREATE DATABASE {}", template)
            self._template = template
            self.migrate(self._url(template))
        with self._database("CREATE DATABASE {} TEMPLATE {}", self._template) as url:
            yield url

    def close(self) -> None:
        if self._template is not None:
            self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", self._template)
            self._template = None
