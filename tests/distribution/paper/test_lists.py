"""Paper lists entered afterwards: once, on their day, and whatever a rule says is kept."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.db import unit_of_work
from aidtrack.distribution.errors import QuantityRaised, UnknownVoucher
from aidtrack.distribution.models import PaperList, PaperRow, Round, RoundState, RowState, Voucher
from aidtrack.distribution.paper import queries, services
from aidtrack.distribution.paper.commands import EnterRow, MakeList, NoteRow
from aidtrack.distribution.paper.errors import (
    ListClosed,
    NoSuchRow,
    NotOnTheList,
    OwnRowIsThere,
    RoundNotOpen,
    RowOfAnother,
    RowOrCode,
    RowsOpen,
    RowTaken,
    SpareNeedsVoucher,
    WrongPaperDay,
)
from aidtrack.distribution.paper.invariants import recorded_rows_have_handouts
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory import ledger
from aidtrack.inventory.models import EntryKind, StockEntry
from aidtrack.kernel.actor import Role
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError, Forbidden, NotFound
from tests.distribution.paper.conftest import TODAY, Office
from tests.support import world as made
from tests.support.kinds import on_sqlite

YESTERDAY = TODAY - timedelta(days=1)


def balance(office: Office, lot_id: int) -> int:
    with office.unit() as session:
        return ledger.balance(session, lot_id=lot_id, place_id=office.world.place_id)


def voucher_state(office: Office, n: int) -> VoucherState:
    with office.unit() as session:
        return session.get_one(Voucher, office.world.voucher_ids[n]).state


@on_sqlite
def test_a_list_has_a_row_for_every_open_voucher_and_spare_ones(office: Office) -> None:
    office.at_the_counter(1)
    rows = office.rows(office.make(spare=2))
    assert [(row.number, row.serial, row.spare) for row in rows] == [
        (1, "R1-000000", False), (2, "R1-000002", False), (3, None, True), (4, None, True),
    ]  # fmt: skip


def test_a_signed_row_is_handed_out_on_the_day_of_the_paper(office: Office) -> None:
    list_id = office.make(made_on=YESTERDAY)
    entered = office.enter(list_id, code=office.world.codes[1], on=YESTERDAY)
    assert (entered.row, entered.state, entered.refusal) == (2, RowState.HANDED_OUT, None)
    assert [day for _, day in office.handouts()] == [YESTERDAY]
    with office.unit() as session:
        effective = session.scalars(select(StockEntry.effective_on).where(StockEntry.kind == "handout")).one()
    assert effective == YESTERDAY
    assert voucher_state(office, 1) is VoucherState.REDEEMED
    assert balance(office, office.rice) == 19_500


@on_sqlite
@pytest.mark.parametrize("how", ["row", "serial", "scan", "typed"])
def test_a_row_is_found_by_its_number_or_by_its_voucher(office: Office, how: str) -> None:
    world = office.world
    list_id = office.make()
    code = {"row": "", "serial": "r1-000002 ", "scan": world.codes[2], "typed": world.typed_codes[2]}[how]
    entered = office.enter(list_id, 3 if how == "row" else None, code)
    assert (entered.row, entered.state) == (3, RowState.HANDED_OUT)


def test_entering_a_row_twice_has_one_effect(office: Office) -> None:
    list_id = office.make()
    first, again = office.enter(list_id, 1), office.enter(list_id, code=office.world.codes[0])
    assert first.receipt is not None
    assert again.receipt is not None
    assert (first.receipt.repeated, again.receipt.repeated) == (False, True)
    assert again.receipt.client_id == first.receipt.client_id
    assert len(office.handouts()) == 1
    assert balance(office, office.rice) == 19_500


@on_sqlite
def test_an_entered_row_says_one_thing(office: Office) -> None:
    list_id = office.make(made_on=YESTERDAY)
    office.enter(list_id, 1)
    with pytest.raises(RowTaken):
        office.enter(list_id, 1, on=YESTERDAY)
    with pytest.raises(RowTaken):
        office.enter(list_id, 1, quantities={office.world.item_ids["OIL"]: 0}, reason="олії не стало")
    assert len(office.handouts()) == 1


def test_a_family_that_is_not_printed_takes_a_spare_row(office: Office) -> None:
    list_id = office.make(spare=2)
    with office.unit() as session:
        made.add_vouchers(session, office.world, 1)
    with pytest.raises(NotOnTheList):
        office.enter(list_id, code="R1-000003")
    with pytest.raises(SpareNeedsVoucher):
        office.enter(list_id, 4)
    with pytest.raises(OwnRowIsThere) as refused:
        office.enter(list_id, 4, "R1-000001")
    assert refused.value.facts["row"] == 2
    entered = office.enter(list_id, 4, office.world.typed_codes[3])
    assert (entered.row, entered.state) == (4, RowState.HANDED_OUT)
    assert office.rows(list_id)[3].used_serial == "R1-000003"
    with office.unit() as session:
        made.add_vouchers(session, office.world, 1)
    with pytest.raises(RowTaken):
        office.enter(list_id, 4, "R1-000004")


@on_sqlite
def test_what_cannot_be_meant_is_refused(office: Office) -> None:
    list_id = office.make()
    cases: list[tuple[int | None, str, type[DomainError]]] = [
        (None, "", RowOrCode),
        (99, "", NoSuchRow),
        (1, "R1-000001", RowOfAnother),
        (4, "0000000000", DomainError),
        (4, "R9-123456", DomainError),
    ]
    for row, code, refusal in cases:
        with pytest.raises(refusal):
            office.enter(list_id, row, code)
    assert office.handouts() == []
    assert office.one(list_id).open == 5


@on_sqlite
def test_the_day_lies_within_the_lists_life(office: Office) -> None:
    list_id = office.make()
    for wrong in (YESTERDAY, TODAY + timedelta(days=1)):
        with pytest.raises(WrongPaperDay):
            office.enter(list_id, 1, on=wrong)


def test_goods_collected_elsewhere_stay_on_the_row_for_a_person(office: Office) -> None:
    list_id = office.make()
    office.at_the_counter(0)
    entered = office.enter(list_id, 1)
    assert entered.state is RowState.NOTED
    assert entered.refusal is not None
    row = office.rows(list_id)[0]
    assert (row.state, row.refusal, row.used_serial, row.happened_on) == (
        RowState.NOTED, "already_collected", "R1-000000", TODAY,
    )  # fmt: skip
    assert len(office.handouts()) == 1


def test_a_row_the_book_had_no_goods_for_is_entered_again_after_the_delivery(office: Office) -> None:
    list_id = office.make()
    with office.unit() as session:
        ledger.post(
            session, kind=EntryKind.LOSS, document="X", effective_on=TODAY, site_id=office.world.site_id,
            moves=[ledger.Move(office.oil, office.world.place_id, 4, 9_000)], actor=office.person(), now=utc_now(),
        )  # fmt: skip
    assert office.enter(list_id, 1).state is RowState.NOTED
    assert office.rows(list_id)[0].refusal == "not_enough_stock"
    assert balance(office, office.rice) == 20_000
    with office.unit() as session:
        made.add_lot(session, office.world, "OIL", 5_000)
    assert office.enter(list_id, 1).state is RowState.HANDED_OUT
    assert office.rows(list_id)[0].refusal is None


@on_sqlite
def test_a_voucher_that_lapsed_before_its_paper_came_in_was_good_on_its_day(office: Office) -> None:
    list_id = office.make()
    with office.unit() as session:
        session.execute(update(Voucher).values(state=VoucherState.EXPIRED))
    assert office.enter(list_id, 1).state is RowState.HANDED_OUT
    assert voucher_state(office, 0) is VoucherState.REDEEMED
    assert voucher_state(office, 1) is VoucherState.EXPIRED


def test_a_lapsed_voucher_lapses_again_where_its_row_could_not_be_recorded(office: Office) -> None:
    list_id = office.make()
    with office.unit() as session:
        session.execute(update(Voucher).values(state=VoucherState.EXPIRED))
        ledger.post(
            session, kind=EntryKind.LOSS, document="X", effective_on=TODAY, site_id=office.world.site_id,
            moves=[ledger.Move(office.oil, office.world.place_id, 4, 9_200)], actor=office.person(), now=utc_now(),
        )  # fmt: skip
    assert office.enter(list_id, 1).state is RowState.NOTED
    assert voucher_state(office, 0) is VoucherState.EXPIRED


def test_less_than_was_due_needs_its_reason_as_at_the_counter(office: Office) -> None:
    list_id, oil = office.make(), office.world.item_ids["OIL"]
    with pytest.raises(DomainError):
        office.enter(list_id, 1, quantities={oil: 0})
    with pytest.raises(QuantityRaised):
        office.enter(list_id, 1, quantities={oil: 921}, reason="багато")
    entered = office.enter(list_id, 1, quantities={oil: 0}, reason="олії не стало")
    assert entered.state is RowState.HANDED_OUT
    assert voucher_state(office, 0) is VoucherState.PARTLY_REDEEMED
    assert balance(office, office.oil) == 9_200


def test_a_list_closes_when_every_row_is_accounted_for(office: Office) -> None:
    list_id = office.make(spare=2)
    worker = office.person()

    def act(what: Callable[[Session], object]) -> None:
        with office.unit() as session:
            what(session)

    office.enter(list_id, 1)
    act(
        lambda s: services.note_row(
            s, NoteRow(list_id, 4, TODAY, "талон розірвано, номер не читається"), actor=worker, now=utc_now()
        )
    )
    with pytest.raises(RowsOpen) as refused:
        act(lambda s: services.close_list(s, list_id, actor=worker, now=utc_now()))
    assert refused.value.facts == {"rows": 3}
    act(lambda s: services.mark_empty(s, list_id, row=2, actor=worker, now=utc_now()))
    assert office.enter(list_id, 2).state is RowState.HANDED_OUT, "marked by mistake, and still to be entered"
    act(lambda s: services.mark_empty(s, list_id, row=None, actor=worker, now=utc_now()))
    found = office.one(list_id)
    assert (found.handed_out, found.noted, found.empty, found.open) == (2, 1, 2, 0)
    act(lambda s: services.close_list(s, list_id, actor=worker, now=utc_now()))
    with pytest.raises(ListClosed):
        office.enter(list_id, 3)
    with office.unit() as session:
        acts = session.scalars(select(AuditEvent.action).where(AuditEvent.object_type == "paper_list")).all()
    assert acts == [
        "paper.make", "paper.enter", "paper.note", "paper.empty", "paper.enter", "paper.empty", "paper.close",
    ]  # fmt: skip


def test_lists_are_for_rounds_under_way_and_people_of_the_site(office: Office) -> None:
    list_id = office.make()
    stranger = office.person(elsewhere=True)
    with pytest.raises(NotFound):
        office.enter(list_id, 1, actor=stranger)
    with pytest.raises(NotFound), office.unit() as session:
        queries.list_by_id(session, list_id, actor=stranger)
    with pytest.raises(NotFound):
        office.make(actor=office.person(Role.CASEWORKER, elsewhere=True))
    with pytest.raises(Forbidden):
        office.make(actor=office.person(Role.WAREHOUSE))
    with pytest.raises(Forbidden):
        office.enter(list_id, 1, actor=office.person(Role.CASEWORKER))
    with office.unit() as session:
        session.execute(update(Round).values(state=RoundState.CLOSED))
    with pytest.raises(RoundNotOpen):
        office.make()


def test_another_sites_voucher_and_none_at_all_answer_alike(office: Office) -> None:
    list_id = office.make()
    with office.unit() as session:
        session.execute(
            update(PaperList).where(PaperList.id == list_id).values(site_id=office.world.other_site_id)
        )
    stranger = office.person(elsewhere=True)
    with pytest.raises(UnknownVoucher):
        office.enter(list_id, 4, office.world.codes[0], actor=stranger)


def test_one_press_of_the_button_makes_one_list(office: Office) -> None:
    command = MakeList("5d3f1f0c-8f1c-4a63-9a3c-4a1a0b1c2d3e", office.world.round_id, 1)
    made_ids = set()
    for _ in range(2):
        with office.unit() as session:
            made_ids.add(
                services.make_list(session, command, actor=office.person(Role.CASEWORKER), now=utc_now())
            )
    assert len(made_ids) == 1


def test_two_people_with_one_sheet_enter_a_row_once(app: Flask, office: Office) -> None:
    """Both press at once, by row and by voucher; one records it, the other is told that it is there."""
    list_id = office.make()
    gate, found = threading.Barrier(6), []

    def press(row: int | None, code: str, label: str) -> None:
        with app.app_context():
            gate.wait()
            with unit_of_work() as session:
                command = EnterRow(list_id, TODAY, row, code)
                entered = services.enter_row(
                    session, command, actor=office.person(label=label), now=utc_now()
                )
            assert entered.receipt is not None
            found.append(entered.receipt.repeated)

    orders = [(1, ""), (None, office.world.codes[0]), (1, "R1-000000")] * 2
    people = [threading.Thread(target=press, args=(*order, f"p{n}")) for n, order in enumerate(orders)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert sorted(found) == [False, True, True, True, True, True]
    assert len(office.handouts()) == 1
    assert balance(office, office.rice) == 19_500


def test_two_people_with_different_vouchers_for_one_spare_row(app: Flask, office: Office) -> None:
    list_id = office.make(spare=1)
    with office.unit() as session:
        made.add_vouchers(session, office.world, 2)
    gate, found = threading.Barrier(2), []

    def press(serial: str) -> None:
        with app.app_context():
            gate.wait()
            try:
                with unit_of_work() as session:
                    services.enter_row(
                        session, EnterRow(list_id, TODAY, 4, serial), actor=office.person(), now=utc_now()
                    )
            except RowTaken:
                found.append("taken")
            else:
                found.append("entered")

    people = [threading.Thread(target=press, args=(serial,)) for serial in ("R1-000003", "R1-000004")]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert sorted(found) == ["entered", "taken"]
    assert len(office.handouts()) == 1


def test_a_recorded_row_without_its_handout_would_be_found(office: Office) -> None:
    list_id = office.make()
    office.enter(list_id, 1)
    with office.unit() as session:
        assert list(recorded_rows_have_handouts(session)) == []
        session.execute(
            update(PaperRow).where(PaperRow.number == 2).values(state=RowState.HANDED_OUT, client_id="nobody")
        )
        assert [breach.sentence for breach in recorded_rows_have_handouts(session)] == [
            f"row 2 of paper list {list_id} counts as recorded and has no handout"
        ]
