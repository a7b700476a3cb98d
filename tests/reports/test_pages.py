"""The statement on the page and for programs: scope, links that open every figure, withheld counts."""

import io
import re
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from functools import partial
from html import unescape
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from aidtrack.kernel.actor import PERMISSIONS, Actor, Role
from aidtrack.reports import closing
from aidtrack.reports.invariants import CHECKS
from aidtrack.web.access import LOAD_ACTOR
from tests.reports.books import (
    CITY,
    HANDED_OUT,
    KIT,
    LOSS,
    OIL,
    POINT,
    RICE,
    SUPPLIER,
    WFP,
    Books,
    liaison,
    reviewer,
)
from tests.support.kinds import database_url as database_url
from tests.support.kinds import on_both
from tests.support.patience import SECONDS, until

Unit = Callable[[], AbstractContextManager[Session]]
PERIOD = "donor=WFP&start=2022-09-01&end=2022-12-20"


@pytest.fixture
def books(unit: Unit) -> Books:
    """Rice for eight families in September, for three of them again in October, and a kit of the city."""
    with unit() as session:
        books = Books(session).found()
        rice, oil, kit = books.lot(WFP, RICE, 1), books.lot(WFP, OIL, None), books.lot(CITY, KIT, 3)
        for lot, units in ((rice, 29_378_000), (oil, 7_820_000), (kit, 65)):
            books.entry("receipt", date(2022, 9, 2), (lot, SUPPLIER, POINT, units))
        for household in range(1, 9):
            books.entry(
                "handout",
                date(2022, 9, 10),
                (rice, POINT, HANDED_OUT, 16_000),
                household=household,
                place=POINT,
            )
        for household in range(1, 4):
            books.entry(
                "handout",
                date(2022, 10, 10),
                (rice, POINT, HANDED_OUT, 16_000),
                household=household,
                place=POINT,
            )
        books.entry("loss", date(2022, 10, 11), (rice, POINT, LOSS, 500), cause="wetting")
        books.keep_balances()
    return books


@pytest.fixture
def sign_in(app: Flask, client: FlaskClient) -> Callable[[Actor], FlaskClient]:
    def as_(actor: Actor) -> FlaskClient:
        app.extensions[LOAD_ACTOR] = lambda: actor
        return client

    return as_


def links(html: str, path: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'href="([^"]+)"', html) if found.startswith(path)]


def test_the_page_shows_a_statement_that_closes(
    books: Books, sign_in: Callable[[Actor], FlaskClient]
) -> None:
    page = sign_in(reviewer()).get(f"/statements?{PERIOD}")
    assert page.status_code == 200
    html = page.get_data(as_text=True)
    assert "29\N{NO-BREAK SPACE}378\N{NO-BREAK SPACE}кг" in html
    assert "Звіт сходиться" in html


@on_both
def test_while_many_months_are_added_up_the_page_says_how_far_they_are(
    books: Books, sign_in: Callable[[Actor], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "ENTRIES_AT_ONCE", 10)
    go_on, sum_month = threading.Event(), closing.sum_month

    def when_told(*given: Any) -> closing.MonthSums:
        go_on.wait(SECONDS)
        return sum_month(*given)

    monkeypatch.setattr(closing, "sum_month", when_told)
    client = sign_in(reviewer())
    addresses = [
        f"/statements?{PERIOD}",
        f"/statements/lines?{PERIOD}&figure=lost",
        f"/statements/file?{PERIOD}&format=csv",
    ]
    for address in addresses:
        page = client.get(address)
        assert page.headers["Refresh"] == "1" and "Підсумовано місяців" in page.text
    go_on.set()

    def is_written(address: str) -> bool:
        return "Refresh" not in client.get(address).headers

    for address in addresses:
        until(partial(is_written, address), "the statement")
    assert "Звіт сходиться" in client.get(addresses[0]).text


def test_where_sums_cannot_be_kept_the_statement_is_read_all_the_same(
    books: Books, sign_in: Callable[[Actor], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "ENTRIES_AT_ONCE", 10)

    def is_read_only(*given: Any, **more: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("attempt to write a readonly database"))

    monkeypatch.setattr(closing, "keep_month", is_read_only)
    client = sign_in(reviewer())
    until(lambda: "Звіт сходиться" in client.get(f"/statements?{PERIOD}").text, "the statement")


@on_both
def test_every_figure_opens_its_lines(books: Books, sign_in: Callable[[Actor], FlaskClient]) -> None:
    client = sign_in(reviewer())
    html = client.get(f"/statements?{PERIOD}").get_data(as_text=True)
    found = links(html, "/statements/lines")
    assert len(found) >= 15
    assert html.count("Видачі, за якими це пораховано") >= 5  # households and persons too
    for address in set(found):
        assert client.get(address).status_code == 200, address


def test_lines_name_lots_and_documents_and_no_family(
    books: Books, sign_in: Callable[[Actor], FlaskClient]
) -> None:
    html = sign_in(reviewer()).get(f"/statements/lines?{PERIOD}&figure=handed_out").get_data(as_text=True)
    assert html.count("L-0001") == 11
    assert "DN-22-" not in html


@on_both
def test_long_lists_go_on_after_the_last_line(
    books: Books, sign_in: Callable[[Actor], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    from aidtrack.reports import lines

    monkeypatch.setattr(lines.page, "__kwdefaults__", {"after": None, "size": 4})
    client, address, seen = sign_in(reviewer()), f"/statements/lines?{PERIOD}&figure=handed_out", 0
    for _ in range(3):
        html = client.get(address).get_data(as_text=True)
        seen += html.count("L-0001")
        address = next((link for link in links(html, "/statements/lines") if "after=" in link), "")
    assert seen == 11
    assert address == ""


@on_both
def test_a_liaison_sees_no_small_cell(books: Books, sign_in: Callable[[Actor], FlaskClient]) -> None:
    client = sign_in(liaison(WFP))
    made = client.get("/api/v1/statements?donor=WFP&from=2022-09-01&to=2022-12-20").get_json()
    assert made["reached"]["households"] == 8
    # October alone has three families; September would give them away and is withheld with it
    assert [row["reached"] for row in made["by_month"]] == [None, None]
    whole = sign_in(reviewer()).get("/api/v1/statements?donor=WFP&from=2022-09-01&to=2022-12-20").get_json()
    assert [row["reached"]["households"] for row in whole["by_month"]] == [8, 3]


OF_A_DONOR = (
    f"/statements?{PERIOD}",
    f"/statements/lines?{PERIOD}&figure=received",
    f"/statements/file?{PERIOD}&format=csv",
    f"/statements/file?{PERIOD}&format=table",
    "/api/v1/statements?donor=WFP&from=2022-09-01&to=2022-12-20",
)


def test_another_donor_answers_like_a_missing_one(
    books: Books, sign_in: Callable[[Actor], FlaskClient]
) -> None:
    client = sign_in(liaison(CITY))

    def told(address: str) -> tuple[int, str]:
        answer = client.get(address)
        text = re.sub(r"WFP|NOBODY", "", answer.get_data(as_text=True))
        return answer.status_code, re.sub(r'(csrf[^>]*content|value)="[^"]*"', "", text)

    for address in OF_A_DONOR:
        other = told(address)
        assert other[0] == 404, address
        assert other == told(address.replace("WFP", "NOBODY")), address


def test_other_roles_read_no_statement(books: Books, sign_in: Callable[[Actor], FlaskClient]) -> None:
    keeper = Actor("w", Role.WAREHOUSE, frozenset({1}), permissions=PERMISSIONS[Role.WAREHOUSE])
    assert sign_in(keeper).get(f"/statements?{PERIOD}").status_code == 403


@on_both
def test_the_api_speaks_in_base_units(books: Books, sign_in: Callable[[Actor], FlaskClient]) -> None:
    made = (
        sign_in(reviewer())
        .get("/api/v1/statements?donor=WFP&from=2022-09-01&to=2022-12-20&item=rice")
        .get_json()
    )
    (line,) = made["lines"]
    assert made["closes"] is True
    assert line["base_unit"] == "g"
    assert line["figures"]["received"] == 29_378_000
    assert line["figures"]["closing"] == 29_378_000 - 11 * 16_000 - 500
    assert line["lost_by_cause"] == {"wetting": 500}
    assert (made["reached"]["issues"], made["reached"]["households"]) == (11, 8)


def test_a_period_backwards_keeps_what_was_typed(
    books: Books, sign_in: Callable[[Actor], FlaskClient]
) -> None:
    page = sign_in(reviewer()).get("/statements?donor=WFP&start=2022-12-20&end=2022-09-01")
    assert page.status_code == 422
    html = page.get_data(as_text=True)
    assert "Період закінчується раніше" in html
    assert 'value="2022-12-20"' in html


def test_a_day_that_is_none_is_refused_in_words(
    books: Books, sign_in: Callable[[Actor], FlaskClient]
) -> None:
    page = sign_in(reviewer()).get("/statements?donor=WFP&start=31.02.2022&end=2022-09-01")
    assert page.status_code == 422
    assert "31.02.2022" in page.get_data(as_text=True)


def test_files_are_made_and_noted(books: Books, sign_in: Callable[[Actor], FlaskClient], unit: Unit) -> None:
    from sqlalchemy import select

    from aidtrack.audit.models import AuditEvent

    client = sign_in(reviewer())
    for fmt in ("csv", "lines", "table", "xlsx", "pdf"):
        answer = client.get(f"/statements/file?{PERIOD}&format={fmt}")
        assert answer.status_code == 200
        assert int(answer.headers["Content-Length"]) == len(answer.data) > 200
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/statements/file?{PERIOD}&format=xlsx").data))
    shown = [str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row if cell]
    assert any(re.fullmatch(r"\d+:[0-9a-f]{64}", text) for text in shown)
    with unit() as session:
        acts = session.scalars(select(AuditEvent.action).where(AuditEvent.action == "reports.export")).all()
    assert len(acts) == 6


@on_both
def test_the_books_pass_the_checks_of_this_room(books: Books, unit: Unit) -> None:
    with unit() as session:
        assert [breach for check in CHECKS for breach in check(session)] == []


@on_both
def test_a_handout_line_that_lies_is_a_breach(books: Books, unit: Unit) -> None:
    from sqlalchemy import insert

    from aidtrack.distribution.models import HandoutLine

    with unit() as session:
        session.execute(insert(HandoutLine).values(handout_id=1, item_id=OIL, due_units=7, units=7))
    with unit() as session:
        assert [breach.code for check in CHECKS for breach in check(session)] == ["I6"]


@on_both
def test_closed_months_that_lie_are_a_breach(
    books: Books, unit: Unit, sign_in: Callable[[Actor], FlaskClient]
) -> None:
    from sqlalchemy import update

    from aidtrack.reports.models import MonthMove

    sign_in(reviewer()).get(f"/statements?{PERIOD}")
    with unit() as session:
        session.execute(update(MonthMove).values(units=MonthMove.units + 1))
    with unit() as session:
        found = {breach.code for check in CHECKS for breach in check(session)}
    assert found == {"closed months"}
