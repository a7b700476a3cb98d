"""One voucher as a picture, for a family that has a phone and no printer near.

The same neutral look as on paper (DESIGN §4): code, due goods, days, serial. Whoever receives the picture
holds the voucher, so making one is logged like printing.
"""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from aidtrack.db.bundled import PACKAGE
from aidtrack.distribution.printing import qr
from aidtrack.distribution.printing.texts import CardText, CardWords, RoundText
from aidtrack.kernel.ids import spaced_code

MODULE = 12  # pixels: a phone's screen shows the code larger than the paper does
CODE = (qr.SIZE + 2 * qr.QUIET) * MODULE
EDGE = 48
LARGE, NORMAL = 52, 30
BLACK, WHITE = 0, 255


def png(card: CardText, words: CardWords, round_: RoundText, due: Sequence[str]) -> bytes:
    """The picture of one voucher, black on white, 8 bits a pixel."""
    lines = [
        *due,
        "",
        f"{words.where}: {round_.place}",
        *([round_.address] if round_.address else []),
        f"{words.when}: {round_.days}" + (f", {round_.hours}" if round_.hours else ""),
        *([f"{card.time[0]}: {card.time[1]}"] if card.time else []),
        f"{words.number} {card.serial}",
        *([f"{words.feedback} {round_.feedback}"] if round_.feedback else []),
    ]
    large, normal = _font(LARGE, bold=True), _font(NORMAL)
    width = max(CODE, *(round(normal.getlength(line)) + 2 * EDGE for line in lines))
    top = EDGE + LARGE
    below = top + CODE
    height = below + 2 * LARGE + len(lines) * (NORMAL + 14) + EDGE
    image = Image.new("L", (width, height), WHITE)
    draw = ImageDraw.Draw(image)
    draw.text((width / 2, EDGE), round_.code, font=large, fill=BLACK, anchor="mt")
    left = (width - CODE) // 2 + qr.QUIET * MODULE
    for row, column, length in qr.runs(qr.matrix(card.code)):
        x, y = left + column * MODULE, top + (row + qr.QUIET) * MODULE
        draw.rectangle((x, y, x + length * MODULE - 1, y + MODULE - 1), fill=BLACK)
    draw.text((width / 2, below), spaced_code(card.typed_code), font=large, fill=BLACK, anchor="mt")
    for number, line in enumerate(lines):
        draw.text((EDGE, below + 2 * LARGE + number * (NORMAL + 14)), line, font=normal, fill=BLACK)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(PACKAGE / "static" / "fonts" / name), size)
