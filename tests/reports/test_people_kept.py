"""Sets kept as differences: the same people as before, in less room; and the migration that brought them."""

from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from aidtrack.db import downgrade, upgrade
from aidtrack.db.engines import configure, engine_options
from aidtrack.reports.bits import Bits
from aidtrack.reports.models import ClosedMonth, MonthPeople, MonthReached
from aidtrack.reports.people import keep_people, kept_people
from aidtrack.reports.reading import Cell, People
from tests.reports.books import NOW, OIL, POINT, RICE, STORE, WFP, Books

SEPTEMBER = date(2022, 9, 1)


def reached(households: range) -> People:
    return People(
        issues=Bits(range(1_000 + households.start, 1_000 + households.stop)),
        persons=Bits(number * 3 for number in households),
        households=Bits(households),
    )


@pytest.fixture
def september(books: Books) -> Session:
    books.session.add(ClosedMonth(month=SEPTEMBER, last_entry_id=1, built_at=NOW))
    books.session.flush()
    return books.session


def test_cells_with_mostly_the_same_people_are_kept_once_and_by_what_is_missing(september: Session) -> None:
    cells = {
        Cell(WFP, 1, RICE, POINT): reached(range(1, 4_001)),
        Cell(WFP, 1, OIL, POINT): reached(range(1, 3_990)),
        Cell(WFP, None, OIL, POINT): reached(range(3, 4_001)),
    }
    keep_people(september, SEPTEMBER, cells)
    based = september.scalars(sa.select(MonthPeople.base_id).order_by(MonthPeople.id)).all()
    assert sorted(base is None for base in based) == [False, False, True]
    assert {cell: people for _, cell, people in kept_people(september)} == cells


def test_people_who_have_little_in_common_are_kept_whole(september: Session) -> None:
    cells = {
        Cell(WFP, 1, RICE, POINT): reached(range(1, 500)),
        Cell(WFP, 1, OIL, POINT): reached(range(500, 1_000)),
        Cell(WFP, 1, OIL, STORE): reached(range(1, 1_000)),
    }
    keep_people(september, SEPTEMBER, cells)
    assert set(september.scalars(sa.select(MonthPeople.base_id))) == {None}
    assert {cell: people for _, cell, people in kept_people(september)} == cells


def test_one_cell_is_read_with_its_base(september: Session) -> None:
    some, all_ = reached(range(5, 2_000)), reached(range(1, 2_000))
    keep_people(september, SEPTEMBER, {Cell(WFP, 1, RICE, POINT): all_, Cell(WFP, 1, OIL, POINT): some})
    assert kept_people(september, MonthReached.item_id == OIL) == [
        (SEPTEMBER, Cell(WFP, 1, OIL, POINT), some)
    ]


@pytest.fixture
def first_schema(empty_database_url: str) -> Iterator[tuple[str, sa.Engine]]:
    upgrade(empty_database_url, "0001")
    engine = sa.create_engine(empty_database_url, **engine_options(empty_database_url))
    configure(engine)
    yield empty_database_url, engine
    engine.dispose()


def test_sums_of_the_schema_before_are_thrown_away_both_ways(first_schema: tuple[str, sa.Engine]) -> None:
    url, engine = first_schema
    sums = (
        "INSERT INTO closed_month (month, last_entry_id, built_at) VALUES ('2022-09-01', 7, '2022-10-01')",
        "INSERT INTO month_people (month, households, persons, issues) VALUES ('2022-09-01', '', '', '')",
    )

    def fill_and_look() -> set[str]:
        with engine.begin() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM closed_month").scalar() == 0
            for statement in sums:
                connection.exec_driver_sql(statement)
            return {column["name"] for column in sa.inspect(connection).get_columns("month_people")}

    before = fill_and_look()
    upgrade(url, "0003")
    assert fill_and_look() == before | {"base_id"}
    downgrade(url, "0001")
    assert fill_and_look() == before
