"""The table for analysts: what was handed out, a row for each month, place and agreement, a column for each item.

One number in a cell, in the item's base unit, which stands in the column's head: ready for a spreadsheet's own
sums and charts, for R or for pandas. It holds goods and no people, so there is no small count to withhold, and
says nothing that the lines of the same statement do not say day by day.
"""

from typing import IO

import pandas
from flask_babel import gettext

from aidtrack.kernel.quantity import BaseUnit, base_word
from aidtrack.reports.periods import last_of_month
from aidtrack.reports.printing import Printed
from aidtrack.reports.statements import Statement
from aidtrack.web.csv_files import Writer

ROW = [
    "month",
    "place",
    "agreement",
]  # what a row is one of; numbers inside, 0 for goods given without a paper


def wide(made: Statement) -> pandas.DataFrame:
    """Base units by row and item code; 64-bit integers throughout, since a cell without goods is 0 and not NaN."""
    frame = pandas.DataFrame(
        [
            (
                given.month,
                given.place.id,
                given.agreement.id if given.agreement else 0,
                given.item.code,
                given.units,
            )
            for given in made.given
        ],
        columns=[*ROW, "item", "units"],
    )
    return frame.pivot_table(index=ROW, columns="item", values="units", aggfunc="sum", fill_value=0)


def write_table_csv(stream: IO[bytes], printed: Printed) -> None:
    """Write the table; sums of a row stand apart for each unit, since grams are never added to pieces."""
    made, language, scope = printed.statement, printed.language, printed.statement.scope
    out = Writer(stream, language)
    fixed = [gettext("Donor"), gettext("Month"), gettext("From"), gettext("To"), gettext("Place code"),
             gettext("Place"), gettext("Agreement")]  # fmt: skip
    last = gettext("Ledger up to entry no.")
    if not made.given:
        out.row([*fixed, last])
        out.flush()
        return
    table = wide(made)
    items = {given.item.code: given.item for given in made.given}
    codes = [str(code) for code in table.columns]
    units = [unit for unit in BaseUnit if any(item.unit is unit for item in items.values())]
    sums = pandas.DataFrame(
        {
            unit: table[[code for code in codes if items[code].unit is unit]].sum(axis="columns")
            for unit in units
        }
    )
    out.row(
        [*fixed, *(_head(items[code].code, items[code].name(language), items[code].unit, language) for code in codes),
         *(gettext("Total, %(unit)s", unit=base_word(unit, language)) for unit in units), last]
    )  # fmt: skip
    for row, values, totals in zip(table.index, table.to_numpy(), sums.to_numpy(), strict=True):
        month, place, agreement = row
        first, end = max(month, scope.period.start), min(last_of_month(month), scope.period.end)
        out.row(
            [scope.donor.code, f"{month:%Y-%m}", first.isoformat(), end.isoformat(), scope.places[place].code,
             scope.places[place].name(language), printed.agreement(scope.agreements.get(agreement)),
             *map(int, values), *map(int, totals), made.ledger_entry_id]
        )  # fmt: skip
    out.row(
        [scope.donor.code, gettext("Total"), scope.period.start.isoformat(), scope.period.end.isoformat(), "", "", "",
         *map(int, table.sum()), *map(int, sums.sum()), made.ledger_entry_id]
    )  # fmt: skip
    out.flush()


def _head(code: str, name: str, unit: BaseUnit, language: str) -> str:
    """«RICE Рис, г»: the code, because two items may share a name."""
    return f"{code} {name}, {base_word(unit, language)}"
