"""What each event is, as a function of all events of one entitlement and never of their order (I13).

Source: docs/sync.md#event, docs/rules.md#field
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from aidtrack.kernel.late import dataclass


class Outcome(StrEnum):
    RECORDED = "recorded"
    ALREADY_RECORDED = "already_recorded"
    EXTRA = "extra"
    LATE = "late"
    WITHDRAWN = "withdrawn"
    COUNT_NEEDED = "count_needed"
    KEPT = "kept"
    UNDONE = "undone"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class FieldHandout:
    """One handout event on an entitlement, with what is true of it alone.

    `est` is the phone's trusted time, not the arrival. `online` says that the same press reached the server
    under the same id, so that it is one handout and not two.
    """

    id: str
    est: datetime
    undone: bool = False
    withdrawn: bool = False
    late: bool = False
    short: bool = False
    online: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """`first`: this event is the family's handout of the cycle."""

    outcome: Outcome
    first: bool


def judge(handouts: Iterable[FieldHandout], *, online_stands: bool) -> dict[str, Judged]:
    """Exactly one outcome for each handout event of one entitlement.

    First is a standing online handout, else the standing event with the smallest (`est`, `id`); every other
    standing event is an extra. What else applies is told by the flags, in the order of the table in
    docs/sync.md.

    Args:
        online_stands: a handout made online stands for the entitlement.
    """
    found = list(handouts)
    standing = [one for one in found if not one.undone and not one.online]
    first = None if online_stands else min(standing, key=_turn, default=None)
    return {one.id: _judged(one, first=one is first) for one in found}


def _turn(one: FieldHandout) -> tuple[datetime, str]:
    return one.est, one.id


def _judged(one: FieldHandout, *, first: bool) -> Judged:
    if one.undone:
        return Judged(Outcome.UNDONE, first=False)
    if one.online:
        return Judged(Outcome.ALREADY_RECORDED, first=False)
    if not first:
        return Judged(Outcome.EXTRA, first=False)
    if one.withdrawn:
        return Judged(Outcome.WITHDRAWN, first)
    if one.late:
        return Judged(Outcome.LATE, first)
    if one.short:
        return Judged(Outcome.COUNT_NEEDED, first)
    return Judged(Outcome.RECORDED, first)


@dataclass(frozen=True, slots=True)
class Taken:
    """Units that a standing field handout took of one lot at one place."""

    id: str
    est: datetime
    units: int


def short_ones(taken: Iterable[Taken], *, shortage: int) -> frozenset[str]:
    """Which handouts carry the shortage of a lot at a place: the latest ones, as many as it takes.

    Whichever phone came home last found the book empty, but that says nothing about who handed out the
    goods that the book did not know of. Going by (`est`, `id`) the answer is the same for every order.

    Args:
        shortage: base units that nothing has paid for yet.
    """
    carrying: set[str] = set()
    for one in sorted(taken, key=lambda one: (one.est, one.id), reverse=True):
        if shortage <= 0:
            break
        carrying.add(one.id)
        shortage -= one.units
    return frozenset(carrying)


def changed(before: Mapping[str, Judged], after: Mapping[str, Judged]) -> list[str]:
    """Ids whose outcome is another one now, in a fixed order."""
    return sorted(id_ for id_, judged in after.items() if id_ in before and before[id_] != judged)
