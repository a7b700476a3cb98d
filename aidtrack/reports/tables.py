"""Goods handed out by month and item, and by place and item: cross tables of whole base units."""

from collections import defaultdict
from datetime import date

from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit
from aidtrack.reports.statements import Given, Statement
from aidtrack.reports.words import month_name


@dataclass(frozen=True, slots=True)
class CrossTable:
    """Rows by items of one unit: figures of different units never stand in one table with a total."""

    unit: BaseUnit
    items: list[str]
    rows: list[tuple[str, list[int]]]
    totals: list[int]


def handed_out_table(made: Statement, *, by_place: bool, language: str) -> list[CrossTable]:
    """One table for each unit in which something was handed out; rows and columns in the order of their codes."""
    parts: dict[BaseUnit, list[Given]] = defaultdict(list)
    for given in made.given:
        parts[given.item.unit].append(given)
    return [
        _table(unit, parts[unit], by_place, language) for unit in sorted(parts, key=lambda unit: unit.value)
    ]


def _table(unit: BaseUnit, part: list[Given], by_place: bool, language: str) -> CrossTable:
    cells: dict[tuple[date | str, str], int] = defaultdict(int)
    labels: dict[date | str, str] = {}
    items: dict[str, str] = {}
    for given in part:
        key = given.place.code if by_place else given.month
        labels[key] = given.place.name(language) if by_place else month_name(given.month, language)
        items[given.item.code] = given.item.name(language)
        cells[key, given.item.code] += given.units
    codes = sorted(items)
    rows = [(labels[key], [cells[key, code] for code in codes]) for key in sorted(labels)]
    return CrossTable(
        unit=unit,
        items=[items[code] for code in codes],
        rows=rows,
        totals=[sum(column) for column in zip(*(values for _, values in rows), strict=True)],
    )
