"""The typeface of printed papers: one that has every Ukrainian letter, from the package itself."""

from reportlab.pdfbase.pdfmetrics import getRegisteredFontNames, registerFont
from reportlab.pdfbase.ttfonts import TTFont

from aidtrack.db.bundled import PACKAGE

REGULAR, BOLD = "AidtrackSans", "AidtrackSans-Bold"
FONTS = {REGULAR: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf"}


def register_fonts() -> None:
    known = getRegisteredFontNames()
    for name, file in FONTS.items():
        if name not in known:
            registerFont(TTFont(name, str(PACKAGE / "static" / "fonts" / file)))
