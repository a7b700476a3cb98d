"""Make the fonts we ship for paper: DejaVu Sans cut down to Latin, Cyrillic and common signs.

For maintainers, on a machine with Debian's fonts-dejavu-core and fonttools:

    uv run --with fonttools python tools/fonts.py

The Bitstream Vera licence allows subsets, as long as its text goes along.
"""

import subprocess
import sys
from pathlib import Path

SOURCE = Path("/usr/share/fonts/truetype/dejavu")
LICENCE = Path("/usr/share/doc/fonts-dejavu-core/copyright")
FONTS = Path(__file__).resolve().parent.parent / "aidtrack" / "static" / "fonts"

CHARACTERS = ",".join(
    (
        "U+0020-007E",  # ASCII
        "U+00A0-00FF",  # Latin-1: no-break space, quotation marks «», degree, ½
        "U+0100-017F",  # Latin Extended-A: donors' and towns' names
        "U+02BC",  # the apostrophe of Ukrainian words: ʼ
        "U+0400-045F",  # Cyrillic
        "U+0490-0491",  # Ґ ґ
        "U+2010-2015,U+2018-201F,U+2020-2022,U+2026,U+2030,U+2032-2033,U+2039-203A",  # punctuation
        "U+202F,U+2009",  # narrow spaces between thousands
        "U+20AC,U+20B4,U+2116",  # € ₴ №
        "U+2190-2193,U+2212,U+00D7,U+2264-2265,U+2260,U+2248",  # arrows, minus, comparison
        "U+2610-2612,U+2713-2714,U+2717,U+2702,U+25A0-25A1,U+25CF",  # boxes, ticks, scissors at cut marks
    )
)


def main() -> None:
    FONTS.mkdir(parents=True, exist_ok=True)
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
        subprocess.run(
            [
                sys.executable, "-m", "fontTools.subset", SOURCE / name,
                f"--unicodes={CHARACTERS}", f"--output-file={FONTS / name}",
                "--layout-features=kern", "--no-hinting", "--name-IDs=*", "--notdef-outline",
            ],
            check=True,
        )  # fmt: skip
        print(f"{name}: {(FONTS / name).stat().st_size} bytes")
    # What follows speaks of Debian's packaging, of which we ship nothing.
    fonts_only = LICENCE.read_text(encoding="utf-8").split("Files: debian/*")[0].rstrip()
    (FONTS / "LICENCE.txt").write_text(f"{fonts_only}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
