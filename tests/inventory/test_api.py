"""Stock and receipts for programs."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from aidtrack.inventory.models import Donation, StockLot
from aidtrack.kernel.actor import Role
from aidtrack.kernel.ids import new_uuid
from tests.inventory.conftest import KG, Centre, Unit, line
from tests.support.people import bearer

STOCK, RECEIPTS = "/api/v1/stock", "/api/v1/receipts"


@pytest.fixture
def token(app: Flask, centre: Centre) -> dict[str, str]:
    return bearer(app, Role.WAREHOUSE, site="DN")


def body_of(answer: TestResponse) -> Any:
    assert answer.json is not None
    return answer.json


def receipt(**changes: Any) -> dict[str, Any]:
    return {
        "id": str(new_uuid()), "place": "W1", "donor": "WFP", "arrived_on": "2022-10-03", "agreement": "WFP-1",
        "lines": [{"item": "RICE", "units": 29_378 * KG, "expires_on": "2023-09-01", "batch": "A7"}], **changes,
    }  # fmt: skip


def test_stock_is_told_by_place_item_lot_and_donor_in_base_units(
    client: FlaskClient, token: dict[str, str], centre: Centre, received: Callable[..., int]
) -> None:
    received(line(centre.rice, 5 * KG), line(centre.kit, 3))
    received(line(centre.oil, KG), donor_id=centre.ministry)
    rows = body_of(client.get(STOCK, headers=token))
    assert [(row["item"], row["unit"], row["donor"], row["on_hand"]) for row in rows] == [
        ("KIT", "piece", "WFP", 3), ("OIL", "g", "MIN", KG), ("RICE", "g", "WFP", 5 * KG),
    ]  # fmt: skip
    for query, expected in (
        ({"item": "rice"}, ["RICE"]), ({"donor": "MIN"}, ["OIL"]), ({"place": "P1"}, []),
        ({"lot": rows[0]["lot"]}, ["KIT"]), ({"place": "W1", "item": "KIT"}, ["KIT"]),
    ):  # fmt: skip
        assert [
            row["item"] for row in body_of(client.get(STOCK, query_string=query, headers=token))
        ] == expected


def test_the_first_receipt_answers_201_and_every_repetition_200_with_the_same(
    client: FlaskClient, token: dict[str, str], unit: Unit, centre: Centre
) -> None:
    body = receipt()
    answers = [client.post(RECEIPTS, json=body, headers=token) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert body_of(answers[0]) == body_of(answers[1]) == body_of(answers[2])
    with unit() as session:
        assert session.scalar(select(func.count()).select_from(Donation)) == 1
        lot = session.scalars(select(StockLot)).one()
    assert body_of(answers[0])["lines"] == [
        {"item": "RICE", "unit": "g", "units": 29_378 * KG, "lot": lot.code}
    ]
    assert (lot.agreement_id, lot.batch) == (centre.agreement, "A7")


def test_the_same_id_with_another_body_is_a_conflict(client: FlaskClient, token: dict[str, str]) -> None:
    body = receipt()
    client.post(RECEIPTS, json=body, headers=token)
    other = client.post(RECEIPTS, json={**body, "note": "another"}, headers=token)
    assert (other.status_code, body_of(other)["code"]) == (409, "command_reused")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"donor": "NOBODY"}, 422, "unknown_code"),
        ({"place": "NOWHERE"}, 422, "unknown_code"),
        ({"place": "W2"}, 404, "not_found"),
        ({"agreement": "WFP-9"}, 422, "unknown_code"),
        ({"earmarked": True}, 422, "earmark_needs_programme"),
        ({"arrived_on": "2099-01-01"}, 422, "date_ahead"),
        ({"lines": []}, 422, "invalid_body"),
        ({"lines": [{"item": "RICE", "units": 0}]}, 422, "invalid_body"),
        ({"lines": [{"item": "RICE", "units": -5}]}, 422, "invalid_body"),
        ({"lines": [{"item": "RICE", "units": 1.5}]}, 422, "invalid_body"),
        ({"lines": [{"item": "RICE", "units": "5"}]}, 422, "invalid_body"),
        ({"lines": [{"item": "RICE", "units": 10**12 + 1}]}, 422, "invalid_body"),
        ({"lines": [{"item": "RICE", "units": 5, "expires_on": "2020-01-01"}]}, 422, "expired_on_arrival"),
        ({"id": "not a uuid"}, 422, "invalid_body"),
        ({"surprise": 1}, 422, "invalid_body"),
    ],
)
def test_a_receipt_that_cannot_be_is_refused_with_its_code(
    client: FlaskClient, token: dict[str, str], unit: Unit, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = client.post(RECEIPTS, json=receipt(**changes), headers=token)
    assert (answer.status_code, body_of(answer)["code"]) == (status, code)
    assert body_of(answer)["message"]
    assert set(body_of(answer)) == {"code", "message", "facts"}
    with unit() as session:
        assert session.scalar(select(func.count()).select_from(Donation)) == 0


@pytest.mark.parametrize(
    ("role", "stock", "receipts"),
    [
        (Role.CASEWORKER, 403, 403),
        (Role.DONOR_LIAISON, 200, 403),
        (Role.REVIEWER, 200, 403),
        (Role.WAREHOUSE, 200, 201),
    ],
)
def test_each_role_gets_what_it_may(
    app: Flask, client: FlaskClient, centre: Centre, role: Role, stock: int, receipts: int
) -> None:
    headers = bearer(app, role, site="DN", donor_ids=[centre.wfp] if role is Role.DONOR_LIAISON else ())
    assert client.get(STOCK, headers=headers).status_code == stock
    assert client.post(RECEIPTS, json=receipt(), headers=headers).status_code == receipts


def test_without_a_token_nothing_is_told(client: FlaskClient, centre: Centre) -> None:
    assert client.get(STOCK).status_code == 401
    assert client.post(RECEIPTS, json=receipt()).status_code == 401


def test_a_program_sees_its_own_site_and_its_own_donors(
    app: Flask, client: FlaskClient, centre: Centre, received: Callable[..., int]
) -> None:
    received(line(centre.rice, 5 * KG))
    received(line(centre.kit, 3), donor_id=centre.ministry)
    elsewhere = bearer(app, Role.WAREHOUSE, site="NK")
    liaison = bearer(app, Role.DONOR_LIAISON, site="DN", donor_ids=[centre.ministry])
    assert body_of(client.get(STOCK, headers=elsewhere)) == []
    assert [row["item"] for row in body_of(client.get(STOCK, headers=liaison))] == ["KIT"]


def test_the_description_names_both(client: FlaskClient) -> None:
    described = body_of(client.get("/api/v1/openapi.json"))
    assert {"get"} <= set(described["paths"][STOCK])
    assert {"201", "200", "409"} <= set(described["paths"][RECEIPTS]["post"]["responses"])
