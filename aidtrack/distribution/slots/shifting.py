"""After an air alert: whose time fell into the pause, and which time each has instead."""

from collections.abc import Mapping, Sequence

from aidtrack.distribution.slots.placing import Free, fill
from aidtrack.distribution.slots.times import DAY
from aidtrack.distribution.slots.windows import EVERYBODY, Family
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class Shift:
    """New times by household: later today, on the other day, and those for whom there is none."""

    today: dict[int, int]
    other_day: dict[int, int]
    nobody: tuple[int, ...]


def is_hit(starts: int, ends: int, pause: tuple[int, int | None]) -> bool:
    """Whether a time lies in the pause, even for a minute. A pause without an end lasts for the rest of the day."""
    began, ended = pause
    return starts < (DAY if ended is None else ended) and ends > began


def shift(
    families: Mapping[int, Family],
    today: Sequence[Free],
    other_day: Sequence[Free],
    *,
    keep_windows: bool = True,
) -> Shift:
    """Later today while there is room, the rest on the other day; each time the first in line have the earliest.

    Args:
        families: those whose time is lost, in the order in which their times were.
        keep_windows: letters and categories of the new times count; without them any time will do.
    """
    asked = families if keep_windows else dict.fromkeys(families, Family())
    times = [_open(today, keep_windows), _open(other_day, keep_windows)]
    first = fill(asked, times[0])
    left = {household_id: family for household_id, family in asked.items() if household_id not in first}
    second = fill(left, times[1])
    return Shift(first, second, tuple(household_id for household_id in left if household_id not in second))


def _open(times: Sequence[Free], keep_windows: bool) -> list[Free]:
    if keep_windows:
        return list(times)
    return [Free(one.slot_id, one.key, one.free, one.capacity, EVERYBODY) for one in times]
