"""Read the official codifier of territories (KATOTTG), CSV or XLSX rows alike; plain Python.

Source: docs/rules.md#places (order of the Ministry for Communities and Territories of 26.11.2020 No. 290)
"""

import re
from collections.abc import Iterable, Sequence

from aidtrack.kernel.late import dataclass
from aidtrack.kernel.likeness import folded
from aidtrack.places.errors import BadCodifierRow, NotACodifier, NotAPopulation

CODE = re.compile(r"UA\d{17}")
SETTLEMENTS = "KMTXC"  # what a family lives in; B is a part of a city and may be chosen as well
LIVED_IN = SETTLEMENTS + "B"
CATEGORIES = "OKPHMTXCB"
LEVELS = 5
_LOOKS = str.maketrans("ОКРНМТХСВ", "OKPHMTXCB")  # files write the category in either alphabet


@dataclass(frozen=True, slots=True)
class TerritoryRow:
    """One territory with those above it."""

    code: str
    category: str
    name: str
    oblast_code: str | None = None
    raion_code: str | None = None
    hromada_code: str | None = None
    settlement_code: str | None = None

    @property
    def search_name(self) -> str:
        return folded(self.name)


def read_rows(rows: Iterable[Sequence[str]]) -> list[TerritoryRow]:
    """Territories from the codifier's rows: five columns of codes by level, category, name.

    What stands before the first row of codes (titles, headings) is passed over.

    Raises:
        NotACodifier: there is no such row at all.
        BadCodifierRow: a row of codes is broken.
    """
    found: list[TerritoryRow] = []
    for number, cells in enumerate(rows, start=1):
        values = [str(cell or "").strip() for cell in cells[: LEVELS + 2]]
        if not values or not CODE.fullmatch(values[0]):
            if found and any(values):
                raise BadCodifierRow(row=number)
            continue
        if not found and len(values) < LEVELS + 2:
            raise NotACodifier  # some other table that begins with a code
        found.append(_row(values, number))
    if not found:
        raise NotACodifier
    return found


def _row(values: list[str], number: int) -> TerritoryRow:
    if len(values) < LEVELS + 2:
        raise BadCodifierRow(row=number)
    levels = values[:LEVELS]
    own = [code for code in levels if code]
    category, name = values[LEVELS].upper().translate(_LOOKS), " ".join(values[LEVELS + 1].split())
    if not all(CODE.fullmatch(code) for code in own) or category not in set(CATEGORIES) or not name:
        raise BadCodifierRow(row=number)
    above = own[:-1]
    return TerritoryRow(own[-1], category, name[:120], *(above + [None] * LEVELS)[:4])


def read_population(rows: Iterable[Sequence[str]]) -> dict[str, int]:
    """People by code, from any table with a column of codes and one of whole numbers headed like "population".

    Raises:
        NotAPopulation: there are no such columns.
    """
    iterator = iter(rows)
    heads = [str(cell or "").strip().casefold() for cell in next(iterator, [])]
    code_at = next((at for at, head in enumerate(heads) if "code" in head or "код" in head), None)
    people_at = next(
        (at for at, head in enumerate(heads) if "total_population" in head or "населення" in head),
        next((at for at, head in enumerate(heads) if "population" in head), None),
    )
    if code_at is None or people_at is None:
        raise NotAPopulation
    found: dict[str, int] = {}
    for cells in iterator:
        code = str(cells[code_at]).strip() if len(cells) > code_at else ""
        text = "".join(str(cells[people_at]).split()) if len(cells) > people_at else ""
        if CODE.fullmatch(code) and text.isascii() and text.isdigit():
            found[code] = int(text)
    if not found:
        raise NotAPopulation
    return found
