"""The server dies in the middle of a batch; the phone, which was told nothing, sends all of it again."""

import http.client
import json
import time
from datetime import timedelta
from pathlib import Path
from secrets import token_bytes

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from aidtrack.accounts.models import UserSite
from aidtrack.app import create_app
from aidtrack.audit import INVARIANTS
from aidtrack.config import load
from aidtrack.db import db, read_session, unit_of_work
from aidtrack.distribution.field.taking import Sent
from aidtrack.distribution.models import FieldEvent, Handout
from aidtrack.distribution.phones.encoding import b64
from aidtrack.distribution.phones.signatures import authorization
from aidtrack.inventory.models import StockLot
from aidtrack.kernel.clock import utc_now
from tests.support import world as made
from tests.support.field import FieldPhone, add_phone
from tests.support.nursery import Nursery
from tests.support.product import environment

EVENTS = "/sync/v1/events"


def request(phone: FieldPhone, sent: list[Sent]) -> tuple[bytes, dict[str, str]]:
    """Body and headers."""
    events = [{"body": one.body, "sig": b64(one.signature)} for one in sent]
    body = json.dumps({"unsent": len(events), "events": events}).encode()
    signed = authorization(
        phone.key, phone.device, method="POST", path=EVENTS, body=body, milliseconds=int(time.time() * 1000),
        random=token_bytes(16),
    )  # fmt: skip
    return body, {"Authorization": signed, "Content-Type": "application/json"}


def gets_an_answer(port: int, phone: FieldPhone, sent: list[Sent]) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    try:
        connection.request("POST", EVENTS, *request(phone, sent))
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def post_all(app: Flask, phone: FieldPhone, sent: list[Sent]) -> list[str]:
    """The outcomes; as a phone does: what a slow server gave no receipt for yet is sent again."""
    outcomes: list[str] = []
    while len(outcomes) < len(sent):
        body, headers = request(phone, sent[len(outcomes) :])
        answer = app.test_client().post(EVENTS, data=body, headers=headers)
        assert answer.status_code == 200, answer.text
        receipts = answer.get_json()["receipts"]
        assert receipts, "an answer gives at least one receipt"
        outcomes += [receipt["outcome"] for receipt in receipts]
    return outcomes


# the fewest and the most that are on disk by then: what was to be told next must be, the rest of its group may be;
# of an unfinished group nothing, or what the database commits alone
@pytest.mark.parametrize(
    ("dying", "kept"),
    [
        ("tests.proofs.dying", {"sqlite": (4, 6), "postgresql": (4, 6)}),
        ("tests.proofs.dying_within", {"sqlite": (0, 3), "postgresql": (0, 3)}),
    ],
)
def test_a_server_killed_between_commit_and_reply_loses_and_doubles_nothing(
    servers: Nursery, database_url: str, tmp_path: Path, dying: str, kept: dict[str, tuple[int, int]]
) -> None:
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    app = create_app(load(environment(database_url, tmp_path)))
    with app.app_context():
        with unit_of_work() as session:
            world = made.small_centre(session)
            session.execute(insert(UserSite).values(user_id=world.user_id, site_id=world.site_id))
            made.add_vouchers(session, world, 6)
            lot_id = made.add_lot(session, world, "RICE", 10_000)
            lot = session.execute(select(StockLot.code).where(StockLot.id == lot_id)).scalar_one()
            phone = add_phone(
                session, user_id=world.user_id, site_id=world.site_id, round_id=world.round_id,
                place_id=world.place_id, enrolled_at=utc_now() - timedelta(days=1),
            )  # fmt: skip
        sent = [
            phone.handout(code, [("RICE", 500, 500, [(lot, 500)])], est=utc_now() - timedelta(minutes=9 - n))
            for n, code in enumerate(world.codes)
        ]
        server = servers.start(database_url, application=dying)
        servers.wait_for(server)
        assert not gets_an_answer(server.port, phone, sent)
        there = read_session().execute(select(func.count()).select_from(FieldEvent)).scalar_one()
        db.session.remove()
        assert kept[kind][0] <= there <= kept[kind][1]
        server.kill()
        # the application of this process is the server that comes after: it finds what the dead one left
        assert post_all(app, phone, sent) == ["recorded"] * 6
        assert post_all(app, phone, sent[::-1]) == ["recorded"] * 6
        session = read_session()
        assert session.scalar(select(func.count()).select_from(Handout)) == 6
        assert made.handed_out(session, lot_id) == 3_000
        assert [breach for check in app.extensions[INVARIANTS] for breach in check(session)] == []
        db.session.remove()
        db.engine.dispose()
