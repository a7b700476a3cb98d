"""Reached sets as they are kept: written when a month is closed, read for a statement.

Who comes for rice mostly gets flour and oil too. Cells of one donor and place therefore keep everybody once,
as a base, and each of them only whom it has not. For a year of 300 000 handouts that halves what a statement
has to read.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.orm import Session

from aidtrack.db.prepared import plain_rows
from aidtrack.reports.bits import Bits
from aidtrack.reports.models import MonthPeople, MonthReached
from aidtrack.reports.reading import Cell, People


def keep_people(session: Session, month: date, people: dict[Cell, People]) -> None:
    """Write a month's sets; none of that month may be there."""
    groups: dict[tuple[int, int], list[Cell]] = defaultdict(list)
    for cell in people:
        groups[cell.donor_id, cell.place_id].append(cell)
    for cells in groups.values():
        _keep_group(session, month, {cell: people[cell] for cell in cells})


def kept_people(session: Session, *which: ColumnElement[bool]) -> list[tuple[date, Cell, People]]:
    """Kept sets by month and cell, of the `MonthReached` rows chosen. Cells with the same people share one object."""
    cells = (
        select(
            MonthReached.month,
            MonthReached.people_id,
            MonthPeople.base_id,
            MonthReached.donor_id,
            MonthReached.agreement_id,
            MonthReached.item_id,
            MonthReached.place_id,
        )
        .join(MonthPeople, MonthPeople.id == MonthReached.people_id)
        .where(*which)
    )
    rows = session.execute(cells).all()
    base_of: dict[int, int | None] = {row[1]: row[2] for row in rows}
    stored = _sets(session, {*base_of, *(base for base in base_of.values() if base is not None)})
    whole = {
        number: People(*map(Bits.loaded, stored[number]))
        for number in {number if base is None else base for number, base in base_of.items()}
    }
    made = {
        number: whole[number] if base is None else _without(whole[base], stored[number])
        for number, base in base_of.items()
    }
    return [(row[0], Cell(*row[3:]), made[row[1]]) for row in rows]


def _sets(session: Session, ids: Iterable[int]) -> dict[int, tuple[bytes, ...]]:
    """Handouts, persons and households, each set as it was stored."""
    columns = (MonthPeople.issues, MonthPeople.persons, MonthPeople.households)
    asked = select(MonthPeople.id, *columns).where(MonthPeople.id.in_(sorted(ids)))
    return {row[0]: row[1:] for row in plain_rows(session, asked)}


def _without(whole: People, lacking: tuple[bytes, ...]) -> People:
    issues, persons, households = lacking
    return People(
        issues=whole.issues.without_stored(issues),
        persons=whole.persons.without_stored(persons),
        households=whole.households.without_stored(households),
    )


def _keep_group(session: Session, month: date, people: dict[Cell, People]) -> None:
    """The cells of one donor and place: each whole, or as what the base has and it has not, if that is smaller."""
    alike: dict[People, list[Cell]] = defaultdict(list)
    for cell, found in people.items():
        alike[found].append(cell)
    base = People.union(alike)
    lacking = {found: base.without(found) for found in alike}
    base_id = None
    if _size([base, *lacking.values()]) < _size(alike):
        base_id = _insert(session, month, base, None)
    for found, cells in alike.items():
        if base_id is None:
            people_id = _insert(session, month, found, None)
        elif found == base:
            people_id = base_id
        else:
            people_id = _insert(session, month, lacking[found], base_id)
        rows = [
            {
                "month": month,
                "donor_id": cell.donor_id,
                "agreement_id": cell.agreement_id,
                "item_id": cell.item_id,
                "place_id": cell.place_id,
                "people_id": people_id,
            }
            for cell in cells
        ]
        session.execute(insert(MonthReached), rows)


def _size(sets: Iterable[People]) -> int:
    return sum(
        len(bits.stored()) for people in sets for bits in (people.issues, people.persons, people.households)
    )


def _insert(session: Session, month: date, people: People, base_id: int | None) -> int:
    return session.execute(
        insert(MonthPeople)
        .values(
            month=month,
            base_id=base_id,
            households=people.households.stored(),
            persons=people.persons.stored(),
            issues=people.issues.stored(),
        )
        .returning(MonthPeople.id)
    ).scalar_one()
