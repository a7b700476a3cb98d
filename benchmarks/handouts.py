"""Handing out through HTTP, against the same rows written by the bare driver, in one run.

Both sides lock the voucher, write entry, moves, balances, handout, lines, voucher state and audit row, and
commit durably, from eight clients at once, on vouchers of three items each. The bare side is eight processes
with a connection each, statement by statement, which verify no signature, choose no lots and know no token.
It has the whole machine; the other side shares it between server, database and clients. On PostgreSQL the
bare side keeps the lots' rows until its commit is on disk, as a plain transaction does.
"""

import json
import multiprocessing
import os
import re
import selectors
import socket
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy.engine import make_url

from aidtrack.app import create_app
from aidtrack.config import load
from aidtrack.db import unit_of_work, upgrade
from aidtrack.db.engines import sqlite_driver
from aidtrack.kernel.actor import Role, system_actor
from aidtrack.kernel.clock import utc_now
from benchmarks.meter import cpu_seconds
from tests.support import world as made
from tests.support.product import environment, serving

CLIENTS = 8
DUE = [("RICE", 500), ("FLOUR", 2_000), ("OIL", 920)]
HANDED_OUT = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """One side of one database: handouts a second and the 95th percentile of one handout, in ms."""

    rate: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Prepared:
    url: str
    token: str
    place_id: int
    place_code: str
    codes: list[str]
    voucher_ids: list[int]
    lot_ids: list[int]
    item_ids: list[int]


def prepare(url: str, instance: Path, vouchers: int) -> Prepared:
    """A migrated database with that many open vouchers and stock for all of them."""
    from aidtrack.accounts.commands import AddToken
    from aidtrack.accounts.services.tokens import add_token

    upgrade(url)
    app = create_app(load(environment(url, instance)))
    with app.app_context(), unit_of_work() as session:
        world = made.small_centre(session, due=DUE)
        lots = [made.add_lot(session, world, item, 10**11) for item, _units in DUE]
        made.add_vouchers(session, world, vouchers)
        operator = system_actor("benchmark", site_ids=frozenset({world.site_id}))
        command = AddToken(
            label="counter", role=Role.WAREHOUSE, site_ids=frozenset({world.site_id}), donor_ids=frozenset(),
            command_id=None,
        )  # fmt: skip
        token = add_token(session, command, actor=operator, now=utc_now()).token
    assert token is not None
    return Prepared(
        url, token, world.place_id, world.place_code, world.codes, world.voucher_ids, lots,
        [world.item_ids[item] for item, _units in DUE],
    )  # fmt: skip


# --- through HTTP -----------------------------------------------------------------------------------


def _request(token: str, place: str, code: str) -> bytes:
    body = json.dumps({"voucher": code, "place": place}).encode()
    head = (
        f"PUT /api/v1/handouts/{uuid4()} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _http_clients(port: int, token: str, place: str, codes: list[str], out: Any, start: Any) -> None:
    """Eight counters in one process: each has a connection of its own and sends when it was answered.

    Bytes are made before and only counted after, so that the client takes little of the machine it measures.
    """
    waiting = [_request(token, place, code) for code in codes]
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(CLIENTS)]
    chosen = selectors.DefaultSelector()
    began: dict[socket.socket, float] = {}
    answers: dict[socket.socket, bytes] = {}
    took: list[float] = []

    def send(client: socket.socket) -> None:
        if waiting:
            began[client], answers[client] = time.perf_counter(), b""
            client.sendall(waiting.pop())
        else:
            chosen.unregister(client)
            client.close()

    start.wait()
    for client in clients:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chosen.register(client, selectors.EVENT_READ)
        send(client)
    while chosen.get_map():
        for key, _events in chosen.select():
            ready: Any = key.fileobj
            part = ready.recv(65_536)
            answers[ready] += part
            if part and not _is_whole(answers[ready]):
                continue
            if not answers[ready].startswith(b"HTTP/1.1 201"):
                out.put(RuntimeError(answers[ready].decode() or "the server hung up"))
                return
            took.append(time.perf_counter() - began[ready])
            send(ready)
    out.put(took)


def _is_whole(answer: bytes) -> bool:
    head, mark, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    return bool(mark and length and len(body) >= int(length[1]))


# --- bare drivers -----------------------------------------------------------------------------------

READ = """SELECT v.id, v.state, e.id, e.turn, e.household_id, e.round_id FROM voucher v
          JOIN entitlement e ON e.id = v.entitlement_id WHERE v.id = {p}"""
WRITES = {
    "entry": """INSERT INTO stock_entry (kind, document, effective_on, recorded_at, actor_label, site_id)
                VALUES ('handout', {p}, {p}, {p}, 'bare', 1) RETURNING id""",
    "move": "INSERT INTO stock_move (entry_id, lot_id, source_id, target_id, units) VALUES ({p}, {p}, {p}, 3, {p})",
    "balance": "UPDATE stock_balance SET units = units - {p} WHERE lot_id = {p} AND place_id = {p}",
    "handout": """INSERT INTO handout (client_id, body_hash, kind, entitlement_id, turn, voucher_id, round_id,
                  household_id, place_id, site_id, entry_id, collector, given_on, at, actor_label)
                  VALUES ({p}, {p}, 'regular', {p}, {p}, {p}, {p}, {p}, {p}, 1, {p}, 'head', {p}, {p}, 'bare')
                  RETURNING id""",
    "line": "INSERT INTO handout_line (handout_id, item_id, due_units, units) VALUES ({p}, {p}, {p}, {p})",
    "voucher": "UPDATE voucher SET state = 'redeemed' WHERE id = {p}",
    "audit": """INSERT INTO audit_event (at, actor_label, action, object_type, object_id)
                VALUES ({p}, 'bare', 'handout.give', 'handout', {p})""",
}


def _bare_client(url: str, setup: Prepared, voucher_ids: list[int], out: Any, start: Any) -> None:
    connect, mark, lock = (
        (_sqlite, "?", "") if url.startswith("sqlite") else (_postgres, "%s", " FOR UPDATE OF v")
    )
    connection, begin, commit = connect(url)
    read = READ.format(p=mark) + lock
    sql = {name: text.format(p=mark) for name, text in WRITES.items()}
    cursor = connection.cursor()
    today: Any = date.today()
    if mark == "?":
        today = today.isoformat()
    took = []
    start.wait()
    for voucher_id in voucher_ids:
        began = time.perf_counter()
        now: Any = datetime.now(UTC)
        if mark == "?":
            now = now.strftime("%Y-%m-%d %H:%M:%S.%f")
        begin()
        row = cursor.execute(read, (voucher_id,)).fetchone()
        entry_id = cursor.execute(sql["entry"], (str(voucher_id), today, now)).fetchone()[0]
        for lot_id, (_item, units) in zip(setup.lot_ids, DUE, strict=True):
            cursor.execute(sql["balance"], (units, lot_id, setup.place_id))
            cursor.execute(sql["move"], (entry_id, lot_id, setup.place_id, units))
        handout = (
            str(uuid4()),
            b"0" * 32,
            row[2],
            row[3],
            row[0],
            row[5],
            row[4],
            setup.place_id,
            entry_id,
            today,
            now,
        )
        handout_id = cursor.execute(sql["handout"], handout).fetchone()[0]
        for item_id, (_item, units) in zip(setup.item_ids, DUE, strict=True):
            cursor.execute(sql["line"], (handout_id, item_id, units, units))
        cursor.execute(sql["voucher"], (voucher_id,))
        cursor.execute(sql["audit"], (now, handout_id))
        commit()
        took.append(time.perf_counter() - began)
    connection.close()
    out.put(took)


def _sqlite(url: str) -> tuple[Any, Callable[[], Any], Callable[[], Any]]:
    driver: Any = sqlite_driver()
    connection = driver.connect(make_url(url).database, timeout=60, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    return connection, lambda: connection.execute("BEGIN IMMEDIATE"), lambda: connection.execute("COMMIT")


def _postgres(url: str) -> tuple[Any, Callable[[], Any], Callable[[], Any]]:
    connection = psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"))
    return connection, lambda: None, connection.commit


# --- one run ----------------------------------------------------------------------------------------


def _measure(
    target: Callable[..., None], shares: list[list[Any]], arguments: Callable[[list[Any]], tuple[Any, ...]]
) -> Measured:
    context = multiprocessing.get_context("fork")
    out, start = context.Queue(), context.Barrier(len(shares) + 1)
    clients = [context.Process(target=target, args=(*arguments(share), out, start)) for share in shares]
    for client in clients:
        client.start()
    start.wait()
    began = time.perf_counter()
    took: list[float] = []
    for _client in clients:
        answer = out.get(timeout=120)
        if isinstance(answer, Exception):
            raise answer
        took.extend(answer)
    wall = time.perf_counter() - began
    for client in clients:
        client.join()
    return Measured(len(took) / wall, statistics.quantiles(took, n=20)[18] * 1000)


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def run(url: str, instance: Path, *, rounds: int = 7, each: int = 400, workers: int = 1) -> dict[str, Any]:
    """Measure both sides in turn in several short rounds; the median of the rounds' ratios.

    A machine's disk and its neighbours change from second to second; the two halves of a round see the same.
    """
    kind = make_url(url).get_backend_name()
    _say(f"{kind}: preparing {(2 * rounds + 1) * each} vouchers")
    setup = prepare(url, instance, vouchers=(2 * rounds + 1) * each)
    codes, ids = setup.codes, setup.voucher_ids
    bare: list[Measured] = []
    through: list[Measured] = []
    cpu: list[float] = []
    with serving(url, workers=workers) as (port, server):

        def by_http(start: int) -> Measured:
            share = codes[start : start + each]
            return _measure(
                _http_clients, [share], lambda share: (port, setup.token, setup.place_code, share)
            )

        by_http(2 * rounds * each)  # warm up: first requests compile statements
        for turn in range(rounds):
            at = 2 * turn * each
            shares = [ids[at : at + each][number::CLIENTS] for number in range(CLIENTS)]
            bare.append(_measure(_bare_client, shares, lambda share: (url, setup, share)))
            before = cpu_seconds(server.pid)
            through.append(by_http(at + each))
            cpu.append((cpu_seconds(server.pid) - before) / each * 1000)
            _say(
                f"{kind} {turn + 1} of {rounds}: bare {bare[-1].rate:.0f}/s, {bare[-1].p95_ms:.0f} ms; "
                f"HTTP {through[-1].rate:.0f}/s, {through[-1].p95_ms:.0f} ms; server {cpu[-1]:.1f} ms of CPU each"
            )
    ratios = [http.rate / driver.rate for http, driver in zip(through, bare, strict=True)]
    return {
        "bare_per_second": round(statistics.median(one.rate for one in bare)),
        "http_per_second": round(statistics.median(one.rate for one in through)),
        "share": round(statistics.median(ratios), 3),
        "shares": [round(ratio, 3) for ratio in ratios],
        "p95_ms": round(statistics.median(one.p95_ms for one in through), 1),
        "bare_p95_ms": round(statistics.median(one.p95_ms for one in bare), 1),
        "server_cpu_ms_each": round(statistics.median(cpu), 1),
        "server_processes": workers,
        "load_after": round(os.getloadavg()[0], 1),
        "handouts_each_round": each,
        "rounds": rounds,
    }


IN_MEMORY = "postgresql, flush costs nothing: what the program itself takes"


def run_in_memory() -> dict[str, Any]:
    """PostgreSQL once more with its files in memory and nothing flushed.

    What eight counters wait for on one disk says more of the disk than of the program; here the 95th percentile can be
    judged apart from it. It is no figure for a machine that serves: nothing survives a power cut.
    """
    import tempfile

    from tests.support.postgres import MEMORY, place_for_data, running_server

    in_memory = place_for_data(durable=False) == MEMORY
    with tempfile.TemporaryDirectory(prefix="aidbench-") as folder, running_server(durable=False) as url:
        return {"files_in_memory": in_memory, **run(url, Path(folder), workers=2)}


@contextmanager
def databases() -> Iterator[dict[str, tuple[str, Path]]]:
    """A fresh SQLite file on disk and a fresh durable PostgreSQL server, both with room for an instance folder."""
    import tempfile

    from tests.support.postgres import running_server

    with tempfile.TemporaryDirectory(prefix="aidbench-") as folder, running_server(durable=True) as postgres:
        yield {
            "sqlite": (f"sqlite:///{folder}/bench.sqlite3", Path(folder)),
            "postgresql": (postgres, Path(folder)),
        }


if __name__ == "__main__":
    with databases() as both:
        for name, (url, instance) in both.items():
            print(name, run(url, instance))
