"""Rows of many numbers at once."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site
from aidtrack.db.among import among
from aidtrack.distribution.models import Handout
from tests.support.people import add_site

Unit = Callable[[], AbstractContextManager[Session]]


def test_those_of_the_numbers_are_found_and_none_of_none(unit: Unit) -> None:
    with unit() as session:
        ids = [add_site(session, code) for code in ("DN", "ZH", "KR")]

        def found(numbers: list[int]) -> set[int]:
            return set(session.scalars(select(Site.id).where(among(Site.id, numbers))))

        assert found([ids[0], ids[2], 987_654]) == {ids[0], ids[2]}
        assert found(list(range(ids[1], ids[1] + 50_000))) >= {ids[1]}
        assert found([]) == set()  # one statement, compiled once, with other numbers


def test_an_index_is_used_for_them(unit: Unit) -> None:
    with unit() as session:
        connection = session.connection()
        asked = select(Handout.id).where(among(Handout.household_id, [1, 2]))
        statement = asked.compile(connection.engine)
        if connection.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", ("[1, 2]",))
            told = "SEARCH handout USING COVERING INDEX ix_handout_household_id"
        else:
            session.execute(text("SET LOCAL enable_seqscan = off"))
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", statement.params)
            told = "Index Cond: (household_id = ANY"
        assert told in str(plan.all())
