"""Plain rules of a case, at their edges."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aidtrack.beneficiaries.cases.commands import Result
from aidtrack.beneficiaries.cases.rules import (
    WARNED_DAYS,
    Act,
    Decided,
    Due,
    Problem,
    act_for,
    due_on,
    funnel,
    journal_number,
    months_later,
    next_serials,
    problems_of,
)

TODAY = date(2026, 11, 20)


def act(made: int, until: int) -> Act:
    """Days from today."""
    return Act(TODAY + timedelta(days=made), TODAY + timedelta(days=until))


@pytest.mark.parametrize(
    ("newest", "appeal_open", "due"),
    [
        (None, True, Due.MISSING),
        (None, False, None),
        (act(-90, -1), False, Due.EXPIRED),
        (act(-90, 0), False, Due.SOON),
        (act(-90, WARNED_DAYS), True, Due.SOON),
        (act(-90, WARNED_DAYS + 1), True, None),
    ],
)
def test_an_act_is_due_when_it_is_missing_past_or_nearly_past(
    newest: Act | None, appeal_open: bool, due: Due | None
) -> None:
    assert due_on(newest, on=TODAY, appeal_open=appeal_open) is due


def test_a_decision_rests_on_the_act_in_force_even_when_a_newer_one_is_not_yet() -> None:
    old, future, expired = act(-30, 5), act(3, 90), act(-10, -2)
    assert act_for([future, expired, old], TODAY) == old
    assert act_for([future, expired], TODAY) == expired
    assert act_for([], TODAY) is None


GRANT = Decided(Result.GRANTED, valid_from=TODAY, grants_something=True)


@pytest.mark.parametrize(
    ("decided", "rests_on", "problems"),
    [
        (GRANT, act(-1, 1), set()),
        (GRANT, act(0, 0), set()),
        (GRANT, None, {Problem.NO_ACT}),
        (GRANT, act(1, 9), {Problem.BEFORE_ACT}),
        (GRANT, act(-9, -1), {Problem.ACT_EXPIRED}),
        (Decided(Result.GRANTED, grants_something=True), act(-1, 1), {Problem.NO_START}),
        (Decided(Result.GRANTED, valid_from=TODAY), act(-1, 1), {Problem.GRANTS_NOTHING}),
        (
            Decided(Result.GRANTED, valid_from=TODAY, valid_until=TODAY - timedelta(1), grants_something=True),
            act(-1, 1),
            {Problem.DATES_OUT_OF_ORDER},
        ),
        (Decided(Result.REFUSED), None, {Problem.NO_REASON}),
        (Decided(Result.POSTPONED, has_reason=True), None, set()),
        (Decided(None), None, {Problem.NO_RESULT}),
    ],
)  # fmt: skip
def test_a_result_says_what_it_lacks(decided: Decided, rests_on: Act | None, problems: set[Problem]) -> None:
    assert problems_of(decided, rests_on, TODAY) == problems


def test_half_a_year_later_keeps_the_day_or_takes_the_months_last_one() -> None:
    assert months_later(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_later(date(2026, 7, 15), 6) == date(2027, 1, 15)
    assert months_later(date(2026, 6, 30), 6) == date(2026, 12, 30)


@settings(max_examples=30)
@given(st.integers(0, 50), st.sets(st.integers(1, 60)), st.integers(1, 20))
def test_given_numbers_pass_those_a_person_took(highest: int, taken: set[int], count: int) -> None:
    found = next_serials(highest, {journal_number(one, 2026) for one in taken}, 2026, count)
    assert len(found) == count
    assert found == sorted(set(found) - taken)
    assert min(found) > highest


def test_a_funnel_counts_a_family_once_and_shares_are_of_families_not_of_papers() -> None:
    steps = funnel([(5, {1, 2, 3, 4}), (7, {1, 2, 9}), (1, {9}), (0, set())])
    assert [(step.papers, step.households, step.of_before) for step in steps] == [
        (5, 4, None),
        (7, 3, 50),
        (1, 1, 33),
        (0, 0, 0),
    ]
