"""Settings of both engines, asserted at start (I11: success is answered only after a durable commit)."""

import sqlite3
from types import ModuleType
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from aidtrack.db.flushing import MARK
from aidtrack.db.sealing import attach

try:  # a wheel with a current SQLite; where there is none, Python's own serves with the rollback journal
    import pysqlite3.dbapi2 as newer_sqlite
except ImportError:
    newer_sqlite = None

BUSY_MS = 15_000


def sqlite_driver() -> ModuleType:
    return newer_sqlite or sqlite3


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the fix of the WAL-reset race that can corrupt a database.

    Versions 3.7.0 to 3.51.2 have the race; fixed in 3.51.3, backported to 3.44.6 and 3.50.7.
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def journal_mode() -> str:
    return "wal" if wal_is_safe(sqlite_driver().sqlite_version_info) else "truncate"


def engine_options(url: str) -> dict[str, Any]:
    """Arguments for `create_engine` that this database needs.

    A failed statement is logged without its values: they can be a family's names.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return {
            "hide_parameters": True,
            "module": sqlite_driver(),
            "connect_args": {"check_same_thread": False, "timeout": BUSY_MS / 1000},
        }
    return {"hide_parameters": True, "pool_size": 10, "max_overflow": 10, "pool_pre_ping": False}


def configure(engine: Engine) -> None:
    """Attach the settings that every new connection gets. Call once, before the first connection."""
    attach(engine)
    if engine.dialect.name != "sqlite":

        @event.listens_for(engine, "connect")
        def settings_of_ours(connection: Any, _record: Any) -> None:
            # compiling a plan takes longer than answering any question of ours, and is paid for at each asking
            connection.autocommit = True
            connection.execute("SET jit = off")
            connection.execute(f"SET lock_timeout = {BUSY_MS}")  # then the page says so, as on SQLite
            connection.autocommit = False

        return
    mode = journal_mode()

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, below
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        cursor.execute(f"PRAGMA journal_mode={mode}")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")  # what is erased leaves no trace in the file's free pages
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("aidtrack_writes", False)
        driver: Any = connection.connection.driver_connection
        try:
            driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        except sqlite_driver().OperationalError as error:
            raise OperationalError("BEGIN", None, error) from error


def assert_durable(engine: Engine) -> None:
    """Refuse to serve on a database that answers before the data is on disk."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            level = connection.exec_driver_sql("PRAGMA synchronous").scalar()
            if level is None or int(level) < 2:
                raise RuntimeError("SQLite must run with synchronous=FULL")
        else:
            commit = connection.exec_driver_sql("SHOW synchronous_commit").scalar()
            if commit == "off":
                raise RuntimeError("PostgreSQL must run with synchronous_commit=on")
            try:
                connection.exec_driver_sql(MARK)
            except DBAPIError:
                raise RuntimeError("PostgreSQL must allow us to call pg_logical_emit_message") from None


def forget_in_files(engine: Engine) -> None:
    """What was erased leaves SQLite's log too: written back into the file, the log cut to nothing.

    Pages let go are overwritten by `secure_delete`. PostgreSQL gives old row versions back at its next vacuum.
    """
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
