"""Voucher cards as a PDF: eight to an A4 sheet with cut marks, or one to a page of a card's size."""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream
from reportlab.pdfgen.canvas import Canvas

from aidtrack.distribution.printing import card
from aidtrack.distribution.printing.texts import CardText, CardWords, Layout, RoundText
from aidtrack.web.fonts import register_fonts

COLUMNS, ROWS = 2, 4
PER_SHEET = COLUMNS * ROWS
MARK = 3 * mm


class _Packed(PDFStream):
    """A compressed page that waits in a file, and goes from there straight into the PDF."""

    def __init__(self, content: bytes, pages: BinaryIO, target: BinaryIO) -> None:
        super().__init__(PDFDictionary({"Filter": PDFName("FlateDecode")}), b"")
        self._pages, self._target = pages, target
        self._start, self._length = pages.tell(), pages.write(content)

    def format(self, document: Any) -> bytes:
        collected = document.__accum__  # reportlab would gather the whole PDF in memory, and then join it
        if collected.strings:
            self._target.write(b"".join(collected.strings))
            collected.strings.clear()
            collected.write = self._target.write
        self._pages.seek(self._start)
        self.content = self._pages.read(self._length)
        written: bytes = super().format(document)
        self.content = b""
        return written


class _Canvas(Canvas):
    """Compresses each page when it is finished, and keeps none: a thousand pages would fill the memory."""

    def __init__(self, target: BinaryIO, pages: BinaryIO, **options: Any) -> None:
        super().__init__(target, **options)
        self._target, self._pages = target, pages
        self._named: dict[tuple[str, ...], Any] = {}

    def _setXObjects(
        self, thing: Any
    ) -> None:  # reportlab calls it so; one list for all pages that draw the same
        drawn = tuple(vars(self)["_formsinuse"])
        if drawn not in self._named:
            super()._setXObjects(thing)  # type: ignore[misc]  # its types leave it out
            self._named[drawn] = thing.XObjects
        thing.XObjects = self._named[drawn]

    def showPage(self) -> None:  # reportlab calls it so
        super().showPage()
        page = vars(self)["_doc"].Pages.pages[-1]
        content = page.stream.encode("latin-1")
        page.stream = None
        page.Contents = _Packed(_compressed(content), self._pages, self._target)


def _waiting_pages(target: BinaryIO) -> BinaryIO:
    """Where finished pages wait: in a nameless file beside a file, which is as private; else they are few."""
    name = getattr(target, "name", None)
    return cast(BinaryIO, TemporaryFile(dir=Path(name).parent)) if isinstance(name, str) else BytesIO()


def _compressed(content: bytes) -> bytes:
    """Numbers without repeats: telling zlib so is half the time of its default for two hundredths more bytes."""
    packer = zlib.compressobj(5, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_FILTERED)
    return packer.compress(content) + packer.flush()


def write_vouchers(
    target: BinaryIO,
    cards: Iterable[CardText],
    *,
    layout: Layout,
    words: CardWords,
    round_: RoundText,
    due: Mapping[int, Sequence[str]],
    language: str,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write the cards into a PDF and count them.

    Args:
        cards: read once, as they come: a generator over the database keeps memory flat.
        due: the printed lines of goods by profile.
        progress: told the number of cards done, after each page.
    """
    register_fonts()
    size = A4 if layout is Layout.SHEETS else (card.WIDTH, card.HEIGHT)
    per_page = PER_SHEET if layout is Layout.SHEETS else 1
    with _waiting_pages(target) as pages:
        canvas = _Canvas(target, pages, pagesize=size, pageCompression=1, lang=language)
        canvas.setTitle(f"{words.voucher} · {round_.code}")
        canvas.setCreator("aidtrack")
        canvas.beginForm("cut-marks", lowerx=0, lowery=0, upperx=A4[0], uppery=A4[1])
        _cut_marks(canvas)
        canvas.endForm()
        known: set[int] = set()
        count = 0
        for count, one in enumerate(cards, start=1):
            if one.profile not in known:
                _begin_profile(canvas, words, round_, one.profile, due[one.profile])
                known.add(one.profile)
            place = (count - 1) % per_page
            if place == 0 and layout is Layout.SHEETS:
                canvas.doForm("cut-marks")
            column, row = place % COLUMNS, place // COLUMNS
            canvas.saveState()
            if layout is Layout.SHEETS:
                canvas.translate(column * card.WIDTH, A4[1] - (row + 1) * card.HEIGHT)
            canvas.doForm(f"profile-{one.profile}")
            card.draw_own(canvas, words, one)
            canvas.restoreState()
            if place == per_page - 1:
                canvas.showPage()
                if progress is not None:
                    progress(count)
        if count % per_page or not count:  # a PDF without a page cannot be opened
            canvas.showPage()
        canvas.save()
    if progress is not None:
        progress(count)
    return count


def _begin_profile(
    canvas: Canvas, words: CardWords, round_: RoundText, profile: int, due: Sequence[str]
) -> None:
    canvas.beginForm(f"profile-{profile}", lowerx=0, lowery=0, upperx=card.WIDTH, uppery=card.HEIGHT)
    card.draw_shared(canvas, words, round_, due)
    canvas.endForm()


def _cut_marks(canvas: Canvas) -> None:
    """Short strokes where the cuts begin, cross and end: nothing runs along a card's edge."""
    width, height = A4
    canvas.setStrokeGray(0.5)
    canvas.setLineWidth(0.3)
    for row in range(ROWS + 1):
        y = row * card.HEIGHT
        for column in range(COLUMNS + 1):
            x = column * card.WIDTH
            canvas.line(max(0, x - MARK), y, min(width, x + MARK), y)
            canvas.line(x, max(0, y - MARK), x, min(height, y + MARK))
