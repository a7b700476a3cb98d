"""`POST /sync/v1/events`: a receipt for each event, whatever is among them; on both databases."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from aidtrack.accounts.models import UserSite
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.field.taking import Sent
from aidtrack.distribution.models import CaseKind, Device, FieldEvent, FieldQuarantine, ReviewCase
from aidtrack.distribution.phones.encoding import b64
from aidtrack.inventory.models import StockLot
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import utc_now
from aidtrack.scanner.arrivals import batches
from tests.support import world as made
from tests.support.field import FieldPhone, id_of
from tests.support.kinds import on_sqlite
from tests.support.people import bearer
from tests.support.phones import Phone
from tests.support.world import World

EVENTS = "/sync/v1/events"


class Crew:
    """A world with one enrolled phone that writes events and brings them."""

    def __init__(self, app: Flask, world: World, lot: str, phone: Phone, place_id: int) -> None:
        self.app, self.world, self.lot, self.phone = app, world, lot, phone
        self.writes = FieldPhone(phone.device, world.round_id, place_id, phone.key)

    def handout(self, n: int, **more: Any) -> Sent:
        lines = [("RICE", 500, 500, [(self.lot, 500)])]
        return self.writes.handout(
            self.world.codes[n], lines, est=utc_now() - timedelta(minutes=30 - n), **more
        )

    def bring(self, *sent: object, **more: Any) -> TestResponse:
        found = [
            {"body": one.body, "sig": b64(one.signature)} if isinstance(one, Sent) else one for one in sent
        ]
        body = json.dumps({"app": "0.2.0", "unsent": len(found), "oldest": None, "events": found, **more})
        return self.phone.ask(EVENTS, method="POST", body=body.encode("utf-8", "surrogatepass"))


@pytest.fixture
def crew(app: Flask) -> Crew:
    with app.app_context(), unit_of_work() as session:
        world = made.small_centre(session)
        made.add_vouchers(session, world, 20)
        lot_id = made.add_lot(session, world, "RICE", 50_000)
        lot = session.execute(select(StockLot.code).where(StockLot.id == lot_id)).scalar_one()
        phone = Phone(app, device=str(uuid4()))
        session.add(UserSite(user_id=world.user_id, site_id=world.site_id))
        session.add(
            Device(
                public_id=phone.device, label="phone", user_id=world.user_id, site_id=world.site_id,
                round_id=world.round_id, place_id=world.place_id, public_key=phone.point, app_version="t",
                enrolled_at=utc_now() - timedelta(days=2), enrolled_by="test",
            )
        )  # fmt: skip
        session.flush()
    return Crew(app, world, lot, phone, world.place_id)


def outcomes(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [receipt["outcome"] for receipt in answer.get_json()["receipts"]]


@pytest.fixture(autouse=True)
def time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """One answer holds every receipt, however busy the machine is."""
    monkeypatch.setattr(batches, "BUDGET_S", 600.0)


def test_every_event_gets_its_receipt_in_its_order(crew: Crew) -> None:
    sent = [crew.handout(n) for n in range(4)]
    answer = crew.bring(*reversed(sent))
    assert outcomes(answer) == ["recorded"] * 4
    receipts = answer.get_json()["receipts"]
    assert [receipt["id"] for receipt in receipts] == [id_of(one) for one in reversed(sent)]
    assert receipts[0]["hash"] == b64(crew.writes.prev or b"")
    assert receipts[0]["title"] == "Записано" and receipts[0]["text"]
    assert crew.bring(*sent).get_json()["receipts"][::-1] == receipts


def test_rubbish_among_events_harms_nobody(crew: Crew) -> None:
    good = crew.handout(0)
    rubbish: list[object] = [
        None, 7, "text", {"x": 1}, {"body": 5}, {"body": "{}", "sig": "=="}, {"body": "\0", "sig": 1},
        {"body": "\ud800", "sig": None}, ["x"] * 50,
    ]  # fmt: skip
    answer = crew.bring(*rubbish, good)
    assert outcomes(answer) == ["kept"] * len(rubbish) + ["recorded"]
    with crew.app.app_context():
        session = read_session()
        assert len(session.scalars(select(FieldQuarantine)).all()) == len(rubbish)


@on_sqlite
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"events": 5}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_batch_is_refused_and_changes_nothing(crew: Crew, body: bytes) -> None:
    assert crew.phone.ask(EVENTS, method="POST", body=body).status_code == 400


@on_sqlite
def test_a_batch_cut_on_the_way_is_not_believed(crew: Crew) -> None:
    body = json.dumps({"events": [{"body": crew.handout(0).body, "sig": ""}]}).encode()
    header = crew.phone.header("POST", EVENTS, body)
    for cut in (1, len(body) // 2, len(body) - 1):
        answer = crew.app.test_client().post(EVENTS, data=body[:cut], headers={"Authorization": header})
        assert (answer.status_code, answer.get_json()["code"]) == (401, "bad_signature")


@on_sqlite
def test_a_batch_too_large_is_refused_as_such(crew: Crew) -> None:
    assert crew.bring(*[{}] * 501).status_code == 413
    assert crew.bring("x" * (2 * 1024 * 1024)).status_code == 413


def test_a_slow_server_answers_for_what_it_took(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BUDGET_S", 0.0)
    monkeypatch.setattr(batches, "FEWEST", 2)
    monkeypatch.setattr(batches, "TOGETHER", 1)
    sent = [crew.handout(n) for n in range(3)]
    assert (
        outcomes(crew.bring(*sent)) == ["recorded"] * 2
    )  # never so slow that a request is read for one event
    assert outcomes(crew.bring(*sent[2:])) == ["recorded"]


def test_a_revoked_phone_is_refused_and_what_it_brought_stays(crew: Crew) -> None:
    crew.bring(crew.handout(0))
    with crew.app.app_context(), unit_of_work() as session:
        device = session.scalars(select(Device)).one()
        device.revoked_at, device.revoke_reason = utc_now(), "lost"
        session.flush()
    answer = crew.bring(crew.handout(1))
    assert (answer.status_code, answer.get_json()["code"]) == (403, "device_revoked")
    with crew.app.app_context():
        assert len(read_session().scalars(select(FieldEvent)).all()) == 1


def test_a_missing_number_is_a_case_once_the_phone_holds_nothing_more_and_only_then(crew: Crew) -> None:
    sent = [crew.handout(n) for n in range(3)]
    crew.bring(sent[0], sent[2], unsent=3)
    assert gaps(crew) == []
    crew.bring(sent[2], unsent=1)
    assert gaps(crew) == [None]
    crew.bring(sent[1], unsent=1)
    assert gaps(crew) == ["by_itself"]


def gaps(crew: Crew) -> list[str | None]:
    with crew.app.app_context():
        found = read_session().scalars(select(ReviewCase).where(ReviewCase.kind == CaseKind.GAP))
        return [case.how.value if case.how else None for case in found]


@on_sqlite
def test_the_device_is_heard(crew: Crew) -> None:
    crew.bring(crew.handout(0), unsent=5, oldest="2026-01-01T00:00:00.000Z")
    with crew.app.app_context():
        device = read_session().scalars(select(Device)).one()
    assert (device.app_version, device.unsent_reported) == ("0.2.0", 4)
    assert device.last_seen_at is not None


@on_sqlite
def test_nobody_signed_in_may_post_events(crew: Crew) -> None:
    token = bearer(crew.app, Role.WAREHOUSE, site="DN")
    assert crew.app.test_client().post(EVENTS, json={"events": []}, headers=token).status_code == 401
