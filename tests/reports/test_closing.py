"""When months are summed, when their sums are used, and what two who sum at once do to each other."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.reports import closing
from aidtrack.reports.models import ClosedMonth, MonthMove
from tests.reports.books import HANDED_OUT, NOW, POINT, RICE, SUPPLIER, TODAY, WFP, Books

Unit = Callable[[], AbstractContextManager[Session]]
SEPTEMBER, OCTOBER, DECEMBER = date(2022, 9, 1), date(2022, 10, 1), date(2022, 12, 1)


@pytest.fixture
def books(session: Session) -> Books:
    books = Books(session).found()
    rice = books.lot(WFP, RICE, 1)
    books.entry("receipt", date(2022, 9, 2), (rice, SUPPLIER, POINT, 1_000))
    books.entry("handout", date(2022, 9, 5), (rice, POINT, HANDED_OUT, 10), household=1, place=POINT)
    books.entry("handout", date(2022, 10, 5), (rice, POINT, HANDED_OUT, 10), household=2, place=POINT)
    return books


def sum_up(session: Session, *months: date) -> None:
    for month in months:
        closing.keep_month(
            session, closing.sum_month(session, month, closing.newest_entry_id(session)), now=NOW
        )


def test_only_months_before_this_one_are_summed(books: Books) -> None:
    assert closing.months_to_sum(books.session, TODAY) == [SEPTEMBER, OCTOBER, date(2022, 11, 1)]


def test_a_busy_running_month_is_summed_too(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "ENTRIES_TO_ADD", 2)
    for day in (1, 2, 3):
        books.entry("handout", date(2022, 12, day), (1, POINT, HANDED_OUT, 1), household=day, place=POINT)
    assert DECEMBER in closing.months_to_sum(books.session, TODAY)


def test_a_late_entry_is_added_beside_the_sums(books: Books) -> None:
    sum_up(books.session, SEPTEMBER, OCTOBER)
    books.entry("handout", date(2022, 9, 30), (1, POINT, HANDED_OUT, 5), household=3, place=POINT)
    kept = closing.kept_months(books.session)
    assert set(kept.months) == {SEPTEMBER, OCTOBER}
    assert kept.later == {SEPTEMBER: 1}


def test_undoing_a_summed_handout_in_a_later_month_breaks_its_sums(books: Books) -> None:
    sum_up(books.session, SEPTEMBER, OCTOBER)
    books.reverse(books.entries[1], date(2022, 10, 20))
    kept = closing.kept_months(books.session)
    assert set(kept.months) == {OCTOBER}
    assert SEPTEMBER in closing.months_to_sum(books.session, TODAY)


def test_undoing_what_came_after_the_sums_breaks_nothing(books: Books) -> None:
    sum_up(books.session, SEPTEMBER, OCTOBER)
    late = books.entry("handout", date(2022, 9, 30), (1, POINT, HANDED_OUT, 5), household=3, place=POINT)
    books.reverse(late, date(2022, 9, 30))
    assert set(closing.kept_months(books.session).months) == {SEPTEMBER, OCTOBER}


def test_a_statement_as_of_an_earlier_entry_uses_no_later_sums(books: Books) -> None:
    sum_up(books.session, SEPTEMBER)
    assert closing.kept_months(books.session, upto=2).months == {}


def test_older_sums_never_replace_newer_ones(books: Books) -> None:
    session = books.session
    older = closing.sum_month(session, SEPTEMBER, 1)
    sum_up(session, SEPTEMBER)
    closing.keep_month(session, older, now=NOW)
    assert session.scalar(select(ClosedMonth.last_entry_id)) == 3
    assert session.scalar(select(func.count()).select_from(MonthMove)) == 2


def test_closing_twice_does_nothing_the_second_time(unit: Unit) -> None:
    with unit() as session:
        books = Books(session).found()
        rice = books.lot(WFP, RICE, 1)
        books.entry("receipt", date(2022, 11, 2), (rice, SUPPLIER, POINT, 1_000))
        books.keep_balances()
    told: list[tuple[int, int]] = []

    def tell(done: int, of: int) -> None:
        told.append((done, of))

    assert closing.close_months(today=TODAY, now=NOW, on_month=tell) == [date(2022, 11, 1)]
    assert closing.close_months(today=TODAY, now=NOW) == []
    assert told == [(0, 1)]
