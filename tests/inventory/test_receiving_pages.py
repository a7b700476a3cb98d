"""Receiving through the page: what was typed is read, shown, asked about, and never lost."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from aidtrack.inventory import queries
from aidtrack.inventory.models import Donation, StockEntry, StockLot
from aidtrack.kernel.actor import Role
from tests.inventory.conftest import KG, Centre, Unit, line
from tests.inventory.pages import errors, fields, fill, send
from tests.support.people import client_as

RECEIVE = "/donations/receive"


@pytest.fixture
def keeper(app: Flask, centre: Centre) -> FlaskClient:
    return client_as(app, Role.WAREHOUSE, site="DN")[0]


def typed(centre: Centre, **more: object) -> dict[str, object]:
    return {
        "donor_id": centre.wfp, "place_id": centre.warehouse, "lines__0__item_id": centre.rice,
        "lines__0__quantity": "29,378 т", **more,
    }  # fmt: skip


def test_nothing_is_saved_before_the_person_has_seen_how_it_was_read(
    keeper: FlaskClient, unit: Unit, centre: Centre
) -> None:
    check = fill(keeper, RECEIVE, **typed(centre))
    assert check.status_code == 200
    assert "29\N{NO-BREAK SPACE}378\N{NO-BREAK SPACE}кг" in check.text
    with unit() as session:
        assert session.scalar(select(func.count()).select_from(Donation)) == 0
    saved = send(keeper, RECEIVE, check, step="save")
    assert saved.status_code == 303
    with unit() as session:
        assert [row.units for row in queries.on_hand(session, centre.keeper())] == [29_378 * KG]
    act = keeper.get(saved.headers["Location"])
    assert "DN-R" in act.text
    assert "29,378 т" in act.text


def test_going_back_from_the_check_keeps_everything(keeper: FlaskClient, centre: Centre) -> None:
    check = fill(keeper, RECEIVE, **typed(centre, waybill="ТТН 7", note="мокрий мішок", lines__0__batch="A7"))
    back = send(keeper, RECEIVE, check, step="edit")
    kept = fields(back)
    assert back.status_code == 200
    assert (kept["waybill"], kept["note"].strip(), kept["lines-0-batch"], kept["lines-0-quantity"]) == (
        "ТТН 7", "мокрий мішок", "A7", "29,378 т",
    )  # fmt: skip
    assert kept["command_id"] == fields(check)["command_id"]


def test_two_tabs_with_one_form_make_one_donation_and_show_the_same_page(
    keeper: FlaskClient, unit: Unit, centre: Centre
) -> None:
    check = fill(keeper, RECEIVE, **typed(centre))
    answers = [send(keeper, RECEIVE, check, step="save") for _ in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    with unit() as session:
        assert session.scalar(select(func.count()).select_from(Donation)) == 1
        assert session.scalar(select(func.count()).select_from(StockEntry)) == 1


def test_a_form_sent_again_with_other_content_asks_and_then_makes_a_second_donation(
    keeper: FlaskClient, unit: Unit, centre: Centre
) -> None:
    check = fill(keeper, RECEIVE, **typed(centre))
    send(keeper, RECEIVE, check, step="save")
    asked = send(keeper, RECEIVE, check, step="save", lines__0__quantity="5 кг")
    assert asked.status_code == 409
    assert "вже записано з іншим вмістом" in errors(asked)
    assert fields(asked)["lines-0-quantity"] == "5 кг"
    again = send(keeper, RECEIVE, asked, step="save")
    assert again.status_code == 303
    with unit() as session:
        assert session.scalar(select(func.count()).select_from(Donation)) == 2


def test_a_doubtful_decimal_mark_is_asked_about_and_the_answer_is_taken(
    keeper: FlaskClient, unit: Unit, centre: Centre
) -> None:
    asked = fill(keeper, RECEIVE, **typed(centre, lines__0__quantity="29.378 т"))
    assert asked.status_code == 422
    answers = re.findall(r'name="lines-0-quantity-confirmed" value="([^"]+)"', asked.text)
    assert len(answers) == 2
    thousand = next(answer for answer in answers if answer.startswith("29378000000:"))
    check = send(keeper, RECEIVE, asked, lines__0__quantity__confirmed=thousand, step="check")
    assert check.status_code == 200
    saved = send(keeper, RECEIVE, check, step="save")
    assert saved.status_code == 303
    with unit() as session:
        assert [row.units for row in queries.on_hand(session, centre.keeper())] == [29_378_000 * KG]


def test_five_times_the_usual_line_is_asked_once_more(
    keeper: FlaskClient, unit: Unit, centre: Centre, received: Callable[..., int]
) -> None:
    received(line(centre.rice, 100 * KG))
    asked = fill(keeper, RECEIVE, **typed(centre, lines__0__quantity="500 кг"))
    assert asked.status_code == 422
    assert "ятеро" in errors(asked) or "п’ять разів" in errors(asked)
    answer = re.findall(r'name="lines-0-quantity-confirmed" value="([^"]+)"', asked.text)
    assert answer == ["500000:500 кг"]
    check = send(keeper, RECEIVE, asked, lines__0__quantity__confirmed=answer[0], step="check")
    assert check.status_code == 200
    # an answer counts only for the very text it was given for
    other = send(keeper, RECEIVE, asked, lines__0__quantity__confirmed=answer[0], lines__0__quantity="900 кг")
    assert other.status_code == 422


def test_a_pack_is_the_unit_of_a_bare_number(keeper: FlaskClient, unit: Unit, centre: Centre) -> None:
    page = keeper.get(RECEIVE)
    pack = re.search(r'<option value="(\d+)"[^>]*>мішок 25 кг', page.text)
    assert pack is not None
    check = send(keeper, RECEIVE, page, **typed(centre, lines__0__quantity="12", lines__0__pack_id=pack[1]))
    assert check.status_code == 200
    send(keeper, RECEIVE, check, step="save")
    with unit() as session:
        assert [row.units for row in queries.on_hand(session, centre.keeper())] == [300 * KG]


def test_a_pack_of_another_item_is_refused(keeper: FlaskClient, centre: Centre) -> None:
    page = keeper.get(RECEIVE)
    pack = re.search(r'<option value="(\d+)"[^>]*>мішок 25 кг', page.text)
    assert pack is not None
    refused = send(
        keeper, RECEIVE, page, **typed(centre, lines__0__item_id=centre.kit, lines__0__quantity="12", lines__0__pack_id=pack[1])
    )  # fmt: skip
    assert refused.status_code == 422
    assert "іншого товару" in errors(refused)


def test_lines_are_added_and_left_out_without_a_script(
    keeper: FlaskClient, unit: Unit, centre: Centre
) -> None:
    two = fill(keeper, RECEIVE, **typed(centre), step="add")
    three = send(keeper, RECEIVE, two, lines__1__item_id=centre.oil, lines__1__quantity="7,82 т", step="add")
    again = send(keeper, RECEIVE, three, step="remove-0")
    kept = fields(again)
    assert (kept["lines-0-quantity"], kept["lines-0-item_id"]) == ("7,82 т", str(centre.oil))
    check = send(keeper, RECEIVE, again, step="check")
    assert check.status_code == 200  # the last line is blank and does not count
    send(keeper, RECEIVE, check, step="save")
    with unit() as session:
        assert [(row.item_code, row.units) for row in queries.on_hand(session, centre.keeper())] == [
            ("OIL", 7_820 * KG)
        ]


def test_announced_and_arrived_are_two_figures_and_the_shortage_is_shown(
    keeper: FlaskClient, centre: Centre
) -> None:
    check = fill(keeper, RECEIVE, **typed(centre, lines__0__announced="30 т"))
    assert check.status_code == 200
    assert "622\N{NO-BREAK SPACE}кг" in check.text


def test_a_receipt_is_reversed_with_a_reason_through_its_page(
    keeper: FlaskClient, unit: Unit, centre: Centre, received: Callable[..., int]
) -> None:
    donation_id = received(line(centre.rice, 100 * KG))
    address = f"/donations/{donation_id}"
    page = keeper.get(address)
    without = send(keeper, f"{address}/reverse", page, reason="")
    assert without.status_code == 422
    done = send(keeper, f"{address}/reverse", page, reason="двічі записано")
    assert done.status_code == 303
    assert "двічі записано" in keeper.get(address).text
    twice = send(keeper, f"{address}/reverse", page, reason="двічі записано")
    assert twice.status_code == 422
    with unit() as session:
        assert queries.on_hand(session, centre.keeper()) == []


def test_reading_while_typing(keeper: FlaskClient, centre: Centre) -> None:
    good = keeper.get("/stock/read-quantity", query_string={"text": "29,378 т", "item": centre.rice})
    assert good.json == {"units": 29_378 * KG, "shown": "29\u00a0378\u00a0кг"}
    headers = {"Accept": "application/json"}
    bad = keeper.get(
        "/stock/read-quantity", query_string={"text": "1,2,3", "item": centre.rice}, headers=headers
    )
    assert (bad.status_code, bad.json and bad.json["code"]) == (422, "quantity_not_a_number")
    unknown = keeper.get("/stock/read-quantity", query_string={"text": "1", "item": "99999"}, headers=headers)
    assert unknown.status_code == 404


def test_another_sites_donation_is_missing(
    app: Flask, unit: Unit, centre: Centre, received: Callable[..., int]
) -> None:
    donation_id = received(line(centre.rice, 100 * KG))
    with unit() as session:
        lot_id = session.scalar(select(StockLot.id))
    stranger = client_as(app, Role.WAREHOUSE, site="NK")[0]
    for address in (
        f"/donations/{donation_id}", f"/donations/{donation_id}/act", f"/stock/lots/{lot_id}",
        f"/stock/card/{centre.warehouse}/{centre.rice}", "/donations/424242", "/stock/lots/424242",
    ):  # fmt: skip
        assert stranger.get(address).status_code == 404
