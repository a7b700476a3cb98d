"""Many families into bookable times: evenly, within windows, and nobody left out who could have a place.

Families that fit the same times are interchangeable, so they are counted in groups; a few hundred times and
ten thousand families are placed in about a second.
"""

from collections import deque
from collections.abc import Mapping, Sequence

from aidtrack.distribution.slots.windows import Family, Window, fits
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class Free:
    """A time with room: `key` orders times (day, minute), `free` places of `capacity`."""

    slot_id: int
    key: tuple[int, int]
    free: int
    capacity: int
    window: Window


@dataclass(slots=True)
class _Load:
    free: int
    taken: int
    capacity: int
    key: tuple[int, int]
    groups: dict[frozenset[int], int]  # how many of which group were put here


def spread(families: Mapping[int, Family], times: Sequence[Free]) -> dict[int, int]:
    """A time for each family, by household id; a family without any possible place is left out.

    Each goes to the emptiest time it fits, as a share of the time's capacity, the earliest of equals. Where
    all of its times are full, somebody who could also go elsewhere makes room: so the number of families
    with a place is the largest there can be.
    """
    return _place(families, times, evenly=True)


def fill(families: Mapping[int, Family], times: Sequence[Free]) -> dict[int, int]:
    """As `spread`, but each goes to the earliest time with room, in the order of the mapping."""
    return _place(families, times, evenly=False)


def _place(families: Mapping[int, Family], times: Sequence[Free], *, evenly: bool) -> dict[int, int]:
    loads = {
        one.slot_id: _Load(one.free, one.capacity - one.free, one.capacity, one.key, {})
        for one in times
        if one.free > 0
    }
    possible: dict[Family, frozenset[int]] = {}
    group_of: dict[int, frozenset[int]] = {}
    waiting: dict[frozenset[int], list[int]] = {}
    for household_id, family in families.items():
        if family not in possible:
            possible[family] = frozenset(
                one.slot_id for one in times if one.free > 0 and fits(one.window, family)
            )
        group = possible[family]
        group_of[household_id] = group
        waiting.setdefault(group, []).append(household_id)
    # those who have the least choice first, so that others need not make room
    for group in sorted(waiting, key=lambda slots: (len(slots), sorted(slots))):
        for _one in waiting[group]:
            if group and not _add(loads, group, evenly=evenly):
                break
    return _named(loads, waiting)


def _add(loads: dict[int, _Load], group: frozenset[int], *, evenly: bool) -> bool:
    """One more family of the group; False where no place can be found or made."""
    open_slots = [slot for slot in group if loads[slot].free > 0]
    if open_slots:
        best = min(
            open_slots,
            key=lambda slot: (
                loads[slot].taken / loads[slot].capacity if evenly else 0,
                loads[slot].key,
                slot,
            ),
        )
        _put(loads[best], group, 1)
        return True
    path = _way_out(loads, group)
    if path is None:
        return False
    # the last on the path moves first: each leaves room for the one before
    for source, target, moved in reversed(path):
        _put(loads[source], moved, -1)
        _put(loads[target], moved, 1)
    _put(loads[path[0][0]], group, 1)
    return True


def _put(load: _Load, group: frozenset[int], by: int) -> None:
    load.free -= by
    load.taken += by
    load.groups[group] = load.groups.get(group, 0) + by
    if not load.groups[group]:
        del load.groups[group]


def _way_out(loads: dict[int, _Load], group: frozenset[int]) -> list[tuple[int, int, frozenset[int]]] | None:
    """The shortest chain of moves from a full time of the group to one with room."""
    came: dict[int, tuple[int, frozenset[int]] | None] = dict.fromkeys(sorted(group))
    queue = deque(came)
    while queue:
        at = queue.popleft()
        for moved in sorted(loads[at].groups, key=sorted):
            for target in sorted(moved - came.keys(), key=lambda slot: loads[slot].key):
                came[target] = (at, moved)
                if loads[target].free > 0:
                    return _path(came, target)
                queue.append(target)
    return None


def _path(
    came: dict[int, tuple[int, frozenset[int]] | None], target: int
) -> list[tuple[int, int, frozenset[int]]]:
    path: list[tuple[int, int, frozenset[int]]] = []
    step = came[target]
    while step is not None:
        source, moved = step
        path.append((source, target, moved))
        target, step = source, came[source]
    return path[::-1]


def _named(loads: dict[int, _Load], waiting: dict[frozenset[int], list[int]]) -> dict[int, int]:
    """Counts back into families: within a group the first in line has the earliest time."""
    placed: dict[int, int] = {}
    for group, households in waiting.items():
        line = iter(households)
        for slot in sorted(group, key=lambda slot: (loads[slot].key, slot)):
            for _one in range(loads[slot].groups.get(group, 0)):
                placed[next(line)] = slot
    return placed
