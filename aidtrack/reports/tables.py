"""Goods handed out by month and item, and by place and item: cross tables of whole base units."""

from dataclasses import dataclass
from datetime import date

from aidtrack.kernel.quantity import BaseUnit
from aidtrack.reports.statements import Statement
from aidtrack.reports.words import month_name


@dataclass(frozen=True, slots=True)
class CrossTable:
    """Rows by items of one unit: figures of different units never stand in one table with a total."""

    unit: BaseUnit
    items: list[str]
    rows: list[tuple[str, list[int]]]
    totals: list[int]


def handed_out_table(made: Statement, *, by_place: bool, language: str) -> list[CrossTable]:
    """One table for each unit in which something was handed out.

    pandas turns the long list into rows and columns with their totals. It is imported here because it
    takes more than a second, and only who takes a file away should wait for that. Its columns stay 64-bit
    integers: every cell is filled before it is summed, so nothing becomes a float.
    """
    if not made.given:
        return []
    import pandas

    frame = pandas.DataFrame(
        {
            "row": [given.place.code if by_place else given.month for given in made.given],
            "item": [given.item.code for given in made.given],
            "unit": [given.item.unit.value for given in made.given],
            "units": pandas.array([given.units for given in made.given], dtype="int64"),
        }
    )
    items = {given.item.code: given.item for given in made.given}
    places = {given.place.code: given.place for given in made.given}

    def label(key: object) -> str:
        return month_name(key, language) if isinstance(key, date) else places[str(key)].name(language)

    found = []
    for unit, part in frame.groupby("unit", sort=True):
        table = part.pivot_table(index="row", columns="item", values="units", aggfunc="sum", fill_value=0)
        found.append(
            CrossTable(
                unit=BaseUnit(str(unit)),
                items=[items[str(code)].name(language) for code in table.columns],
                rows=[(label(key), [int(units) for units in values]) for key, values in
                      zip(table.index, table.to_numpy(), strict=True)],
                totals=[int(units) for units in table.sum(axis="index")],
            )
        )  # fmt: skip
    return found
