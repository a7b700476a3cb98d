"""Fresh migrated databases at the price of a copy: migrated once per run, then cloned for each test.

`fresh` is a database of another name each time; `again` is always the same one, as good as fresh.
"""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from tests.support.emptied import EmptiedPostgresql, copied_over
from tests.support.postgres import place_for_data, running_server

Migrate = Callable[[str], None]
COPY = "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"  # where nothing need survive: half of what logging it costs
TEMPLATE = "aid_test_template"


def waiting_for_locks(session: Session) -> bool:
    """Whether somebody stands before a lock in this database, which is on PostgreSQL; the time to look again."""
    session.execute(text("SELECT pg_stat_clear_snapshot()"))
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    return bool(session.execute(waiting).scalar())


def sqlite_url(file: Path) -> str:
    return f"sqlite:///{file}"


@dataclass
class SqliteDatabases:
    """Copies of one migrated file."""

    folder: Path
    migrate: Migrate
    template: Path | None = None  # migrated; made when it is first needed
    generation: int = 0  # of the database that `again` gives: connections to an earlier one are of no use
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def empty(self) -> Iterator[str]:
        yield sqlite_url(self.folder / f"empty-{next(self._numbers)}.sqlite3")

    def _migrated(self) -> Path:
        if self.template is None:
            template = self.folder / "template.sqlite3"
            self.migrate(sqlite_url(template))
            self.template = template
        return self.template

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """A migrated database of its own for one test."""
        template = self._migrated()
        file = self.folder / f"test-{next(self._numbers)}.sqlite3"
        shutil.copyfile(template, file)
        yield sqlite_url(file)
        for left in self.folder.glob(f"{file.name}*"):  # and its journals
            left.unlink(missing_ok=True)

    def again(self) -> str:
        """The one database that tests use in turn, as the migrations made it."""
        file = self.folder / "again.sqlite3"
        copied_over(self._migrated(), file)
        self.generation += 1
        return sqlite_url(file)


@dataclass
class PostgresqlDatabases:
    """Databases made from one migrated template on one server, which other runs may share."""

    server_url: str
    migrate: Migrate
    template: str | None = None  # migrated, and not ours to drop
    generation: int = 0  # of the database that `again` gives: connections to an earlier one are of no use
    _prefix: str = field(default_factory=lambda: f"aid_test_{os.getpid()}")
    _emptied: EmptiedPostgresql | None = None
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

    def _migrated(self) -> str:
        if self.template is None:
            self.template = self._own_template
            self._run("CREATE DATABASE {}", self.template)
            self.migrate(self._url(self.template))
        return self.template

    @property
    def _own_template(self) -> str:
        return f"{self._prefix}_template"

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """A migrated database of its own for one test."""
        with self._database(COPY, self._migrated()) as url:
            yield url

    def again(self) -> str:
        """The one database that tests use in turn, as the migrations made it."""
        name = f"{self._prefix}_again"
        url = self._url(name)
        if self._emptied is None or not self._emptied.empty():
            self._end(name)
            self._run(COPY, name, self._migrated())
            self._emptied = EmptiedPostgresql(url.replace("+psycopg", "", 1))
            self.generation += 1
        elif self._emptied.somebody_was_cut_off:
            self.generation += 1
        return url

    def _end(self, name: str) -> None:
        if self._emptied is not None:
            self._emptied.close()
            self._emptied = None
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def close(self) -> None:
        self._end(f"{self._prefix}_again")
        if self.template == self._own_template:
            self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.template)


@dataclass(frozen=True)
class Begun:
    """What the processes of a run begin with: a migrated file, and a server's folder with a migrated template."""

    sqlite: Path
    postgresql: Path


@contextmanager
def begun(migrate: Migrate) -> Iterator[Begun]:
    """Make both once, before the processes part."""
    with TemporaryDirectory(prefix="aidbegun-", dir=place_for_data(durable=False)) as folder:
        made = Begun(Path(folder, "template.sqlite3"), Path(folder, "postgresql"))
        migrate(sqlite_url(made.sqlite))
        with running_server(keep=made.postgresql) as url:
            template = make_url(url).set(database=TEMPLATE)
            with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
            migrate(template.render_as_string(hide_password=False))
        yield made
