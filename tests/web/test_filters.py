"""How quantities, days, moments and names are written."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from aidtrack.kernel.quantity import BaseUnit
from aidtrack.web import Page, bounds, download, filters, page_number
from tests.web.support import Someone, person

NB = "\N{NO-BREAK SPACE}"


@dataclass
class Thing:
    name_uk: str
    name_en: str


def test_quantities_follow_the_language(web_app: Flask, someone: Someone) -> None:
    with web_app.test_request_context():
        assert filters.qty(29_378_000, BaseUnit.G) == f"29{NB}378{NB}кг"
    someone.actor = person(language="en")
    with web_app.test_request_context():
        assert filters.qty(29_650_500, "g") == f"29{NB}650.5{NB}kg"
        assert filters.qty(None, "g") == "—"


def test_days_are_written_without_doubt_which_is_the_month() -> None:
    assert filters.day(date(2022, 9, 1), "uk") == "01.09.2022"
    assert filters.day(date(2022, 9, 1), "en") == "1 Sept 2022"
    assert filters.day(date(2022, 9, 1), "uk", form="long") == "1 вересня 2022\N{NO-BREAK SPACE}р."
    assert filters.day(None, "uk") == "—"


def test_moments_are_the_sites_clock_in_summer_and_winter() -> None:
    assert filters.moment(datetime(2022, 7, 1, 21, 30, tzinfo=UTC), "uk") == "02.07.2022, 00:30"
    assert filters.moment(datetime(2022, 12, 1, 21, 30, tzinfo=UTC), "uk") == "01.12.2022, 23:30"


def test_a_moment_without_a_zone_is_a_mistake_of_ours() -> None:
    with pytest.raises(AssertionError):
        filters.moment(datetime(2022, 7, 1), "uk")  # noqa: DTZ001


def test_a_name_falls_back_to_the_other_language() -> None:
    assert filters.name(Thing("Рис", "Rice"), "en") == "Rice"
    assert filters.name(Thing("Рис", ""), "en") == "Рис"
    assert filters.name(None, "en") == "—"


def test_large_numbers_are_grouped() -> None:
    assert filters.number(1741) == f"1{NB}741"


def test_attributes_are_escaped() -> None:
    assert filters.attributes({"a": '"><b', "b": True, "c": None}) == ' a="&#34;&gt;&lt;b" b'


@pytest.mark.parametrize(
    ("number", "first", "last", "previous", "next_"),
    [(1, 1, 25, None, 2), (2, 26, 50, 1, 3), (3, 51, 60, 2, None)],
)
def test_a_page_knows_its_place(
    number: int, first: int, last: int, previous: int | None, next_: int | None
) -> None:
    page = Page(list(range(min(25, 60 - (number - 1) * 25))), number, 60)
    assert (page.first, page.last, page.previous, page.next) == (first, last, previous, next_)


def test_an_empty_list_has_one_empty_page() -> None:
    page: Page[int] = Page([], 1, 0)
    assert (page.pages, page.first, page.last) == (1, 0, 0)


@pytest.mark.parametrize(
    ("asked", "given"), [("3", 3), ("0", 1), ("-1", 1), ("x", 1), ("", 1), ("9" * 30, 1), ("²", 1)]
)
def test_any_page_number_is_survived(web_app: Flask, asked: str, given: int) -> None:
    with web_app.test_request_context(query_string={"page": asked}):
        assert page_number() == given
        assert bounds(given) == (25, (given - 1) * 25)


def test_a_download_carries_its_ukrainian_name(web_app: Flask) -> None:
    with web_app.test_request_context():
        answer = download(b"x", "Звіт WFP.xlsx", "application/vnd.ms-excel")
    header = answer.headers["Content-Disposition"]
    assert header.startswith("attachment; filename=WFP.xlsx")
    assert "filename*=UTF-8''%D0%97%D0%B2%D1%96%D1%82%20WFP.xlsx" in header
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_download_name_cannot_add_headers(web_app: Flask) -> None:
    with web_app.test_request_context():
        header = download(b"x", 'a"\r\nSet-Cookie: x=1', "text/csv").headers["Content-Disposition"]
    assert "\r" not in header
    assert "\n" not in header


def test_names_sort_as_a_ukrainian_register_has_them() -> None:
    names = ["Їжа", "Йод", "«Зерно»", "Ікра", "Ґудзик", "Гречка", "Єнот", "Дрова", "Ирій", "Жито"]
    assert sorted(names, key=filters.in_order) == [
        "Гречка", "Ґудзик", "Дрова", "Єнот", "Жито", "«Зерно»", "Ирій", "Ікра", "Їжа", "Йод",
    ]  # fmt: skip
