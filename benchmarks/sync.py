"""Phones come home: one with a day of 400 events, then twenty at once, over HTTP to the product's own server.

Every event is signed and names three lots that all phones share. A request holds what the phone's page puts into
one (`static/js/field/sync.js`): 100 events at first, then as many as the server took of the last one, and a quarter
more each time it took all of them. What is timed is such a request with its answer; `events_a_batch` says how many
events it had and `events_taken` how many receipts came back. The clients take a part of the machine: twenty threads
in one process, with everything but the request's own signature made beforehand.
"""

import http.client
import json
import math
import statistics
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any

from sqlalchemy import func, insert, select

from aidtrack.accounts.models import UserSite
from aidtrack.app import create_app
from aidtrack.config import load
from aidtrack.db import db, unit_of_work, upgrade
from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.distribution.models import FieldEvent, FieldOutcome, FieldQuarantine, Handout
from aidtrack.distribution.phones.encoding import b64
from aidtrack.distribution.phones.signatures import authorization
from aidtrack.inventory.models import StockLot
from aidtrack.kernel.clock import utc_now
from benchmarks.meter import cpu_seconds, database_seconds
from tests.support import world as made
from tests.support.field import FieldPhone, add_phone, id_of
from tests.support.product import environment, serving

DUE = [("RICE", 500), ("FLOUR", 2_000), ("OIL", 920)]
DAY, PHONES = 400, 20
MOST, FEWEST = 100, 5  # events in a request, as in the phone's page
EVENTS = "/sync/v1/events"


@dataclass
class Client:
    """One phone on the network."""

    phone: FieldPhone
    outbox: dict[str, dict[str, str]]
    took: list[float] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def come_home(self, port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        limit = MOST
        while self.outbox and not self.odd:
            events = list(self.outbox.values())[:limit]
            body = json.dumps({"app": "bench", "unsent": len(self.outbox), "events": events}).encode()
            began = time.monotonic()
            connection.request(
                "POST", EVENTS, body, {**self._signed(body), "Content-Type": "application/json"}
            )
            answer = connection.getresponse()
            reply = json.loads(answer.read())
            self.took.append(time.monotonic() - began)
            if answer.status != 200:
                self.odd.append(f"{answer.status} {reply}")
                return
            for receipt in reply["receipts"]:
                self.outbox.pop(receipt["id"], None)
            taken = len(reply["receipts"])
            self.sent.append(len(events))
            self.received.append(taken)
            limit = min(MOST, max(FEWEST, taken) if taken < len(events) else limit + math.ceil(limit / 4))
        connection.close()

    def _signed(self, body: bytes) -> dict[str, str]:
        header = authorization(
            self.phone.key, self.phone.device, method="POST", path=EVENTS, body=body,
            milliseconds=int(time.time() * 1000), random=token_bytes(16),
        )  # fmt: skip
        return {"Authorization": header}


def measure(url: str, instance: Path, *, workers: int) -> dict[str, Any]:
    """Both goals on one database."""
    upgrade(url)
    app = create_app(load(environment(url, instance)))
    with app.app_context():
        clients = _days(PHONES + 1)
        with serving(url, workers=workers) as (port, server):
            began = time.monotonic()
            clients[0].come_home(port)
            alone = time.monotonic() - began
            before = cpu_seconds(server.pid), database_seconds(url)
            together = _all_at_once(clients[1:], port)
            busy = cpu_seconds(server.pid) - before[0], database_seconds(url) - before[1]
        lost, doubled = _count((PHONES + 1) * DAY)
        db.session.remove()
        db.engine.dispose()
    odd = [one for client in clients for one in client.odd]
    assert not odd, odd[:3]
    crew = clients[1:]
    batches = sorted(taken for client in crew for taken in client.took)
    sent = [number for client in crew for number in client.sent]
    received = [number for client in crew for number in client.received]
    return {
        "one_phone_400_events_s": round(alone, 2),
        "twenty_phones_8000_events_s": round(together, 1),
        "server_processor_s": round(busy[0], 1),
        "database_processor_s": round(busy[1], 1),
        "batches": len(batches),
        "events_a_batch": {"median": statistics.median(sent), "longest": max(sent)},
        "events_taken": {"median": statistics.median(received), "longest": max(received)},
        "batches_taken_whole": round(
            sum(taken == number for taken, number in zip(received, sent, strict=True)) / len(sent), 2
        ),
        "batch_median_s": round(statistics.median(batches), 2),
        "batch_p95_s": round(batches[int(len(batches) * 0.95)], 2),
        "batch_longest_s": round(batches[-1], 2),
        "lost": lost,
        "doubled": doubled,
    }


def _days(phones: int) -> list[Client]:
    with unit_of_work() as session:
        world = made.small_centre(session, due=DUE)
        session.execute(insert(UserSite).values(user_id=world.user_id, site_id=world.site_id))
        made.add_vouchers(session, world, phones * DAY)
        ids = [made.add_lot(session, world, item, 10**11) for item, _units in DUE]
        codes = [session.execute(select(StockLot.code).where(StockLot.id == one)).scalar_one() for one in ids]
        crew = [
            add_phone(
                session, user_id=world.user_id, site_id=world.site_id, round_id=world.round_id,
                place_id=world.place_id, enrolled_at=utc_now() - timedelta(days=1),
            )
            for _ in range(phones)
        ]  # fmt: skip
    lines = [(item, units, units, [(lot, units)]) for (item, units), lot in zip(DUE, codes, strict=True)]
    began = datetime.now(UTC) - timedelta(hours=8)
    clients = []
    for number, phone in enumerate(crew):
        vouchers = world.codes[number * DAY : (number + 1) * DAY]
        sent = [
            phone.handout(code, lines, est=began + timedelta(minutes=minute))
            for minute, code in enumerate(vouchers)
        ]
        clients.append(
            Client(phone, {id_of(one): {"body": one.body, "sig": b64(one.signature)} for one in sent})
        )
    return clients


def _all_at_once(clients: list[Client], port: int) -> float:
    threads = [threading.Thread(target=client.come_home, args=(port,)) for client in clients]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - began


def _count(expected: int) -> tuple[int, int]:
    """Events without their one recorded handout, and handouts beyond one an event."""
    with unit_of_work() as session:
        recorded = session.scalar(
            select(func.count())
            .select_from(FieldEvent)
            .join(FieldOutcome, FieldOutcome.event_id == FieldEvent.id)
            .where(FieldOutcome.outcome == Outcome.RECORDED)
        )
        handouts = session.scalar(select(func.count()).select_from(Handout))
        kept = session.scalar(select(func.count()).select_from(FieldQuarantine))
    return expected - (recorded or 0), (handouts or 0) + (kept or 0) - expected


def run() -> dict[str, Any]:
    from benchmarks.handouts import databases

    found: dict[str, Any] = {}
    with databases() as both:
        for kind, (url, folder) in both.items():
            found[kind] = measure(url, folder, workers=1 if kind == "sqlite" else 2)
            print(kind, found[kind], file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
