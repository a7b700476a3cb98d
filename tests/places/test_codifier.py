"""The official list of territories, as it is published."""

import gzip
from collections import Counter

import pytest
from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from aidtrack.importing.reading import open_file
from aidtrack.kernel.likeness import folded
from aidtrack.places import queries
from aidtrack.places.codifier import TerritoryRow, read_population, read_rows
from aidtrack.places.errors import BadCodifierRow, NotACodifier, NotAPopulation
from aidtrack.places.models import Territory
from tests.importing.test_real_layouts import DATA

OBLAST, RAION = "UA12000000000090473", "UA12020000000052809"
HROMADA, CITY, PART = "UA12020010000033698", "UA12020010010037010", "UA12020010010114149"
HEADS = ["Перший рівень", "Другий рівень", "Третій рівень", "Четвертий рівень", "Додатковий рівень"]


def test_titles_above_are_passed_over_and_a_district_knows_its_city() -> None:
    rows = read_rows(
        [
            ["Кодифікатор"],
            [*HEADS, "Категорія", "Назва"],
            [OBLAST, "", "", "", "", "О", "Дніпропетровська"],  # a Cyrillic О
            [OBLAST, RAION, HROMADA, CITY, PART, "B", " Амур-Нижньодніпровський "],
        ]
    )
    assert [row.category for row in rows] == ["O", "B"]
    assert rows[1].settlement_code == CITY and rows[1].name == "Амур-Нижньодніпровський"


@pytest.mark.parametrize(
    "row",
    [
        [OBLAST, "UA12", "", "", "", "P", "Дніпровський"],
        [OBLAST, RAION, "", "", "", "Z", "Дніпровський"],
        [OBLAST, RAION, "", "", "", "P", ""],
        [OBLAST, RAION],
    ],
)
def test_a_broken_row_is_named(row: list[str]) -> None:
    with pytest.raises(BadCodifierRow) as refused:
        read_rows([[OBLAST, "", "", "", "", "O", "Дніпропетровська"], row])
    assert refused.value.facts == {"row": 2}


def test_another_file_is_no_codifier() -> None:
    with pytest.raises(NotACodifier):
        read_rows([["Назва", "Код"], ["Дніпро", "04"]])


def test_population_is_found_by_its_headings() -> None:
    rows = [
        ["hromada_code", "hromada_name", "total_population_2022"],
        [HROMADA, "Дніпровська", "1 012 345"],
        ["x", "", ""],
    ]
    assert read_population(rows) == {HROMADA: 1_012_345}
    with pytest.raises(NotAPopulation):
        read_population([["назва", "площа"], ["Дніпро", "405"]])


def test_the_whole_codifier_of_four_oblasts_and_each_of_its_namesakes_told_from_the_others(
    sqlite_url: str,
) -> None:
    body = gzip.decompress((DATA / "katottg-four-oblasts.csv.gz").read_bytes())
    rows = read_rows(row for _number, row in open_file(body, "katottg.csv").rows())
    assert len(rows) == 5_621
    times = Counter(row.name for row in rows if row.category in "MXC")
    repeated = {name for name, count in times.items() if count > 1}
    assert len(repeated) == 571
    engine = create_engine(sqlite_url)
    with Session(engine) as session:
        session.execute(insert(Territory), [vars_of(row) for row in rows])
        named = queries.names_to_codes(session, repeated)
        assert {len(named[folded(name)]) for name in repeated} >= {2, 23}  # «Миколаївка»
        for name in repeated:
            shown = queries._told_apart(named[folded(name)])
            assert len({one.label for one in shown}) == len(shown), name
        # two in one hromada: only their codes tell them apart, and each is found by what is shown of it
        two = queries.suggestions(session, "Незабудине")
        assert len({one.hromada for one in two}) < len(two)
        assert [queries.exactly(session, one.label) for one in two] == two
    engine.dispose()


def vars_of(row: TerritoryRow) -> dict[str, str | None]:
    return {name: getattr(row, name) for name in (*row.__dataclass_fields__, "search_name")}
