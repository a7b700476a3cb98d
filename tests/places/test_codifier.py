"""The official list of territories, as it is published."""

import pytest

from aidtrack.places.codifier import read_population, read_rows
from aidtrack.places.errors import BadCodifierRow, NotACodifier, NotAPopulation

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
