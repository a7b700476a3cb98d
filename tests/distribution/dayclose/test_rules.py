"""Which lots carry a difference, and when a second person signs."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.accounts.approvals.rules import USUAL, loss_needs_two, together_need_two
from aidtrack.distribution.dayclose.rules import LotInBook, spread

RECEIVED = date(2026, 1, 1)


def lot(number: int, units: int, expires: date | None = None) -> LotInBook:
    return LotInBook(number, units, expires, RECEIVED)


@pytest.mark.parametrize(
    ("book", "counted", "expected"),
    [(100_000, 98_000, False), (100_000, 97_999, True), (100_000, 102_000, False), (100_000, 102_001, True),
     (0, 1, True), (0, 0, False), (40, 39, True), (50, 49, False)],
)  # fmt: skip
def test_more_than_two_of_a_hundred_needs_a_second_person(book: int, counted: int, expected: bool) -> None:
    assert loss_needs_two(USUAL, book=book, difference=counted - book, theft=False) is expected


def test_theft_always_does() -> None:
    assert loss_needs_two(USUAL, book=1_000_000, difference=-1, theft=True)


@pytest.mark.parametrize(
    ("handled", "units", "expected"),
    [(100_000, 2_000, False), (100_000, 2_001, True), (0, 1, True), (49, 1, True), (50, 1, False)],
)
def test_small_ones_together_are_held_against_what_the_place_had(
    handled: int, units: int, expected: bool
) -> None:
    assert together_need_two(USUAL, handled=handled, units=units) is expected


def test_what_is_missing_is_taken_from_the_lots_that_leave_first() -> None:
    lots = [lot(1, 500), lot(2, 300, date(2026, 9, 1)), lot(3, 200, date(2026, 5, 1))]
    assert spread(lots, 600) == {3: -200, 2: -200, 1: 0}


def test_what_is_over_belongs_to_the_lot_that_leaves_first() -> None:
    assert spread([lot(1, 500), lot(2, 300, date(2026, 9, 1))], 850) == {2: 50, 1: 0}


@given(
    st.lists(
        st.tuples(st.integers(0, 10**12), st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1))),
        min_size=1, max_size=6,
    ),
    st.integers(0, 10**12),
)  # fmt: skip
def test_the_lots_differences_add_up_and_none_goes_below_zero(
    book: list[tuple[int, date | None]], counted: int
) -> None:
    lots = [lot(number, units, expires) for number, (units, expires) in enumerate(book)]
    found = spread(lots, counted)
    assert sum(found.values()) == counted - sum(one.units for one in lots)
    assert all(one.units + found[one.lot_id] >= 0 for one in lots)
