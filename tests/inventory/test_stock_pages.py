"""The overview, cards, lots, transfers, losses, counts and the catalogue, as pages."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from aidtrack.inventory import queries
from aidtrack.inventory.models import (
    Agreement,
    Donor,
    Item,
    ItemPack,
    Place,
    Programme,
    StockEntry,
    StockLot,
    Transfer,
)
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now
from tests.inventory.conftest import KG, Centre, Unit, line
from tests.inventory.pages import errors, fields, fill, send
from tests.support.people import client_as

Receive = Callable[..., int]


@pytest.fixture
def keeper(app: Flask, centre: Centre) -> FlaskClient:
    return client_as(app, Role.WAREHOUSE, site="DN")[0]


@pytest.fixture
def administrator(app: Flask, centre: Centre) -> FlaskClient:
    return client_as(app, Role.ADMINISTRATOR, site="DN")[0]


@pytest.fixture
def lot(unit: Unit, centre: Centre, received: Receive) -> int:
    received(
        line(centre.rice, 100 * KG, expires_on=local_date(utc_now()) + timedelta(days=10)),
        arrived_on=date(2022, 9, 1),
    )
    with unit() as session:
        return session.scalars(select(StockLot.id)).one()


def test_an_empty_stock_says_how_to_begin(keeper: FlaskClient) -> None:
    page = keeper.get("/stock")
    assert "Запасів ще немає" in page.text
    assert "/donations/receive" in page.text


def test_a_new_centre_says_where_to_begin_until_a_place_is_there(
    app: Flask, administrator: FlaskClient
) -> None:
    nowhere = client_as(app, Role.ADMINISTRATOR, site="NEW")[0]
    assert "Почніть звідси" in nowhere.get("/").text
    assert "Почніть звідси" not in administrator.get("/").text
    keeper = client_as(app, Role.WAREHOUSE, site="NEW")[0]
    assert "спершу його додає адміністратор" in keeper.get("/donations/receive").text


def test_the_overview_warns_of_expiry_and_opens_every_figure(
    keeper: FlaskClient, centre: Centre, lot: int, received: Receive
) -> None:
    received(line(centre.oil, KG, expires_on=date(2022, 10, 5)))
    page = keeper.get("/stock").text
    assert "1 партія тут прострочена" in page
    assert "У 1 партії термін придатності спливає протягом 30 днів" in page
    assert "100\N{NO-BREAK SPACE}кг" in page
    assert f"/stock/card/{centre.warehouse}/{centre.rice}" in page
    assert f"/stock/lots/{lot}" in page
    assert "Рис" in page.split("<table")[-1]
    narrowed = keeper.get("/stock", query_string={"item_id": centre.kit}).text
    assert "Нічого не знайдено" in narrowed


def test_a_caseworker_and_an_administrator_see_sums_and_no_lots(
    app: Flask, administrator: FlaskClient, centre: Centre, lot: int
) -> None:
    caseworker = client_as(app, Role.CASEWORKER, site="DN")[0]
    for person in (caseworker, administrator):
        page = person.get("/stock")
        assert "100\N{NO-BREAK SPACE}кг" in page.text
        assert "/stock/lots/" not in page.text
        assert person.get(f"/stock/lots/{lot}").status_code == 403


def rows_of(card: str) -> list[list[str]]:
    """The card's lines as they are read: date, document, what happened, donor, in, out, balance; without the lot."""
    found = []
    for row in re.findall(r"<tr>(.*?)</tr>", card.split("<tbody")[1], re.DOTALL):
        cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)
        plain = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]
        found.append([*plain[:3], *plain[4:]])
    return found


def test_the_stock_card_and_the_lot_tell_the_story(keeper: FlaskClient, centre: Centre, lot: int) -> None:
    card = keeper.get(f"/stock/card/{centre.warehouse}/{centre.rice}").text
    assert rows_of(card) == [["01.09.2022", "DN-R22-000001", "Надходження", "WFP", "100 кг", "", "100 кг"]]
    bad = keeper.get(f"/stock/card/{centre.warehouse}/{centre.rice}", query_string={"first_day": "учора"})
    assert bad.status_code == 200
    assert "«учора» – це не дата" in bad.text
    page = keeper.get(f"/stock/lots/{lot}").text
    assert "Надійшло від донора" in page
    assert "01.09.2022" in page


@pytest.mark.usefixtures("trusting")
def test_goods_are_sent_and_received_through_the_pages(
    keeper: FlaskClient, unit: Unit, centre: Centre, lot: int
) -> None:
    new = f"/transfers/new?place_id={centre.warehouse}"
    assert "Звідки вибувають" in keeper.get("/transfers/new").text
    nothing = fill(keeper, new, target_id=centre.point)
    assert (nothing.status_code, "хоча б один рядок" in errors(nothing)) == (422, True)
    too_much = fill(keeper, new, target_id=centre.point, lines__0__quantity="200 кг")
    assert (too_much.status_code, "менше" in errors(too_much)) == (422, True)
    sent = fill(keeper, new, target_id=centre.point, lines__0__quantity="1 мішок")
    assert sent.status_code == 303
    with unit() as session:
        transfer_id = session.scalars(select(Transfer.id)).one()
    address = f"/transfers/{transfer_id}"
    arrival = keeper.get(address)
    assert "У дорозі" in arrival.text
    assert fields(arrival)["lines-0-arrived"] == ""  # typed by the receiver, never copied
    silent = send(keeper, f"{address}/arrival", arrival, lines__0__arrived="24 кг")
    assert (silent.status_code, "причину" in errors(silent)) == (422, True)
    done = send(
        keeper,
        f"{address}/arrival",
        arrival,
        lines__0__arrived="24 кг",
        lines__0__cause="wetting",
        reason="дощ",
    )
    assert done.status_code == 303
    assert "Намокання" in keeper.get(address).text
    with unit() as session:
        rows = queries.on_hand(session, centre.keeper())
    assert {row.place_code: row.units for row in rows} == {"W1": 75 * KG, "P1": 24 * KG}
    assert keeper.get("/transfers").status_code == 200


@pytest.mark.usefixtures("trusting")
def test_nothing_arrived_is_typed_as_zero(keeper: FlaskClient, unit: Unit, centre: Centre, lot: int) -> None:
    fill(
        keeper,
        f"/transfers/new?place_id={centre.warehouse}",
        target_id=centre.point,
        lines__0__quantity="1 мішок",
    )
    with unit() as session:
        transfer_id = session.scalars(select(Transfer.id)).one()
    page = keeper.get(f"/transfers/{transfer_id}")
    done = send(
        keeper, f"/transfers/{transfer_id}/arrival", page, lines__0__arrived="0", reason="машину пограбовано"
    )
    assert done.status_code == 303
    assert "До з’ясування" in keeper.get(f"/stock/lots/{lot}").text


def test_a_loss_is_recorded_and_reversed_through_the_pages(
    keeper: FlaskClient, unit: Unit, centre: Centre, lot: int
) -> None:
    new = f"/stock/losses/new?place_id={centre.warehouse}&lot_id={lot}"
    assert fields(keeper.get(new))["lot_id"] == str(lot)
    bad = fill(keeper, new, quantity="3 шт", cause="wetting", reason="протікає дах")
    assert bad.status_code == 422
    assert fields(bad)["reason"] == "протікає дах"
    done = fill(keeper, new, quantity="2 кг", cause="wetting", reason="протікає дах")
    assert done.status_code == 303
    address = done.headers["Location"]
    entry = keeper.get(address)
    assert "протікає дах" in entry.text
    undone = send(keeper, f"{address}/reverse", entry, reason="знайшлося")
    assert undone.status_code == 303
    assert "знайшлося" in keeper.get(address).text
    assert keeper.get("/stock/losses").status_code == 200
    today = f"{local_date(utc_now()):%d.%m.%Y}"
    card = rows_of(keeper.get(f"/stock/card/{centre.warehouse}/{centre.rice}").text)
    document = card[1][1]
    assert card == [
        ["01.09.2022", "DN-R22-000001", "Надходження", "WFP", "100 кг", "", "100 кг"],
        [today, document, "Втрата протікає дах", "WFP", "", "2 кг", "98 кг"],
        [today, card[2][1], "Втрата ! сторно знайшлося", "WFP", "2 кг", "", "100 кг"],
    ]
    with unit() as session:
        assert [row.units for row in queries.on_hand(session, centre.keeper())] == [100 * KG]


def test_a_large_loss_waits_for_a_second_person_and_leaves_the_stock_as_it_is(
    keeper: FlaskClient, unit: Unit, centre: Centre, lot: int
) -> None:
    new = f"/stock/losses/new?place_id={centre.warehouse}&lot_id={lot}"
    done = fill(keeper, new, quantity="3 кг", cause="theft", reason="зламано замок")
    assert done.headers["Location"] == "/stock/losses"
    assert "другої особи" in keeper.get("/stock/losses").text
    assert "зламано замок" in keeper.get("/approvals").text
    with unit() as session:
        assert [row.units for row in queries.on_hand(session, centre.keeper())] == [100 * KG]


def test_goods_given_away_leave_with_the_recipients_name(
    keeper: FlaskClient, unit: Unit, centre: Centre, lot: int
) -> None:
    new = f"/stock/give-away?place_id={centre.warehouse}"
    done = fill(keeper, new, recipient="Дитяча лікарня", lines__0__quantity="2 мішки")
    assert done.status_code == 303
    assert "Дитяча лікарня" in keeper.get(done.headers["Location"]).text
    with unit() as session:
        assert [row.units for row in queries.on_hand(session, centre.keeper())] == [50 * KG]


def test_a_count_is_blind_and_posts_the_difference(
    keeper: FlaskClient, unit: Unit, centre: Centre, lot: int
) -> None:
    address = f"/stock/count/{centre.warehouse}/{lot}"
    page = keeper.get(address)
    assert "100\N{NO-BREAK SPACE}кг" not in page.text
    done = send(keeper, address, page, counted="98 кг", reason="щомісячна звірка")
    assert done.status_code == 303
    late = send(keeper, address, page, counted="97 кг", reason="щомісячна звірка", command_id=None)
    assert late.status_code == 422
    assert "запас цієї партії змінився" in errors(late)
    with unit() as session:
        assert [row.units for row in queries.on_hand(session, centre.keeper())] == [98 * KG]


def test_a_lot_is_held_back_with_a_reason(keeper: FlaskClient, unit: Unit, lot: int) -> None:
    address = f"/stock/lots/{lot}"
    page = keeper.get(address)
    refused = send(keeper, f"{address}/status", page, status="quarantined", reason="")
    assert refused.status_code == 422
    done = send(keeper, f"{address}/status", page, status="quarantined", reason="чекаємо на аналіз")
    assert done.status_code == 303
    assert "На карантині" in keeper.get(address).text


def test_an_arrival_and_a_handout_of_the_ledger_have_their_page(
    keeper: FlaskClient, unit: Unit, lot: int
) -> None:
    with unit() as session:
        entry_id = session.scalars(select(StockEntry.id)).one()
    assert "Акт приймання" in keeper.get(f"/stock/entries/{entry_id}").text
    assert keeper.get("/stock/entries/424242").status_code == 404


def test_the_catalogue_is_filled_in_and_corrected(
    administrator: FlaskClient, unit: Unit, centre: Centre
) -> None:
    names = {"name_uk": "Пробний", "name_en": "Trial"}
    made = [
        fill(administrator, "/catalogue/donors/new", code="unicef", edrpou="", **names),
        fill(administrator, "/catalogue/agreements/new", donor_id=centre.ministry, number="M-2", title_uk="Угода",
             title_en="Agreement", signed_on="2022-09-01"),
        fill(administrator, "/catalogue/programmes/new", code="HYG", agreement_ids=centre.agreement, **names),
        fill(administrator, "/catalogue/items/new", code="SOAP", base_unit="piece", **names),
        fill(administrator, f"/catalogue/items/{centre.oil}/packs/new", code="bottle", holds="0,92 кг", **names),
        fill(administrator, "/catalogue/places/new", code="P2", kind="point", **names),
    ]  # fmt: skip
    assert [answer.status_code for answer in made] == [303] * 6
    with unit() as session:
        assert session.scalar(select(Donor.name_en).where(Donor.code == "UNICEF")) == "Trial"
        assert session.scalar(select(Agreement.donor_id).where(Agreement.number == "M-2")) == centre.ministry
        assert session.scalar(select(Programme.id).where(Programme.code == "HYG"))
        assert session.scalar(select(Item.base_unit).where(Item.code == "SOAP")) == "piece"
        assert session.scalar(select(ItemPack.units).where(ItemPack.item_id == centre.oil)) == 920
        assert session.scalar(select(Place.site_id).where(Place.code == "P2")) == centre.site
    renamed = fill(administrator, f"/catalogue/donors/{centre.wfp}", name_uk="ВПП ООН")
    assert renamed.status_code == 303
    assert "ВПП ООН" in administrator.get("/catalogue").text


@pytest.mark.parametrize(
    ("address", "typed", "sentence"),
    [
        ("/catalogue/donors/new", {"code": "WFP"}, "уже"),
        ("/catalogue/donors/new", {"code": "ВПП"}, "латинських"),
        ("/catalogue/donors/new", {"code": "X1", "edrpou": "12345670"}, "ЄДРПОУ"),
        ("/catalogue/donors/new", {"code": "X1", "name_uk": ""}, "Назва українською"),
        ("/catalogue/items/{rice}", {"base_unit": "piece"}, "не змінюється"),
        ("/catalogue/items/{rice}/packs/new", {"code": "bag", "holds": "5 шт"}, "не підходить"),
    ],
)
def test_a_wrong_entry_of_the_catalogue_is_refused_and_kept(
    administrator: FlaskClient, centre: Centre, address: str, typed: dict[str, str], sentence: str
) -> None:
    names = {"name_uk": "Пробний", "name_en": "Trial"}
    refused = fill(administrator, address.format(rice=centre.rice), **{**names, **typed})
    assert refused.status_code == 422
    assert sentence in errors(refused) or sentence.capitalize() in errors(refused)
    assert fields(refused)["name_en"] == "Trial"


def test_a_place_with_goods_is_not_closed(administrator: FlaskClient, centre: Centre, lot: int) -> None:
    refused = fill(administrator, f"/catalogue/places/{centre.warehouse}", active=None)
    assert refused.status_code == 422
    assert "Тут ще є товари" in errors(refused)


def test_the_warehouse_does_not_keep_the_catalogue(keeper: FlaskClient) -> None:
    assert keeper.get("/catalogue").status_code == 403
    assert keeper.post("/catalogue/donors/new", data={}).status_code in (400, 403)


@pytest.mark.parametrize(
    "address", ["/stock", "/donations", "/transfers", "/stock/losses", "/donations/receive"]
)
def test_every_page_speaks_english_too(keeper: FlaskClient, lot: int, address: str) -> None:
    page = keeper.get(address)
    token = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert token is not None
    keeper.post("/language", data={"csrf_token": token[1], "language": "en", "next": address})
    english = keeper.get(address)
    assert english.status_code == 200
    assert '<html lang="en">' in english.text
