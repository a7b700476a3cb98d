"""One voucher card: where everything stands, in points, and the words on it.

Neutral on purpose (DESIGN §4): round, goods, place, days, serial and codes; never a need, a category, a
programme or a donor. The code is printed larger than 35 mm, with the white around it that readers need.
"""

from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from aidtrack.distribution.printing import qr
from aidtrack.distribution.printing.texts import CardText, CardWords, RoundText
from aidtrack.kernel.ids import spaced_code
from aidtrack.web.fonts import BOLD, REGULAR

WIDTH, HEIGHT = 105 * mm, 74.25 * mm  # an eighth of A4, which is A7
MODULE = 0.82 * mm  # 36.9 mm for the 45 modules
CODE_SIDE = qr.SIZE * MODULE
QUIET = qr.QUIET * MODULE
EDGE = 6 * mm  # printers leave about 4 mm white at the paper's edge
CODE_X = WIDTH - EDGE - CODE_SIDE - 1 * mm
CODE_Y = HEIGHT - EDGE - 3 * mm - CODE_SIDE
TEXT_WIDTH = CODE_X - QUIET - EDGE
GREY = 0.35
FOOT_SIZE, FOOT_LINE = 7, 9
TIME_HEIGHT = 22


def draw_shared(canvas: Canvas, words: CardWords, round_: RoundText, due: Sequence[str]) -> None:
    """Everything that is the same on all cards of one profile; drawn once into a form of the PDF."""
    top = HEIGHT - EDGE - 9
    canvas.setFont(REGULAR, 7.5)
    canvas.setFillGray(GREY)
    canvas.drawString(EDGE, top, words.voucher)
    canvas.setFillGray(0)
    canvas.setFont(BOLD, 13)
    canvas.drawString(EDGE, top - 15, _shortened(round_.code, BOLD, 13, TEXT_WIDTH))
    foot = EDGE + 14 + (TIME_HEIGHT if round_.timed else 0)  # above the serial and the family's own time
    if round_.feedback:
        foot += 2 * FOOT_LINE
        canvas.setFont(REGULAR, FOOT_SIZE)
        canvas.drawString(
            EDGE, foot - 4 - FOOT_LINE, _shortened(words.feedback, REGULAR, FOOT_SIZE, TEXT_WIDTH)
        )
        canvas.drawString(
            EDGE, foot - 4 - 2 * FOOT_LINE, _shortened(round_.feedback, BOLD, FOOT_SIZE, TEXT_WIDTH)
        )
    where = [(words.where, [round_.place, *([round_.address] if round_.address else [])])]
    where.append((words.when, [round_.days, *([round_.hours] if round_.hours else [])]))
    _blocks(canvas, top - 24, foot, [(words.due, list(due)), *where])
    canvas.setFont(REGULAR, 7)
    canvas.setFillGray(GREY)
    canvas.drawCentredString(CODE_X + CODE_SIDE / 2, CODE_Y - QUIET - 4, words.type_code)
    canvas.setFillGray(0)
    _fill(canvas, qr.frame())


def draw_own(canvas: Canvas, words: CardWords, card: CardText) -> None:
    """What differs from card to card, the code's data as one filled vector path over the frame."""
    canvas.setFont(BOLD, 13)
    canvas.drawCentredString(CODE_X + CODE_SIDE / 2, CODE_Y - QUIET - 19, spaced_code(card.typed_code))
    canvas.setFont(REGULAR, 7.5)
    canvas.drawString(EDGE, EDGE, f"{words.number} {card.serial}")
    if card.time is not None:
        caption, time = card.time
        canvas.setFillGray(GREY)
        canvas.drawString(EDGE, EDGE + 23, caption)
        canvas.setFillGray(0)
        canvas.setFont(BOLD, 10)
        canvas.drawString(EDGE, EDGE + 12, _shortened(time, BOLD, 10, TEXT_WIDTH))
        canvas.setFont(REGULAR, 7.5)
    if card.head:
        name = _shortened(card.head, REGULAR, 7.5, CODE_SIDE)
        canvas.drawCentredString(CODE_X + CODE_SIDE / 2, EDGE, name)
    _fill(canvas, qr.own_modules(qr.matrix(card.code)))


def _fill(canvas: Canvas, modules: int) -> None:
    """Dark modules as one path; reportlab's own path object costs more than all the rest of a card."""
    canvas.saveState()
    canvas.transform(MODULE, 0, 0, MODULE, CODE_X, CODE_Y)
    operators: list[str] = vars(canvas)["_code"]
    operators.append(qr.pdf_path(modules))
    canvas.restoreState()


def _blocks(canvas: Canvas, top: float, bottom: float, blocks: list[tuple[str, list[str]]]) -> None:
    """Captions with their lines, in the largest type in which all of it fits."""
    for size in (9.5, 9, 8.5, 8, 7.5, 7, 6.5, 6, 5.5, 5, 4.5, 4):
        wrapped = [
            (caption, [part for line in lines for part in _wrapped(line, size)]) for caption, lines in blocks
        ]
        rows = sum(1 + len(lines) for _, lines in wrapped)
        if rows * size * 1.25 + (len(wrapped) - 1) * 2 <= top - bottom:
            break
    y = top
    for caption, lines in wrapped:
        y -= size * 1.25
        canvas.setFont(REGULAR, size * 0.8)
        canvas.setFillGray(GREY)
        canvas.drawString(EDGE, y, caption)
        canvas.setFillGray(0)
        canvas.setFont(BOLD if caption == blocks[0][0] else REGULAR, size)
        for line in lines:
            y -= size * 1.25
            canvas.drawString(EDGE, y, line)
        y -= 2


def _wrapped(text: str, size: float) -> list[str]:
    """The text in lines that fit beside the code, measured in the wider face."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and stringWidth(longer, BOLD, size) > TEXT_WIDTH:
            lines.append(line)
            line = word
        else:
            line = longer
    return [_shortened(part, BOLD, size, TEXT_WIDTH) for part in (*lines, line)]


def _shortened(text: str, font: str, size: float, width: float) -> str:
    if stringWidth(text, font, size) <= width:
        return text
    while text and stringWidth(text + "…", font, size) > width:
        text = text[:-1]
    return text + "…"
