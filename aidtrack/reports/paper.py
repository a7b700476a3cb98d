"""The statement on paper: A4 landscape, every page numbered, with the words that it closes."""

from collections.abc import Sequence
from functools import cache
from typing import IO, Any
from xml.sax.saxutils import escape

from flask_babel import gettext
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from aidtrack.db.bundled import PACKAGE
from aidtrack.kernel.quantity import NO_BREAK_SPACE, BaseUnit, plain_unit, show
from aidtrack.reports.counting import ReachedRow
from aidtrack.reports.lines import Shelf
from aidtrack.reports.printing import Printed
from aidtrack.reports.suppression import Reached
from aidtrack.reports.words import cause_name, figure_name, month_name
from aidtrack.web.filters import day, number

FONT, BOLD = "DejaVuSans", "DejaVuSans-Bold"
PAGE = landscape(A4)
MARGIN = 12 * mm
WIDTH = PAGE[0] - 2 * MARGIN


@cache
def _fonts() -> None:
    """DejaVu has every Ukrainian letter; reportlab puts only the glyphs that are used into the file."""
    for name in (FONT, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(PACKAGE / "static" / "fonts" / f"{name}.ttf")))


TITLE = ParagraphStyle("title", fontName=BOLD, fontSize=14, leading=18, spaceAfter=2 * mm)
HEADING = ParagraphStyle(
    "heading", fontName=BOLD, fontSize=10, leading=13, spaceBefore=4 * mm, spaceAfter=1.5 * mm
)
TEXT = ParagraphStyle("text", fontName=FONT, fontSize=8.5, leading=11)
CELL = ParagraphStyle("cell", fontName=FONT, fontSize=7, leading=8.5)
HEAD = ParagraphStyle("head", parent=CELL, fontName=BOLD)
NUMBER = ParagraphStyle("number", parent=CELL, alignment=2)
NUMBER_HEAD = ParagraphStyle("number-head", parent=HEAD, alignment=2)
NUMBER_TOTAL = ParagraphStyle("number-total", parent=NUMBER, fontName=BOLD)
GRID = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.3, colors.HexColor("#9AA5B1")),
        ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#E8EEF4")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
)


def write_pdf(stream: IO[bytes], printed: Printed, shelves: list[Shelf]) -> None:
    """Write the statement without its lines; those are in the workbook and on the pages."""
    _fonts()
    document = SimpleDocTemplate(
        stream, pagesize=PAGE, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=16 * mm,
        title=printed.title, author="aidtrack", lang=printed.language,
    )  # fmt: skip
    foot = gettext(
        "%(donor)s · ledger up to entry no. %(entry)s",
        donor=printed.statement.scope.donor.code,
        entry=printed.statement.ledger_entry_id,
    )

    def canvas(*arguments: Any, **options: Any) -> Canvas:
        return _Numbered(*arguments, foot=foot, **options)

    story = [
        Paragraph(escape(printed.title), TITLE),
        *(Paragraph(f"<b>{escape(name)}:</b> {escape(value)}", TEXT) for name, value in printed.facts),
        *_statement(printed),
        *(Paragraph(f"<b>{escape(words)}</b>", TEXT) for words in printed.closing_words()),
        *_reached(printed),
        *_losses(printed),
        *_shelves(printed, shelves),
        Paragraph(gettext("What the figures mean"), HEADING),
        *(
            Paragraph(f"<b>{escape(figure_name(figure))}:</b> {escape(printed.meaning(figure))}", CELL)
            for figure in printed.figures
        ),
        Spacer(1, 10 * mm),
        Paragraph(
            gettext("Signed: ____________________ Name and post: ______________________________ Date: ____________"),
            TEXT,
        ),
    ]  # fmt: skip
    document.build(story, canvasmaker=canvas)


class _Numbered(Canvas):
    """Keeps its pages until their number is known."""

    def __init__(self, *arguments: Any, foot: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._foot = foot
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._kept.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # the way reportlab's own examples number pages

    def save(self) -> None:
        for page, state in enumerate(self._kept, start=1):
            self.__dict__.update(state)
            self.setFont(FONT, 7.5)
            self.drawString(MARGIN, 9 * mm, self._foot)
            self.drawRightString(
                PAGE[0] - MARGIN,
                9 * mm,
                gettext("page %(page)s of %(pages)s", page=page, pages=len(self._kept)),
            )
            super().showPage()
        super().save()


def _statement(printed: Printed) -> list[Any]:
    figures = printed.figures
    heads = [gettext("Agreement"), gettext("Item"), *map(figure_name, figures)]
    heads += [gettext("Issues"), gettext("Households"), gettext("Persons")]
    rows = [_heads(heads, texts=2)]
    for line in printed.statement.lines:
        rows.append(
            [Paragraph(escape(printed.agreement(line.agreement)), CELL)]
            + [Paragraph(escape(line.item.name(printed.language)), CELL)]
            + [_quantity(line.balance.of(figure), line.item.unit, printed.language) for figure in figures]
            + _counts(line.reached)
        )  # fmt: skip
    for unit, totals in printed.totals():
        name = f"{gettext('Total')}, {plain_unit(unit, printed.language)}"
        rows.append(
            [Paragraph(escape(name), HEAD), ""]
            + [_quantity(totals[figure], unit, printed.language, NUMBER_TOTAL) for figure in figures]
            + ["", "", ""]
        )  # fmt: skip
    rows.append(
        [Paragraph(escape(gettext("Reached in all, each counted once")), HEAD)]
        + [""] * (len(figures) + 1)
        + _counts(printed.statement.reached, NUMBER_TOTAL)
    )  # fmt: skip
    rest = (WIDTH - 58 * mm) / (len(figures) + 3)
    table = _table(rows, [28 * mm, 30 * mm, *([rest] * (len(figures) + 3))])
    table.setStyle(TableStyle([("SPAN", (0, -1), (1 + len(figures), -1))]))  # its words stand in one line
    return [Spacer(1, 3 * mm), table]


def _reached(printed: Printed) -> list[Any]:
    made = printed.statement
    heads = [gettext("Issues"), gettext("Households"), gettext("Persons"),
             gettext("New households this year"), gettext("New persons this year")]  # fmt: skip
    story: list[Any] = []
    months = [(month_name(row.month, printed.language), row) for row in made.by_month if row.month]
    places = [(row.place.name(printed.language), row) for row in made.by_place if row.place]
    for title, name, rows in (
        (gettext("Reached by month"), gettext("Month"), months),
        (gettext("Reached by place"), gettext("Place"), places),
    ):
        if not rows:
            continue
        whole: list[tuple[str, ReachedRow]] = [
            *rows,
            (gettext("Together, each counted once"), ReachedRow(made.reached)),
        ]
        body = [_heads([name, *heads], texts=1)]
        body += [
            [Paragraph(escape(label), CELL), *_counts(row.reached, newness=True)] for label, row in whole
        ]
        story += [Paragraph(escape(title), HEADING), _table(body, [60 * mm, *([26 * mm] * 5)])]
    return story


def _losses(printed: Printed) -> list[Any]:
    rows = [
        [
            Paragraph(escape(printed.agreement(line.agreement)), CELL),
            Paragraph(escape(line.item.name(printed.language)), CELL),
            Paragraph(escape(cause_name(cause)), CELL),
            _quantity(units, line.item.unit, printed.language),
        ]
        for line in printed.statement.lines
        for cause, units in line.balance.lost_by_cause.items()
    ]
    if not rows:
        return []
    heads = [gettext("Agreement"), gettext("Item"), gettext("Cause"), gettext("Quantity")]
    return [
        Paragraph(escape(gettext("Losses by cause")), HEADING),
        _table([_heads(heads, texts=3), *rows], [40 * mm, 50 * mm, 60 * mm, 30 * mm]),
    ]


def _shelves(printed: Printed, shelves: list[Shelf]) -> list[Any]:
    if not shelves:
        return []
    heads = [gettext("Lot"), gettext("Item"), gettext("Expiry date"), gettext("Place"), gettext("Quantity")]
    rows = [
        [
            Paragraph(escape(shelf.lot), CELL),
            Paragraph(escape(shelf.item.name(printed.language)), CELL),
            Paragraph(day(shelf.expires_on, printed.language), CELL),
            Paragraph(escape(shelf.place.name(printed.language)), CELL),
            _quantity(shelf.units, shelf.item.unit, printed.language),
        ]
        for shelf in shelves
    ]
    return [
        Paragraph(escape(gettext("Closing balance by lot and place")), HEADING),
        _table([_heads(heads, texts=4), *rows], [44 * mm, 56 * mm, 24 * mm, 70 * mm, 30 * mm]),
    ]


def _table(rows: list[list[Any]], widths: Sequence[float]) -> LongTable:
    return LongTable(rows, colWidths=list(widths), repeatRows=1, hAlign="LEFT", style=GRID)


def _heads(words: list[str], *, texts: int) -> list[Any]:
    return [
        Paragraph(escape(word), HEAD if place < texts else NUMBER_HEAD) for place, word in enumerate(words)
    ]


def _quantity(units: int, unit: BaseUnit, language: str, style: ParagraphStyle = NUMBER) -> Paragraph:
    # a plain space lets a narrow column break between the number and its unit
    text = show(units, unit, language)
    amount, _, word = text.rpartition(NO_BREAK_SPACE)
    return Paragraph(escape(f"{amount} {word}"), style)


def _counts(reached: Reached | None, style: ParagraphStyle = NUMBER, *, newness: bool = False) -> list[Any]:
    if reached is None:
        return [Paragraph("&lt; 5*", style)] * (5 if newness else 3)
    counts: list[int | None] = [reached.issues, reached.households, reached.persons]
    if newness:
        counts += [reached.new_households, reached.new_persons]
    return [Paragraph("*" if count is None else number(count), style) for count in counts]
