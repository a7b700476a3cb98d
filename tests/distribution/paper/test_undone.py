"""A row of a list after its handout was undone: entered again, moved, noted or nobody's."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from aidtrack.distribution.handouts.commands import UndoHandout
from aidtrack.distribution.handouts.services import undo_handout
from aidtrack.distribution.models import RowState, Voucher
from aidtrack.distribution.paper import services
from aidtrack.distribution.paper.commands import NoteRow
from aidtrack.distribution.paper.errors import RowTaken
from aidtrack.distribution.paper.invariants import recorded_rows_have_handouts
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.clock import utc_now
from tests.distribution.paper.conftest import TODAY, Office
from tests.distribution.paper.test_lists import YESTERDAY, balance, voucher_state


def undo(office: Office, client_id: str) -> None:
    with office.unit() as session:
        order = UndoHandout(uuid4(), UUID(client_id), "mistaken")
        undo_handout(session, order, actor=office.person(), now=utc_now())


def undone_row(office: Office, row: int = 1, code: str = "") -> int:
    list_id = office.make(made_on=YESTERDAY)
    given = office.enter(list_id, row, code).receipt
    assert given is not None
    undo(office, given.client_id)
    return list_id


def act(office: Office, what: Callable[[Session], object]) -> None:
    with office.unit() as session:
        what(session)


def test_it_is_entered_again_as_a_new_handout_each_time(office: Office) -> None:
    list_id = undone_row(office)
    assert balance(office, office.rice) == 20_000
    again, twice = office.enter(list_id, 1), office.enter(list_id, 1)
    assert again.receipt is not None and twice.receipt is not None
    assert (again.state, again.receipt.repeated, twice.receipt.repeated) == (RowState.HANDED_OUT, False, True)
    assert balance(office, office.rice) == 19_500
    undo(office, again.receipt.client_id)
    third = office.enter(list_id, 1).receipt
    assert third is not None and not third.repeated
    assert len({client_id for client_id, _day in office.handouts()}) == 5, "three handouts and two undone"
    with office.unit() as session:
        assert list(recorded_rows_have_handouts(session)) == []


def test_it_moves_to_another_day(office: Office) -> None:
    list_id = undone_row(office)
    moved = office.enter(list_id, 1, on=YESTERDAY)
    assert moved.receipt is not None and not moved.receipt.repeated
    assert office.handouts()[-1][1] == YESTERDAY


def test_a_voucher_that_lapsed_since_was_good_on_that_day(office: Office) -> None:
    list_id = undone_row(office)
    act(office, lambda session: session.execute(update(Voucher).values(state=VoucherState.EXPIRED)))
    assert office.enter(list_id, 1).state is RowState.HANDED_OUT
    assert voucher_state(office, 0) is VoucherState.REDEEMED


@pytest.mark.parametrize("undone", [True, False])
def test_it_is_noted_or_empty_only_when_its_handout_no_longer_stands(office: Office, undone: bool) -> None:
    list_id = undone_row(office)
    if not undone:
        office.enter(list_id, 1)
    note = NoteRow(list_id, 1, TODAY, "родина прийде завтра")
    acts: list[Callable[[Session], object]] = [
        lambda s: services.mark_empty(s, list_id, row=1, actor=office.person(), now=utc_now()),
        lambda s: services.note_row(s, note, actor=office.person(), now=utc_now()),
    ]
    for what, state in zip(acts, (RowState.EMPTY, RowState.NOTED), strict=True):
        if undone:
            act(office, what)
            assert office.rows(list_id)[0].state is state
        else:
            with pytest.raises(RowTaken):
                act(office, what)
