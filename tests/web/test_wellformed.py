"""Crafted bodies and addresses are refused as somebody's mistake, never as a failure of ours."""

import json
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aidtrack.kernel.actor import Role
from tests.support.people import bearer, client_as

HANDOUT = {"voucher": "ABC", "place": "P"}
RECEIPT: dict[str, Any] = {
    "id": str(uuid4()), "place": "P", "donor": "D", "arrived_on": "2022-09-01", "lines": [{"item": "I", "units": 1}],
}  # fmt: skip
BODIES = {
    "half a surrogate pair": json.dumps({**HANDOUT, "place": "\ud800"}),
    "the same in a key": json.dumps({**HANDOUT, "quantities": {"\udfff": 1}}),
    "the character NUL": json.dumps({**HANDOUT, "place": "P\0"}),
    "a number beyond 64 bits": json.dumps({**HANDOUT, "quantities": {"I": 2**63}}),
    "a number of a million digits": '{"voucher":"A","place":"P","quantities":{"I":' + "9" * 1_000_000 + "}}",
    "lists in lists without end": "[" * 200_000,
}
OTHER_BODIES = {
    "NaN": '{"voucher":"A","place":"P","quantities":{"I":NaN}}',
    "infinity": '{"voucher":"A","place":"P","quantities":{"I":1e999}}',
    "a code of 5 000 characters": json.dumps({**HANDOUT, "voucher": "A" * 5_000}),
    "no object": "[]",
    "no JSON": "{",
    "no text at all": b"\xff\xfe",
}


@pytest.mark.parametrize("body", [*BODIES.values(), *OTHER_BODIES.values()], ids=[*BODIES, *OTHER_BODIES])
def test_a_program_is_told_that_its_body_is_wrong(app: Flask, client: FlaskClient, body: str | bytes) -> None:
    headers = {**bearer(app, Role.WAREHOUSE), "Content-Type": "application/json"}
    answer = client.put(f"/api/v1/handouts/{uuid4()}", data=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json is not None and set(answer.json) == {"code", "message", "facts"}


def test_a_stranger_makes_nobody_read_megabytes(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen megabytes of empty lists are four hundred in memory, and enrolling is open to everybody."""
    monkeypatch.setattr("aidtrack.web.wellformed.json.loads", lambda _text: pytest.fail("it was read"))
    body = b"[" + b"[]," * 1_000_000 + b"[]]"
    answer = client.post("/sync/v1/enrol", data=body, content_type="application/json")
    assert answer.status_code == 413
    assert '"too_large"' in answer.text


@pytest.mark.parametrize("field", ["place", "donor", "note"])
def test_receipts_too(app: Flask, client: FlaskClient, field: str) -> None:
    answer = client.post(
        "/api/v1/receipts", json={**RECEIPT, field: "\ud800"}, headers=bearer(app, Role.WAREHOUSE)
    )
    assert answer.status_code == 400


def test_whole_pairs_and_all_of_64_bits_pass(app: Flask, client: FlaskClient) -> None:
    body = json.dumps({**HANDOUT, "reason": "\U0001f35e", "quantities": {"I": 10**12}})
    headers = {**bearer(app, Role.WAREHOUSE), "Content-Type": "application/json"}
    answer = client.put(f"/api/v1/handouts/{uuid4()}", data=body, headers=headers)
    assert answer.json is not None and answer.json["code"] == "invalid_value", "the place is not known"


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.CASEWORKER, "/families/{}"),
        (Role.CASEWORKER, "/vouchers/{}"),
        (Role.WAREHOUSE, "/stock/lots/{}"),
        (Role.REVIEWER, "/donations/{}"),
        (Role.ADMINISTRATOR, "/people/{}"),
    ],
)
def test_a_number_too_long_for_a_row_is_not_found(app: Flask, role: Role, path: str) -> None:
    client, _ = client_as(app, role)
    statuses = {
        client.get(path.format(number)).status_code for number in (10**17, 2**63, 10**30, "9" * 5_000)
    }
    assert statuses == {404}


@pytest.mark.parametrize("path", ["/counter/today?place_id={}", "/counter/?place={}", "/stock?place_id={}"])
def test_nor_does_one_behind_the_question_mark_break_a_page(app: Flask, path: str) -> None:
    client, _ = client_as(app, Role.WAREHOUSE)
    assert {client.get(path.format(number)).status_code for number in (10**30, 2**63, -1, "x")} == {200}


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "31.12.9999"])
def test_a_day_at_the_end_of_time_does_not_break_the_log(app: Flask, day: str) -> None:
    client, _ = client_as(app, Role.REVIEWER)
    assert client.get("/audit", query_string={"since": day, "until": day}).status_code == 200
