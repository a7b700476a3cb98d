"""A counter of somebody else's making: looks at a voucher, hands out less, takes it back, all by the API."""

from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from aidtrack.db import read_session, unit_of_work
from aidtrack.inventory.models import StockBalance
from aidtrack.kernel.actor import Role
from tests.support import world as made
from tests.support.people import bearer
from tests.support.world import World


@pytest.fixture
def world(app: Flask) -> World:
    with app.app_context(), unit_of_work() as session:
        world = made.small_centre(session, due=[("RICE", 500), ("OIL", 920)])
        made.add_vouchers(session, world, 1)
        for item, units in (("RICE", 50_000), ("OIL", 92_000)):
            made.add_lot(session, world, item, units)
    return world


def standing(app: Flask, world: World) -> int:
    with app.app_context():
        total = select(func.sum(StockBalance.units)).where(StockBalance.place_id == world.place_id)
        return int(read_session().scalar(total) or 0)


def test_a_voucher_is_looked_at_partly_collected_and_taken_back(
    app: Flask, client: FlaskClient, world: World
) -> None:
    headers, code = bearer(app, Role.WAREHOUSE, site="DN"), world.codes[0]

    def state() -> str:
        seen = client.get(f"/api/v1/vouchers/{code}", headers=headers).json
        assert seen is not None and sorted((line["item"], line["units"]) for line in seen["lines"]) == [
            ("OIL", 920), ("RICE", 500),
        ]  # fmt: skip
        return str(seen["state"])

    whole = standing(app, world)
    opened = state()
    address = f"/api/v1/handouts/{uuid4()}"
    less = {
        "voucher": code,
        "place": world.place_code,
        "quantities": {"RICE": 300},
        "reason": "мішок порвано",
    }
    unknown = client.put(address, json={**less, "quantities": {"RYE": 1}}, headers=headers)
    assert (unknown.status_code, unknown.json["code"]) == (422, "unknown_item")  # type: ignore[index]
    given = client.put(address, json=less, headers=headers)
    assert given.status_code == 201 and given.json is not None and given.json["partial"]
    lines = {line["item"]: (line["due"], line["units"], line["lots"]) for line in given.json["lines"]}
    assert {item: line[:2] for item, line in lines.items()} == {"RICE": (500, 300), "OIL": (920, 920)}
    assert all(sum(part["units"] for part in lots) == units for _due, units, lots in lines.values())
    assert standing(app, world) == whole - 1_220 and state() != opened

    back = {"id": str(uuid4()), "reason": "не та родина"}
    first, again = (client.post(f"{address}/reversal", json=back, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json is not None and first.json == again.json
    assert (first.json["kind"], first.json["reverses"]) == ("reversal", given.json["id"])
    assert standing(app, world) == whole and state() == opened
