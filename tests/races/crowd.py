"""Eight client processes that press the button at the same moment, and what they were answered."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Timer
from typing import Any

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
CLIENT = Path(__file__).with_name("client.py")
PATIENCE = 900.0  # seconds for a whole crowd; then it is sent home and the test fails
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


@contextmanager
def counter_with(
    url: str, instance: Path, *, vouchers: int, stock_units: int, due_units: int = 500
) -> Iterator[Counter8]:
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
    yield Counter8(url, app, token, world.place_code, world.codes)
    with app.app_context():
        db.engine.dispose()


def rush(ports: list[int], counter: Counter8, shares: list[list[str]]) -> Counter[str]:
    """Let every share of codes be tried by a process of its own, all at once; counts of the answers."""
    with ExitStack() as stack:
        crowd = [
            stack.enter_context(
                Popen([sys.executable, "-I", CLIENT], stdin=PIPE, stdout=PIPE, text=True, bufsize=1)
            )
            for _share in shares
        ]
        overseer = Timer(PATIENCE, _send_home, [crowd])
        overseer.start()
        stack.callback(overseer.cancel)
        stack.callback(_send_home, crowd)
        for n, (one, share) in enumerate(zip(crowd, shares, strict=True)):
            task = {
                "port": ports[n % len(ports)],
                "token": counter.token,
                "place": counter.place,
                "codes": share,
            }
            _say(one, json.dumps(task))
        for one in crowd:
            assert _hear(one) == "ready"
        for one in crowd:
            _say(one, "go")
        total: Counter[str] = Counter()
        for one in crowd:
            total.update(json.loads(_hear(one)))
    return total


def _send_home(crowd: list[Popen[str]]) -> None:
    for one in crowd:
        one.kill()


def _say(one: Popen[str], line: str) -> None:
    assert one.stdin is not None
    one.stdin.write(f"{line}\n")
    one.stdin.flush()


def _hear(one: Popen[str]) -> str:
    """Its next line. A client that broke off says nothing, and its own complaint is on the screen."""
    assert one.stdout is not None
    line = one.stdout.readline().rstrip("\n")
    assert line, "a client broke off"
    return line


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
