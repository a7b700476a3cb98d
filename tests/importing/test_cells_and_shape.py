"""Days, numbers and headings as real files have them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.importing.cells import read_date, read_whole, read_yes_no
from aidtrack.importing.errors import (
    CellRefused,
    DateReadTwoWays,
    NoHeadings,
    NotADate,
    NotAWholeNumber,
    YearHasTwoDigits,
)
from aidtrack.importing.shape import find_shape
from aidtrack.kernel.likeness import folded, mended_letters

DAY = date(2022, 9, 1)
MONTHS = [
    "січня",
    "лютого",
    "березня",
    "квітня",
    "травня",
    "червня",
    "липня",
    "серпня",
    "вересня",
    "жовтня",
    "листопада",
    "грудня",
]


@pytest.mark.parametrize(
    "text",
    ["01.09.2022", "1.9.2022", "01/09/2022", "1-9-2022", "2022-09-01", "2022.09.01", "01.09.2022 р.", "1 вересня 2022 року",
     "1 Sept 2022", "01.09.2022 00:00", "2022-09-01T00:00:00", "44805", "44805,0", " 01 . 09 . 2022 "],
)  # fmt: skip
def test_one_day_in_many_forms(text: str) -> None:
    assert read_date(text) == DAY


@pytest.mark.parametrize(
    ("text", "refusal"),
    [("01.09.22", YearHasTwoDigits), ("09/25/2022", DateReadTwoWays), ("31.02.2022", NotADate), ("1975", NotADate),
     ("вчора", NotADate), ("99999", NotADate), ("1 вересеня", NotADate), ("30.13.2022", NotADate)],
)  # fmt: skip
def test_a_day_that_is_none_or_may_be_another_is_refused(text: str, refusal: type[CellRefused]) -> None:
    with pytest.raises(refusal):
        read_date(text)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_every_day_is_read_back_from_every_form(day: date) -> None:
    for text in (
        day.isoformat(), f"{day:%d.%m.%Y}", f"{day.day} {MONTHS[day.month - 1]} {day.year} р.",
        f"{day.day}/{day.month}/{day.year}" if day.day > 12 else day.isoformat(),
    ):  # fmt: skip
        assert read_date(text) == day


def test_whole_numbers_may_have_their_thousands_apart() -> None:
    assert read_whole("1 741") == read_whole("1\u00a0741") == read_whole("1741,0") == 1741
    for text in ("1,5", "-1", "сто", "٣"):
        with pytest.raises(NotAWholeNumber):
            read_whole(text)


def test_yes_and_no_have_many_words() -> None:
    assert all(read_yes_no(word) for word in ("так", "Так ", "+", "1", "yes", "✓"))
    assert not any(read_yes_no(word) for word in ("ні", "no", "0", "-", "НІ"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Кам'янка", "Кам’янка"), ("Кам`янка", "КАМʼЯНКА"), ("Cпеціаліст", "Спеціаліст"), ("нове  село", "Нове-Село"),
     ("Зrpaя", "зrpaя"), ("Дніпрo", "Дніпро")],
)  # fmt: skip
def test_writings_of_one_word_fold_together(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_only_letters_that_look_alike_are_mended() -> None:
    assert mended_letters("Cпеціаліст, Dnipro, зrealізовано") == "Спеціаліст, Dnipro, зrealізовано"
    assert mended_letters("Оlena") == "Olena"
    assert mended_letters("Хто PIN") == "Хто PIN"


@given(st.text(max_size=30))
def test_folding_is_stable(text: str) -> None:
    assert folded(folded(text)) == folded(text)


# -- headings -------------------------------------------------------------------------------------------

KNOWN = {"№", "прізвище", "ім'я", "дата народження", "телефон", "член сім'ї прізвище"}


def shape(*rows: list[str], row: int | None = None, depth: int | None = None):  # type: ignore[no-untyped-def]
    numbered = [(number, tuple(cells)) for number, cells in enumerate(rows, start=1) if any(cells)]
    return find_shape(
        numbered,
        lambda heading: folded(heading) in {folded(one) for one in KNOWN},
        header_row=row,
        header_rows=depth,
    )


def test_titles_above_and_column_numbers_below_are_no_data() -> None:
    found = shape(
        ["Список сімей"],
        ["станом на 01.09.2022"],
        ["№", "Прізвище", "Телефон"],
        ["1", "2", "3"],
        ["1", "Перша", "067"],
    )
    assert (found.header_row, found.header_rows, found.data_after) == (3, 1, 4)
    assert found.headings == ("№", "Прізвище", "Телефон")


def test_two_rows_of_headings_are_read_together() -> None:
    found = shape(
        ["№", "Член сім'ї", "", "Телефон"], ["", "прізвище", "ім'я", ""], ["1", "Перша", "Олена", "067"]
    )
    assert (found.header_row, found.header_rows) == (1, 2)
    assert found.headings == ("№", "Член сім'ї прізвище", "Член сім'ї ім'я", "Телефон")


def test_a_row_of_hxl_tags_is_kept_apart() -> None:
    found = shape(
        ["Cluster", "Organization", "Month"], ["#sector", "#org", "#period_date"], ["Food", "WFP", "June"]
    )
    assert found.tags == ("#sector", "#org", "#period_date") and found.data_after == 2


def test_a_person_may_say_where_the_headings_stand() -> None:
    rows = (["Прізвище", "Телефон"], ["Інше", "Щось"], ["a", "b"])
    assert shape(*rows, row=2, depth=1).headings == ("Інше", "Щось")
    with pytest.raises(NoHeadings):
        shape(*rows, row=9)


def test_a_table_without_headings_loses_no_row() -> None:
    rows = (["0370", "Рис", "44"], ["0371", "Олія", "37"], ["0372", "Мило", "5"])
    guessed, said = shape(*rows), shape(*rows[:1], depth=0)
    assert (guessed.header_row, guessed.header_rows, guessed.data_after) == (1, 0, 0)
    assert guessed.headings == ("", "", "") and said.data_after == 0
    years = shape(["Прізвище", "2021"], ["Перша", "1"], ["Друга", "2"])
    assert years.header_rows == 1  # something else in it is a heading that is known
    assert shape(*rows, row=1, depth=1).data_after == 1  # the person knows better


def test_the_fingerprint_forgives_case_and_apostrophes() -> None:
    assert (
        shape(["Прізвище", "Ім'я"], ["a", "b"]).fingerprint
        == shape(["ПРІЗВИЩЕ", "Ім’я"], ["c", "d"]).fingerprint
    )
