"""CSV that a spreadsheet opens rightly and cannot be tricked by.

A Ukrainian Excel separates by semicolon and marks decimals by comma, an English one by comma and point;
each file follows the language it is made in. The file begins with a byte order mark, without which Excel
reads Cyrillic as nonsense. Text that a spreadsheet would take for a formula gets an apostrophe in front.
"""

import csv
import io
from collections.abc import Sequence
from typing import IO

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
ROWS_AT_ONCE = 1000


def safe(text: str) -> str:
    """Text as a cell that no spreadsheet computes."""
    return f"'{text}" if text.startswith(FORMULA) else text


class Writer:
    """Rows of text and numbers, encoded in handfuls."""

    def __init__(self, stream: IO[bytes], language: str) -> None:
        self.stream = stream
        self.decimal = "," if language == "uk" else "."
        self.buffer = io.StringIO(newline="")
        self.rows = csv.writer(self.buffer, delimiter=";" if language == "uk" else ",", lineterminator="\r\n")
        self.waiting = 0
        self.buffer.write(MARK)

    def row(self, cells: Sequence[str | int]) -> None:
        """Strings are text; ints are numbers. Numbers with decimals come as `Number`."""
        self.rows.writerow([str(cell) if isinstance(cell, int | Number) else safe(cell) for cell in cells])
        self.waiting += 1
        if self.waiting >= ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        self.stream.write(self.buffer.getvalue().encode())
        self.buffer.seek(0)
        self.buffer.truncate()
        self.waiting = 0


class Number(str):
    """Digits written by us: a leading minus is a number's, not a formula's."""

    __slots__ = ()
