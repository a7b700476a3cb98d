"""What is reported of feedback: how many, answered in time, how long it took, and marks. Plain counting.

Sensitive entries are counted apart from all others and told only in steps of five for those who may not read
them: a count that grows by one says that somebody has just complained.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date

from aidtrack.kernel.late import dataclass

STEP = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """What is counted of an entry. `took` is in working days, None while it is not answered."""

    kind: str
    channel: str
    due_on: date
    answered_on: date | None
    took: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """`due` entries were answered or are past their day; of them `in_time` were answered by that day."""

    received: int = 0
    due: int = 0
    in_time: int = 0
    overdue: int = 0  # not answered, and the day has passed
    answered: int = 0
    days_together: int = 0
    longest: int = 0
    by_kind: Mapping[str, int] = field(default_factory=dict)
    by_channel: Mapping[str, int] = field(default_factory=dict)

    @property
    def percent_in_time(self) -> int | None:
        return None if not self.due else (200 * self.in_time + self.due) // (2 * self.due)

    @property
    def mean_tenths(self) -> int | None:
        """Mean working days to an answer, in tenths, rounded half up."""
        return None if not self.answered else (20 * self.days_together + self.answered) // (2 * self.answered)


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks from 1 to 5: how many of each."""

    counts: Mapping[int, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def mean_tenths(self) -> int | None:
        if not self.total:
            return None
        points = sum(mark * count for mark, count in self.counts.items())
        return (20 * points + self.total) // (2 * self.total)


def figures(entries: Iterable[Entry], *, today: date) -> Figures:
    kinds: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    took: list[int] = []
    received = due = in_time = overdue = 0
    for one in entries:
        received += 1
        kinds[one.kind] += 1
        channels[one.channel] += 1
        if one.answered_on is not None:
            due += 1
            in_time += one.answered_on <= one.due_on
            took.append(one.took or 0)
        elif one.due_on < today:
            due += 1
            overdue += 1
    return Figures(
        received,
        due,
        in_time,
        overdue,
        len(took),
        sum(took),
        max(took, default=0),
        dict(kinds),
        dict(channels),
    )


def marks(given: Iterable[int]) -> Marks:
    counted = Counter(given)
    return Marks({mark: counted[mark] for mark in range(1, 6)})


def told(count: int) -> int:
    """A count of sensitive entries as others are told it: none below five, then in steps of five."""
    return count - count % STEP


def tenths(value: int | None, mark: str) -> str:
    """«4,3»; a dash where there is nothing to take a mean of."""
    return "—" if value is None else f"{value // 10}{mark}{value % 10}"
