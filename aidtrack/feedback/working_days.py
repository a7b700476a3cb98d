"""Working days of the centre and the day by which an entry is to be answered. Plain rules."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date, timedelta

from aidtrack.kernel.late import dataclass

MOST_DAYS = 3_660  # a calendar without working days must end too


@dataclass(frozen=True, slots=True)
class Calendar:
    """The centre's weeks by the day they begin to hold (digits 1 Monday … 7 Sunday), and days that differ."""

    weeks: Sequence[tuple[date, str]] = ((date.min, "12345"),)
    special: Mapping[date, bool] = field(default_factory=dict)

    def works(self, day: date) -> bool:
        if day in self.special:
            return self.special[day]
        ordered = sorted(self.weeks)
        at = bisect_right([begins for begins, _week in ordered], day)
        week = ordered[max(at - 1, 0)][1] if ordered else "12345"
        return str(day.isoweekday()) in week


def due_on(received: date, working_days: int, calendar: Calendar) -> date:
    """The last day in time: so many working days after the day of receipt, which itself is not counted.

    With 0 days it is the day of receipt or the next working day.
    """
    day, left = received, working_days
    for _step in range(MOST_DAYS):
        if left == 0 and calendar.works(day):
            return day
        day += timedelta(days=1)
        if left and calendar.works(day):
            left -= 1
    return received + timedelta(days=max(working_days, 1) * 2)


def working_days_between(received: date, answered: date, calendar: Calendar) -> int:
    """How many working days an answer took, by the same count as `due_on`; 0 on the day of receipt."""
    days = min((answered - received).days, MOST_DAYS)
    return sum(calendar.works(received + timedelta(days=step)) for step in range(1, days + 1))


def term_on(terms: Sequence[tuple[date, int]], day: date) -> int | None:
    """The working days allowed by the newest term that has begun; None before the first."""
    begun = [(begins, days) for begins, days in terms if begins <= day]
    return max(begun)[1] if begun else None
