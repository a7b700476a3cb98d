"""Eight client processes that press the button at the same moment, and what they were answered."""

import http.client
import json
import multiprocessing
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import func, select, text

from aidtrack.accounts.commands import AddToken
from aidtrack.accounts.services.tokens import add_token
from aidtrack.app import create_app
from aidtrack.config import load
from aidtrack.db import db, unit_of_work
from aidtrack.distribution.models import Handout, HandoutKind
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, PlaceKind
from aidtrack.inventory.models import StockBalance, StockMove
from aidtrack.kernel.actor import Role, system_actor
from aidtrack.kernel.clock import utc_now
from tests.support import world as made
from tests.support.product import environment

CLIENTS = 8
SUPPLIER, PEOPLE = VIRTUAL_PLACE_IDS[PlaceKind.SUPPLIER], VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT]


@dataclass(frozen=True, slots=True)
class Counter8:
    """A prepared counter: its database, its token and its vouchers."""

    url: str
    app: Flask
    token: str
    place: str
    codes: list[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the books say after the crowd has gone home."""

    regular_handouts: int
    handed_out_units: int
    gap_units: int  # received less handed out less on hand: zero, or goods came from nowhere
    lowest_balance: int


def open_counter(
    url: str, instance: Path, *, vouchers: int, stock_units: int, due_units: int = 500
) -> Counter8:
    """A centre with one lot and that many vouchers of `due_units` each."""
    app = create_app(load(environment(url, instance)))
    with app.app_context(), unit_of_work() as session:
        world = made.small_centre(session, due=[("RICE", due_units)])
        made.add_lot(session, world, "RICE", stock_units)
        made.add_vouchers(session, world, vouchers, persons=1)
        sites = frozenset({world.site_id})
        command = AddToken(
            label="c", role=Role.WAREHOUSE, site_ids=sites, donor_ids=frozenset(), command_id=None
        )
        token = add_token(session, command, actor=system_actor("t", site_ids=sites), now=utc_now()).token
    assert token is not None
    return Counter8(url, app, token, world.place_code, world.codes)


def _press(port: int, token: str, place: str, codes: list[str], start: Any, answers: Any) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    seen: Counter[str] = Counter()
    start.wait()
    for code in codes:
        body = json.dumps({"voucher": code, "place": place})
        connection.request("PUT", f"/api/v1/handouts/{uuid4()}", body=body, headers=headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
        seen[f"{response.status} {answer.get('code', 'receipt')}"] += 1
    answers.put(seen)


def rush(ports: list[int], counter: Counter8, shares: list[list[str]]) -> Counter[str]:
    """Let every share of codes be tried by a process of its own, all at once; counts of the answers."""
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(len(shares)), context.Queue()
    crowd = [
        context.Process(
            target=_press, args=(ports[n % len(ports)], counter.token, counter.place, share, start, answers)
        )
        for n, share in enumerate(shares)
    ]
    for person in crowd:
        person.start()
    total: Counter[str] = Counter()
    for _person in crowd:
        total.update(answers.get(timeout=300))
    for person in crowd:
        person.join()
    return total


def outcome(counter: Counter8) -> Outcome:
    with counter.app.app_context():
        session = db.session()

        def moved(column: Any, place: int) -> int:
            return int(
                session.scalar(select(func.coalesce(func.sum(StockMove.units), 0)).where(column == place))
                or 0
            )

        received = moved(StockMove.source_id, SUPPLIER)
        given = moved(StockMove.target_id, PEOPLE) - moved(StockMove.source_id, PEOPLE)
        held = int(session.scalar(select(func.sum(StockBalance.units))) or 0)
        regular = session.scalar(select(func.count()).where(Handout.kind == HandoutKind.REGULAR)) or 0
        lowest = int(session.scalar(select(func.min(StockBalance.units))) or 0)
        db.session.remove()
    return Outcome(regular, given, received - given - held, lowest)


def drop_second_line(counter: Counter8) -> None:
    """Take the unique index and the CHECK away, so that only locks stand between the crowd and the goods."""
    with counter.app.app_context(), unit_of_work() as session:
        session.execute(text("DROP INDEX uq_handout_regular"))
        if db.engine.dialect.name == "postgresql":
            session.execute(
                text("ALTER TABLE stock_balance DROP CONSTRAINT ck_stock_balance_units_in_bounds")
            )
