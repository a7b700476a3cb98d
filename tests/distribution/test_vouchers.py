"""A voucher's life and its count."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.distribution.errors import (
    AlreadyCollected,
    ExpiredVoucher,
    NotIssued,
    NotPossibleNow,
    NotYetValid,
    VoidVoucher,
    VoucherRefused,
    WrongPlace,
)
from aidtrack.distribution.vouchers import (
    PresentedVoucher,
    VoucherEvent,
    VoucherState,
    next_state,
    reconcile,
    require_redeemable,
)

S, E = VoucherState, VoucherEvent
FIRST, LAST = date(2022, 10, 3), date(2022, 10, 7)
AT = datetime(2022, 10, 4, 9, 30, tzinfo=UTC)
HERE, ELSEWHERE = 1, 2


def voucher(state: VoucherState = S.ISSUED, **other: Any) -> PresentedVoucher:
    return PresentedVoucher(state, FIRST, LAST, HERE, "Центр", **other)


@pytest.mark.parametrize(
    ("state", "event", "following"),
    [
        (S.PLANNED, E.ISSUE, S.ISSUED),
        (S.PLANNED, E.VOID, S.VOID),
        (S.ISSUED, E.REDEEM, S.REDEEMED),
        (S.ISSUED, E.REDEEM_PARTLY, S.PARTLY_REDEEMED),
        (S.ISSUED, E.EXPIRE, S.EXPIRED),
        (S.ISSUED, E.VOID, S.VOID),
        (S.REDEEMED, E.UNDO, S.ISSUED),
        (S.PARTLY_REDEEMED, E.UNDO, S.ISSUED),
        (S.EXPIRED, E.VOID, S.VOID),
        (S.EXPIRED, E.REVIVE, S.ISSUED),
    ],
)
def test_a_step_of_the_life(state: VoucherState, event: VoucherEvent, following: VoucherState) -> None:
    assert next_state(state, event) is following


def test_every_other_step_is_refused_and_names_state_and_event() -> None:
    refused = []
    for state in S:
        for event in E:
            try:
                next_state(state, event)
            except NotPossibleNow as refusal:
                refused.append((refusal.facts["state"], refusal.facts["event"]))
    assert len(refused) == len(S) * len(E) - 10
    assert ("redeemed", "redeem") in refused
    assert ("redeemed", "void") in refused


def test_a_void_voucher_stays_void() -> None:
    for event in E:
        with pytest.raises(NotPossibleNow):
            next_state(S.VOID, event)


@given(st.lists(st.sampled_from(E), max_size=30))
def test_whatever_happens_a_voucher_is_redeemed_at_most_once_more_than_it_was_undone(
    events: list[VoucherEvent],
) -> None:
    state, redeemed, undone = S.PLANNED, 0, 0
    for event in events:
        try:
            state = next_state(state, event)
        except NotPossibleNow:
            continue
        redeemed += event in (E.REDEEM, E.REDEEM_PARTLY)
        undone += event is E.UNDO
    assert redeemed - undone == (state in (S.REDEEMED, S.PARTLY_REDEEMED))


@pytest.mark.parametrize("on", [FIRST, LAST])
def test_an_open_voucher_passes_on_its_first_and_on_its_last_day(on: date) -> None:
    require_redeemable(voucher(), on=on, place_id=HERE)


@pytest.mark.parametrize(
    ("presented", "on", "place_id", "refusal", "facts"),
    [
        (voucher(S.VOID), FIRST, HERE, VoidVoucher, {}),
        (voucher(S.PLANNED), FIRST, HERE, NotIssued, {}),
        (voucher(S.EXPIRED), FIRST, HERE, ExpiredVoucher, {"last_day": "2022-10-07"}),
        (voucher(), LAST + timedelta(days=1), HERE, ExpiredVoucher, {"last_day": "2022-10-07"}),
        (voucher(), FIRST - timedelta(days=1), HERE, NotYetValid, {"first_day": "2022-10-03"}),
        (voucher(), FIRST, ELSEWHERE, WrongPlace, {"place": "Центр"}),
        (
            voucher(S.REDEEMED, collected_at=AT, collected_place="Пункт 2"),
            LAST + timedelta(days=9),
            ELSEWHERE,
            AlreadyCollected,
            {"at": "2022-10-04T09:30:00+00:00", "place": "Пункт 2"},
        ),
        (voucher(S.PARTLY_REDEEMED), FIRST, HERE, AlreadyCollected, {"at": "", "place": ""}),
    ],
)
def test_a_refusal_at_the_counter_says_the_one_thing_that_matters(
    presented: PresentedVoucher, on: date, place_id: int, refusal: type[VoucherRefused], facts: dict[str, str]
) -> None:
    with pytest.raises(refusal) as refused:
        require_redeemable(presented, on=on, place_id=place_id)
    assert refused.value.facts == facts
    assert "%(" not in str(refused.value)


def test_every_refusal_has_a_code_of_its_own() -> None:
    kinds = VoucherRefused.__subclasses__()
    assert len(kinds) >= 13
    assert len({kind.code for kind in kinds}) == len(kinds)


counts = st.dictionaries(
    st.sampled_from([state for state in S if state is not S.PLANNED]), st.integers(0, 2_000)
)


@given(counts)
def test_the_count_closes_when_every_printed_voucher_is_in_one_state(
    by_state: dict[VoucherState, int],
) -> None:
    sheet = reconcile(by_state, printed=sum(by_state.values()))
    assert sheet.closes
    assert sheet.printed == sheet.issued + sheet.void
    assert sheet.issued == sheet.redeemed + sheet.partly_redeemed + sheet.expired + sheet.open


@given(counts, st.integers(1, 5))
def test_a_lost_or_an_unexplained_voucher_keeps_the_count_open(
    by_state: dict[VoucherState, int], lost: int
) -> None:
    sheet = reconcile(by_state, printed=sum(by_state.values()) + lost)
    assert not sheet.closes
    assert sheet.gap == lost


def test_planned_vouchers_are_on_no_paper() -> None:
    assert reconcile({S.PLANNED: 5, S.ISSUED: 2}, printed=2).closes
