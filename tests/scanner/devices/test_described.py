"""What phones really send and are answered is what the API's description says of /sync/v1, to the letter."""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from aidtrack.db import unit_of_work
from aidtrack.distribution.field import events
from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.distribution.field.reviews import UNDO_WORTH_READING, WORTH_READING
from aidtrack.distribution.models import Device
from aidtrack.distribution.phones.encoding import b64
from aidtrack.distribution.signing import new_private_key
from aidtrack.kernel.errors import DomainError
from aidtrack.scanner.arrivals.described import EVENT, REASONS
from aidtrack.scanner.devices import errors
from aidtrack.scanner.pack.described import HEAD
from tests.scanner.devices.conftest import Hall
from tests.support.field import FieldPhone
from tests.support.phones import Phone

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "pack.json").read_text("utf-8"))
KEY = new_private_key()
# refusals of the manager's pages and of files read in by hand
OF_PAGES = {"place_of_another_site", "already_revoked", "not_an_event_file", "phone_of_none_here"}
ENROL, PACK, EVENTS = "/sync/v1/enrol", "/sync/v1/pack", "/sync/v1/events"
STATUS = "/sync/v1/status"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Answers are asked of both kinds elsewhere."""
    return sqlite_url


@dataclass
class Described:
    """The description as a program reads it, and what was compared with it."""

    app: Flask
    seen: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.document: dict[str, Any] = self.app.test_client().get("/api/v1/openapi.json").get_json()

    def fits(self, schema: dict[str, Any], found: object) -> None:
        whole = {**schema, "components": self.document["components"]}
        assert [error.message for error in jsonschema_rs.validator_for(whole).iter_errors(found)] == []

    def sent(self, path: str, body: dict[str, Any]) -> None:
        [operation] = self.document["paths"][path].values()
        self.fits(operation["requestBody"]["content"]["application/json"]["schema"], body)

    def answered(self, path: str, answer: TestResponse) -> TestResponse:
        """The answer, after it was compared: status, kind, headers, body."""
        [operation] = self.document["paths"][path].values()
        said = operation["responses"].get(str(answer.status_code))
        if said is None:
            assert answer.status_code >= 400, "only refusals have one description for all"
            said = operation["responses"]["default"]
        if "$ref" in said:
            said = self.document["components"]["responses"][said["$ref"].rpartition("/")[2]]
        for name, header in said.get("headers", {}).items():
            self.fits(header["schema"], answer.headers[name])
        if answer.status_code != 304:
            schema = said["content"][answer.mimetype]["schema"]
            octets = answer.mimetype == "application/octet-stream"
            self.fits(schema["x-head"] if octets else schema, head_of(answer.data) if octets else answer.json)
        self.seen.add((path, answer.status_code))
        return answer


def head_of(pack: bytes) -> dict[str, Any]:
    """By docs/sync.md alone; of a refreshed pack too, whose blobs are partly left out."""
    found: dict[str, Any] = json.loads(pack[4 : 4 + int.from_bytes(pack[:4], "big")])
    return found


@dataclass
class Client:
    """A client that is written from the description: compares all that it sends and gets."""

    described: Described
    phone: Phone

    def pack(self, query: str = "", **headers: str) -> TestResponse:
        answer = self.phone.ask(
            PACK + query, headers={name.replace("_", "-"): said for name, said in headers.items()}
        )
        return self.described.answered(PACK, answer)

    def status(self) -> TestResponse:
        return self.described.answered(STATUS, self.phone.ask(STATUS))

    def bring(self, writes: FieldPhone, *, unsent: int | None = None) -> list[str]:
        """All that the phone wrote so far; gives the outcomes."""
        found = [{"body": one.body, "sig": b64(one.signature)} for one in writes.events]
        body = {
            "app": "0.2.0", "unsent": len(found) if unsent is None else unsent, "oldest": None, "mono": 12.5,
            "boot": "b", "now": "2026-11-22T09:00:00.000Z", "events": found,
        }  # fmt: skip
        self.described.sent(EVENTS, body)
        for one in writes.events:
            self.described.fits(EVENT, json.loads(one.body))
        return self.post(json.dumps(body).encode())

    def post(self, body: bytes) -> list[str]:
        answer = self.described.answered(EVENTS, self.phone.ask(EVENTS, method="POST", body=body))
        return [one["outcome"] for one in answer.get_json().get("receipts", [])]


def test_a_phones_whole_life_is_as_described(hall: Hall) -> None:
    described = Described(hall.app)
    phone = enrolled(hall, described)
    client = Client(described, phone)

    pack = client.pack()
    head = head_of(pack.data)
    client.pack(If_None_Match=pack.headers["ETag"])
    client.pack("?have=" + ",".join(f"{one['name']}.{one['hash']}" for one in head["blobs"]))

    writes = FieldPhone(phone.device, head["round"]["id"], head["place"]["id"], phone.key)
    lots = {lot["item"]: lot["code"] for lot in head["lots"]}
    now = datetime.now(UTC)
    due = [("RICE", 500, 500, [(lots["RICE"], 500)]), ("OIL", 920, 920, [(lots["OIL"], 920)])]
    less = [("RICE", 500, 300, [(lots["RICE"], 300)]), ("OIL", 920, 0, [])]
    codes = hall.world.codes
    writes.handout(codes[0], due, est=now, ink="M0 0 L9 9")
    undone = writes.handout(codes[1], less, est=now, collector="proxy", reason="торба порвалася")
    writes.undo(undone, est=now)
    writes.without_voucher(due, est=now)
    writes.handout(codes[0], due, est=now + timedelta(seconds=5))
    assert client.bring(writes) == ["recorded", "recorded", "taken_back", "kept", "extra"]
    assert client.bring(writes)[1] == "undone"

    assert (
        client.post(b'{"events": [null, 7, {"body": "{}", "sig": ""}, {"body": "\\ud800"}]}') == ["kept"] * 4
    )
    client.post(b"[]")
    client.post(json.dumps({"events": [{}] * 501}).encode())
    phone.ahead = timedelta(days=30)
    assert client.pack().get_json()["facts"].keys() == {"server_time"}
    phone.ahead = timedelta(0)
    client.status()
    with hall.app.app_context(), unit_of_work() as session:
        session.execute(update(Device).values(revoked_at=now, revoke_reason="lost"))
    client.post(b'{"events": []}')
    client.status()
    assert described.seen == {
        (ENROL, 201), (ENROL, 404), (ENROL, 410), (ENROL, 422), (PACK, 200), (PACK, 304), (PACK, 401), (EVENTS, 200),
        (EVENTS, 400), (EVENTS, 413), (EVENTS, 403), (STATUS, 200), (STATUS, 403),
    }  # fmt: skip


def enrolled(hall: Hall, described: Described) -> Phone:
    token, phone, other = hall.invite(), Phone(hall.app), Phone(hall.app)
    body = {"invitation": b64(token), "public_key": b64(phone.point), "app": "0.2.0", "name": "Телефон"}
    described.sent(ENROL, body)
    described.answered(ENROL, phone.enrol(token))
    described.answered(ENROL, phone.enrol(token))  # a lost reply: the same device
    for answer in (other.enrol(token), other.enrol(bytes(32)), other.enrol(token, app=None)):
        described.answered(ENROL, answer)
    return phone


def test_the_vectors_for_clients_are_as_described() -> None:
    blobs = [
        {"name": name, "bytes": 1, "hash": b64(bytes(32))} for name in ("void", "collected", "rows", "typed")
    ]
    assert valid(HEAD, {**VECTORS["head"], "blobs": blobs})
    assert not valid(HEAD, {**VECTORS["head"], "blobs": blobs, "names": []})
    assert valid(EVENT, json.loads(VECTORS["event"]["body"]))


def valid(schema: dict[str, Any], found: object) -> bool:
    return bool(jsonschema_rs.validator_for(schema).is_valid(found))


def readable(event: dict[str, Any]) -> bool:
    try:
        events.read(json.dumps(event))
    except events.Unreadable:
        return False
    return True


def written() -> list[dict[str, Any]]:
    phone = FieldPhone("3f0e6c1a-52d7-4d0e-9a43-0c5f2a7e1b01", 3, 2, KEY)
    lines = [("RICE", 500, 500, [("L-1", 500)])]
    at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    first = phone.handout("AID1:AAAA", lines, est=at)
    phone.undo(first, est=at)
    phone.without_voucher(lines, est=at)
    return [json.loads(one.body) for one in phone.events]


@pytest.mark.parametrize("event", written(), ids=lambda event: event["type"])
def test_what_fits_the_description_is_read(event: dict[str, Any]) -> None:
    """The server may take more than it asks for: what happened is recorded."""
    assert valid(EVENT, event) and readable(event)
    for name in event:
        without = {part: said for part, said in event.items() if part != name}
        for changed in (without, {**event, name: ["?"]}, {**event, name: None}, {**event, name: -1}):
            assert valid(EVENT, changed) <= readable(changed), name


def test_the_page_of_the_protocol_names_what_can_be_answered() -> None:
    said = (Path(__file__).parents[3] / "docs" / "sync.md").read_text("utf-8")
    refusals = [
        one.code for one in vars(errors).values() if isinstance(one, type) and issubclass(one, DomainError)
    ]
    on_sync = [code for code in refusals if code not in OF_PAGES]
    names = [*Outcome, *WORTH_READING, *UNDO_WORTH_READING, *HEAD["properties"], *on_sync, *REASONS]
    assert [name for name in names if not re.search(rf"\b{name}\b", said)] == []
