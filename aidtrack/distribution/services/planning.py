"""Planned demand against available stock, before anything is issued."""

from collections import Counter
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.distribution.errors import EmptyHousehold, NothingDue
from aidtrack.distribution.queries.planning import candidates, promised, served_count
from aidtrack.distribution.queries.rounds import Named, RoundRow, round_by_id, set_lines
from aidtrack.distribution.rations import RationLine, ration_for
from aidtrack.distribution.services.limits import Left, judge_candidates, places_left
from aidtrack.inventory.models import Item
from aidtrack.inventory.queries.stock import available
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit


@dataclass(frozen=True, slots=True)
class PlanLine(Named):
    """One item of the plan, base units. `promised` is what open vouchers of the programme may still take."""

    item_id: int
    item_code: str
    item_name_uk: str
    item_name_en: str
    base_unit: BaseUnit
    needed: int
    available: int
    promised: int

    @property
    def short(self) -> int:
        return max(0, self.needed + self.promised - self.available)


@dataclass(frozen=True, slots=True)
class Plan:
    """What issuing the round today would mean.

    `households` get a voucher. The others do not: `served` already have one in this cycle, of `empty` nobody
    is present on the day, to `nothing_due` no line of the set applies, `left` are those whom the programme's rule
    leaves out now, by why.
    """

    round_id: int
    on: date
    households: int
    persons: int
    served: int
    empty: int
    nothing_due: int
    left: dict[Left, int]
    lines: tuple[PlanLine, ...]

    @property
    def too_soon(self) -> int:
        return self.left.get(Left.TOO_SOON, 0)

    @property
    def covered(self) -> bool:
        return not any(line.short for line in self.lines)

    @property
    def shortages(self) -> tuple[PlanLine, ...]:
        return tuple(line for line in self.lines if line.short)


def rules_of(session: Session, round_id: int) -> list[RationLine]:
    """The round's entitlement set as rules; NothingDue for an empty one."""
    lines = [line.as_rule() for line in set_lines(session, round_id)]
    if not lines:
        raise NothingDue
    return lines


def plan_round(
    session: Session,
    round_id: int,
    *,
    on: date,
    actor: Actor,
    household_ids: frozenset[int] | None = None,
) -> Plan:
    """Work out who would be served in a round and whether the stock of its place covers it.

    Args:
        on: local date on which members must be present and marks must stand; stock is judged by it too.
        household_ids: only these households; None means every marked one.
    """
    actor.require(Permission.ROUND_READ)
    round_ = round_by_id(session, round_id, actor=actor)
    rules = rules_of(session, round_id)
    needed: Counter[int] = Counter(dict.fromkeys((rule.item_id for rule in rules), 0))
    households = persons = empty = nothing = 0
    found = candidates(session, round_, on=on, household_ids=household_ids)
    left: Counter[Left] = Counter()
    places = places_left(session, round_, on=on)
    for judged in judge_candidates(session, round_, found, on=on):
        candidate = judged.candidate
        if judged.left is not None:
            left[judged.left] += 1
            continue
        try:
            due = ration_for(candidate.members, rules, on=on)
        except EmptyHousehold:
            empty += 1
            continue
        if not due:
            nothing += 1
            continue
        none_left, _day = places.take()
        if none_left is not None:
            left[none_left] += 1
            continue
        households += 1
        persons += len(candidate.members)
        needed.update(due)
    return Plan(
        round_id=round_id,
        on=on,
        households=households,
        persons=persons,
        served=served_count(session, round_, on=on),
        empty=empty,
        nothing_due=nothing,
        left=dict(left),
        lines=_lines(session, round_, needed, on),
    )


def _lines(session: Session, round_: RoundRow, needed: Counter[int], on: date) -> tuple[PlanLine, ...]:
    on_hand = available(session, place_id=round_.place_id, programme_id=round_.programme_id, on=on)
    open_units = promised(session, place_id=round_.place_id, programme_id=round_.programme_id, on=on)
    items = session.execute(
        select(Item.id, Item.code, Item.name_uk, Item.name_en, Item.base_unit).where(Item.id.in_(needed))
    ).all()
    by_id = {row.id: row for row in items}
    return tuple(
        PlanLine(*by_id[item_id], units, on_hand.get(item_id, 0), open_units.get(item_id, 0))
        for item_id, units in needed.items()
    )
