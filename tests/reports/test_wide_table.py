"""The table for analysts holds the statement's own figures, by month, place and agreement, each in its unit."""

import csv
import io
from collections import defaultdict
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask_babel import Babel

from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.reports.exports import Again, write_statement
from aidtrack.reports.scope import AskForStatement
from aidtrack.reports.statements import Statement, statement
from aidtrack.reports.tables import handed_out_table
from aidtrack.reports.wide_table import wide
from tests.reports.books import (
    CITY,
    HANDED_OUT,
    KIT,
    NOW,
    OIL,
    OTHER_STORE,
    POINT,
    RICE,
    STORE,
    SUPPLIER,
    WFP,
    Books,
    liaison,
    reviewer,
)
from tests.support.kinds import database_url as database_url
from tests.support.kinds import on_both

START, END = date(2022, 9, 5), date(2022, 12, 20)
BIG = 999_999_999_999  # nearly as much as one line of the books may hold


@pytest.fixture
def kept(books: Books, bare_app: Flask) -> Books:
    """Rice under two agreements, oil under none and kits in pieces, at two places in two months; one undone."""
    Babel(bare_app, default_locale="uk")
    first, second = books.lot(WFP, RICE, 1), books.lot(WFP, RICE, 2)
    oil, kit = books.lot(WFP, OIL, None), books.lot(WFP, KIT, 2)
    for lot, place in ((first, POINT), (second, POINT), (oil, POINT), (kit, STORE), (kit, OTHER_STORE)):
        books.entry("receipt", date(2022, 9, 2), (lot, SUPPLIER, place, 10**12))
    for household, day, *moves in (
        (1, date(2022, 9, 4), (first, POINT, HANDED_OUT, 9_999)),  # a day before the period
        (1, date(2022, 9, 5), (first, POINT, HANDED_OUT, 5_001), (oil, POINT, HANDED_OUT, 920)),
        (2, date(2022, 9, 6), (second, POINT, HANDED_OUT, BIG)),
        (3, date(2022, 9, 7), (kit, STORE, HANDED_OUT, 3)),
        (4, date(2022, 11, 8), (kit, OTHER_STORE, HANDED_OUT, 5)),
        (5, date(2022, 11, 9), (first, POINT, HANDED_OUT, 777)),
    ):
        made = books.entry("handout", day, *moves, household=household, place=moves[0][1], site=1)
    books.reverse(made, date(2022, 11, 10))
    books.keep_balances()
    return books


def table(books: Books, *, actor: Actor | None = None, **options: object) -> list[dict[str, str]]:
    stream = io.BytesIO()
    arguments = {
        "donor_code": "WFP", "start": START, "end": END, "now": NOW, "language": "en", **options,
    }  # fmt: skip
    write_statement(books.session, fmt="table", stream=stream, actor=actor or reviewer(), **arguments)  # type: ignore[arg-type]
    text = stream.getvalue().decode()
    assert text[0] == "\N{ZERO WIDTH NO-BREAK SPACE}"
    return list(csv.DictReader(io.StringIO(text[1:])))


def made(books: Books, actor: Actor | None = None) -> Statement:
    asked = AskForStatement("WFP", START, END)
    return statement(books.session, asked, actor=actor or reviewer(), now=NOW)


@on_both
def test_a_row_is_a_month_a_place_and_an_agreement(kept: Books) -> None:
    rows = table(kept)
    keys = ("Month", "From", "To", "Place code", "Agreement", "rice Rice, g", "oil Oil, g", "kit Kit, pcs")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("2022-09", "2022-09-05", "2022-09-30", "DN-W", "WFP-22-2", "0", "0", "3"),
        ("2022-09", "2022-09-05", "2022-09-30", "DN-P", "without an agreement", "0", "920", "0"),
        ("2022-09", "2022-09-05", "2022-09-30", "DN-P", "WFP-22-1", "5001", "0", "0"),
        ("2022-09", "2022-09-05", "2022-09-30", "DN-P", "WFP-22-2", str(BIG), "0", "0"),
        ("2022-11", "2022-11-01", "2022-11-30", "KR-W", "WFP-22-2", "0", "0", "5"),
        ("Total", "2022-09-05", "2022-12-20", "", "", str(BIG + 5_001), "920", "8"),
    ]


def test_grams_and_pieces_have_totals_of_their_own(kept: Books) -> None:
    for row in table(kept):
        assert int(row["Total, g"]) == int(row["rice Rice, g"]) + int(row["oil Oil, g"])
        assert int(row["Total, pcs"]) == int(row["kit Kit, pcs"])
    assert not [head for head in table(kept)[0] if head == "Total"]


@on_both
def test_the_totals_are_the_statements_own_figures(kept: Books) -> None:
    *rows, total = table(kept)
    by_item: dict[str, int] = defaultdict(int)
    by_agreement: dict[tuple[str, str], int] = defaultdict(int)
    for line in made(kept).lines:
        head = f"{line.item.code} {line.item.name_en}, {'pcs' if line.item.code == 'kit' else 'g'}"
        by_item[head] += line.balance.handed_out
        by_agreement[line.agreement.code if line.agreement else "without an agreement", head] += (
            line.balance.handed_out
        )
    assert {head: int(total[head]) for head in by_item} == by_item
    for (agreement, head), units in by_agreement.items():
        assert sum(int(row[head]) for row in rows if row["Agreement"] == agreement) == units


def test_the_cross_tables_of_the_workbook_hold_the_same_units(kept: Books) -> None:
    months, places = (
        handed_out_table(made(kept), by_place=by_place, language="en") for by_place in (False, True)
    )
    assert [(part.unit.value, part.items, part.rows, part.totals) for part in months] == [
        ("g", ["Oil", "Rice"], [("September 2022", [920, BIG + 5_001])], [920, BIG + 5_001]),
        ("piece", ["Kit"], [("September 2022", [3]), ("November 2022", [5])], [8]),
    ]  # fmt: skip
    assert [(part.unit.value, part.rows) for part in places] == [
        ("g", [("Point", [920, BIG + 5_001])]),
        ("piece", [("Store", [3]), ("Store 2", [5])]),
    ]


@on_both
def test_units_that_a_float_cannot_hold_stay_exact(kept: Books) -> None:
    whole = made(kept)
    odd = 2**53 + 1
    cells = wide(replace(whole, given=tuple(replace(given, units=odd) for given in whole.given)))
    assert sorted({int(units) for units in cells.to_numpy().flat}) == [0, odd]


def test_nothing_handed_out_is_a_head_without_rows(kept: Books) -> None:
    assert table(kept, start=date(2021, 1, 1), end=date(2021, 12, 31)) == []
    assert handed_out_table(
        statement(
            kept.session, AskForStatement("WFP", date(2021, 1, 1), date(2021, 12, 31)), actor=reviewer(), now=NOW
        ),
        by_place=True,
        language="en",
    ) == []  # fmt: skip


@on_both
def test_only_the_readers_sites_are_in_it(kept: Books) -> None:
    rows = table(kept, actor=reviewer(1))
    assert {row["Place code"] for row in rows[:-1]} == {"DN-W", "DN-P"}
    assert rows[-1]["kit Kit, pcs"] == "3"


def test_another_donor_is_missing_for_a_liaison_who_reads_goods_and_no_people(kept: Books) -> None:
    assert table(kept, actor=liaison(WFP)) == table(kept)
    with pytest.raises(NotFound):
        table(kept, actor=liaison(CITY))


def test_a_name_like_a_formula_is_disarmed(kept: Books) -> None:
    from sqlalchemy import update

    from aidtrack.inventory.models import Item, Place

    kept.session.execute(update(Item).where(Item.id == RICE).values(code="=2*3", name_en="@cmd"))
    kept.session.execute(update(Place).where(Place.id == POINT).values(name_en="+380"))
    rows = table(kept)
    assert "'=2*3 @cmd, g" in rows[0]
    assert {row["Place"] for row in rows[:-1]} == {"Store", "'+380", "Store 2"}


@on_both
def test_a_kept_table_is_written_again_as_it_was(kept: Books) -> None:
    first, again = table(kept), Again(kept.entries[-1].id, None)
    kept.entry("handout", date(2022, 9, 9), (1, POINT, HANDED_OUT, 100), household=8, place=POINT)
    assert table(kept, again=again) == first
    assert table(kept) != first
