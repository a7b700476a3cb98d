"""Sums of single days, as they are kept: for periods that begin or end inside a closed month."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from aidtrack.db.prepared import plain_rows
from aidtrack.inventory.models import StockLot
from aidtrack.reports.models import DayMove, DayPeople
from aidtrack.reports.periods import Period
from aidtrack.reports.reading import NO_AGREEMENT, Cell, Given, Goods, Group, LotFlow, People, people_of

_WAY = (DayMove.lot_id, DayMove.source_id, DayMove.target_id, DayMove.site_id, DayMove.cause)


def forget_days(session: Session, month: date) -> None:
    session.execute(delete(DayMove).where(DayMove.month == month))
    session.execute(delete(DayPeople).where(DayPeople.month == month))


def keep_days(
    session: Session,
    month: date,
    flows: Mapping[date, list[LotFlow]],
    groups: Mapping[date, list[Group]],
) -> None:
    """Write a month's days; none of them may be there."""
    moves = [
        {
            "day": day,
            "month": month,
            "lot_id": flow.lot_id,
            "source_id": flow.source_id,
            "target_id": flow.target_id,
            "site_id": flow.site_id,
            "cause": flow.cause,
            "units": flow.units,
        }
        for day, found in flows.items()
        for flow in found
    ]
    if moves:
        session.execute(insert(DayMove), moves)
    people = [row for day, found in groups.items() for row in _rows(month, day, found)]
    if people:
        session.execute(insert(DayPeople), people)


def _rows(month: date, day: date, groups: list[Group]) -> list[dict[str, object]]:
    """Of each group what one donor gave: its statement asks for nothing else."""
    alike: dict[tuple[int, int, str], list[Group]] = defaultdict(list)
    for group in groups:
        for donor in {given[0] for given in group.given}:
            own = sorted(
                (agreement or NO_AGREEMENT, item) for one, agreement, item in group.given if one == donor
            )
            alike[donor, group.place_id, ",".join(f"{agreement}:{item}" for agreement, item in own)].append(
                group
            )
    return [
        {
            "month": month,
            "day": day,
            "donor_id": donor,
            "place_id": place,
            "given": given,
            "households": b"".join(group.households for group in found),
            "persons": b"".join(group.persons for group in found),
            "issues": b"".join(group.issues for group in found),
        }
        for (donor, place, given), found in sorted(alike.items())
    ]


def kept_flows(session: Session, days: Period, goods: Goods) -> list[LotFlow]:
    """The movements of those days added up; all of one closed month."""
    wanted = (
        select(*_WAY, func.sum(DayMove.units))
        .join(StockLot, StockLot.id == DayMove.lot_id)
        .where(DayMove.day.between(days.start, days.end), *goods.conditions())
        .group_by(*_WAY)
    )
    return [LotFlow(*row[:5], int(row[5])) for row in session.execute(wanted)]


def kept_people(session: Session, days: Period, goods: Goods) -> dict[Cell, People]:
    """Whom those days' handouts reached; all of one closed month."""
    assert goods.donor_id is not None, "days are kept by donor"
    wanted = select(
        DayPeople.place_id, DayPeople.given, DayPeople.issues, DayPeople.persons, DayPeople.households
    ).where(DayPeople.donor_id == goods.donor_id, DayPeople.day.between(days.start, days.end))
    groups = []
    known: dict[str, frozenset[Given]] = {}
    for place, given, issues, persons, households in plain_rows(session, wanted):
        if given not in known:
            known[given] = frozenset(_wanted(given, goods.donor_id, goods))
        if known[given]:
            groups.append(Group(place, known[given], issues, persons, households))
    return people_of(groups)


def kept_days(session: Session, month: date) -> set[date]:
    """The days of a closed month of which anything is kept, to check them."""
    return {
        day
        for kept in (DayMove, DayPeople)
        for day in session.scalars(select(kept.day).where(kept.month == month).distinct())
    }


def kept_donors(session: Session, day: date) -> set[int]:
    """Whose goods are kept for that day, to check them."""
    return set(session.scalars(select(DayPeople.donor_id).where(DayPeople.day == day)))


def _wanted(written: str, donor_id: int, goods: Goods) -> list[Given]:
    found = []
    for part in written.split(","):
        agreement, item = map(int, part.split(":"))
        if goods.agreement_id in (None, agreement) and goods.item_id in (None, item):
            found.append((donor_id, agreement or None, item))
    return found
