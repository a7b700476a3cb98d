"""The server is killed again and again while people are handed their goods; nobody loses and nobody gains.

Four counters work through their vouchers. Whenever no answer comes, they send the same request with the same id
until one does, as a phone would. `kill -9` goes to the server's whole process group at random moments: 30 times
on SQLite, where the server is also the database, and 10 times on PostgreSQL, which itself stays up. A power cut
is not played here: that the database keeps what it acknowledged is the engines' own promise, and the settings
it rests on are asserted at every start.
"""

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from aidtrack.cli import main
from aidtrack.db import db
from aidtrack.distribution.models import Handout, Voucher
from tests.races.crowd import Counter8, counter_with, outcome
from tests.support.nursery import Nursery
from tests.support.product import environment

CLIENTS = 4
KILLS = {"sqlite": 30, "postgresql": 10}
VOUCHERS_A_KILL = 80  # between two kills some thirty people are served
PATIENCE = 300.0  # seconds until a client gives up on one answer


@dataclass
class Clerk:
    """One counter: its vouchers, and every answer it was given."""

    port: int
    counter: Counter8
    codes: list[str]
    stop: threading.Event
    answered: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)  # id: code, receipt
    sent_again: set[str] = field(default_factory=set)
    had_its_effect: int = 0  # of those sent again: handed out before the server died
    odd: list[str] = field(default_factory=list)

    def work(self) -> None:
        for code in self.codes:
            if self.stop.is_set():
                return
            client_id = str(uuid4())
            give_up = time.monotonic() + PATIENCE
            while not self._send(client_id, code):
                self.sent_again.add(client_id)
                if time.monotonic() > give_up:
                    self.odd.append("no answer")
                    return
                time.sleep(0.02)

    def _send(self, client_id: str, code: str) -> bool:
        try:
            status, answer = put(self.port, self.counter, client_id, code)
        except (OSError, http.client.HTTPException, ValueError):
            return False
        if status not in (200, 201) or (status == 200) > (client_id in self.sent_again):
            self.odd.append(f"{status} {answer}")
        self.had_its_effect += status == 200
        self.answered[client_id] = code, answer
        return True


def put(port: int, counter: Counter8, client_id: str, code: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(
            "PUT", f"/api/v1/handouts/{client_id}", body=json.dumps({"voucher": code, "place": counter.place}),
            headers={"Authorization": f"Bearer {counter.token}", "Content-Type": "application/json"},
        )  # fmt: skip
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_killed_servers_lose_and_double_nothing(
    servers: Nursery,
    database_url: str,
    tmp_path: Path,
    record_property: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kills = KILLS["sqlite" if database_url.startswith("sqlite") else "postgresql"]
    vouchers = VOUCHERS_A_KILL * kills
    chance = random.Random(kills)
    with counter_with(database_url, tmp_path, vouchers=vouchers, stock_units=10**9) as counter:
        stop = threading.Event()
        server = servers.start(database_url)
        servers.wait_for(server)
        clerks = [Clerk(server.port, counter, counter.codes[n::CLIENTS], stop) for n in range(CLIENTS)]
        threads = [threading.Thread(target=clerk.work) for clerk in clerks]
        for thread in threads:
            thread.start()
        for _ in range(kills):
            _wait_for_answers(clerks, chance.randint(1, 40))
            time.sleep(chance.uniform(0, 0.02))
            server.kill()
            server = servers.start(database_url, port=server.port)
            servers.wait_for(server)
        stop.set()
        for thread in threads:
            thread.join()
        answered = {key: value for clerk in clerks for key, value in clerk.answered.items()}
        sent_again = set().union(*(clerk.sent_again for clerk in clerks))
        assert [complaint for clerk in clerks for complaint in clerk.odd] == []
        assert len(answered) < vouchers, "the vouchers must outlast the kills"
        assert sent_again
        for client_id in [*sent_again, *chance.sample(sorted(answered), 20)]:
            code, receipt = answered[client_id]
            assert put(server.port, counter, client_id, code) == (200, receipt)
        server.kill()
        _books_agree(counter, answered)
    for name, value in environment(database_url, tmp_path).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as verified:
        main(["verify"])
    assert not verified.value.code, capsys.readouterr()
    record_property("handouts", len(answered))
    record_property("sent_again", len(sent_again))
    record_property("had_their_effect", sum(clerk.had_its_effect for clerk in clerks))


def _wait_for_answers(clerks: list[Clerk], more: int) -> None:
    """Until so many more people have been served: every kill falls into the middle of work."""
    wanted = sum(len(clerk.answered) for clerk in clerks) + more
    deadline = time.monotonic() + PATIENCE
    while sum(len(clerk.answered) for clerk in clerks) < wanted:
        assert time.monotonic() < deadline, "nobody is served any more"
        time.sleep(0.005)


def _books_agree(counter: Counter8, answered: dict[str, tuple[str, dict[str, Any]]]) -> None:
    books = outcome(counter)
    assert books.regular_handouts == len(answered)
    assert (books.handed_out_units, books.gap_units) == (500 * len(answered), 0)
    with counter.app.app_context():
        rows = db.session.execute(
            select(Handout.client_id, Voucher.serial).join(Voucher, Voucher.id == Handout.voucher_id)
        )
        given = {row.client_id: row.serial for row in rows}
        db.session.remove()
    assert given == {client_id: receipt["serial"] for client_id, (_code, receipt) in answered.items()}
    assert len(set(given.values())) == len(given)
