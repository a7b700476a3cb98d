"""Who came at their time: counted from handouts, with a tolerance of some minutes on both sides."""

from collections.abc import Iterable

from aidtrack.kernel.late import dataclass

TOLERANCES = (0, 15, 30, 60)
USUAL = 15


@dataclass(frozen=True, slots=True)
class Arrival:
    """A booking with the minute of the local clock at which goods were handed out, on its own day or another.

    `came_at` counts from the beginning of the slot's day; None while nothing was handed out. `now` is the
    present minute counted the same way.
    """

    starts: int
    ends: int
    came_at: int | None
    now: int


@dataclass(frozen=True, slots=True)
class Shares:
    """`issues` families were served of those booked; of the times that are over, `due`, so many came in time."""

    booked: int
    issues: int
    due: int
    in_time: int
    at_another_time: int
    not_come: int

    @property
    def percent(self) -> int | None:
        """Of the times that are over, rounded half up; None while none is."""
        return None if not self.due else (200 * self.in_time + self.due) // (2 * self.due)


def shares(arrivals: Iterable[Arrival], *, tolerance: int) -> Shares:
    """A family came in time when its goods were handed out within its slot, `tolerance` minutes before or after.

    A time counts as over when the tolerance has passed too, or when its family was served: an early or a late
    family is not waited for.
    """
    booked = issues = due = in_time = elsewhere = 0
    for one in arrivals:
        booked += 1
        issues += one.came_at is not None
        if one.came_at is None and one.now <= one.ends + tolerance:
            continue
        due += 1
        if one.came_at is None:
            continue
        if one.starts - tolerance <= one.came_at <= one.ends + tolerance:
            in_time += 1
        else:
            elsewhere += 1
    return Shares(booked, issues, due, in_time, elsewhere, due - in_time - elsewhere)
