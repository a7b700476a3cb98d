"""Working days, terms as dated data, what is reported, and the code a writer takes home."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.feedback.figures import Entry, figures, marks, tenths, told
from aidtrack.feedback.working_days import Calendar, due_on, term_on, working_days_between

FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)


def test_the_day_of_receipt_is_not_counted_and_weekends_are_passed_over() -> None:
    assert due_on(FRIDAY, 1, Calendar()) == MONDAY
    assert due_on(FRIDAY, 5, Calendar()) == FRIDAY + timedelta(days=7)
    assert due_on(FRIDAY + timedelta(days=1), 0, Calendar()) == MONDAY, "received on a Saturday"


def test_special_days_and_weeks_hold_from_their_own_day_on() -> None:
    holiday = Calendar(special={MONDAY: False, FRIDAY + timedelta(days=1): True})
    assert due_on(FRIDAY, 1, holiday) == FRIDAY + timedelta(days=1)
    assert due_on(FRIDAY, 2, holiday) == MONDAY + timedelta(days=1)
    six = Calendar(weeks=((date(2026, 1, 1), "12345"), (MONDAY, "123456")))
    assert not six.works(MONDAY - timedelta(days=2))
    assert six.works(MONDAY + timedelta(days=5))


def test_a_calendar_without_working_days_still_gives_a_day() -> None:
    never = Calendar(weeks=((date(2026, 1, 1), ""),))
    assert due_on(MONDAY, 3, never) == MONDAY + timedelta(days=6)


@given(st.integers(0, 60), st.integers(0, 6), st.sets(st.integers(1, 7), min_size=1))
def test_an_answer_on_the_last_day_took_exactly_the_days_allowed(
    days: int, later: int, week: set[int]
) -> None:
    calendar = Calendar(weeks=((date(2026, 1, 1), "".join(map(str, sorted(week)))),))
    received = MONDAY + timedelta(days=later)
    last = due_on(received, days, calendar)
    took = working_days_between(received, last, calendar)
    assert calendar.works(last)
    assert took == max(days, took if days == 0 else 0)
    assert days == 0 or working_days_between(received, last - timedelta(days=1), calendar) == days - 1


def test_the_newest_term_that_has_begun_counts() -> None:
    terms = [(date(2026, 1, 1), 10), (date(2026, 7, 1), 5)]
    assert [term_on(terms, day) for day in (date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1))] == [
        None,
        10,
        5,
    ]


def entry(due: date, answered: date | None, took: int | None = None, kind: str = "question") -> Entry:
    return Entry(kind, "web", due, answered, took)


def test_the_share_in_time_is_of_those_answered_or_overdue() -> None:
    counted = figures(
        [
            entry(MONDAY, MONDAY, 1), entry(FRIDAY, MONDAY, 4), entry(FRIDAY, None), entry(MONDAY, None, kind="thanks"),
        ],
        today=MONDAY,
    )  # fmt: skip
    assert (counted.received, counted.due, counted.in_time, counted.overdue) == (4, 3, 1, 1)
    assert (counted.percent_in_time, counted.mean_tenths, counted.longest) == (33, 25, 4)
    assert (counted.by_kind, counted.by_channel) == ({"question": 3, "thanks": 1}, {"web": 4})
    assert figures([], today=MONDAY).percent_in_time is None


def test_marks_have_a_mean_and_the_count_of_each() -> None:
    given_ = marks([5, 5, 4, 1])
    assert (given_.total, tenths(given_.mean_tenths, ","), given_.counts[5]) == (4, "3,8", 2)
    assert tenths(marks([]).mean_tenths, ",") == "—"


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (4, 0), (5, 5), (9, 5), (10, 10)])
def test_sensitive_ones_are_told_in_steps_of_five(count: int, shown: int) -> None:
    assert told(count) == shown
