"""Draw the home-screen pictures of the phone's page from the shapes of icon.svg.

    python tools/app_icons.py

They lie in aidtrack/static/icons and change only when the sign does.
"""

from pathlib import Path

from PIL import Image, ImageDraw

ICONS = Path(__file__).resolve().parent.parent / "aidtrack" / "static" / "icons"
GROUND, SIGN = "#14507a", "#ffffff"
FINE = 4  # drawn larger and made smaller, so that slanted lines are smooth
BOX = [
    [(16, 6), (26, 11), (26, 21), (16, 26), (6, 21), (6, 11), (16, 6)],
    [(6, 11), (16, 16), (26, 11)],
    [(16, 16), (16, 26)],
]


def drawn(size: int, *, masked: bool) -> Image.Image:
    """The sign; masked: to the edges, with the sign inside the part that no launcher cuts off."""
    whole = size * FINE
    scale = whole / 32 * (0.72 if masked else 1)
    shift = whole / 2 - 16 * scale
    image = Image.new("RGBA", (whole, whole), GROUND if masked else "#00000000")
    pen = ImageDraw.Draw(image)
    if not masked:
        pen.rounded_rectangle((0, 0, whole - 1, whole - 1), radius=7 * scale, fill=GROUND)
    width = round(2.2 * scale)
    for line in BOX:
        points = [(x * scale + shift, y * scale + shift) for x, y in line]
        pen.line(points, fill=SIGN, width=width, joint="curve")
        for x, y in points:
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=SIGN)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def main() -> None:
    ICONS.mkdir(exist_ok=True)
    for name, size, masked in (("app-192", 192, False), ("app-512", 512, False), ("app-mask-512", 512, True)):
        image = drawn(size, masked=masked).quantize(64)
        image.save(ICONS / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
