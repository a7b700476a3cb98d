"""Receipts from tables with a column for each item: one row for each donation, delivery or month."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update

from aidtrack.db import unit_of_work
from aidtrack.importing import pages, queries, services
from aidtrack.importing.commands import Mode
from aidtrack.importing.errors import RowsAreBad
from aidtrack.importing.forms import to_mapping
from aidtrack.importing.layouts import Context, layout
from aidtrack.importing.mending import rows_to_mend
from aidtrack.importing.reading import Choice
from aidtrack.inventory.models import Donation, DonationLine, Item, Place
from aidtrack.kernel.errors import DomainError
from tests.importing.bringing import Bringing
from tests.importing.test_real_layouts import DATA
from tests.inventory.conftest import NOW, Centre, Unit

RICE, OIL, KIT = "amount@RICE@кг", "amount@OIL@л", "amount@KIT@шт"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What a table means is the same on any database; test_goods asks both."""
    return sqlite_url


@pytest.fixture
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


# like he-donations_export_with_in_kind_values.csv: a column for each item, its worth beside it
DONATIONS = """Source,Date,Details,Storage Location,Quantity of Items,Comments,Rice,Rice In-Kind Value,Oil,Winter kit
WFP,2022-10-01,Drive,W1,15,It's a fine day,7,70.00,0,8
WFP,2022-10-01,Drive,W1,1,It's a fine day,0,0.00,1,0
WFP,2022-10-02,Site,W1,2,It's a fine day,0,0.00,,2
WFP,2022-10-03,Misc,W1,0,nothing came,0,0.00,-,0
"""
COLUMNS = {0: "donor", 1: "arrived_on", 2: "", 3: "place", 4: "", 5: "note", 6: RICE, 7: "", 8: OIL, 9: KIT}


def donations(centre: Centre, body: str = DONATIONS, **columns: str) -> Bringing:
    said = {**COLUMNS, **{int(name.removeprefix("c")): to for name, to in columns.items()}}
    return Bringing(centre.keeper(), "receipts", body.encode(), now=NOW).columns(said)


@pytest.mark.usefixtures("inside")
def test_each_row_is_a_receipt_and_each_filled_column_a_line(centre: Centre, unit: Unit) -> None:
    counts = donations(centre).try_out()
    assert (counts["records"], counts["new"], counts["bad"]) == (3, 3, 0)
    bringing = donations(centre)
    bringing.try_out()
    assert bringing.wrong() == {(5, "", "nothing_counted")}
    assert bringing.bring_in(Mode.ALL)["made"] == 3
    with unit() as session:
        lines = session.execute(
            select(DonationLine.units, DonationLine.as_typed, Item.code, Donation.note)
            .join(Item, Item.id == DonationLine.item_id)
            .join(Donation, Donation.id == DonationLine.donation_id)
            .order_by(Donation.id, DonationLine.id)
        ).all()
    note = "It's a fine day"
    assert [tuple(one) for one in lines] == [
        (7_000, "7 кг", "RICE", note),
        (8, "8 шт", "KIT", note),
        (920, "1 л", "OIL", note),
        (2, "2 шт", "KIT", note),
    ]
    again = donations(centre)
    assert {name: again.try_out()[name] for name in ("new", "same")} == {"new": 0, "same": 3}


@pytest.mark.usefixtures("inside")
def test_a_cell_that_cannot_be_read_is_named_by_its_row_and_column(centre: Centre) -> None:
    bad = DONATIONS.replace(
        "WFP,2022-10-02,Site,W1,2,It's a fine day,0,0.00,,2", "WFP,2022-10-02,,W1,2,,x,,-4,1"
    )
    bringing = donations(centre, bad)
    assert bringing.try_out()["bad"] == 1
    cells = {(one.row, one.column, one.code) for one in bringing.findings() if one.kind == "bad"}
    assert cells == {(4, 6, "quantity_not_a_number"), (4, 8, "quantity_negative")}


@pytest.mark.usefixtures("inside")
def test_what_a_column_counts_is_said_by_a_person_and_remembered(centre: Centre) -> None:
    for said, code in {
        "amount": "thing_of_column_unknown",
        "amount@BUCKWHEAT@кг": "thing_of_column_unknown",
        "amount@RICE@": "unit_of_column_unknown",
        "amount@RICE@л": "unit_of_column_unknown",
    }.items():
        with pytest.raises(DomainError) as refused:
            donations(centre, c6=said)
        assert (refused.value.code, refused.value.facts) == (code, {"column": "G"})
    donations(centre)
    keeper = centre.keeper()
    other = Bringing(keeper, "receipts", DONATIONS.replace("7,70", "9,90").encode(), now=NOW)
    assert other.columns().try_out()["new"] == 3


@pytest.mark.usefixtures("inside")
def test_a_file_of_rows_to_mend_keeps_what_was_said_of_its_columns(centre: Centre, unit: Unit) -> None:
    bringing = donations(centre, DONATIONS.replace("2,It's a fine day,0", "2,It's a fine day,x"))
    bringing.try_out()
    with unit() as session:
        mend = rows_to_mend(queries.find(session, bringing.uid, centre.keeper()))
    again = Bringing(centre.keeper(), "receipts", mend, now=NOW)
    with unit() as session:
        shown = pages.preview(session, queries.find(session, again.uid, centre.keeper()), Choice())
    said = {column + 1: target for column, target in COLUMNS.items() if target}
    assert shown.mapping == {**said, 11: "another"}


@pytest.mark.usefixtures("inside")
def test_only_a_heading_spelled_like_an_item_suggests_it(centre: Centre, unit: Unit) -> None:
    keeper = centre.keeper()
    body = "Склад;Дата;Донор;Рис, кг;Риc (кг);Рис довгий;Комплект"
    bringing = Bringing(keeper, "receipts", f"{body}\nW1;01.10.2022;WFP;1;2;3;4".encode(), now=NOW)
    with unit() as session:
        shown = pages.preview(
            session, queries.find(session, bringing.uid, keeper), Choice(),
            context=Context(keeper, NOW, centre.site),
        )  # fmt: skip
    assert shown.mapping[3] == shown.mapping[4] == RICE
    assert 5 not in shown.mapping and "RICE" in shown.counted[5].near[0]
    assert shown.mapping[6] == "amount@KIT@"  # its unit is still to be said


@pytest.mark.usefixtures("inside")
def test_what_the_page_sends_for_a_column_becomes_its_item_and_unit(centre: Centre, unit: Unit) -> None:
    keeper = centre.keeper()
    body = "Склад;Дата;Донор;Рис у мішках;Різне\nW1;01.10.2022;WFP;2;3".encode()
    bringing = Bringing(keeper, "receipts", body, now=NOW)
    sent = {
        "column-0": "place", "column-1": "arrived_on", "column-2": "donor", "column-3": "amount",
        "thing-3": "Рис (RICE)", "unit-3": "мішок", "column-4": "", "thing-4": "Олія (OIL)", "unit-4": "л",
    }  # fmt: skip
    with unit() as session:
        found = queries.find(session, bringing.uid, keeper)
        shape = pages.preview(session, found, Choice()).shape
        command = to_mapping(bringing.uid, layout("receipts"), sent, len(shape.headings))
    with unit_of_work() as session:
        kept = services.save_mapping(session, command, shape, actor=keeper, now=NOW).mapping
    assert kept == {"0": "place", "1": "arrived_on", "2": "donor", "3": "amount@RICE@мішок"}
    bringing.try_out()
    bringing.bring_in(Mode.ALL)
    with unit() as session:
        assert session.scalars(select(DonationLine.units)).all() == [50_000]  # two bags of 25 kg


@pytest.mark.usefixtures("inside")
def test_shelves_by_place_with_a_column_for_each_item_become_opening_stock(
    centre: Centre, unit: Unit
) -> None:
    """Like he-storage_locations_export.csv."""
    body = "Name;Address;Total Inventory;Рис;Олія\nW1;вул. Нова, 1;30;10;20\nP1;;70;0;30\n".encode()
    bringing = Bringing(centre.keeper(), "opening", body, now=NOW).columns(
        {0: "place", 1: "", 2: "", 3: RICE, 4: OIL}, constants={"donor": "WFP", "arrived_on": "01.10.2022"}
    )
    assert bringing.try_out()["new"] == 2
    assert bringing.bring_in(Mode.ALL)["made"] == 2
    with unit() as session:
        lines = session.execute(select(Donation.place_id, DonationLine.units).join(Donation)).all()
        assert sorted((place, units) for place, units in lines) == sorted(
            [(centre.warehouse, 10_000), (centre.warehouse, 18_400), (centre.point, 27_600)]
        )


@pytest.mark.usefixtures("inside")
def test_a_table_of_months_counts_on_their_last_days_where_that_is_said(centre: Centre, unit: Unit) -> None:
    body = "Місяць;Рис;Термін придатності\nсерпень 2022;1,5;01.01.2024\n09.2022;2;\n".encode()
    keeper = centre.keeper()
    columns = {0: "arrived_on", 1: "amount@RICE@т", 2: "expires_on"}
    constants = {"place": "W1", "donor": "WFP"}
    plain = Bringing(keeper, "receipts", body, now=NOW).columns(columns, constants=constants)
    assert plain.try_out()["bad"] == 2
    bringing = Bringing(keeper, "receipts", body, now=NOW)
    bringing.columns(columns, constants=constants, month_end=True).try_out()
    assert bringing.bring_in(Mode.ALL)["made"] == 2
    with unit() as session:
        days = [f"{one:%d.%m}" for one in session.scalars(select(Donation.arrived_on).order_by(Donation.id))]
    assert days == ["31.08", "30.09"]


@pytest.mark.usefixtures("inside")
def test_rows_of_one_waybill_are_one_receipt_here_too(centre: Centre, unit: Unit) -> None:
    body = (
        "Дата;ТТН;Рис;Олія\n01.10.2022;РН-1;1;\n01.10.2022;РН-1;;2\n01.10.2022;;3;\n01.10.2022;;4;\n".encode()
    )
    bringing = Bringing(centre.keeper(), "receipts", body, now=NOW).columns(
        {0: "arrived_on", 1: "waybill", 2: RICE, 3: OIL}, constants={"place": "W1", "donor": "WFP"}
    )
    assert bringing.try_out()["records"] == 3
    assert bringing.bring_in(Mode.ALL)["made"] == 3


@pytest.mark.usefixtures("inside")
def test_what_left_a_list_since_it_was_chosen_is_named_and_brings_nothing_down(
    centre: Centre, unit: Unit
) -> None:
    rows = "Товар;Кількість\nРис наш;1 кг\nOIL;1 л\n".encode()
    said = {"place": "W1", "donor": "WFP", "arrived_on": "01.10.2022"}
    lines = Bringing(centre.keeper(), "receipts", rows, now=NOW).columns(constants=said)
    lines.try_out()
    with pytest.raises(DomainError) as refused:
        lines.say("item", **{"Рис наш": "NO-SUCH-ITEM"})
    assert refused.value.code == "no_such_meaning"
    lines.say_words({("item", "Рис наш"): "RICE"})
    assert lines.try_out()["new"] == 1
    beside = donations(centre)
    assert beside.try_out()["new"] == 3
    with unit() as session:
        session.execute(update(Item).where(Item.code == "RICE").values(code="RICE-2"))
    assert lines.try_out()["bad"] == 1
    assert lines.wrong() == {(2, "item", "meaning_gone")}
    assert lines.result["unknown"][0]["written"] == "Рис наш"  # to be chosen anew
    with pytest.raises(RowsAreBad):
        beside.bring_in(Mode.ALL)  # the dry run was good; nothing came in, and the page says why
    assert beside.wrong() == {(2, "amount", "thing_gone"), (5, "", "nothing_counted")}
    with unit() as session:
        session.execute(update(Place).where(Place.code == "W1").values(active=False))
    assert beside.bring_in(Mode.GOOD)["made"] == 0
    assert {code for _row, field, code in beside.wrong() if field == "place"} == {"meaning_unknown"}


# -- the files themselves, as their programs wrote them ----------------------------------------------------

LATER = NOW.replace(year=2026)  # they speak of 2025
COUNTED = {
    "A Item": RICE,
    "B Item": OIL,
    "C Item": KIT,
    "Dupe Item": "amount@OIL@кг",
    "E Item": "amount@RICE@т",
}


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize(
    ("name", "columns", "who"),
    [
        (
            "he-donations_export_with_in_kind_values.csv",
            {"Source": "donor", "Date": "arrived_on", "Storage Location": "place", "Comments": "note"},
            ("Product Drive", "Manufacturer", "Donation Site", "Misc. Donation"),
        ),
        (
            "he-purchases_export.csv",
            {"Purchases from": "donor", "Purchased Date": "arrived_on", "Storage Location": "place", "Comment": "note"},
            ("Test Vendor 0", "Test Vendor 1", "Test Vendor 2", "Test Vendor 3"),
        ),
    ],
)  # fmt: skip
def test_what_another_program_exported_comes_in_after_a_dry_run(
    centre: Centre, unit: Unit, name: str, columns: dict[str, str], who: tuple[str, ...]
) -> None:
    body = (DATA / name).read_bytes()
    heads = body.decode().splitlines()[0].split(",")
    said = {at: (columns | COUNTED).get(head, "") for at, head in enumerate(heads)}
    bringing = Bringing(centre.keeper(), "receipts", body, now=LATER).columns(said)
    asked = bringing.try_out()
    assert (asked["new"], asked["bad"], asked["unknown"]) == (0, 4, 5)
    assert bringing.wrong() >= {(2, "donor", "meaning_unknown"), (5, "place", "meaning_unknown")}
    bringing.say_words({("donor", one): "WFP" for one in who} | {("place", "Test Storage Location"): "W1"})
    assert {key: bringing.try_out()[key] for key in ("new", "bad", "findings")} == {
        "new": 4,
        "bad": 0,
        "findings": 0,
    }
    assert bringing.bring_in(Mode.ALL)["made"] == 4
    with unit() as session:
        lines = session.execute(
            select(Item.code, DonationLine.units)
            .join(Item, Item.id == DonationLine.item_id)
            .order_by(DonationLine.donation_id, DonationLine.id)
        ).all()
    assert [tuple(one) for one in lines] == [
        ("RICE", 7_000), ("OIL", 8_000), ("OIL", 920), ("KIT", 2), ("RICE", 3_000_000),
    ]  # fmt: skip
    before = Bringing(centre.keeper(), "receipts", body.replace(b"2025-", b"2026-"), now=NOW).columns(said)
    before.try_out()
    assert {
        code for _row, field, code in before.wrong() if field == "arrived_on"
    } != set()  # ahead of the clock
