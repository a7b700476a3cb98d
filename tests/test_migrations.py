"""Migrations make exactly what the mappings say, on both databases, and take all of it away again."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

import aidtrack.tables  # noqa: F401
from aidtrack.db import APPEND_ONLY, Base, downgrade, upgrade
from aidtrack.db.bundled import bundled
from aidtrack.db.engines import configure, engine_options
from aidtrack.db.migrate import current_revision, head_revision
from aidtrack.inventory.models import VIRTUAL_PLACE_IDS

ROW_OF_EACH_RECORD = {
    "audit_event": "INSERT INTO audit_event (at, actor_label, action) VALUES ('2022-09-01', 'a', 'b.c')",
    "stock_entry": "INSERT INTO stock_entry (kind, document, effective_on, recorded_at, actor_label, site_id)"
    " VALUES ('receipt', 'R-1', '2022-09-01', '2022-09-01', 'a', 1)",
}


def engine_for(url: str) -> sa.Engine:
    engine = sa.create_engine(url, **engine_options(url))
    configure(engine)
    return engine


@pytest.fixture
def migrated(database_url: str) -> Iterator[sa.Engine]:
    engine = engine_for(database_url)
    yield engine
    engine.dispose()


def tables_in(engine: sa.Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names()) - {"alembic_version"}


def test_an_empty_database_gets_every_table_and_loses_all_of_it_again(database_url: str) -> None:
    """What was migrated for all tests is taken away to the last trigger, so what follows begins with nothing."""
    engine = engine_for(database_url)
    try:
        downgrade(database_url, "base")
        assert tables_in(engine) == set()
        assert left_behind(engine) == []
        upgrade(database_url)
        assert current_revision(database_url) == head_revision() is not None
        assert tables_in(engine) == set(Base.metadata.tables)
    finally:
        engine.dispose()


def test_what_phones_brought_home_is_never_migrated_away(database_url: str) -> None:
    """Their phones deleted it for a receipt: the database holds the only copy."""
    engine = engine_for(database_url)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO site (id, code, name_uk, name_en, time_zone) VALUES (1, 'A', 'А', 'A', 'UTC')"
            )
            blob = "X'00'" if engine.dialect.name == "sqlite" else "'\\x00'"
            connection.exec_driver_sql(
                "INSERT INTO field_quarantine (raw, raw_hash, signature, reason, site_id, received_at, came_by)"
                f" VALUES ({blob}, {blob}, {blob}, 'not_json', 1, '2022-09-01', 'sync')"
            )
        with pytest.raises(RuntimeError, match="field_quarantine"):
            downgrade(database_url, "0004")
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM field_quarantine").scalar_one() == 1
    finally:
        engine.dispose()


PLACE_AND_LIST = (
    "INSERT INTO site (id, code, name_uk, name_en, time_zone) VALUES (1, 'A', 'А', 'A', 'UTC')",
    "INSERT INTO place (id, code, kind, site_id, name_uk, name_en, active) VALUES (99, 'P', 'point', 1, 'П', 'P', true)",
)
ACT = (
    "INSERT INTO day_close (number, place_id, site_id, day, state, by_item, book_entry_id, book_at, started_at,"
    " started_by, second_person) VALUES ('D-1', 99, 1, '2022-09-01', 'counting', false, 0, '2022-09-01',"
    " '2022-09-01', 'a', false)"
)
NOTED = (
    "INSERT INTO paper_list (id, number, uid, round_id, place_id, site_id, made_on, made_at, made_by)"
    " VALUES (1, 'L-1', 'u', 1, 99, 1, '2022-09-01', '2022-09-01', 'a')",
    "INSERT INTO paper_row (list_id, number, state, note) VALUES (1, 1, 'noted', 'signed, no voucher')",
)


@pytest.mark.parametrize(("table", "statements"), [("day_close", (ACT,)), ("paper_row", NOTED)])
def test_what_people_wrote_down_on_paper_is_never_migrated_away(
    database_url: str, table: str, statements: tuple[str, ...]
) -> None:
    engine = engine_for(database_url)
    try:
        with engine.connect() as connection:
            leave_references(connection)  # to the round behind a list
            for statement in (*PLACE_AND_LIST, *statements):
                connection.exec_driver_sql(statement)
            connection.commit()
        with pytest.raises(RuntimeError, match=table):
            downgrade(database_url, "0005")
        with engine.connect() as connection:
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 1
    finally:
        engine.dispose()


def test_a_filled_database_gets_days_and_quantities_and_gives_back_what_an_older_one_can_hold(
    database_url: str,
) -> None:
    rule = (
        "INSERT INTO second_person_rule (site_id, loss_percent, reprints_a_day, changed_at, changed_by)"
        " VALUES (1, 3, 5, '2022-09-01', 'a')"
    )
    engine = engine_for(database_url)
    try:
        downgrade(database_url, "0019")
        with engine.connect() as connection:
            leave_references(connection)
            for statement in (*PLACE_AND_LIST, *NOTED, rule):
                connection.exec_driver_sql(statement)
            connection.commit()
        upgrade(database_url)
        with engine.begin() as connection:
            row = connection.exec_driver_sql("SELECT loss_percent, loss_days FROM second_person_rule").one()
            assert tuple(row) == (3, 30)
            assert connection.exec_driver_sql("SELECT quantities FROM paper_row").scalar_one() is None
            connection.exec_driver_sql("UPDATE paper_row SET quantities = '{}'")
        downgrade(database_url, "0019")
        upgrade(database_url)
        with engine.connect() as connection:
            connection.exec_driver_sql("UPDATE paper_row SET quantities = '{\"1\": 100}'")
            connection.commit()
        with pytest.raises(RuntimeError, match="paper_row"):
            downgrade(database_url, "0019")
    finally:
        engine.dispose()


def leave_references(connection: sa.Connection) -> None:
    """Rows may refer to what is nothing to a test."""
    if connection.engine.dialect.name == "sqlite":
        raw = connection.connection.driver_connection  # within a transaction it would be ignored
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")
    else:
        connection.exec_driver_sql("SET session_replication_role = replica")


def test_migrations_are_numbered_in_their_order() -> None:
    """`head_revision` reads the file names, so that a start need not import Alembic."""
    scripts = ScriptDirectory(str(bundled("migrations")))
    numbers = [script.revision for script in scripts.walk_revisions("base", "heads")]
    assert numbers == sorted(numbers, reverse=True)
    assert scripts.get_heads() == [head_revision()]


def left_behind(engine: sa.Engine) -> list[str]:
    """Triggers, functions and sequences that a downgrade forgot."""
    query = (
        "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view') OR tbl_name NOT LIKE 'alembic%'"
        if engine.dialect.name == "sqlite"
        else "SELECT proname FROM pg_proc WHERE proname LIKE 'aidtrack%' "
        "UNION ALL SELECT relname FROM pg_class WHERE relkind IN ('S', 'v') AND relnamespace = 'public'::regnamespace"
    )
    with engine.connect() as connection:
        return [row[0] for row in connection.execute(sa.text(query))]


def test_migrations_and_mappings_agree(migrated: sa.Engine) -> None:
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_checks_and_partial_indexes_agree_too(migrated: sa.Engine, request: pytest.FixtureRequest) -> None:
    """Alembic compares neither, and they are our second line of defence."""
    with request.getfixturevalue(f"{migrated.dialect.name}_databases").empty() as url:
        mapped = engine_for(url)
        try:
            Base.metadata.create_all(mapped)
            assert constraints_in(migrated) == constraints_in(mapped)
        finally:
            mapped.dispose()


def constraints_in(engine: sa.Engine) -> dict[str, Any]:
    inspector: Any = sa.inspect(engine)
    # for all tables at once: on PostgreSQL one question instead of one a table
    checks, unique = inspector.get_multi_check_constraints(), inspector.get_multi_unique_constraints()
    indexes, keys = inspector.get_multi_indexes(), inspector.get_multi_foreign_keys()
    return {
        table: {
            "checks": sorted((str(one["name"]), one["sqltext"]) for one in checks[None, table]),
            "unique": sorted(tuple(one["column_names"]) for one in unique[None, table]),
            "indexes": sorted(
                (str(one["name"]), one["unique"], str(where_of(one))) for one in indexes[None, table]
            ),
            "keys": sorted(
                (str(one["constrained_columns"]), one["referred_table"], str(one["options"].get("ondelete")))
                for one in keys[None, table]
            ),
        }
        for table in Base.metadata.tables
    }


def where_of(index: Any) -> object:
    options = index.get("dialect_options", {})
    return options.get("sqlite_where", options.get("postgresql_where"))


def test_every_record_has_its_triggers(migrated: sa.Engine) -> None:
    query = (
        "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if migrated.dialect.name == "sqlite"
        else "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
    )
    with migrated.connect() as connection:
        assert {row[0] for row in connection.exec_driver_sql(query)} == set(APPEND_ONLY)


@pytest.mark.parametrize("table", sorted(ROW_OF_EACH_RECORD))
@pytest.mark.parametrize("change", ["UPDATE {} SET actor_label = 'x'", "DELETE FROM {}"])
def test_a_record_is_never_changed_or_deleted(migrated: sa.Engine, table: str, change: str) -> None:
    with migrated.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO site (id, code, name_uk, name_en, time_zone) VALUES (1, 'A', 'А', 'A', 'UTC')"
        )
        connection.exec_driver_sql(ROW_OF_EACH_RECORD[table])
    with pytest.raises(DBAPIError, match="append-only"), migrated.begin() as connection:
        connection.exec_driver_sql(change.format(table))
    with migrated.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT actor_label FROM {table}").all()
    assert [row[0] for row in rows] == ["a"]


def test_truncating_a_record_is_refused(postgresql_url: str) -> None:
    engine = engine_for(postgresql_url)
    try:
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.exec_driver_sql("TRUNCATE audit_event")
    finally:
        engine.dispose()


def test_virtual_places_are_there_and_the_next_place_gets_a_number_of_its_own(migrated: sa.Engine) -> None:
    with migrated.begin() as connection:
        rows = connection.exec_driver_sql(
            "SELECT kind, id FROM place WHERE site_id IS NULL ORDER BY id"
        ).all()
        connection.exec_driver_sql(
            "INSERT INTO site (id, code, name_uk, name_en, time_zone) VALUES (1, 'A', 'А', 'A', 'UTC')"
        )
        connection.exec_driver_sql(
            "INSERT INTO place (code, kind, site_id, name_uk, name_en, active) VALUES ('W', 'warehouse', 1, 'С', 'W', true)"
        )
        number = connection.exec_driver_sql("SELECT id FROM place WHERE code = 'W'").scalar_one()
    assert [tuple(row) for row in rows] == [
        (kind.value, number) for kind, number in VIRTUAL_PLACE_IDS.items()
    ]
    assert number == len(VIRTUAL_PLACE_IDS) + 1
