"""A van's day: loaded, out in the villages without a network, counted in the evening, and what is left brought back.

SQLite alone: each step has its tests on both.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from flask import current_app
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidtrack.distribution.dayclose import day, queries, services, vouchers
from aidtrack.distribution.dayclose.commands import (
    CloseDay,
    CountedLine,
    Explanation,
    ReturnVouchers,
    SaveCount,
    StartDay,
)
from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.distribution.field.taking import Sent
from aidtrack.distribution.models import DayState
from aidtrack.inventory import ledger
from aidtrack.inventory.commands import ArrivedLine, DispatchTransfer, LotUnits, ReceiveTransfer
from aidtrack.inventory.errors import NotEnoughStock
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, LossCause, PlaceKind
from aidtrack.inventory.models import Place, StockLot
from aidtrack.inventory.services import dispatch_transfer, receive_transfer
from aidtrack.kernel.clock import local_date, utc_now
from tests.support import field as phones
from tests.support import world as made
from tests.support.one_day import stay_on

Unit = Callable[[], AbstractContextManager[Session]]
LOSS, IN_TRANSIT = VIRTUAL_PLACE_IDS[PlaceKind.LOSS], VIRTUAL_PLACE_IDS[PlaceKind.IN_TRANSIT]
TODAY = local_date(utc_now())


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


class Van:
    """A centre with a point whose round's vouchers are served from a van, by two people with a phone each."""

    def __init__(self, unit: Unit, morning: datetime) -> None:
        self.unit, self.morning = unit, morning
        with unit() as session:
            self.world = made.small_centre(session)
            made.add_vouchers(session, self.world, 5)
            self.lot_id = made.add_lot(session, self.world, "RICE", 10_000)
            self.lot = session.execute(select(StockLot.code)).scalar_one()
            self.place_id = session.scalars(
                insert(Place).returning(Place.id),
                {"code": "VAN1", "kind": PlaceKind.VAN, "site_id": self.world.site_id, "name_uk": "Фургон",
                 "name_en": "Van"},
            ).one()  # fmt: skip
            of = {"site_id": self.world.site_id, "round_id": self.world.round_id, "place_id": self.place_id}
            self.phones = [
                phones.add_phone(
                    session, user_id=self.world.user_id, **of, enrolled_at=morning - timedelta(hours=1)
                )
                for _ in range(2)
            ]
        self.driver = replace(self.world.actor(), label="driver")

    def carry(self, units: int, *, source: int, target: int, arrived: int | None = None) -> None:
        """A transfer, sent and received."""
        with self.unit() as session:
            transfer_id = dispatch_transfer(
                session, DispatchTransfer(str(uuid4()), source, target, (LotUnits(self.lot_id, units),)),
                actor=self.driver, now=utc_now(),
            )  # fmt: skip
        with self.unit() as session:
            line = ArrivedLine(self.lot_id, units if arrived is None else arrived)
            command = ReceiveTransfer(str(uuid4()), transfer_id, (line,))
            receive_transfer(session, command, actor=self.driver, now=utc_now())

    def give(self, n: int, *, phone: int, units: int = 500) -> Sent:
        lines = [("RICE", 500, units, [(self.lot, units)])]
        reason = None if units == 500 else "торба порвалася"
        est = self.morning + timedelta(minutes=n)
        return self.phones[phone].handout(self.world.codes[n], lines, est=est, reason=reason)

    def bring(self, sent: Sent, *, phone: int) -> Outcome:
        with self.unit() as session:
            now = self.morning + timedelta(hours=9)
            return phones.bring(session, self.phones[phone], sent, now=now).outcome

    def held(self) -> dict[int, int]:
        with self.unit() as session:
            return {
                place: units for place, units in ledger.folded(session, lot_id=self.lot_id).items() if units
            }


@pytest.fixture
def van(unit: Unit, monkeypatch: pytest.MonkeyPatch) -> Van:
    return Van(unit, stay_on(TODAY, monkeypatch))


def count(van: Van, units: int) -> int:
    """The van's day is begun and its shelf counted blind; gives the close."""
    with van.unit() as session:
        command = StartDay(str(uuid4()), van.place_id, TODAY)
        close_id = services.start_day(session, command, actor=van.driver, now=utc_now())
        (line,) = queries.lines(session, close_id)
        command = SaveCount(close_id, (CountedLine(line.id, units, f"{units} г"),), finish=True)  # type: ignore[assignment]
        services.save_count(session, command, actor=van.driver, now=utc_now())  # type: ignore[arg-type]
    return close_id


def close(van: Van, close_id: int) -> DayState:
    with van.unit() as session:
        (line,) = queries.lines(session, close_id)
        why = Explanation(LossCause.TRANSPORT, "мішок порвався дорогою")
        return services.close_day(
            session, CloseDay(close_id, {line.id: why}), actor=van.driver, now=utc_now()
        )


def test_a_vans_day_from_its_load_to_what_it_brings_back(van: Van) -> None:
    world = van.world
    van.carry(4_000, source=world.place_id, target=van.place_id)
    sent = [van.give(n, phone=n % 2) for n in range(3)] + [van.give(3, phone=1, units=300)]
    undo = van.phones[1].undo(sent[1], est=van.morning + timedelta(minutes=30))
    outcomes = [van.bring(one, phone=n % 2) for n, one in enumerate(sent[:3])]
    outcomes += [van.bring(sent[3], phone=1), van.bring(undo, phone=1)]
    assert outcomes == [Outcome.RECORDED] * 4 + [Outcome.TAKEN_BACK]

    close_id = count(van, 2_650)  # 50 g less than 4000 − 500 − 500 − 300
    with van.unit() as session:
        assert [line.book_units for line in queries.lines(session, close_id)] == [2_700]
        (tally,) = day.tally(session, van.place_id, TODAY)
        (rice,) = day.given_items(session, van.place_id, TODAY)
        assert [phone.unsent for phone in day.phones(session, van.place_id, TODAY)] == [None, None]
        texts = tuple(world.codes[n] for n in (1, 4))
        command = ReturnVouchers(close_id, texts)
        back = vouchers.return_vouchers(session, command, shown=frozenset(), actor=van.driver, now=utc_now())
        (row,) = day.rounds_of_day(session, van.place_id, TODAY, actor=van.driver)
        assert day.tally(session, world.place_id, TODAY) == []
    assert tally.actor_label == "counter"
    assert (tally.given, tally.partial, tally.undone, tally.standing) == (4, 1, 1, 3)
    assert (rice.handouts, rice.units) == (3, 1_300)
    assert (back, row.returned, row.count.open) == (2, 2, 2), "of five papers two were never used"
    assert close(van, close_id) is DayState.CLOSED

    van.carry(2_650, source=van.place_id, target=world.place_id)
    assert van.held() == {
        made.SUPPLIER: -10_000, world.place_id: 8_650, VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT]: 1_300, LOSS: 50,
    }  # fmt: skip
    with van.unit() as session:
        checks = current_app.extensions["aidtrack_invariants"]
        assert [breach for check in checks for breach in check(session)] == []


def test_a_van_gives_and_brings_back_nothing_that_it_does_not_hold(van: Van) -> None:
    van.carry(600, source=van.world.place_id, target=van.place_id)
    with pytest.raises(NotEnoughStock):
        van.carry(700, source=van.place_id, target=van.world.place_id)
    first, second = van.give(0, phone=0), van.give(1, phone=1)
    assert [van.bring(second, phone=1), van.bring(first, phone=0)] == [Outcome.RECORDED, Outcome.RECORDED]
    with van.unit() as session:
        of = {"lot_id": van.lot_id, "place_id": van.place_id}
        assert (ledger.balance(session, **of), ledger.shortage(session, **of)) == (0, 400)
    van.carry(400, source=van.world.place_id, target=van.place_id)  # a second load, on the road
    assert van.held()[VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT]] == 1_000
    assert van.place_id not in van.held()


def test_a_van_that_served_nobody_shows_its_phones_round_and_a_point_none_of_others(van: Van) -> None:
    def rounds_at(place_id: int, on: date) -> list[int]:
        with van.unit() as session:
            found = day.rounds_of_day(session, place_id, on, actor=van.driver)
            return [row.round.id for row in found]

    assert rounds_at(van.place_id, TODAY) == rounds_at(van.world.place_id, TODAY) == [van.world.round_id]
    assert (
        rounds_at(van.place_id, TODAY + timedelta(days=30))
        == rounds_at(van.world.other_place_id, TODAY)
        == []
    )
