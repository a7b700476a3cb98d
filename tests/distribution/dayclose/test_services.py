"""Closing a day through its services, on both databases."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aidtrack.accounts.approvals.models import SecondPersonRule
from aidtrack.audit.models import AuditEvent
from aidtrack.db import unit_of_work
from aidtrack.distribution.dayclose import day, queries, services, vouchers
from aidtrack.distribution.dayclose.commands import (
    CloseDay,
    CountedLine,
    Explanation,
    ReturnVouchers,
    SaveCount,
    StartDay,
)
from aidtrack.distribution.dayclose.errors import (
    BookMoved,
    DayOutOfReach,
    DayTaken,
    NotAllCounted,
    NotAPointOrVan,
    NotExplained,
    NotInThisState,
    NotThisRoundsVoucher,
    PhonesHoldEvents,
    SamePerson,
    SurplusHasLeft,
    VoucherWasUsed,
)
from aidtrack.distribution.handouts import services as counter
from aidtrack.distribution.handouts.commands import HandOut, UndoHandout
from aidtrack.distribution.models import DayClose, DayCountLot, DayState, Device
from aidtrack.distribution.paper.invariants import closed_days_are_posted
from aidtrack.inventory import ledger
from aidtrack.inventory.kinds import VIRTUAL_PLACE_IDS, EntryKind, LossCause, PlaceKind
from aidtrack.inventory.models import LossAlone, Place, StockEntry
from aidtrack.kernel.actor import PERMISSIONS, Actor, Role
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError, Forbidden, NotFound
from tests.support import world as made
from tests.support.kinds import on_sqlite
from tests.support.one_day import stay_on

Unit = Callable[[], AbstractContextManager[Session]]
LOSS = VIRTUAL_PLACE_IDS[PlaceKind.LOSS]
SUSPENSE = VIRTUAL_PLACE_IDS[PlaceKind.SUSPENSE]
HANDED_OUT = VIRTUAL_PLACE_IDS[PlaceKind.HANDED_OUT]
TODAY = local_date(utc_now())


@pytest.fixture(autouse=True)
def one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """A close is of a day: it does not change while a test speaks of it."""
    stay_on(TODAY, monkeypatch)


MEASURED = Explanation(LossCause.COUNTING, "розсипалося під час фасування")


class Shop:
    """The centre of the story: 20 kg of rice in two lots, 9.2 kg of oil, three vouchers."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        with unit() as session:
            self.world = made.small_centre(session, due=[("RICE", 500), ("OIL", 920)])
            made.add_vouchers(session, self.world, 3)
            self.soon = made.add_lot(session, self.world, "RICE", 8_000, expires_on=TODAY + timedelta(days=9))
            self.late = made.add_lot(
                session, self.world, "RICE", 12_000, expires_on=TODAY + timedelta(days=99)
            )
            self.oil = made.add_lot(session, self.world, "OIL", 9_200)
        self.maker, self.checker = self.person("maker", 1_001), self.person("checker", 1_002)

    def person(
        self, label: str, user_id: int, role: Role = Role.WAREHOUSE, *, elsewhere: bool = False
    ) -> Actor:
        site = self.world.other_site_id if elsewhere else self.world.site_id
        return Actor(
            label=label, role=role, site_ids=frozenset({site}), user_id=user_id, permissions=PERMISSIONS[role]
        )

    def give(self, n: int = 0, **changes: object) -> HandOut:
        command = HandOut(uuid4(), self.world.codes[n], self.world.place_id, **changes)  # type: ignore[arg-type]
        with self.unit() as session:
            counter.hand_out(session, command, actor=self.maker, now=utc_now())
        return command

    def start(self, *, by_item: bool = False, actor: Actor | None = None) -> int:
        command = StartDay(str(uuid4()), self.world.place_id, TODAY, by_item)
        with self.unit() as session:
            return services.start_day(session, command, actor=actor or self.maker, now=utc_now())

    def lines(self, close_id: int) -> list[queries.CountLine]:
        with self.unit() as session:
            return queries.lines(session, close_id)

    def count(self, close_id: int, *figures: int, finish: bool = True, actor: Actor | None = None) -> None:
        """Figures in the order of the sheet: OIL, then RICE by expiry."""
        typed = tuple(
            CountedLine(line.id, units, str(units))
            for line, units in zip(self.lines(close_id), figures, strict=False)
        )
        with self.unit() as session:
            command = SaveCount(close_id, typed, finish)
            services.save_count(session, command, actor=actor or self.maker, now=utc_now())

    def close(self, close_id: int, *, explain: Explanation | None = MEASURED, **more: object) -> DayState:
        differing = [line.id for line in self.lines(close_id) if line.difference]
        explained = dict.fromkeys(differing, explain) if explain else {}
        with self.unit() as session:
            command = CloseDay(close_id, explained, **more)  # type: ignore[arg-type]
            return services.close_day(session, command, actor=self.maker, now=utc_now())

    def approve(self, close_id: int, actor: Actor) -> None:
        with self.unit() as session:
            services.approve_day(session, close_id, actor=actor, now=utc_now())

    def reopen(self, close_id: int, reason: str = "телефон приніс ще видачі") -> None:
        with self.unit() as session:
            services.reopen_day(session, close_id, reason, actor=self.maker, now=utc_now())

    def balance(self, lot_id: int) -> int:
        with self.unit() as session:
            return ledger.balance(session, lot_id=lot_id, place_id=self.world.place_id)

    def folded(self, lot_id: int) -> dict[int, int]:
        with self.unit() as session:
            return ledger.folded(session, lot_id=lot_id)

    def state(self, close_id: int) -> queries.CloseRow:
        with self.unit() as session:
            return queries.close_by_id(session, close_id, actor=self.maker)


@pytest.fixture
def shop(unit: Unit) -> Shop:
    return Shop(unit)


def test_a_day_whose_count_agrees_is_closed_by_one_person_and_moves_nothing(shop: Shop) -> None:
    shop.give()
    close_id = shop.start()
    shop.count(close_id, 8_280, 7_500, 12_000)
    assert shop.close(close_id) is DayState.CLOSED
    with shop.unit() as session:
        entries = session.scalars(select(StockEntry.kind).where(StockEntry.kind == "count")).all()
        acts = session.scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("day."))).all()
    assert entries == []
    assert acts == ["day.start", "day.count", "day.close"]
    found = shop.state(close_id)
    assert (found.counted_by, found.closed_by, found.approved_by, found.second_person) == (
        "maker",
        "maker",
        None,
        False,
    )


def test_a_small_difference_is_posted_with_its_cause(shop: Shop) -> None:
    close_id = shop.start()
    shop.count(close_id, 9_200, 7_900, 12_100)
    assert shop.close(close_id, explain=Explanation(LossCause.INFESTATION, "миші")) is DayState.CLOSED
    assert shop.balance(shop.soon) == 7_900
    assert shop.folded(shop.soon)[LOSS] == 100
    assert shop.balance(shop.late) == 12_100
    assert shop.folded(shop.late)[SUSPENSE] == -100
    with shop.unit() as session:
        causes = session.execute(
            select(StockEntry.cause, StockEntry.effective_on)
            .where(StockEntry.kind == "count")
            .order_by(StockEntry.id)
        ).all()
    assert [tuple(row) for row in causes] == [(LossCause.INFESTATION, TODAY), (LossCause.COUNTING, TODAY)]


def test_small_differences_of_several_days_need_a_second_person_together(shop: Shop) -> None:
    """11.9 kg of the late rice, then again 1 %: of the 20 kg of rice that there were 2 % are 400 g."""
    first = shop.start()
    shop.count(first, 9_200, 8_000, 11_800)
    assert shop.close(first) is DayState.CLOSED
    with shop.unit() as session:  # its place's next day
        session.execute(update(DayClose).values(day=TODAY - timedelta(days=1)))
    second = shop.start()
    shop.count(second, 9_200, 7_900, 11_700)
    assert shop.close(second) is DayState.CLOSED
    with shop.unit() as session:
        session.execute(update(DayClose).where(DayClose.id == second).values(day=TODAY - timedelta(days=2)))
    third = shop.start()
    shop.count(third, 9_199, 7_900, 11_699)
    assert not any(line.second_person for line in shop.lines(third))
    assert shop.close(third) is DayState.WAITING
    shop.approve(third, shop.checker)
    with shop.unit() as session:
        alone = session.execute(
            select(func.count(), func.sum(LossAlone.difference)).select_from(LossAlone)
        ).one()
    assert tuple(alone) == (3, -400)  # what two persons stood behind is not among them
    assert shop.state(third).second_person and shop.balance(shop.late) == 11_699


def test_the_sites_own_share_holds_at_the_close_too(shop: Shop) -> None:
    with shop.unit() as session:
        session.add(
            SecondPersonRule(
                site_id=shop.world.site_id,
                loss_percent=0,
                reprints_a_day=5,
                changed_at=utc_now(),
                changed_by="x",
            )
        )
    close_id = shop.start()
    shop.count(close_id, 9_200, 8_000, 11_999)
    assert shop.close(close_id) is DayState.WAITING


def test_lots_that_look_alike_are_counted_together_and_leave_by_expiry(shop: Shop) -> None:
    with shop.unit() as session:
        twin = made.add_lot(session, shop.world, "OIL", 1_000, donor="MINRE")
    close_id = shop.start(by_item=True)
    lines = shop.lines(close_id)
    assert [len(line.lots) for line in lines] == [2, 1, 1]
    shop.count(close_id, 10_100, 8_000, 12_000)
    assert shop.close(close_id) is DayState.CLOSED
    assert (shop.balance(shop.oil), shop.balance(twin)) == (9_100, 1_000)


@on_sqlite
def test_a_lot_that_went_out_to_the_last_gram_is_still_looked_for(shop: Shop) -> None:
    with shop.unit() as session:
        little = made.add_lot(session, shop.world, "RICE", 500, expires_on=TODAY)
    shop.give()
    assert shop.balance(little) == 0
    counted = {lot.lot_id for line in shop.lines(shop.start()) for lot in line.lots}
    assert little in counted


@on_sqlite
def test_every_line_has_a_figure_before_the_book_is_opened(shop: Shop) -> None:
    close_id = shop.start()
    with pytest.raises(NotAllCounted) as refused:
        shop.count(close_id, 9_200, 8_000)
    assert refused.value.facts == {"missing": 1}
    shop.count(close_id, 9_200, finish=False)
    assert [line.counted_units for line in shop.lines(close_id)] == [9_200, None, None]
    assert shop.state(close_id).state is DayState.COUNTING


@on_sqlite
def test_a_difference_needs_its_cause_and_its_reason(shop: Shop) -> None:
    close_id = shop.start()
    shop.count(close_id, 9_200, 7_900, 12_000)
    for explanation in (None, Explanation(None, "невідомо чому"), Explanation(LossCause.COUNTING, " ")):
        with pytest.raises(NotExplained) as refused:
            shop.close(close_id, explain=explanation)
        assert refused.value.field == "lines-1-reason"
    assert shop.balance(shop.soon) == 8_000


@on_sqlite
def test_who_counted_does_not_approve_a_large_difference(shop: Shop) -> None:
    close_id = shop.start()
    shop.count(close_id, 9_200, 7_000, 12_000)
    assert shop.close(close_id) is DayState.WAITING
    assert shop.balance(shop.soon) == 8_000, "nothing is posted before the second person's word"
    with pytest.raises(SamePerson):
        shop.approve(close_id, shop.maker)
    shop.approve(close_id, shop.checker)
    found = shop.state(close_id)
    assert (found.state, found.counted_by, found.approved_by) == (DayState.CLOSED, "maker", "checker")
    assert shop.balance(shop.soon) == 7_000


@on_sqlite
def test_a_helper_who_counted_one_line_does_not_approve_either(shop: Shop) -> None:
    close_id = shop.start()
    shop.count(close_id, 9_200, finish=False, actor=shop.checker)
    shop.count(close_id, 9_200, 7_000, 12_000)
    shop.close(close_id)
    with pytest.raises(SamePerson):
        shop.approve(close_id, shop.checker)


@pytest.mark.parametrize("same", ["approved_by", "approved_by_id"])
def test_the_database_itself_keeps_maker_and_checker_apart(shop: Shop, same: str) -> None:
    close_id = shop.start()
    shop.count(close_id, 9_200, 7_000, 12_000)
    shop.close(close_id)
    value = {"approved_by": "maker", "approved_by_id": 1_001}[same]
    with pytest.raises(IntegrityError), shop.unit() as session:
        session.execute(update(DayClose).where(DayClose.id == close_id).values({same: value}))


def test_the_database_closes_nothing_large_without_a_second_name(shop: Shop) -> None:
    close_id = shop.start()
    shop.count(close_id, 9_200, 7_000, 12_000)
    shop.close(close_id)
    with pytest.raises(IntegrityError), shop.unit() as session:
        session.execute(
            update(DayClose).where(DayClose.id == close_id).values(state=DayState.CLOSED, closed_at=utc_now())
        )


def test_the_second_person_can_send_it_back(shop: Shop) -> None:
    close_id = shop.start()
    shop.count(close_id, 9_200, 7_000, 12_000)
    shop.close(close_id)
    with shop.unit() as session:
        services.send_back(session, close_id, "перелічіть рис ще раз", actor=shop.checker, now=utc_now())
    assert shop.state(close_id).state is DayState.COMPARED
    line = shop.lines(close_id)[1]
    with shop.unit() as session:
        services.count_again(session, close_id, line.id, actor=shop.maker, now=utc_now())
    assert [row.counted_units for row in shop.lines(close_id)] == [9_200, None, 12_000]
    shop.count(close_id, 9_200, 8_000, 12_000)
    assert shop.close(close_id) is DayState.CLOSED


@on_sqlite
def test_goods_that_moved_meanwhile_ask_for_a_new_book(shop: Shop) -> None:
    close_id = shop.start()
    shop.count(close_id, 8_280, 7_500, 12_000)
    shop.give()  # a phone's handout came in: it had left before the count
    with pytest.raises(BookMoved) as refused:
        shop.close(close_id)
    assert refused.value.facts == {"lots": 2}
    with shop.unit() as session:
        services.take_book_anew(session, close_id, actor=shop.maker, now=utc_now())
    assert [line.difference for line in shop.lines(close_id)] == [0, 0, 0]
    assert shop.close(close_id) is DayState.CLOSED


def test_a_new_book_with_another_lot_is_counted_there_alone(shop: Shop) -> None:
    close_id = shop.start()
    shop.count(close_id, 9_200, 8_000, 12_000)
    with shop.unit() as session:
        made.add_lot(session, shop.world, "OIL", 300, expires_on=TODAY + timedelta(days=500))
        services.take_book_anew(session, close_id, actor=shop.maker, now=utc_now())
    assert shop.state(close_id).state is DayState.COUNTING
    assert sorted(str(line.counted_units) for line in shop.lines(close_id)) == [
        "12000",
        "8000",
        "9200",
        "None",
    ]


def test_reopening_takes_the_difference_back_and_the_day_is_counted_anew(shop: Shop) -> None:
    close_id = shop.start()
    shop.count(close_id, 9_200, 7_900, 12_000)
    shop.close(close_id)
    with pytest.raises(DayTaken):
        shop.start()
    shop.reopen(close_id)
    assert shop.balance(shop.soon) == 8_000
    found = shop.state(close_id)
    assert (found.state, found.reopen_reason) == (DayState.REOPENED, "телефон приніс ще видачі")
    again = shop.start()
    assert again != close_id
    shop.count(again, 9_200, 8_000, 12_000)
    assert shop.close(again) is DayState.CLOSED


@on_sqlite
def test_a_reopening_without_a_reason_is_refused(shop: Shop) -> None:
    close_id = shop.start()
    shop.count(close_id, 9_200, 8_000, 12_000)
    shop.close(close_id)
    with pytest.raises(DomainError, match="reason"):
        shop.reopen(close_id, " ")
    assert shop.state(close_id).state is DayState.CLOSED


@on_sqlite
def test_a_surplus_that_was_handed_out_cannot_be_taken_back(shop: Shop) -> None:
    with shop.unit() as session:
        little = made.add_lot(session, shop.world, "RICE", 499, expires_on=TODAY)
    close_id = shop.start()
    shop.count(close_id, 9_200, 500, 8_000, 12_000)
    shop.close(close_id)
    shop.give()
    assert shop.balance(little) == 0
    with pytest.raises(SurplusHasLeft):
        shop.reopen(close_id)


@on_sqlite
def test_starting_twice_joins_the_same_count(shop: Shop) -> None:
    assert shop.start() == shop.start(actor=shop.checker)


def test_what_day_and_where(shop: Shop) -> None:
    with shop.unit() as session:
        session.execute(
            update(Place).where(Place.id == shop.world.other_place_id).values(kind=PlaceKind.WAREHOUSE)
        )
    cases: list[tuple[int, int, type[DomainError]]] = [
        (shop.world.place_id, 1, DayOutOfReach),
        (shop.world.place_id, -15, DayOutOfReach),
        (shop.world.other_place_id, 0, NotAPointOrVan),
        (987_654, 0, NotFound),
    ]
    for place_id, days, refusal in cases:
        command = StartDay(str(uuid4()), place_id, TODAY + timedelta(days=days))
        with pytest.raises(refusal), shop.unit() as session:
            services.start_day(session, command, actor=shop.maker, now=utc_now())


def test_another_sites_person_finds_no_day_here(shop: Shop) -> None:
    close_id = shop.start()
    stranger = shop.person("stranger", 9, elsewhere=True)
    acts: list[Callable[[Session], object]] = [
        lambda s: services.start_day(s, StartDay(str(uuid4()), shop.world.place_id, TODAY), actor=stranger, now=utc_now()),
        lambda s: services.save_count(s, SaveCount(close_id, ()), actor=stranger, now=utc_now()),
        lambda s: services.take_book_anew(s, close_id, actor=stranger, now=utc_now()),
        lambda s: services.close_day(s, CloseDay(close_id), actor=stranger, now=utc_now()),
        lambda s: services.approve_day(s, close_id, actor=stranger, now=utc_now()),
        lambda s: services.reopen_day(s, close_id, "чому", actor=stranger, now=utc_now()),
        lambda s: queries.close_by_id(s, close_id, actor=stranger),
        lambda s: vouchers.return_vouchers(s, ReturnVouchers(close_id), shown=frozenset(), actor=stranger, now=utc_now()),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(NotFound), shop.unit() as session:
            act(session)
    with shop.unit() as session:
        assert queries.closes(session, actor=stranger) == []
    worker = shop.person("worker", 10, Role.CASEWORKER)
    with pytest.raises(Forbidden), shop.unit() as session:
        services.save_count(session, SaveCount(close_id, ()), actor=worker, now=utc_now())


@on_sqlite
def test_steps_come_in_their_order(shop: Shop) -> None:
    close_id = shop.start()
    for act in (shop.close, shop.reopen, lambda number: shop.approve(number, shop.checker)):
        with pytest.raises(NotInThisState):
            act(close_id)
    shop.count(close_id, 9_200, 8_000, 12_000)
    with pytest.raises(NotInThisState):
        shop.count(close_id, 9_200, 8_000, 12_000)


def add_phone(shop: Shop, unsent: int | None) -> None:
    with shop.unit() as session:
        now = utc_now()
        session.add(
            Device(
                public_id=str(uuid4()), label="Samsung A12", user_id=shop.world.user_id, site_id=shop.world.site_id,
                round_id=shop.world.round_id, place_id=shop.world.place_id, public_key=b"p" * 65, app_version="0.2",
                enrolled_at=now, enrolled_by="m", last_seen_at=now, unsent_reported=unsent,
            )
        )  # fmt: skip


def test_phones_that_hold_handouts_warn_and_are_written_down(shop: Shop) -> None:
    add_phone(shop, 0)
    add_phone(shop, 3)
    add_phone(shop, None)
    close_id = shop.start()
    shop.count(close_id, 9_200, 8_000, 12_000)
    with pytest.raises(PhonesHoldEvents) as refused:
        shop.close(close_id)
    assert refused.value.facts == {"events": 3}
    assert shop.close(close_id, accept_unsent=True) is DayState.CLOSED
    assert shop.state(close_id).unsent_events == 3
    with shop.unit() as session:
        assert [phone.unsent for phone in day.phones(session, shop.world.place_id, TODAY)] == [3, 0, None]


def test_the_tally_tells_given_partial_and_undone_apart(shop: Shop) -> None:
    shop.give(0)
    shop.give(1, quantities={shop.world.item_ids["OIL"]: 0}, reason="олії не стало")
    mistaken = shop.give(2)
    with shop.unit() as session:
        command = UndoHandout(uuid4(), mistaken.client_id, "не та родина")
        counter.undo_handout(session, command, actor=shop.maker, now=utc_now())
        rows = day.tally(session, shop.world.place_id, TODAY)
        items = {
            row.item_name_uk: (row.handouts, row.units)
            for row in day.given_items(session, shop.world.place_id, TODAY)
        }
    assert [(row.actor_label, row.given, row.partial, row.undone, row.standing) for row in rows] == [
        ("maker", 3, 1, 1, 2)
    ]
    assert items == {"RICE": (2, 1_000), "OIL": (1, 920)}


def test_unused_vouchers_are_ticked_scanned_and_taken_off_again(shop: Shop) -> None:
    world = shop.world
    shop.give(0)
    close_id = shop.start()

    def returned(*texts: str, shown: set[int] = frozenset(), ticked: set[int] = frozenset()) -> int:  # type: ignore[assignment]
        with shop.unit() as session:
            command = ReturnVouchers(close_id, texts, frozenset(ticked))
            return vouchers.return_vouchers(
                session, command, shown=frozenset(shown), actor=shop.maker, now=utc_now()
            )

    assert returned("r1-000001", " ") == 1
    assert returned(world.codes[2]) == 2
    with pytest.raises(VoucherWasUsed):
        returned("R1-000000")
    for wrong in ("R9-000001", world.typed_codes[1], "AID1:NONSENSE"):
        with pytest.raises(NotThisRoundsVoucher):
            returned(wrong)
    with shop.unit() as session:
        (row,) = day.rounds_of_day(session, world.place_id, TODAY, actor=shop.maker)
        listed, total = day.unused_vouchers(session, close_id, [world.round_id], limit=25)
    assert (row.returned, row.count.open, row.count.redeemed, row.count.closes) == (2, 2, 1, True)
    assert ([(one.serial, one.returned) for one in listed], total) == (
        [("R1-000001", True), ("R1-000002", True)],
        2,
    )
    assert returned(shown=set(world.voucher_ids[1:]), ticked={world.voucher_ids[2]}) == 1


def test_handouts_that_come_in_after_the_close_are_seen(shop: Shop) -> None:
    close_id = shop.start()
    shop.count(close_id, 9_200, 8_000, 12_000)
    shop.close(close_id)
    closed_at = shop.state(close_id).closed_at
    assert closed_at is not None
    shop.give()
    with shop.unit() as session:
        assert day.came_later(session, shop.world.place_id, TODAY, closed_at) == 1


@on_sqlite
@pytest.mark.parametrize(("found", "left"), [(0, (0, 500)), (700, (700, 0))])
def test_a_lot_given_out_beyond_the_book_is_looked_for(shop: Shop, found: int, left: tuple[int, int]) -> None:
    """Nothing found: its delivery may still be entered. Found: it stands there, and the debt is settled with it."""
    with shop.unit() as session:
        lot = made.add_lot(session, shop.world, "OIL", 1, place_id=shop.world.other_place_id)
        ledger.hold(session, [lot], shop.world.place_id)
        ledger.owe(
            session, {lot: 500}, place_id=shop.world.place_id, effective_on=TODAY, site_id=shop.world.site_id,
            actor=shop.maker, now=utc_now(),
        )  # fmt: skip
        ledger.post(
            session, kind=EntryKind.HANDOUT, document="R1-000009", effective_on=TODAY, site_id=shop.world.site_id,
            moves=[ledger.Move(lot, shop.world.place_id, HANDED_OUT, 500)], actor=shop.maker, now=utc_now(),
        )  # fmt: skip
    close_id = shop.start()
    assert [line.owed_units for line in shop.lines(close_id)] == [0, 500, 0, 0]
    shop.count(close_id, 9_200, found, 8_000, 12_000)
    if shop.close(close_id) is DayState.WAITING:
        shop.approve(close_id, shop.checker)
    with shop.unit() as session:
        place = {"lot_id": lot, "place_id": shop.world.place_id}
        assert (ledger.balance(session, **place), ledger.shortage(session, **place)) == left


def test_people_who_begin_at_once_join_one_count(app: Flask, shop: Shop) -> None:
    gate, found = threading.Barrier(4), []

    def begin() -> None:
        with app.app_context():
            gate.wait()
            command = StartDay(str(uuid4()), shop.world.place_id, TODAY)
            with unit_of_work() as session:
                found.append(services.start_day(session, command, actor=shop.maker, now=utc_now()))

    people = [threading.Thread(target=begin) for _ in range(4)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert (len(found), len(set(found))) == (4, 1)


def test_a_difference_that_was_never_posted_would_be_found(shop: Shop) -> None:
    close_id = shop.start()
    shop.count(close_id, 9_200, 7_900, 12_000)
    shop.close(close_id)
    with shop.unit() as session:
        assert list(closed_days_are_posted(session)) == []
        session.execute(update(DayCountLot).values(entry_id=None))
        (breach,) = closed_days_are_posted(session)
    assert breach.sentence.startswith(
        f"act {shop.state(close_id).number} found a difference of lot {shop.soon}"
    )
