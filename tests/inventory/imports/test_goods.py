"""Items, opening stock and receipts from the layouts people have; quantities are read by the house's one reader."""

import csv
import io
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from aidtrack.importing.commands import Mode
from aidtrack.inventory.models import Donation, DonationLine, Item, StockBalance, StockLot
from aidtrack.kernel.actor import Role
from aidtrack.kernel.quantity import BaseUnit
from tests.importing.bringing import Bringing
from tests.importing.files import workbook
from tests.inventory.conftest import NOW, Centre, Unit, actor


@pytest.fixture
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def table(*rows: list[str]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=";").writerows(rows)
    return stream.getvalue().encode()


# like wfp_commodities_global.csv
COMMODITIES = """commodity_id,category,commodity
51,cereals and tubers,Maize
52,cereals and tubers,rice
58,cereals and tubers,Wheat flour
184,oil and fats,Oil (sunflower)
184,oil and fats,Oil (olive)
bad code!,non-food,Diapers
"""


@pytest.mark.usefixtures("inside")
def test_a_commodity_list_comes_in_by_its_codes(centre: Centre, unit: Unit) -> None:
    administrator = actor(Role.ADMINISTRATOR, centre.site)
    bringing = Bringing(administrator, "items", COMMODITIES.encode(), now=NOW).columns(
        constants={"base_unit": "кг"}
    )
    counts = bringing.try_out()
    assert (counts["new"], counts["double"], counts["bad"]) == (3, 2, 1)
    assert bringing.wrong() == {
        (3, "name_uk", "item_called_alike"), (6, "code", "code_twice"), (7, "code", "bad_catalogue_code"),
    }  # fmt: skip
    assert bringing.bring_in()["made"] == 3
    with unit() as session:
        maize = session.scalars(select(Item).where(Item.code == "51")).one()
        assert (maize.name_en, maize.base_unit) == ("Maize", BaseUnit.G)
    changed = COMMODITIES.splitlines()[0] + "\n51,,Maize (white)\n58,,Wheat flour"
    again = Bringing(administrator, "items", changed.encode(), now=NOW).columns(
        constants={"base_unit": "кг"}, take_changes=True
    )
    assert {name: again.try_out()[name] for name in ("same", "changed")} == {"same": 1, "changed": 1}
    assert again.result["shown"][0]["differences"] == [["Name in English", "Maize", "Maize (white)"]]
    assert again.bring_in()["changed_done"] == 1
    pieces = Bringing(administrator, "items", changed.encode(), now=NOW).columns(
        constants={"base_unit": "шт"}
    )
    pieces.try_out()
    assert {code for _row, _field, code in pieces.wrong()} == {"unit_is_fixed"}


HEADS = ["Склад", "Дата", "Донор", "Накладна", "Товар", "Кількість", "Од.", "Придатний до"]


@pytest.mark.usefixtures("inside")
def test_lines_of_one_waybill_are_one_receipt_and_quantities_keep_their_grams(
    centre: Centre, unit: Unit
) -> None:
    keeper = centre.keeper()
    body = table(
        HEADS,
        ["W1", "01.10.2022", "WFP", "РН-1", "RICE", "29,378", "т", "01.09.2023"],
        ["W1", "01.10.2022", "WFP", "РН-1", "OIL", "7 820", "кг", ""],
        ["W1", "2 жовтня 2022", "WFP", "РН-2", "RICE", "12 мішків", "", ""],
        ["W1", "01.10.2022", "WFP", "РН-3", "RICE", "1.234", "т", ""],
        ["W1", "01.10.2022", "WFP", "РН-4", "RICE", "5", "л", ""],
        ["W1", "01.10.2022", "WFP", "РН-5", "Рис шліфований", "5", "кг", ""],
        ["W1", "01.12.2029", "WFP", "РН-6", "RICE", "5", "кг", ""],
        ["W1", "01.10.2022", "WFP", "РН-7", "RICE", "5", "кг", "01.09.2022"],
    )
    bringing = Bringing(keeper, "receipts", body, now=NOW).columns()
    counts = bringing.try_out()
    assert (counts["records"], counts["new"], counts["bad"]) == (7, 2, 5)
    assert bringing.wrong() == {
        (5, "quantity", "quantity_ambiguous"), (6, "quantity", "quantity_wrong_unit"), (7, "item", "meaning_unknown"),
        (8, "arrived_on", "date_ahead"), (9, "expires_on", "expired_on_arrival"),
    }  # fmt: skip
    assert bringing.bring_in(Mode.GOOD)["made"] == 2
    with unit() as session:
        lines = session.execute(
            select(DonationLine.units, DonationLine.as_typed).order_by(DonationLine.id)
        ).all()
        assert [tuple(one) for one in lines] == [
            (29_378_000, "29,378 т"),
            (7_820_000, "7 820 кг"),
            (300_000, "12 мішків"),
        ]
        assert session.scalar(select(func.sum(StockBalance.units))) == 29_378_000 + 7_820_000 + 300_000
    again = Bringing(keeper, "receipts", body, now=NOW).columns()
    assert {name: again.try_out()[name] for name in ("new", "same")} == {"new": 0, "same": 2}
    changed = body.replace(b"7 820", b"7 821")
    asked = Bringing(keeper, "receipts", changed, now=NOW).columns()
    assert asked.try_out()["double"] == 1
    assert asked.result["shown"][0]["known"]


@pytest.mark.usefixtures("inside")
def test_an_inventory_of_two_columns_becomes_opening_stock(centre: Centre, unit: Unit) -> None:
    """Like he-inventory.csv: the heading of the item is a warning, place and donor stand nowhere."""
    keeper = centre.keeper()
    body = workbook(
        [["Quantity", "DO NOT CHANGE ANYTHING IN THIS COLUMN"], [500, "RICE"], [20, "Зимoвий кoмплект"]]
    )
    said = {"place": "W1", "donor": "WFP", "arrived_on": "01.10.2022"}
    bringing = Bringing(keeper, "opening", body, now=NOW).columns({0: "quantity", 1: "item"}, constants=said)
    counts = bringing.try_out()
    assert (counts["records"], counts["bad"], counts["unknown"]) == (1, 1, 1)
    word = bringing.result["unknown"][0]["written"]
    bringing.say_words({("item", word): "KIT"})
    assert bringing.try_out()["new"] == 1
    assert bringing.bring_in(Mode.ALL)["made"] == 1
    with unit() as session:
        assert session.scalar(select(func.count()).select_from(StockLot)) == 2
        assert session.scalars(select(Donation.note)).one() == "Залишок на початок"
