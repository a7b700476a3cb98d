"""Small cells: counts of people that are so small that they point at somebody are withheld.

A withheld row must not follow from the others and the total either, so where only one row of a breakdown
would be withheld, the next smallest goes with it (its complement).

Source: DESIGN §6
"""

from collections.abc import Sequence
from dataclasses import replace

from aidtrack.kernel.late import dataclass

LEAST = 5


@dataclass(frozen=True, slots=True)
class Reached:
    """Three counts that are never mixed, each distinct; and how many were not served earlier this year.

    `new_…` are None where they are withheld.
    """

    issues: int = 0
    persons: int = 0
    households: int = 0
    new_persons: int | None = 0
    new_households: int | None = 0

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.issues, self.persons, self.households

    @property
    def is_small(self) -> bool:
        return any(0 < count < LEAST for count in self.counts)

    def without_small_newness(self) -> "Reached":
        """Withhold the new ones where they, or those who are not new, are few enough to point at somebody."""
        parts = []
        for new, whole in ((self.new_persons, self.persons), (self.new_households, self.households)):
            if new is not None:
                parts += [new, whole - new]
        if any(0 < part < LEAST for part in parts):
            return replace(self, new_persons=None, new_households=None)
        return self


def withheld(rows: Sequence[Reached]) -> list[bool]:
    """Which rows of one breakdown are withheld from a reader who sees aggregates only.

    Next smallest rows join the withheld ones until there are two of them with `LEAST` households together,
    so that the total less the rows shown does not give them away.
    """
    hidden = [row.is_small for row in rows]
    order = sorted(range(len(rows)), key=lambda place: (rows[place].households, rows[place].persons))
    for place in order:
        together = sum(row.households for row, hides in zip(rows, hidden, strict=True) if hides)
        if not any(hidden) or (sum(hidden) > 1 and together >= LEAST):
            break
        if any(rows[place].counts):
            hidden[place] = True
    return hidden
