"""A phone that hands out without a network: writes events as the protocol says, and keeps what it wrote."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import insert
from sqlalchemy.orm import Session

from aidtrack.distribution.field import services
from aidtrack.distribution.field.devices import device_by
from aidtrack.distribution.field.receipts import EventReceipt
from aidtrack.distribution.field.taking import Sent
from aidtrack.distribution.models import CameBy, Device
from aidtrack.distribution.phones.encoding import b64
from aidtrack.distribution.phones.signatures import EVENT_LABEL, sign
from aidtrack.distribution.signing import new_private_key, public_key_to_bytes

Line = tuple[str, int, int, Sequence[tuple[str, int]]]  # item, due, given, (lot, units)


def as_moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class FieldPhone:
    """Its events in the order they were made; `sent` is what goes over the wire."""

    device: str
    round_id: int
    place_id: int
    key: ec.EllipticCurvePrivateKey
    seq: int = 0
    prev: bytes | None = None
    new_id: Callable[[], UUID] = uuid4
    events: list[Sent] = field(default_factory=list)

    def write(self, body: dict[str, Any]) -> Sent:
        """Number, chain and sign a body; the text is written once."""
        self.seq += 1
        whole = {
            "v": 1, "id": str(self.new_id()), "device": self.device, "seq": self.seq,
            "prev": b64(self.prev) if self.prev else None, "round": self.round_id, "place": self.place_id,
            "pack": "p-1", "app": "test", "mono": 1.5, "boot": str(uuid4()), **body,
        }  # fmt: skip
        whole.setdefault("wall", whole["est"])
        text = json.dumps(whole, ensure_ascii=False)
        self.prev = sha256(text.encode()).digest()
        sent = Sent(text, sign(self.key, EVENT_LABEL + text.encode()))
        self.events.append(sent)
        return sent

    def handout(
        self,
        token: str,
        lines: Sequence[Line],
        *,
        est: datetime,
        changes: dict[str, Any] | None = None,
        **more: Any,
    ) -> Sent:
        """`changes` replace what would be right."""
        return self.write(
            {
                "type": "handout", "token": token, "entered": "camera", "est": as_moment(est),
                "lines": [
                    {"item": item, "due": due, "units": units,
                     "lots": [{"lot": lot, "units": part} for lot, part in lots]}
                    for item, due, units, lots in lines
                ],
                "collector": "head", "reason": None, "ink": None, **more, **(changes or {}),
            }
        )  # fmt: skip

    def undo(self, of: Sent, *, est: datetime, **more: Any) -> Sent:
        return self.write(
            {"type": "undo", "of": id_of(of), "reason": "mistaken", "est": as_moment(est), **more}
        )

    def without_voucher(
        self, lines: Sequence[Line], *, est: datetime, changes: dict[str, Any] | None = None
    ) -> Sent:
        return self.write(
            {
                "type": "without_voucher", "supervisor": 1, "code_proof": b64(b"x" * 32), "est": as_moment(est),
                "family": {"name": "Тестенко О.", "paper": "—"}, "reason": "paper burnt", "collector": "head",
                "lines": [
                    {"item": item, "due": due, "units": units,
                     "lots": [{"lot": lot, "units": part} for lot, part in lots]}
                    for item, due, units, lots in lines
                ],
                **(changes or {}),
            }
        )  # fmt: skip


def id_of(sent: Sent) -> str:
    return str(json.loads(sent.body)["id"])


def add_phone(
    session: Session, *, user_id: int, site_id: int, round_id: int, place_id: int, enrolled_at: datetime
) -> FieldPhone:
    """A device as bare rows: enrolment is somebody else's test."""
    key = new_private_key()
    public_id = str(uuid4())
    session.execute(
        insert(Device).values(
            public_id=public_id, label="phone", user_id=user_id, site_id=site_id, round_id=round_id,
            place_id=place_id, public_key=public_key_to_bytes(key.public_key()), app_version="test",
            enrolled_at=enrolled_at, enrolled_by="test",
        )
    )  # fmt: skip
    return FieldPhone(public_id, round_id, place_id, key)


def bring(
    session: Session, phone: FieldPhone, sent: Sent, *, now: datetime, came_by: CameBy = CameBy.SYNC
) -> EventReceipt:
    """One event taken in the caller's unit, carried by that phone."""
    carrier = device_by(session, phone.device)
    assert carrier is not None
    return services.take(session, sent, carrier=carrier, came_by=came_by, now=now)


EARLIER = timedelta(days=1)
