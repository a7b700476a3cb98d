"""One database of each kind that tests use in turn, emptied in between instead of made anew.

Making a database on PostgreSQL costs a hundred times what deleting a test's few rows costs; and connections
and compiled statements of an application that keeps its database can be kept too.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString, cast

import psycopg
from psycopg import sql

KEPT = "kept_for_tests"  # a schema with what is in tables at the beginning
USES = 60  # then made anew: deleted rows lie in tables and indexes until somebody vacuums

# Changes of anything besides rows note themselves, in the same transaction; only a database's settings cannot.
NOTING = f"""
CREATE TABLE {KEPT}.altered (by text);
CREATE FUNCTION {KEPT}.note() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN INSERT INTO {KEPT}.altered VALUES (tg_tag); END $$;
CREATE EVENT TRIGGER noted ON ddl_command_end EXECUTE FUNCTION {KEPT}.note();
ALTER EVENT TRIGGER noted ENABLE ALWAYS;
"""
ALTERED = f"""
SELECT (SELECT count(*) FROM {KEPT}.altered), count(*), sum(s.xmin::text::bigint)
FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database()
"""
LEFT_OPEN = """
SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


class EmptiedPostgresql:
    """A database that can be taken back to what it is now.

    Args:
        url: for psycopg, of a database as it shall be again and again, which nobody else uses.
        uses: how often.
    """

    def __init__(self, url: str, uses: int = USES) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.prepare_threshold = 0
        self._left = uses
        self.somebody_was_cut_off = False  # by the last `empty`: a connection left in a transaction
        self._altered: object = None
        self._can_be_emptied = self._one("SELECT current_setting('is_superuser')") == ("on",)
        if self._can_be_emptied:
            self._write_function()
            self._connection.execute(NOTING, prepare=False)  # several statements at once
            # no trigger forbids it to delete; set once, since PostgreSQL then forgets all plans of the connection
            self._connection.execute("SET session_replication_role = replica")
            self._altered = self._one(ALTERED)

    def _one(self, statement: LiteralString) -> tuple[object, ...] | None:
        return self._connection.execute(statement).fetchone()

    def empty(self) -> bool:
        """Take back what a test did; False when this database is used up and another must be made."""
        self._left -= 1
        if not self._can_be_emptied or self._left <= 0:
            return False
        self.somebody_was_cut_off = self._one(LEFT_OPEN) != (0,)
        self._connection.execute(f"SELECT {KEPT}.empty()")
        return self._one(ALTERED) == self._altered

    def close(self) -> None:
        self._connection.close()

    def _write_function(self) -> None:
        run = self._connection.execute
        run(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(KEPT)))
        tables = list(self._tables())
        # one question for all tables: a hundred questions take twenty times as long
        filled = sql.SQL(", ").join(sql.SQL("EXISTS (TABLE {})").format(table) for table, _ in tables)
        body: list[sql.Composable] = [
            sql.SQL("filled := ARRAY[{}];").format(filled),
        ]
        for number, (table, kept) in enumerate(tables, 1):
            begins_empty = sql.SQL("SELECT NOT EXISTS (TABLE {})").format(table)
            if run(begins_empty).fetchone() == (True,):
                text = "IF filled[{number}] THEN DELETE FROM {table}; END IF;"
            else:
                run(sql.SQL("CREATE TABLE {} AS TABLE {}").format(kept, table))
                text = (
                    "IF EXISTS ((TABLE {table} EXCEPT TABLE {kept}) UNION ALL (TABLE {kept} EXCEPT TABLE {table}))"
                    " THEN DELETE FROM {table}; INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE {kept}; END IF;"
                )
            body.append(sql.SQL(text).format(number=sql.Literal(number), table=table, kept=kept))
        restarted = sql.SQL(", ").join(
            sql.SQL("setval({}, {}, {})").format(
                sql.Literal(name), sql.Literal(last or start), sql.Literal(last is not None)
            )
            for name, start, last in self._sequences()
        )
        body.append(sql.SQL("PERFORM {};").format(restarted))
        text = (
            sql.SQL("DECLARE filled boolean[]; BEGIN {} END")
            .format(sql.SQL("\n").join(body))
            .as_string(self._connection)
        )
        run(
            sql.SQL("CREATE FUNCTION {}.empty() RETURNS void LANGUAGE plpgsql AS {}").format(
                sql.Identifier(KEPT), sql.Literal(text)
            )
        )

    def _tables(self) -> Iterator[tuple[sql.Identifier, sql.Identifier]]:
        for (name,) in self._connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        ).fetchall():
            yield sql.Identifier("public", name), sql.Identifier(KEPT, name)

    def _sequences(self) -> list[tuple[str, int, int | None]]:
        rows = self._connection.execute(
            "SELECT format('%I.%I', schemaname, sequencename), start_value, last_value FROM pg_sequences"
            " WHERE schemaname = 'public'"
        ).fetchall()
        return cast(list[tuple[str, int, int | None]], rows)


def copied_over(template: Path, file: Path) -> None:
    """A SQLite database in the place of an earlier one; its lock file stays, since others may hold it open."""
    for ending in ("", "-journal", "-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    shutil.copyfile(template, file)
