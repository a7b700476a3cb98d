"""A phone as the server meets it: enrols with an invitation, signs its requests, reads its pack."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from aidtrack.db import unit_of_work
from aidtrack.distribution.phones import signatures
from aidtrack.distribution.phones.encoding import b64
from aidtrack.distribution.signing import new_private_key, public_key_to_bytes
from aidtrack.kernel.actor import Actor
from aidtrack.scanner.devices import services
from aidtrack.scanner.devices.commands import InvitePhone
from aidtrack.scanner.pack.layout import take_apart


@dataclass
class Phone:
    """A browser with a key. `ahead` is how far its clock is off."""

    app: Flask
    key: ec.EllipticCurvePrivateKey = field(default_factory=new_private_key)
    device: str = ""
    ahead: timedelta = timedelta(0)

    @property
    def point(self) -> bytes:
        return public_key_to_bytes(self.key.public_key())

    def enrol(self, token: bytes, **changes: Any) -> TestResponse:
        body = {
            "invitation": b64(token), "public_key": b64(self.point), "app": "0.2.0", "name": "Тестовий телефон",
        }  # fmt: skip
        answer = self.app.test_client().post("/sync/v1/enrol", json=body | changes)
        if answer.status_code == 201:
            self.device = answer.get_json()["device"]
        return answer

    def header(self, method: str, path: str, body: bytes = b"") -> str:
        now = datetime.now(UTC) + self.ahead
        return signatures.authorization(
            self.key, self.device, method=method, path=path, body=body,
            milliseconds=int(now.timestamp() * 1000), random=secrets.token_bytes(16),
        )  # fmt: skip

    def ask(
        self, path: str, *, method: str = "GET", body: bytes = b"", headers: dict[str, str] | None = None
    ) -> TestResponse:
        """A signed request."""
        sent = {"Authorization": self.header(method, path, body), **(headers or {})}
        if body:
            sent["Content-Type"] = "application/json"
        return self.app.test_client().open(path, method=method, data=body, headers=sent, buffered=True)

    def pack(self) -> tuple[dict[str, Any], dict[str, bytes]]:
        answer = self.ask("/sync/v1/pack")
        assert answer.status_code == 200, answer.text
        return take_apart(answer.data)


def invitation(
    session: Session, *, user_id: int, round_id: int, place_id: int, actor: Actor, now: datetime | None = None
) -> bytes:
    """The 32 bytes of a code as shown on a manager's screen."""
    command = InvitePhone(user_id, round_id, place_id)
    return services.invite(session, command, actor=actor, now=now or datetime.now(UTC)).token


def enrolled(app: Flask, *, user_id: int, round_id: int, place_id: int, actor: Actor) -> Phone:
    """A phone that went through enrolment."""
    with app.app_context(), unit_of_work() as session:
        token = invitation(session, user_id=user_id, round_id=round_id, place_id=place_id, actor=actor)
    phone = Phone(app)
    answer = phone.enrol(token)
    assert answer.status_code == 201, answer.text
    return phone
