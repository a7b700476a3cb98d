"""Where the headings of a table stand: below titles, in one row or two, with or without a row of HXL tags, or nowhere."""

import hashlib
import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from aidtrack.importing.errors import NoHeadings
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.likeness import folded

LOOKED_AT = 25  # rows in which headings are looked for
MOST_HEADER_ROWS = 3
_HXL = re.compile(r"#[A-Za-z][A-Za-z0-9_]*(\s*\+[A-Za-z][A-Za-z0-9_]*)*")
_NUMBERS = re.compile(r"[\d\s.,:/\-]+")

Numbered = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Shape:
    """The heading of every column, and the last row that is not data yet."""

    header_row: int  # of a table without headings its first row
    header_rows: int  # 0: there are none
    headings: tuple[str, ...]
    tags: tuple[str, ...]  # HXL, by column; empty where there are none
    data_after: int

    @property
    def fingerprint(self) -> bytes:
        """Equal for files whose columns are called the same, whatever their order of letters and spaces."""
        return fingerprint_of(self.headings)


def fingerprint_of(headings: Sequence[str]) -> bytes:
    return hashlib.sha256("\n".join(folded(one) for one in headings).encode()).digest()


def is_hxl(row: Sequence[str]) -> bool:
    filled = [cell for cell in row if cell]
    return bool(filled) and 2 * sum(1 for cell in filled if _HXL.fullmatch(cell)) > len(filled)


def is_column_numbers(row: Sequence[str]) -> bool:
    """Official forms number their columns: «1 2 3 4» under the headings is no data."""
    filled = [cell for cell in row if cell]
    return (
        len(filled) >= 3
        and all(cell.isdigit() for cell in filled)
        and all(int(other) == int(one) + 1 for one, other in pairwise(filled))
    )


def find_shape(
    rows: Sequence[Numbered],
    known: Callable[[str], bool],
    *,
    header_row: int | None = None,
    header_rows: int | None = None,
) -> Shape:
    """The headings as the file has them, or as the person says they stand.

    Args:
        rows: the first filled rows of the file.
        known: whether a heading is one that the layout expects.

    Raises:
        NoHeadings: nothing stands where the person said.
    """
    top = list(rows[:LOOKED_AT])
    starts = [place for place, (number, _row) in enumerate(top) if header_row in (None, number)]
    if header_rows == 0 and starts:
        return _without(top, starts[0])
    depths = [header_rows] if header_rows else [1, 2, 3]
    best: tuple[tuple[float, ...], Shape] | None = None
    for start in starts:
        for depth in depths:
            shape = _shape_at(top, start, depth)
            if shape is None:
                continue
            score = _score(top, start, depth, shape, known)
            if best is None or score > best[0]:
                best = score, shape
    if best is None:
        raise NoHeadings
    if header_row is header_rows is None and not best[0][0] and _is_data(top, best[1]):
        return _without(top, 0)
    return best[1]


def _without(top: Sequence[Numbered], start: int) -> Shape:
    """A table whose first row is data already; its columns are known by their letters alone."""
    width = max(len(row) for _number, row in top[start:])
    number = top[start][0]
    return Shape(number, 0, ("",) * width, (), number - 1)


def _is_data(top: Sequence[Numbered], shape: Shape) -> bool:
    """Whether what would be the headings is a row like those below: a number where each of them has one."""
    below = [row for _number, row in top[1:6]]
    if shape.header_row != top[0][0] or shape.header_rows != 1 or shape.tags or len(below) < 2:
        return False
    return any(
        _NUMBERS.fullmatch(cell) and all(at < len(row) and _NUMBERS.fullmatch(row[at]) for row in below)
        for at, cell in enumerate(top[0][1])
    )


def _shape_at(top: Sequence[Numbered], start: int, depth: int) -> Shape | None:
    chosen = top[start : start + depth]
    if len(chosen) < depth or any(is_hxl(row) or is_column_numbers(row) for _number, row in chosen):
        return None
    width = max(len(row) for _number, row in chosen)
    rows = [[*row, *[""] * (width - len(row))] for _number, row in chosen]
    for upper, lower in pairwise(rows):  # a heading over several columns stands in the first of them
        for place in range(1, width):
            if not upper[place] and lower[place] and upper[place - 1] and lower[place - 1]:
                upper[place] = upper[place - 1]
    headings = []
    for stacked in zip(*rows, strict=True):
        parts = list(dict.fromkeys(part for part in stacked if part))
        headings.append(" ".join(parts))
    if not any(headings):
        return None
    after = chosen[-1][0]
    tags: tuple[str, ...] = ()
    for number, row in top[start + depth : start + depth + 2]:
        if is_hxl(row):
            tags = tuple(row) + ("",) * (width - len(row))
            after = number
        elif is_column_numbers(row):
            after = number
        else:
            break
    return Shape(chosen[0][0], depth, tuple(headings), tags, after)


def _score(
    top: Sequence[Numbered], start: int, depth: int, shape: Shape, known: Callable[[str], bool]
) -> tuple[float, ...]:
    filled = [heading for heading in shape.headings if heading]
    recognised = sum(1 for heading in filled if known(heading))
    words = sum(1 for heading in filled if not _NUMBERS.fullmatch(heading))
    rows_below = top[start + depth :]
    usual_width = max((len(row) for _number, row in rows_below), default=0)
    # a title above the table fills one cell; headings fill as many as the data below them
    fit = min(len(filled), usual_width or len(filled))
    return (
        recognised,
        bool(shape.tags),
        fit > 1,
        words == len(filled),
        fit if recognised == 0 else 0,
        -depth,
        -start,
    )
