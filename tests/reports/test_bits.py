"""Sets of numbers survive being stored and united, whatever their shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.reports.bits import Bits

numbers = (
    st.sets(st.integers(0, 5_000), max_size=60)
    | st.sets(st.integers(10**6, 10**6 + 300), max_size=200)
    | st.sets(st.integers(0, 2**22), max_size=3)
)


@given(numbers)
def test_a_stored_set_is_the_same_set(found: set[int]) -> None:
    bits = Bits(found)
    assert Bits.loaded(bits.stored()) == bits
    assert len(Bits.loaded(bits.stored())) == len(found)


@given(st.lists(numbers, max_size=5))
def test_union_counts_each_number_once(sets: list[set[int]]) -> None:
    whole = Bits.union(Bits.loaded(Bits(found).stored()) for found in sets)
    everything = set().union(*sets)
    assert len(whole) == len(everything)
    assert whole == Bits(everything)


@given(numbers, numbers)
def test_a_difference_counts_what_only_one_has(one: set[int], other: set[int]) -> None:
    assert Bits(one).number_not_in(Bits(other)) == len(one - other)


@given(numbers, numbers)
def test_what_is_left_is_a_set_like_any_other(one: set[int], other: set[int]) -> None:
    assert Bits(one).without(Bits(other)) == Bits(one - other)


@given(numbers, numbers | st.just(set()))
def test_a_stored_part_is_taken_off_without_being_made_a_set(one: set[int], part: set[int]) -> None:
    assert Bits(one | part).without_stored(Bits(part).stored()) == Bits(one - part)


@given(numbers, numbers)
def test_a_union_leaves_its_sets_alone(one: set[int], other: set[int]) -> None:
    first, second = Bits(one), Bits(other)
    Bits.union([Bits.union([first, second]), Bits([7])])
    assert (first, second) == (Bits(one), Bits(other))


@pytest.mark.parametrize(
    "found", [[0], [63], [64], [0, 2_000_000], list(range(900_000, 901_000)), [123_456_789]]
)
def test_thin_sets_are_stored_small(found: list[int]) -> None:
    assert len(Bits(found).stored()) <= 9 + 8 * len(found)
