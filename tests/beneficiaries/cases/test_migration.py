"""A database filled before there was a journal keeps its appeals, and can be taken back with them."""

import pytest
import sqlalchemy as sa

from aidtrack.db import downgrade, upgrade
from aidtrack.db.engines import configure, engine_options

BEFORE = (
    "INSERT INTO site (id, code, name_uk, name_en, time_zone) VALUES (1, 'A', 'А', 'A', 'UTC')",
    "INSERT INTO household (id, registration_no, site_id, settlement, registered_on, version, changed_at, changed_by)"
    " VALUES (1, 'A-1', 1, 'x', '2022-01-01', 1, '2022-01-01', 'a'), (2, 'A-2', 1, 'x', '2022-01-01', 1, '2022-01-01', 'a')",
    "INSERT INTO intake (id, household_id, number, channel, received_on)"
    " VALUES (4, 1, 'N-1', 'appeal', '2022-02-01'), (7, 2, 'N-2', 'notification', '2022-03-01')",
    "INSERT INTO eligibility_decision (household_id, body, number, decided_on, valid_from, recorded_by)"
    " VALUES (1, 'council', 'D', '2022-02-20', '2022-02-20', 'a'), (2, 'council', 'D', '2022-02-20', '2022-02-20', 'a')",
)
NEW = (
    "INSERT INTO intake (site_id, number, year, kind, received_on, status)"
    " VALUES (1, 'N-3', 2022, 'appeal', '2022-04-01', 'open')"
)


def rows(engine: sa.Engine, query: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def test_appeals_of_an_older_version_become_a_journal_and_back(empty_database_url: str) -> None:
    engine = sa.create_engine(empty_database_url, **engine_options(empty_database_url))
    configure(engine)
    try:
        upgrade(empty_database_url, "0010")
        with engine.begin() as connection:
            for statement in BEFORE:
                connection.exec_driver_sql(statement)
        upgrade(empty_database_url, "0011")
        kept = rows(
            engine,
            "SELECT id, site_id, number, year, kind, status, outcome, closed_on FROM intake ORDER BY id",
        )
        assert [(*row[:7], str(row[7])) for row in kept] == [
            (4, 1, "N-1", 2022, "appeal", "closed", "granted", "2022-02-20"),
            (7, 1, "N-2", 2022, "notification", "open", None, "None"),  # its decision came before it
        ]
        assert rows(engine, "SELECT count(*) FROM case_list_entry WHERE list = 'circumstances'") == [(17,)]
        with engine.begin() as connection:
            connection.exec_driver_sql(NEW)
        assert rows(engine, "SELECT id FROM intake WHERE number = 'N-3'") == [(8,)]
        with pytest.raises(RuntimeError, match="not registered"):
            downgrade(empty_database_url, "0010")  # nothing else holds what a stranger said
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE intake SET household_id = 2 WHERE number = 'N-3'")
        downgrade(empty_database_url, "0010")
        assert rows(engine, "SELECT id, household_id, number, channel FROM intake ORDER BY id") == [
            (4, 1, "N-1", "appeal"),
            (7, 2, "N-2", "notification"),
            (8, 2, "N-3", "appeal"),
        ]
        upgrade(empty_database_url, "0011")
    finally:
        engine.dispose()
