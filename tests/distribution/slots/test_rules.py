"""Bookable times, windows, placing families evenly, moving them after an alert, and who came in time."""

from collections import Counter
from datetime import UTC, date, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.distribution.slots.arrivals import Arrival, shares
from aidtrack.distribution.slots.placing import Free, fill, spread
from aidtrack.distribution.slots.shifting import is_hit, shift
from aidtrack.distribution.slots.times import clock, day_times, minute_at
from aidtrack.distribution.slots.windows import (
    ALPHABET,
    EVERYBODY,
    Family,
    Window,
    fits,
    letter_of,
    letters_between,
)

NINE, NOON, ONE, FOUR = 9 * 60, 12 * 60, 13 * 60, 16 * 60


def times(*capacities: int, letters: str = "", taken: int = 0) -> list[Free]:
    return [
        Free(slot_id, (0, NINE + 30 * slot_id), capacity - taken, capacity, Window(letters))
        for slot_id, capacity in enumerate(capacities, start=1)
    ]


def anybody(count: int) -> dict[int, Family]:
    return {household_id: Family() for household_id in range(1, count + 1)}


# -- times ---------------------------------------------------------------------------------------------


def test_times_leave_the_break_free_and_begin_again_when_it_ends() -> None:
    made = day_times(NINE, FOUR, each=60, pause=(NOON + 15, ONE + 30))
    assert [clock(starts) for starts, _ in made] == ["9:00", "10:00", "11:00", "13:30", "14:30"]
    assert all(ends <= NOON + 15 or starts >= ONE + 30 for starts, ends in made)


def test_what_is_too_short_for_a_whole_time_is_left_out() -> None:
    assert day_times(NINE, NINE + 50, each=20) == [(NINE, NINE + 20), (NINE + 20, NINE + 40)]
    assert day_times(NINE, NINE + 10, each=20) == []


@pytest.mark.parametrize("pause", [(NOON, NOON), (ONE, NOON)])
def test_a_break_that_does_not_last_is_none(pause: tuple[int, int]) -> None:
    assert day_times(NINE, FOUR, each=30, pause=pause) == day_times(NINE, FOUR, each=30)


def test_a_minute_is_the_wall_clocks_also_on_the_night_when_clocks_change() -> None:
    kyiv = ZoneInfo("Europe/Kyiv")
    # clocks went from 4:00 back to 3:00 that night
    assert minute_at(datetime(2026, 10, 25, 7, 30, tzinfo=UTC), date(2026, 10, 25), kyiv) == NINE + 30
    assert minute_at(datetime(2026, 11, 22, 21, 59, tzinfo=UTC), date(2026, 11, 23), kyiv) == -1


# -- windows -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("surname", "letter"),
    [
        ("Ґалаґан", "Ґ"),
        ("їжак", "Ї"),
        ("Cпеціаліст", "С"),
        ("’Яременко", "Я"),
        ("Эрн", "Е"),
        ("Smith", ""),
        ("", ""),
    ],
)
def test_the_first_letter_of_a_surname_is_one_of_33_or_none(surname: str, letter: str) -> None:
    assert letter_of(surname) == letter


def test_windows_follow_the_ukrainian_order_with_both_ends() -> None:
    window = Window(letters_between("г", "Є"))
    assert [letter for letter in ALPHABET if fits(window, Family(letter))] == list("ГҐДЕЄ")
    assert fits(window, Family("")), "a name in other letters is shut out by none"
    for first, last in (("Я", "А"), ("A", "Я"), ("", "Я"), ("АБ", "В")):
        with pytest.raises(ValueError):
            letters_between(first, last)


def test_a_category_and_letters_must_both_fit() -> None:
    window = Window("АК", "idp")
    assert fits(window, Family("Б", frozenset({"idp", "szho"})))
    assert not fits(window, Family("Б", frozenset({"szho"})))
    assert not fits(window, Family("Л", frozenset({"idp"})))


# -- placing -------------------------------------------------------------------------------------------


def test_families_are_spread_evenly_by_the_share_of_each_times_capacity() -> None:
    placed = spread(anybody(12), times(4, 8, 12))
    assert Counter(placed.values()) == {1: 2, 2: 4, 3: 6}
    assert [placed[household] for household in range(1, 13)] == sorted(placed.values()), (
        "first in line, first time"
    )


def test_who_was_booked_before_counts_for_the_load() -> None:
    quiet, busy = times(4, 4)[0], times(4, 4, taken=3)[1]
    assert Counter(spread(anybody(4), [quiet, busy]).values()) == {1: 4}


def test_somebody_who_could_also_go_elsewhere_makes_room() -> None:
    only_a = Free(1, (0, NINE), 1, 1, EVERYBODY)
    only_b = Free(2, (0, NINE + 30), 1, 1, Window("АБ"))
    families = {1: Family("Б"), 2: Family("Я")}
    for order in (families, dict(reversed(families.items()))):
        assert fill(order, [only_a, only_b]) == {1: 2, 2: 1}


LETTERS = st.sampled_from(["", "А", "К", "Я"])
WINDOWS = st.sampled_from([Window(), Window("АК"), Window("ЛЯ"), Window("", "idp")])
FAMILIES = st.lists(
    st.builds(Family, LETTERS, st.sampled_from([frozenset[str](), frozenset({"idp"})])), max_size=6
)


@given(FAMILIES, st.lists(st.tuples(st.integers(0, 2), WINDOWS), max_size=4))
def test_nobody_is_left_out_who_could_have_a_place(
    families: list[Family], given_times: list[tuple[int, Window]]
) -> None:
    free = [Free(n, (0, n), room, 2, window) for n, (room, window) in enumerate(given_times)]
    asked = dict(enumerate(families))
    for place in (spread, fill):
        placed = place(asked, free)
        room = {one.slot_id: one.free for one in free}
        window = {one.slot_id: one.window for one in free}
        assert all(count <= room[slot] for slot, count in Counter(placed.values()).items())
        assert all(fits(window[slot], asked[household]) for household, slot in placed.items())
        assert len(placed) == most_that_fit(families, free)


def most_that_fit(families: list[Family], free: list[Free]) -> int:
    """By Hall's deficiency over sets of times: what each family can do is tried in every way."""
    best = 0
    for chosen in product(
        *([None, *(one for one in free if fits(one.window, family))] for family in families)
    ):
        counts = Counter(one.slot_id for one in chosen if one is not None)
        if all(counts[one.slot_id] <= one.free for one in free):
            best = max(best, sum(counts.values()))
    return best


# -- an air alert --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slot", "hit"),
    [
        ((NINE, NINE + 30), False),
        ((NINE + 30, NINE + 60), True),
        ((NINE + 60, NINE + 90), True),
        ((ONE, FOUR), False),
    ],
)
def test_a_time_is_lost_when_the_pause_takes_a_minute_of_it(slot: tuple[int, int], hit: bool) -> None:
    assert is_hit(*slot, (NINE + 59, NINE + 61)) is hit


def test_a_pause_without_an_end_takes_the_rest_of_the_day() -> None:
    assert is_hit(ONE, FOUR, (NOON, None))
    assert not is_hit(NINE, NOON, (NOON, None))


def test_the_first_in_line_go_later_today_and_the_rest_on_the_other_day() -> None:
    other = [Free(9, (1, NINE), 2, 2, EVERYBODY)]
    moved = shift(anybody(6), times(2, 1), other)
    assert (moved.today, moved.other_day, moved.nobody) == ({1: 1, 2: 1, 3: 2}, {4: 9, 5: 9}, (6,))


def test_windows_are_kept_unless_somebody_says_that_any_time_will_do() -> None:
    families = {1: Family("Я")}
    assert shift(families, times(1, letters="АК"), []).nobody == (1,)
    assert shift(families, times(1, letters="АК"), [], keep_windows=False).today == {1: 1}


# -- who came ------------------------------------------------------------------------------------------


def test_in_time_is_the_slot_with_the_tolerance_on_both_sides() -> None:
    came = [NINE - 16, NINE - 15, NINE, NINE + 45, NINE + 46]
    counted = shares([Arrival(NINE, NINE + 30, at, now=FOUR) for at in came], tolerance=15)
    assert (counted.due, counted.in_time, counted.at_another_time, counted.percent) == (5, 3, 2, 60)


def test_times_that_are_not_over_are_not_counted_unless_their_family_was_served() -> None:
    waiting = Arrival(ONE, ONE + 30, None, now=ONE + 45)
    assert shares([waiting], tolerance=15).percent is None
    assert shares([Arrival(ONE, ONE + 30, None, now=ONE + 46)], tolerance=15).not_come == 1
    early = Arrival(FOUR, FOUR + 30, NINE, now=NINE)
    counted = shares([waiting, early], tolerance=15)
    assert (counted.booked, counted.issues, counted.due, counted.at_another_time) == (2, 1, 1, 1)
