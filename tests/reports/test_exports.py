"""Files that leave the building: exact, safe to open, complete, and readable in both languages."""

import csv
import io
from datetime import date
from decimal import Decimal

import openpyxl
import pypdfium2
import pytest
from flask import Flask
from flask_babel import Babel

from aidtrack.kernel.errors import InvalidValue, NotFound
from aidtrack.reports.exports import Again, write_statement
from aidtrack.web.csv_files import safe
from tests.reports.books import (
    CITY,
    HANDED_OUT,
    LOSS,
    NOW,
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

START, END = date(2022, 9, 1), date(2022, 12, 20)


@pytest.fixture
def spoken(bare_app: Flask) -> Flask:
    Babel(bare_app, default_locale="uk")
    return bare_app


@pytest.fixture
def kept(books: Books, spoken: Flask) -> Books:
    """4.35 kg in odd grams, six families in two months, one handout undone, a loss."""
    rice = books.lot(WFP, RICE, 1)
    books.entry("receipt", date(2022, 9, 2), (rice, SUPPLIER, STORE, 29_378_001))
    books.entry("dispatch", date(2022, 9, 3), (rice, STORE, POINT, 100_000))
    for household in range(1, 7):
        books.entry(
            "handout",
            date(2022, 9, 4 + household),
            (rice, POINT, HANDED_OUT, 4_350),
            household=household,
            place=POINT,
        )
    undone = books.entry(
        "handout", date(2022, 10, 5), (rice, POINT, HANDED_OUT, 777), household=7, place=POINT
    )
    books.reverse(undone, date(2022, 11, 1))
    books.entry("loss", date(2022, 10, 6), (rice, STORE, LOSS, 7), cause="wetting")
    books.keep_balances()
    return books


def written(books: Books, fmt: str, **options: object) -> bytes:
    stream = io.BytesIO()
    arguments = {
        "donor_code": "WFP", "start": START, "end": END, "actor": reviewer(), "now": NOW, **options,
    }  # fmt: skip
    write_statement(books.session, fmt=fmt, stream=stream, **arguments)  # type: ignore[arg-type]
    return stream.getvalue()


def test_the_ukrainian_csv_opens_in_a_ukrainian_excel(kept: Books) -> None:
    text = written(kept, "csv").decode("utf-8")
    assert text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")
    rows = list(csv.DictReader(io.StringIO(text[1:]), delimiter=";"))
    assert len(rows) == 1
    cells = list(rows[0].values())
    assert cells[:3] == ["WFP", "2022-09-01", "2022-12-20"]
    assert "29378,001" in cells
    assert "29378001" in cells


def test_the_english_csv_uses_commas_and_points(kept: Books) -> None:
    text = written(kept, "csv", language="en").decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(text)))
    assert row["Received"] == "29378.001"
    assert row["Received, base units"] == "29378001"
    assert row["Handed out"] == "26.1"
    assert row["Losses"] == "0.007"
    assert (row["Issues"], row["Households"], row["Persons"]) == ("6", "6", "15")


@on_both
def test_the_lines_add_up_to_the_figures(kept: Books) -> None:
    text = written(kept, "lines", language="en").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    given = [int(row["In base units"]) for row in rows if row["Figure"] == "Handed out"]
    assert sum(given) == 26_100
    assert [row["Remark"] for row in rows if int(row["In base units"]) < 0] == ["correction of a line above"]


@pytest.mark.parametrize("text", ["=1+1", "+380", "-5", "@cmd", "\t=1", "\r=1", "＝1"])
def test_text_that_looks_like_a_formula_is_disarmed(text: str) -> None:
    assert safe(text) == f"'{text}"


def test_plain_text_stays_as_it_is() -> None:
    assert safe("Рис, 25 кг") == "Рис, 25 кг"


def test_workbook_numbers_are_numbers_and_exact(kept: Books) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(kept, "xlsx", language="en")))
    assert book.sheetnames == ["Statement", "Base units", "Reached", "Losses", "Closing by lot", "Lines"]
    exact = {
        head.value: cell.value
        for head, cell in zip(book["Base units"][1], book["Base units"][2], strict=True)
    }
    assert exact["Received"] == 29_378_001
    assert exact["Closing balance"] == 29_378_001 - 6 * 4_350 - 7
    sheet = book["Statement"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "Agreement")
    row_of_head = head[0].row
    assert row_of_head is not None
    line = {title.value: cell for title, cell in zip(head, sheet[row_of_head + 1], strict=True)}
    assert Decimal(str(line["Received"].value)) == Decimal("29378.001")
    assert line["Received"].number_format == "#,##0.000"
    assert line["Item"].data_type == "s"
    assert sheet.freeze_panes is not None
    lines = list(book["Lines"].iter_rows(min_row=2, values_only=True))
    assert len(lines) == 10
    assert sum(Decimal(str(row[10])) for row in lines if row[2] == "Handed out") == 26_100


def test_a_name_like_a_formula_stays_text_in_the_workbook(kept: Books) -> None:
    from sqlalchemy import update

    from aidtrack.inventory.models import Item

    kept.session.execute(update(Item).values(name_en="=1+1"))
    book = openpyxl.load_workbook(io.BytesIO(written(kept, "xlsx", language="en")))
    assert book["Base units"]["C2"].value == "=1+1"
    assert book["Base units"]["C2"].data_type != "f"


@pytest.mark.parametrize(("language", "word"), [("uk", "Рис"), ("en", "Rice")])
def test_the_paper_carries_the_statement_in_words(kept: Books, language: str, word: str) -> None:
    document = pypdfium2.PdfDocument(written(kept, "pdf", language=language))
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    assert word in text
    assert "WFP" in text
    assert ("29 378,001" if language == "uk" else "29 378.001") in text.replace("\N{NO-BREAK SPACE}", " ")
    assert str(kept.entries[-1].id) in text
    document.close()


@on_both
def test_a_family_reached_by_an_undone_handout_counts_nowhere(kept: Books) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(kept, "xlsx", language="en")))
    months = [row[0] for row in book["Reached"].iter_rows(max_row=4, values_only=True)]
    assert months == ["Month", "September 2022", "Together, each counted once", None]


def test_another_donor_is_missing_for_a_liaison(kept: Books) -> None:
    with pytest.raises(NotFound):
        written(kept, "csv", actor=liaison(CITY))


@on_both
def test_a_liaison_sees_no_single_issue_in_the_lines(kept: Books) -> None:
    text = written(kept, "lines", actor=liaison(WFP), language="en").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["Document"] for row in rows if row["Figure"] == "Handed out"} == {""}
    assert sum(int(row["In base units"]) for row in rows if row["Figure"] == "Handed out") == 26_100


def test_an_unknown_format_is_refused(kept: Books) -> None:
    with pytest.raises(InvalidValue) as refused:
        written(kept, "docx")
    assert refused.value.field == "format"


@on_both
@pytest.mark.parametrize("fmt", ["csv", "lines", "xlsx"])
def test_a_kept_statement_is_written_again_to_the_same_bytes(kept: Books, fmt: str) -> None:
    """I8. Later entries of its days, and later reversals of its handouts, change nothing in it."""
    first = written(kept, fmt, language="en")
    again = Again(kept.entries[-1].id, None)
    rice = 1
    kept.entry("receipt", date(2022, 9, 8), (rice, SUPPLIER, STORE, 5_000))
    kept.entry("handout", date(2022, 9, 9), (rice, POINT, HANDED_OUT, 100), household=8, place=POINT)
    kept.reverse(next(entry for entry in kept.entries if entry.household == 3), date(2022, 9, 20))
    assert written(kept, fmt, language="en", again=again) == first
    assert written(kept, fmt, language="en") != first
