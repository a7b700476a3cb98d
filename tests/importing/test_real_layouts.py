"""The first rows of tables that people really have (tests/data): how they are read, and what their columns are guessed to be."""

from pathlib import Path

import pytest

from aidtrack.importing.errors import NotATable
from aidtrack.importing.layouts import Layout
from aidtrack.importing.mapping import Guesser
from aidtrack.importing.reading import open_file
from aidtrack.importing.shape import find_shape
from aidtrack.inventory.imports.items import ITEMS
from aidtrack.inventory.imports.receipts import OPENING, RECEIPTS
from aidtrack.places import codifier

DATA = Path(__file__).parents[1] / "data"


@pytest.mark.parametrize(
    ("name", "layout", "headings", "first", "guessed"),
    [
        ("wfp_commodities.csv", ITEMS, 1, ("50", "pulses and nuts", "Beans"), {0: "code", 2: "name_en"}),
        ("he-diapers-upc.csv", ITEMS, 0, ("037000862086", "Pampers", "Baby", "Size 1", "44"), {}),
        ("he-inventory.csv", OPENING, 1, ("500", "Adult Briefs (Large/X-Large)"), {0: "quantity"}),
        ("he-donations_export_with_in_kind_values.csv", RECEIPTS, 1, ("Product Drive", "2025-01-01"),
         {0: "donor", 1: "arrived_on", 2: "note", 3: "place"}),
        ("he-purchases_export.csv", RECEIPTS, 1, ("Test Vendor 0", "Test Storage Location", "2025-01-01"),
         {0: "donor", 1: "place", 2: "arrived_on", 10: "note"}),
        ("he-storage_locations_export.csv", OPENING, 1, ("Location 1", "100 Test St"),
         {6: "item#1", 7: "item#2", 8: "item#3"}),
        ("rowca-3w-hxl.csv", RECEIPTS, 1, ("Education", "United Nations Children's Fund"), {1: "donor"}),
    ],
)  # fmt: skip
def test_headings_are_found_and_no_row_of_data_is_taken_for_one(
    name: str, layout: Layout, headings: int, first: tuple[str, ...], guessed: dict[int, str]
) -> None:
    rows = list(open_file((DATA / name).read_bytes(), name).rows())
    guesser = Guesser(layout, str)
    shape = find_shape(rows, guesser.knows)
    assert shape.header_rows == headings
    data = [row for number, row in rows if number > shape.data_after]
    assert data[0][: len(first)] == first
    assert len(data) == len(rows) - headings - bool(shape.tags)
    assert guesser.guess(shape.headings, shape.tags) == guessed


def test_what_programs_write_for_programs_is_no_table() -> None:
    with pytest.raises(NotATable):
        open_file((DATA / "he-base_items.json").read_bytes(), "he-base_items.json")
    assert list(open_file(b"[1];[2]\n[3];[4]").rows()) == [(1, ("[1]", "[2]")), (2, ("[3]", "[4]"))]


def test_the_codifier_and_the_population_of_its_hromadas_are_read() -> None:
    def rows(name: str) -> list[tuple[str, ...]]:
        return [row for _number, row in open_file((DATA / name).read_bytes(), name).rows()]

    found = codifier.read_rows(rows("katottg.csv"))
    assert [one.category for one in found] == ["O", "P", "H", "M", "B", "X", "C"]
    assert {one.name for one in found} >= {"Дніпропетровська", "Дніпро", "Амур-Нижньодніпровський"}
    hromadas = {one.code for one in found if one.category == "H"}
    assert codifier.read_population(rows("kse-ua-pop-2022.csv")).keys() == hromadas
