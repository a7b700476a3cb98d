"""A small centre that a machine of random acts works on, made afresh for every run in milliseconds."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.engine import make_url

from aidtrack.accounts.approvals.models import SecondPersonRule
from aidtrack.app import create_app
from aidtrack.db import db, unit_of_work
from aidtrack.db.engines import sqlite_driver
from aidtrack.distribution import models as distribution
from aidtrack.distribution.rations import Basis
from aidtrack.inventory import models as inventory
from aidtrack.inventory.commands import ReceivedLine, ReceiveDonation
from aidtrack.inventory.services import receive_donation
from aidtrack.kernel.clock import local_date, utc_now
from tests.conftest import config_for
from tests.proofs.model import Lot
from tests.support import world as made
from tests.support.emptied import EmptiedPostgresql
from tests.support.world import World

DUE = (("RICE", 500), ("OIL", 3))
FIRST_UNITS = 1_600
FAMILIES = 4  # few, so that the acts meet often
# a sequence is not taken back with a transaction: what was written and undone counts too
COUNT_CHANGES = """
CREATE SCHEMA changes;
CREATE SEQUENCE changes.number;
CREATE FUNCTION changes.counted() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM nextval('changes.number'); RETURN NULL; END $$;
DO $$ DECLARE one text; BEGIN
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TRIGGER counted AFTER INSERT OR UPDATE OR DELETE ON public.%I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION changes.counted()', one);
    END LOOP;
END $$;
"""


@dataclass(frozen=True, slots=True)
class Bench:
    """The application on a database that `reset` brings back to the beginning."""

    app: Flask
    here: World  # the round at the first place
    there: World  # the round at the second place
    stock: dict[int, tuple[Lot, int]]  # by donation: its lot, and where it stands
    reset: Callable[[], None]
    version: Callable[[], object]  # the same as before only where nothing was written since


def lot_of(donation_id: int) -> int:
    with unit_of_work() as session:
        asked = select(inventory.DonationLine.lot_id).where(inventory.DonationLine.donation_id == donation_id)
        lot_id = session.scalars(asked).one()
    assert lot_id is not None  # a donation that was received
    return lot_id


def _first_stock(world: World) -> dict[int, tuple[Lot, int]]:
    """Some of both items at both places."""
    now = utc_now()
    today = local_date(now)
    stock = {}
    for place in (world.place_id, world.other_place_id):
        for item in world.item_ids.values():
            command = ReceiveDonation(
                command_id=str(uuid4()), place_id=place, donor_id=world.donor_ids["WFP"], arrived_on=today,
                lines=(ReceivedLine(item, FIRST_UNITS, str(FIRST_UNITS)),),
            )  # fmt: skip
            with unit_of_work() as session:
                donation = receive_donation(session, command, actor=world.actor(), now=now)
            stock[donation] = Lot(lot_of(donation), item, None, None, today), place
    return stock


def _second_round(world: World) -> World:
    now = utc_now()
    with unit_of_work() as session:
        first = session.get_one(distribution.Round, world.round_id)
        second = distribution.Round(
            cycle_id=world.cycle_id, place_id=world.other_place_id, code="R2", token_id=78, first_day=first.first_day,
            last_day=first.last_day, state=distribution.RoundState.OPEN, created_at=now, created_by="t",
        )  # fmt: skip
        session.add(second)
        session.flush()
        profile = distribution.Profile(round_id=second.id, number=1)
        session.add(profile)
        session.flush()
        session.execute(
            insert(distribution.ProfileLine),
            [
                {"profile_id": profile.id, "item_id": world.item_ids[code], "units": units}
                for code, units in DUE
            ],
        )
        session.execute(
            insert(distribution.RationEntry),
            [
                {
                    "round_id": round_id,
                    "item_id": world.item_ids[code],
                    "basis": Basis.HOUSEHOLD,
                    "units": units,
                }
                for round_id in (world.round_id, second.id)
                for code, units in DUE
            ],
        )
        there = replace(
            world, round_id=second.id, profile_id=profile.id, place_id=world.other_place_id, voucher_ids=[]
        )
        made.add_vouchers(session, there, FAMILIES, persons=1)
        session.add(inventory.Programme(code="OTHER", name_uk="Інше", name_en="Other"))
    return there


@contextmanager
def bench(url: str, instance: Path) -> Iterator[Bench]:
    """The small centre with two rounds, and the way back to it."""
    app = create_app(config_for(url, instance))
    with app.app_context():
        with unit_of_work() as session:
            here = made.small_centre(session, due=DUE)
            made.add_vouchers(session, here, FAMILIES, persons=1)
            # thousands of acts on one day by one person: a second one has tests of its own, theft always asks for one
            session.add(
                SecondPersonRule(
                    site_id=here.site_id,
                    loss_percent=100,
                    reprints_a_day=1000,
                    changed_at=utc_now(),
                    changed_by="bench",
                )
            )
        there = _second_round(here)
        stock = _first_stock(here)
        db.engine.dispose()
        if url.startswith("sqlite"):
            with closing(_File(url)) as file:
                yield Bench(app, here, there, stock, file.reset, file.version)
        else:
            with closing(_Server(url)) as server:
                yield Bench(app, here, there, stock, server.reset, server.version)
        db.session.remove()
        db.engine.dispose()


class _File:
    """A SQLite file with a copy of its beginning, and a connection that sees whether somebody wrote."""

    def __init__(self, url: str) -> None:
        self._file = Path(make_url(url).database or "")
        self._beginning = self._file.with_suffix(".beginning")
        self._onlooker: Any = None
        shutil.copyfile(self._file, self._beginning)

    def reset(self) -> None:
        db.session.remove()
        db.engine.dispose()
        self.close()
        for journal in (f"{self._file}-wal", f"{self._file}-shm"):
            Path(journal).unlink(missing_ok=True)
        shutil.copyfile(self._beginning, self._file)

    def version(self) -> object:
        if self._onlooker is None:
            self._onlooker = sqlite_driver().connect(self._file)
            return object()  # it has not seen what was written before it came
        return self._onlooker.execute("PRAGMA data_version").fetchone()

    def close(self) -> None:
        if self._onlooker is not None:
            self._onlooker.close()
            self._onlooker = None


class _Server:
    """A PostgreSQL database taken back by rows, where every statement that writes moves a sequence on."""

    def __init__(self, url: str) -> None:
        plain = url.replace("+psycopg", "", 1)
        self._onlooker = psycopg.connect(plain, autocommit=True)
        self._onlooker.execute(COUNT_CHANGES)
        self._emptied = EmptiedPostgresql(plain, uses=1_000)

    def reset(self) -> None:
        db.session.remove()
        assert self._emptied.empty()

    def version(self) -> object:
        return self._onlooker.execute("SELECT last_value FROM changes.number").fetchone()

    def close(self) -> None:
        self._emptied.close()
        self._onlooker.close()
