"""Numbers of the journal: the product's own, counted per site and year, or the centre's."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site
from aidtrack.beneficiaries.cases.errors import NumberTaken
from aidtrack.beneficiaries.cases.rules import journal_number, next_serials
from aidtrack.beneficiaries.models import Intake


def give_numbers(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Put year, serial and number into rows of the journal that are about to be inserted.

    The site's row is locked, so that two desks never give the same number.

    Raises:
        NumberTaken: a number typed by hand stands in this site's journal of the year, or twice among the rows.
    """
    groups: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        row["year"], row["serial"] = row["received_on"].year, None
        groups[row["site_id"], row["year"]].append(row)
    for (site_id, year), members in sorted(groups.items(), key=lambda one: one[0]):
        session.execute(select(Site.id).where(Site.id == site_id).with_for_update(key_share=True))
        of_year = (Intake.site_id == site_id, Intake.year == year)
        taken = set(session.scalars(select(Intake.number).where(*of_year)))
        for row in members:
            if row["number"] is not None:
                if row["number"] in taken:
                    raise NumberTaken(number=row["number"])
                taken.add(row["number"])
        unnamed = [row for row in members if row["number"] is None]
        if unnamed:
            highest = session.scalar(select(func.max(Intake.serial)).where(*of_year)) or 0
            for row, serial in zip(unnamed, next_serials(highest, taken, year, len(unnamed)), strict=True):
                row["serial"], row["number"] = serial, journal_number(serial, year)
