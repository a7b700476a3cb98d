"""What official papers share: A4, a head with the centre and number, numbered pages, signature lines.

Landscape unless a paper says otherwise. Imported by the modules that print, never by a page: the drawing
library takes its time.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import IO, Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFontFamily
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    KeepTogether,
    LongTable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from aidtrack.kernel.late import dataclass
from aidtrack.web.fonts import BOLD, REGULAR, register_fonts

PAGE = landscape(A4)
MARGIN = 12 * mm
WIDTH = PAGE[0] - 2 * MARGIN
NARROW = A4[0] - 2 * MARGIN  # between the margins of a portrait page
BLACK = colors.black
TITLE = ParagraphStyle("official-title", fontName=BOLD, fontSize=13, leading=17, alignment=TA_CENTER)
UNDER = ParagraphStyle("official-under", fontName=REGULAR, fontSize=9.5, leading=13, alignment=TA_CENTER)
ORGANISATION = ParagraphStyle("official-organisation", fontName=REGULAR, fontSize=9, leading=12)
TEXT = ParagraphStyle(
    "official-text", fontName=REGULAR, fontSize=9, leading=12.5, spaceBefore=1 * mm, spaceAfter=1.5 * mm
)
SMALL = ParagraphStyle(
    "official-small", parent=TEXT, fontSize=7, leading=9, textColor=colors.Color(0.3, 0.3, 0.3)
)
CELL = ParagraphStyle("official-cell", fontName=REGULAR, fontSize=8.5, leading=10.5)
STRONG = ParagraphStyle("official-strong", parent=CELL, fontName=BOLD)
HEAD = ParagraphStyle(
    "official-head", parent=CELL, fontName=BOLD, fontSize=8, leading=9.5, alignment=TA_CENTER
)
FINE = ParagraphStyle("official-fine", parent=CELL, fontSize=7.5, leading=9)
NUMBER = ParagraphStyle("official-number", parent=CELL, alignment=TA_RIGHT)
STRONG_NUMBER = ParagraphStyle("official-strong-number", parent=NUMBER, fontName=BOLD)
MIDDLE = ParagraphStyle("official-middle", parent=CELL, alignment=TA_CENTER)
SECTION = ParagraphStyle(
    "official-section", fontName=BOLD, fontSize=10, leading=13, spaceBefore=4 * mm, spaceAfter=1.5 * mm
)
GRID = (
    ("GRID", (0, 0), (-1, -1), 0.5, BLACK),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a paper, in words already translated. `under` are the lines below the title."""

    organisation: str
    title: str
    under: tuple[str, ...]
    foot: str
    page_words: Callable[[int, int], str]
    language: str


@cache
def _fonts() -> None:
    """Paragraphs ask for a whole family, which cards drawn letter by letter do not."""
    register_fonts()
    registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


def text(words: str, style: ParagraphStyle = CELL) -> Paragraph:
    _fonts()
    return Paragraph(escape(words), style)


def write(stream: IO[bytes], head: Head, story: Sequence[Any], *, portrait: bool = False) -> None:
    """Lay the paper out. Every page carries its number of all and the foot that says which paper it is of."""
    _fonts()
    document = SimpleDocTemplate(
        stream, pagesize=A4 if portrait else PAGE, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=15 * mm,
        title=head.title, author="aidtrack", lang=head.language,
    )  # fmt: skip
    top = [
        text(head.organisation, ORGANISATION),
        Spacer(1, 3 * mm),
        text(head.title, TITLE),
        *(text(line, UNDER) for line in head.under),
        Spacer(1, 4 * mm),
    ]

    def canvas(*arguments: Any, **options: Any) -> Canvas:
        return _Numbered(*arguments, head=head, **options)

    document.build([*top, *story], canvasmaker=canvas)


def grid(rows: list[list[Any]], widths: Sequence[float], *, row_height: float | None = None) -> LongTable:
    """A ruled table whose heads stand again on every page; `row_height` leaves room to write by hand at least."""
    heights = None
    if row_height is not None:
        heights = [None, *(max(row_height, _height(row, widths)) for row in rows[1:])]
    style = TableStyle([*GRID, ("BACKGROUND", (0, 0), (-1, 0), colors.Color(0.93, 0.93, 0.93))])
    return LongTable(
        rows, colWidths=list(widths), rowHeights=heights, repeatRows=1, hAlign="LEFT", style=style
    )


def _height(row: Sequence[Any], widths: Sequence[float]) -> float:
    """What the row's longest text needs, with the padding of the grid."""
    texts = [(cell, width) for cell, width in zip(row, widths, strict=True) if isinstance(cell, Paragraph)]
    return max((cell.wrap(width - 6, PAGE[1])[1] for cell, width in texts), default=0) + 5


def signatures(posts: Sequence[str], words: tuple[str, str], *, width: float = 199 * mm) -> KeepTogether:
    """Lines to sign on: a post, a signature and a name; `words` stand in small print under the last two."""
    signature, name = words
    rows: list[list[Any]] = []
    for post in posts:
        rows += [
            [text(post, TEXT), "", "", ""],
            ["", text(signature, SMALL), "", text(name, SMALL)],
        ]
    lines = [
        ("LINEBELOW", (column, row), (column, row), 0.5, BLACK)
        for row in range(0, len(rows), 2)
        for column in (1, 3)
    ]
    table = Table(
        rows,
        colWidths=[width - 121 * mm, 45 * mm, 6 * mm, 70 * mm],
        hAlign="LEFT",
        style=TableStyle(
            [*lines, ("TOPPADDING", (0, 0), (-1, -1), 1),
             *(("TOPPADDING", (0, row), (-1, row), 10) for row in range(0, len(rows), 2)), ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
             ("VALIGN", (0, 0), (-1, -1), "BOTTOM"), ("LEFTPADDING", (0, 0), (0, -1), 0)]
        ),
    )  # fmt: skip
    return KeepTogether([Spacer(1, 5 * mm), table])


class _Numbered(Canvas):
    """Keeps its pages until their number is known."""

    def __init__(self, *arguments: Any, head: Head, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._head = head
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # reportlab calls it so
        self._kept.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # the way reportlab's own examples number pages

    def save(self) -> None:
        for page, state in enumerate(self._kept, start=1):
            self.__dict__.update(state)
            self.setFont(REGULAR, 7.5)
            self.drawString(MARGIN + 6, 8 * mm, self._head.foot)
            self.drawRightString(
                self._pagesize[0] - MARGIN - 6,  # type: ignore[attr-defined]  # reportlab keeps it so
                8 * mm,
                self._head.page_words(page, len(self._kept)),
            )
            super().showPage()
        super().save()
