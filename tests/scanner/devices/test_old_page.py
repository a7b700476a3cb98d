"""A page that was opened long ago, with the server of today; and a page that is newer than the server."""

import json
import re
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from aidtrack.db import read_session
from aidtrack.distribution.phones.encoding import b64
from aidtrack.distribution.phones.signatures import EVENT_LABEL, sign
from aidtrack.inventory.models import StockLot
from aidtrack.scanner.arrivals import batches
from aidtrack.scanner.pack.layout import take_apart
from tests.scanner.devices.conftest import Hall
from tests.support.field import as_moment
from tests.support.phones import Phone

OLD = json.loads((Path(__file__).parents[2] / "vectors" / "sync_v1.json").read_text(encoding="utf-8"))
READ = OLD["read"]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What requests and answers look like is the same on both databases."""
    return sqlite_url


@pytest.fixture(autouse=True)
def time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """One answer holds every receipt, however busy the machine is."""
    monkeypatch.setattr(batches, "BUDGET_S", 600.0)


def filled(text: str, own: dict[str, Any]) -> str:
    return re.sub("«([^»]+)»", lambda found: str(own[found[1]]), text)


def written(hall: Hall, phone: Phone, pack: str) -> list[str]:
    """The recorded bodies as this phone's own, chained."""
    with hall.app.app_context():
        lots = {lot.code: lot.item_id for lot in read_session().scalars(select(StockLot))}
    of_item = {item_id: code for code, item_id in lots.items()}
    own = {
        "device": phone.device, "round": hall.world.round_id, "place": hall.world.place_id, "pack": pack,
        "rice": of_item[hall.world.item_ids["RICE"]], "oil": of_item[hall.world.item_ids["OIL"]],
        "token 0": hall.world.codes[0], "token 1": hall.world.codes[1], "prev": "",
    }  # fmt: skip
    bodies: list[str] = []
    for body in OLD["bodies"]:
        own["wall"] = as_moment(datetime.now(UTC))
        bodies.append(filled(body, own))
        own["prev"] = b64(sha256(bodies[-1].encode()).digest())
    return bodies


def bring(phone: Phone, bodies: list[str], **more: Any) -> TestResponse:
    events = [
        {"body": body, "sig": b64(sign(phone.key, EVENT_LABEL + body.encode())), **more} for body in bodies
    ]
    said = filled(json.dumps(OLD["events"], ensure_ascii=False), {"wall": as_moment(datetime.now(UTC))})
    whole = {**json.loads(said), "events": events, **more}
    return phone.ask("/sync/v1/events", method="POST", body=json.dumps(whole).encode())


def test_a_page_of_the_first_version_is_served_all_its_day(hall: Hall) -> None:
    phone = Phone(hall.app)
    own = {"invitation": b64(hall.invite()), "key": b64(phone.point)}
    said = json.loads(filled(json.dumps(OLD["enrol"], ensure_ascii=False), own))
    answer = hall.app.test_client().post("/sync/v1/enrol", json=said)
    assert answer.status_code == 201
    enrolled = answer.get_json()
    phone.device = enrolled["device"]
    assert set(READ["enrol"]) <= enrolled.keys()
    assert set(READ["place"]) <= enrolled["place"].keys()
    assert set(READ["round"]) <= enrolled["round"].keys()
    head, blobs = take_apart(phone.ask(OLD["pack"]).data)
    assert head["v"] == 1
    assert set(READ["head"]) <= head.keys()
    assert set(READ["blobs"]) <= blobs.keys()
    bodies = written(hall, phone, head["serial"])
    answer = bring(phone, bodies)
    assert set(READ["events"]) <= answer.get_json().keys()
    receipts = answer.get_json()["receipts"]
    assert [receipt["outcome"] for receipt in receipts] == OLD["outcomes"]
    for receipt, body in zip(receipts, bodies, strict=True):
        assert set(READ["receipt"]) <= receipt.keys()
        assert (receipt["id"], receipt["hash"]) == (
            json.loads(body)["id"],
            b64(sha256(body.encode()).digest()),
        )


def test_what_a_newer_page_says_besides_is_passed_over_and_a_newer_event_is_kept_with_words(
    hall: Hall,
) -> None:
    phone = Phone(hall.app)
    assert phone.enrol(hall.invite(), of_tomorrow={"rain": True}).status_code == 201
    first, _part, undo, _without = written(hall, phone, phone.pack()[0]["serial"])
    more = {"weather": {"rain": True}, "of_tomorrow": [1, 2]}
    wider = json.dumps({**json.loads(first), **more}, ensure_ascii=False)
    later = json.dumps({**json.loads(undo), **more, "v": 2, "seq": 2, "type": "exchange"}, ensure_ascii=False)
    answer = bring(phone, [wider, later], **more)
    recorded, kept = answer.get_json()["receipts"]
    assert recorded["outcome"] == "recorded"
    assert (kept["outcome"], kept["reason"], kept["id"]) == ("kept", "other_version", json.loads(later)["id"])
    assert kept["title"] and kept["text"]
