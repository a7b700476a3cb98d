"""A small centre with phones in the field."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.distribution.field.receipts import EventReceipt
from aidtrack.distribution.field.taking import Sent
from aidtrack.distribution.models import FieldEvent, FieldOutcome
from aidtrack.inventory import ledger
from aidtrack.inventory.models import StockLot
from aidtrack.kernel.clock import local_date, utc_now
from tests.support import field as phones
from tests.support import world as made
from tests.support.field import FieldPhone, Line
from tests.support.world import World

Unit = Callable[[], AbstractContextManager[Session]]


def half_an_hour_ago() -> datetime:
    """On the point's own day, also just after its midnight."""
    now = utc_now()
    before = now - timedelta(minutes=30)
    return before if local_date(before) == local_date(now) else now - timedelta(seconds=1)


@dataclass
class Field:
    """The world, its phones and one lot of rice; every event is taken in a unit of its own."""

    unit: Unit
    world: World
    phones: list[FieldPhone]
    lot_id: int
    lot: str
    noon: datetime = field(default_factory=half_an_hour_ago)

    def at(self, minutes: float) -> datetime:
        return self.noon + timedelta(minutes=minutes)

    def rice(self, units: int = 500, *, due: int = 500, lot: str | None = None) -> list[Line]:
        return [("RICE", due, units, [(lot or self.lot, units)] if units else [])]

    def handout(self, n: int = 0, *, phone: int = 0, at: float = 0, lines: Any = None, **more: Any) -> Sent:
        return self.phones[phone].handout(self.world.codes[n], lines or self.rice(), est=self.at(at), **more)

    def bring(self, sent: Sent, phone: int = 0, *, now: datetime | None = None) -> EventReceipt:
        with self.unit() as session:
            return phones.bring(session, self.phones[phone], sent, now=now or utc_now())

    def outcome(self, sent: Sent) -> Outcome:
        with self.unit() as session:
            return session.execute(
                select(FieldOutcome.outcome)
                .join(FieldEvent, FieldEvent.id == FieldOutcome.event_id)
                .where(FieldEvent.event_id == phones.id_of(sent))
            ).scalar_one()

    def stock(self, lot_id: int | None = None) -> tuple[int, int, int]:
        """Held at the point, owed there, with families."""
        with self.unit() as session:
            lot_id = lot_id or self.lot_id
            return (
                ledger.balance(session, lot_id=lot_id, place_id=self.world.place_id),
                ledger.shortage(session, lot_id=lot_id, place_id=self.world.place_id),
                made.handed_out(session, lot_id),
            )

    def breaches(self) -> list[str]:
        from flask import current_app

        with self.unit() as session:
            checks = current_app.extensions["aidtrack_invariants"]
            return [f"{breach.code}: {breach.sentence}" for check in checks for breach in check(session)]


@pytest.fixture
def place(unit: Unit) -> Field:
    """Two phones at the point, one at the other site; ten families; 2000 g of rice."""
    with unit() as session:
        world = made.small_centre(session)
        made.add_vouchers(session, world, 10)
        lot_id = made.add_lot(session, world, "RICE", 2_000)
        lot = session.execute(select(StockLot.code).where(StockLot.id == lot_id)).scalar_one()
        enrolled = utc_now() - timedelta(days=2)
        mine = {"user_id": world.user_id, "site_id": world.site_id, "round_id": world.round_id}
        crew = [
            phones.add_phone(session, **mine, place_id=world.place_id, enrolled_at=enrolled) for _ in range(2)
        ]
        crew.append(
            phones.add_phone(
                session, user_id=world.user_id, site_id=world.site_id, round_id=world.round_id,
                place_id=world.other_place_id, enrolled_at=enrolled,
            )
        )  # fmt: skip
    return Field(unit, world, crew, lot_id, lot)
