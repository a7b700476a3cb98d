"""The two parts that speak with each other, a phone and the server; a planted bug replaces one of them."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.db.prepared import UNIT_CURSOR
from aidtrack.distribution.field import services
from aidtrack.distribution.field.devices import FieldDevice, device_by
from aidtrack.distribution.field.receipts import EventReceipt
from aidtrack.distribution.field.taking import Sent
from aidtrack.distribution.models import CameBy, FieldEvent, FieldQuarantine
from aidtrack.distribution.phones.encoding import b64
from aidtrack.scanner.arrivals.batches import sent_of
from tests.proofs.field_clock import Clock
from tests.support.field import FieldPhone, as_moment, id_of


class Broken(AssertionError):
    """A promise of docs/sync.md does not hold."""


class Crash(Exception):
    """The server dies at this point."""


class Server:
    """The real services behind a batch; a savepoint stands for a transaction's commit."""

    def __init__(self, session: Session, rng: random.Random, *, crashing: float) -> None:
        self.session, self.rng, self.crashing = session, rng, crashing
        self.devices: dict[str, FieldDevice] = {}

    def post(self, device: str, request: bytes, now: datetime) -> tuple[int, bytes]:
        """Answer one batch; may crash between any two events, before or after a commit."""
        try:
            said = json.loads(request)
        except ValueError:
            return 400, b"{}"
        receipts = [self.receive(sent_of(found), self.device(device), now) for found in said["events"]]
        answer = {
            "receipts": [
                {"id": one.id, "hash": b64(one.hash), "outcome": one.outcome.value} for one in receipts
            ],
            "server_time": as_moment(now),
        }
        return 200, json.dumps(answer).encode()

    def receive(self, sent: Sent, carrier: FieldDevice, now: datetime) -> EventReceipt:
        with self.commit():
            receipt = services.take(self.session, sent, carrier=carrier, came_by=CameBy.SYNC, now=now)
            self.maybe_crash()
        self.maybe_crash()
        return receipt

    def maybe_crash(self) -> None:
        if self.rng.random() < self.crashing:
            raise Crash

    @contextmanager
    def commit(self) -> Iterator[None]:
        cursor = self.session.info[UNIT_CURSOR][1]
        cursor.execute("SAVEPOINT sim")
        try:
            yield
        except BaseException:
            cursor.execute("ROLLBACK TO SAVEPOINT sim")
            cursor.execute("RELEASE SAVEPOINT sim")
            raise
        cursor.execute("RELEASE SAVEPOINT sim")

    def device(self, public_id: str) -> FieldDevice:
        if public_id not in self.devices:
            found = device_by(self.session, public_id)
            assert found is not None
            self.devices[public_id] = found
        return self.devices[public_id]

    def holds(self, sent: Sent) -> bool:
        """Whether the event is durably here: taken, or kept raw."""
        taken = select(func.count()).where(FieldEvent.event_id == id_of(sent))
        kept = select(func.count()).where(FieldQuarantine.raw_hash == sha256(sent.body.encode()).digest())
        return bool(self.session.scalar(taken) or self.session.scalar(kept))


@dataclass
class Phone:
    """What a phone does by docs/sync.md: it deletes an event only on a receipt that names it."""

    writes: FieldPhone
    place: str
    clock: Clock
    outbox: list[Sent] = field(default_factory=list)
    handed: list[tuple[Sent, dict[str, int]]] = field(default_factory=list)

    def keep(self, sent: Sent) -> None:
        self.outbox.append(sent)

    def request(self, rng: random.Random) -> bytes:
        """Some of what it holds, in any order: batches are resumable."""
        chosen = rng.sample(self.outbox, rng.randint(1, len(self.outbox)))
        found = [{"body": one.body, "sig": b64(one.signature)} for one in chosen]
        return json.dumps({"unsent": len(self.outbox), "events": found}, ensure_ascii=False).encode()

    def answered(self, status: int, reply: bytes, now: datetime) -> list[Sent]:
        """Read a reply; gives what was deleted because of it."""
        try:
            said = json.loads(reply)
            if "server_time" in said:  # also of a refusal that says that the clock is wrong
                self.clock.heard(now)
            receipts = said["receipts"] if status == 200 else []
        except (ValueError, KeyError, TypeError):
            return []
        named = {(one["id"], one["hash"]) for one in receipts}
        gone = [one for one in self.outbox if (id_of(one), b64(sha256(one.body.encode()).digest())) in named]
        self.outbox = [one for one in self.outbox if one not in gone]
        return gone
