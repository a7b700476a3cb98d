"""Times made, families booked, the queue and an air alert, on both databases; capacity under races."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import Category, CategoryKind, Person
from aidtrack.db import unit_of_work
from aidtrack.distribution.handouts import services as counter
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.distribution.models import Entitlement, Slot, SlotBooking, SlotDay, Voucher
from aidtrack.distribution.slots import held, invariants, queries, services
from aidtrack.distribution.slots.arrivals import shares
from aidtrack.distribution.slots.commands import Book, MakeTimes, ShiftLost
from aidtrack.distribution.slots.errors import (
    BelowTaken,
    NobodyWaits,
    NotForThisFamily,
    NoVoucherToCollect,
    PausedNow,
    SlotFull,
    SlotOver,
    TimesThereAlready,
)
from aidtrack.distribution.slots.services import booking as booking_service
from aidtrack.distribution.slots.services import holding
from aidtrack.distribution.slots.windows import EVERYBODY, Window
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import local_date, utc_now, zone
from aidtrack.kernel.errors import DomainError
from tests.support import world as made
from tests.support.kinds import on_sqlite
from tests.support.patience import SECONDS
from tests.support.world import World

Unit = Callable[[], AbstractContextManager[Session]]
NINE, HALF = 9 * 60, 30


@dataclass
class Point:
    """A point with six families that have vouchers, at eight in the morning of its round's second day."""

    unit: Unit
    world: World
    families: list[int]
    now: datetime

    @property
    def today(self):  # type: ignore[no-untyped-def]
        return local_date(self.now)

    def at(self, hour: int, minute: int = 0) -> datetime:
        local = self.now.astimezone(zone("Europe/Kyiv"))
        return local.replace(hour=hour, minute=minute).astimezone(self.now.tzinfo)

    def times(
        self, count: int, capacity: int, *, day: int = 0, window: Window = EVERYBODY, begins: int = NINE
    ) -> list[int]:
        command = MakeTimes(
            str(uuid4()), self.world.round_id, self.today + timedelta(days=day), begins, begins + HALF * count, HALF,
            capacity, None, window,
        )  # fmt: skip
        with self.unit() as session:
            services.make_times(session, command, actor=self.world.actor(Role.CASEWORKER), now=self.now)
            rows = queries.slots_of_round(session, self.world.round_id, day=command.day)
        return [row.id for row in rows if row.window == window]

    def book(self, family: int, slot: int, now: datetime | None = None) -> int:
        with self.unit() as session:
            return services.book(
                session, Book(self.world.round_id, family, slot), actor=self.world.actor(Role.CASEWORKER),
                now=now or self.now,
            )  # fmt: skip

    def standing(self, now: datetime | None = None) -> dict[int, str]:
        with self.unit() as session:
            return {
                row.ticket: row.standing
                for row in queries.queue(session, self.world.place_id, local_date(now or self.now))
            }

    def serve(self, number: int, now: datetime) -> None:
        with self.unit() as session:
            command = HandOut(uuid4(), self.world.codes[number], self.world.place_id)
            counter.hand_out(session, command, actor=self.world.actor(Role.WAREHOUSE), now=now)

    def breaches(self) -> list[str]:
        with self.unit() as session:
            return [breach.sentence for check in invariants.CHECKS for breach in check(session)]


@pytest.fixture
def point(app: Flask) -> Iterator[Point]:
    def unit() -> AbstractContextManager[Session]:
        return unit_of_work()

    with app.app_context():
        now = utc_now().astimezone(zone("Europe/Kyiv")).replace(hour=8, minute=0, second=0, microsecond=0)
        with unit_of_work() as session:
            world = made.small_centre(session)
            made.add_lot(session, world, "RICE", 100_000)
            made.add_vouchers(session, world, 6)
            families = list(
                session.scalars(
                    sa.select(Entitlement.household_id)
                    .join(Voucher, Voucher.entitlement_id == Entitlement.id)
                    .order_by(Voucher.id)
                )
            )
        yield Point(unit, world, families, now.astimezone(utc_now().tzinfo))


def test_a_family_has_one_time_in_a_round_and_changing_it_frees_the_old_place(point: Point) -> None:
    first, second = point.times(2, 1)
    assert point.book(point.families[0], first) == 1
    assert point.book(point.families[0], first) == 1, "the same again changes nothing"
    with pytest.raises(SlotFull):
        point.book(point.families[1], first)
    assert point.book(point.families[0], second) == 1, "the number is the day's"
    assert point.book(point.families[1], first) == 2
    with point.unit() as session:
        services.cancel(
            session, point.world.round_id, point.families[0], actor=point.world.actor(Role.CASEWORKER), now=point.now
        )  # fmt: skip
    assert point.book(point.families[2], second) == 3
    tomorrow = point.times(1, 1, day=1)[0]
    assert point.book(point.families[0], tomorrow) == 1, "another day counts anew"
    assert (point.standing(), point.breaches()) == ({2: "waiting", 3: "waiting"}, [])


@on_sqlite
def test_a_time_is_refused_that_is_over_or_kept_for_others_or_for_a_family_without_a_voucher(
    point: Point,
) -> None:
    slot = point.times(1, 5)[0]
    others = point.times(1, 5, window=Window("АК"))[0]
    with pytest.raises(SlotOver):
        point.book(point.families[0], slot, now=point.at(9, 30))
    with pytest.raises(NotForThisFamily):  # Тестенко
        point.book(point.families[0], others)
    point.serve(0, point.at(8, 30))
    with pytest.raises(NoVoucherToCollect):
        point.book(point.families[0], slot)
    with pytest.raises(TimesThereAlready):
        point.times(1, 5)


def test_voucher_holders_are_spread_within_windows_and_who_fits_nowhere_is_named(point: Point) -> None:
    with point.unit() as session:
        session.add(CategoryKind(code="idp", name_uk="ВПО", name_en="IDP"))
        session.flush()
        session.add(Category(household_id=point.families[5], kind="idp", valid_from=point.today, seen_by="t"))
        for family, surname in zip(point.families, ("Бойко", "Кравець", "Яременко"), strict=False):
            session.execute(
                sa.update(Person).where(Person.household_id == family, Person.is_head).values(surname=surname)
            )
    early = point.times(2, 1, window=Window("АК"))
    displaced = point.times(1, 1, window=Window("", "idp"), begins=NINE + 120)
    late = point.times(1, 2, window=Window("ЛЯ"), begins=NINE + 180)
    with point.unit() as session:
        done = services.spread_holders(
            session, point.world.round_id, actor=point.world.actor(Role.CASEWORKER), now=point.now
        )
        booked = {
            family: row.slot_id
            for family in point.families
            if (row := queries.booking_of(session, point.world.round_id, family))
        }
    assert {booked[point.families[0]], booked[point.families[1]]} == set(early)
    assert booked[point.families[5]] == displaced[0]
    assert (done.booked, len(done.without)) == (5, 1)
    assert sum(slot == late[0] for slot in booked.values()) == 2
    assert point.breaches() == []


def test_numbers_are_called_in_order_and_a_handout_serves_its_number_by_itself(point: Point) -> None:
    early, late = point.times(2, 3)
    for family, slot in zip(point.families, (late, early, late), strict=False):
        point.book(family, slot)
    actor, place = point.world.actor(), point.world.place_id
    with point.unit() as session:
        called = [services.call_next(session, place, actor=actor, now=point.at(9)) for _ in range(3)]
        with pytest.raises(NobodyWaits):
            services.call_next(session, place, actor=actor, now=point.at(9))
    assert called == [2, 1, 3]
    point.serve(1, point.at(9, 10))
    with point.unit() as session:
        row = next(row for row in queries.queue(session, place, point.today) if row.ticket == 3)
        services.mark_missed(session, place, row.id, actor=actor, now=point.at(10))
    assert point.standing() == {2: "served", 1: "called", 3: "missed"}
    with point.unit() as session:
        counted = shares(queries.arrivals(session, point.world.round_id, now=point.at(11)), tolerance=0)
        used = queries.issues_with_a_time(session, {point.world.site_id}, point.today, point.today)
    assert (counted.in_time, counted.not_come, counted.percent, used) == (1, 2, 33, 1)


def test_after_an_alert_the_first_come_later_today_the_rest_on_the_other_day(point: Point) -> None:
    lost, later = point.times(2, 2)
    more = point.times(1, 1, begins=NINE + 120)[-1]
    for family, slot in zip(point.families[:4], (lost, lost, later, later), strict=True):
        point.book(family, slot)
    worker, runner, place = point.world.actor(Role.CASEWORKER), point.world.actor(), point.world.place_id
    point.serve(0, point.at(9, 5))
    with point.unit() as session:
        services.pause(session, place, actor=runner, now=point.at(9, 10))
        with pytest.raises(PausedNow):
            services.pause(session, place, actor=worker, now=point.at(9, 11))
        with pytest.raises(PausedNow):
            services.call_next(session, place, actor=runner, now=point.at(9, 12))
        services.resume(session, place, actor=worker, now=point.at(10, 10))
    with point.unit() as session:
        command = ShiftLost(place, point.today + timedelta(days=1), same_times=True)
        moved = services.shift_lost(session, command, actor=worker, now=point.at(10, 10))
    assert moved.today == {point.families[1]: more}
    assert list(moved.other_day) == point.families[2:4]
    with point.unit() as session:
        rows, total = queries.reminders(
            session, point.world.round_id, None, untold_only=True, moved_only=True, limit=25
        )
        assert (total, [row.household_id for row in rows]) == (3, point.families[1:4])
        services.mark_told(
            session, point.world.round_id, [rows[0].id], told=True, actor=worker, now=point.at(11)
        )
        assert queries.rounds_to_tell(session, place)[0][2] == 2
        assert services.affected(session, _place(session, point), point.today) == []
    assert point.breaches() == []


def _place(session: Session, point: Point):  # type: ignore[no-untyped-def]
    from aidtrack.inventory.queries.catalogue import place

    return place(session, point.world.actor(), point.world.place_id)


def test_while_the_alert_goes_on_nobody_is_moved_to_today_and_a_capacity_never_falls_below_the_booked(
    point: Point,
) -> None:
    lost, later = point.times(2, 2)
    point.book(point.families[0], lost)
    worker = point.world.actor(Role.CASEWORKER)
    with point.unit() as session:
        services.pause(session, point.world.place_id, actor=worker, now=point.at(9, 10))
        moved = services.shift_lost(
            session, ShiftLost(point.world.place_id, None), actor=worker, now=point.at(9, 20)
        )
    assert moved.nobody == (point.families[0],)
    for family in point.families[1:3]:
        point.book(family, later)
    with point.unit() as session, pytest.raises(BelowTaken):
        services.change_capacity(session, later, 1, actor=worker, now=point.now)


def test_a_family_that_is_forgotten_leaves_its_place_free(point: Point) -> None:
    slot = point.times(1, 1)[0]
    point.book(point.families[0], slot)
    with point.unit() as session:
        assert len(held.read(session, point.families[0], "uk")) == 1
        assert held.erase(session, point.families[0], point.now) == 1
    point.book(point.families[1], slot)
    assert point.breaches() == []


# -- races ---------------------------------------------------------------------------------------------

HELD_UP = 0.05


def rush(point: Point, app: Flask, slot: int, opened: Callable[[], AbstractContextManager[Session]]) -> int:
    """Six people book six families at one time for two, at the same moment; how many were booked."""
    start = threading.Barrier(len(point.families))

    def one(family: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with opened() as session:
                    command = Book(point.world.round_id, family, slot)
                    booking_service.book(
                        session, command, actor=point.world.actor(Role.CASEWORKER), now=point.now
                    )
            except (DomainError, sa.exc.OperationalError):
                return

    crowd = [threading.Thread(target=one, args=(family,)) for family in point.families]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    with point.unit() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(SlotBooking)) or 0


@pytest.fixture
def slow_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has seen that there is room is held up before taking it, as a busy machine would do."""
    room = booking_service._slot

    def wait(session: Session, slot_id: int) -> Slot:
        found = room(session, slot_id)
        threading.Event().wait(HELD_UP)
        return found

    monkeypatch.setattr(booking_service, "_slot", wait)


@pytest.mark.usefixtures("slow_reader")
def test_of_six_who_book_two_places_at_once_two_get_them(point: Point, app: Flask) -> None:
    slot = point.times(1, 2)[0]
    assert rush(point, app, slot, point.unit) == 2
    assert point.breaches() == []


@pytest.fixture
def all_look_first(point: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody takes a place before all have seen that there is one: a control must fail every time."""
    room, crowd, here = booking_service._slot, threading.Barrier(len(point.families)), threading.local()

    def wait(session: Session, slot_id: int) -> Slot:
        found = room(session, slot_id)
        if not hasattr(here, "looked"):
            here.looked = True
            crowd.wait(SECONDS)
        return found

    monkeypatch.setattr(booking_service, "_slot", wait)


@pytest.mark.usefixtures("all_look_first")
def test_control_without_locks_more_are_booked_than_there_are_places(
    point: Point, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = point.times(1, 2)[0]
    engine = sa.create_engine(
        app.config["SQLALCHEMY_DATABASE_URI"],
        isolation_level="AUTOCOMMIT",  # every statement stands alone
    )
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def on_connect(connection: object, _record: object) -> None:
            connection.execute("PRAGMA busy_timeout=15000")  # type: ignore[attr-defined]
            connection.execute("PRAGMA ignore_check_constraints=ON")  # type: ignore[attr-defined]
    else:
        with point.unit() as session:
            session.execute(sa.text("ALTER TABLE slot DROP CONSTRAINT ck_slot_never_too_many"))

    numbers = itertools.count(100, 100)
    hold = holding.hold_days

    def each_its_own_number(session: Session, day_ids: set[int]) -> dict[int, SlotDay]:
        """Two with one number would be found by another rule than the one this is about."""
        days = hold(session, day_ids)
        for day in days.values():
            day.last_ticket = next(numbers)
        return days

    monkeypatch.setattr(booking_service, "hold_days", each_its_own_number)

    def opened() -> AbstractContextManager[Session]:
        return Session(engine, expire_on_commit=False, autoflush=False)

    try:
        assert rush(point, app, slot, opened) > 2
    finally:
        engine.dispose()
