"""From sets of people to counts: each row united before it is counted, and small ones withheld."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from aidtrack.kernel.late import dataclass
from aidtrack.reports.bits import Bits
from aidtrack.reports.figures import Key, Side
from aidtrack.reports.reading import Cell, People
from aidtrack.reports.scope import Named, Scope
from aidtrack.reports.suppression import Reached, withheld


@dataclass(frozen=True, slots=True)
class ReachedRow:
    """One row of a breakdown. `reached` is None where the counts are withheld from this reader."""

    reached: Reached | None
    month: date | None = None
    place: Named | None = None


class Counted:
    """Turns sets into counts, each row united before it is counted, and withholds small ones."""

    def __init__(
        self,
        scope: Scope,
        people: list[tuple[date, Cell, People]],
        earlier: list[tuple[date, Cell, People]],
    ) -> None:
        own = set(scope.place_ids(Side.HELD))
        self.scope = scope
        self.lines: dict[Key, list[People]] = defaultdict(list)
        # united once by month and place, from which months, places and the whole are united
        together: dict[tuple[date, int], dict[int, People]] = defaultdict(dict)
        for month, cell, found in people:
            if cell.place_id in own:
                self.lines[cell.agreement_id, cell.item_id].append(found)
                # several items for the same people: one object, which is united once
                together[month, cell.place_id][id(found)] = found
        self.cells = {key: People.union(sets.values()) for key, sets in together.items()}
        self.months = {
            month: _everybody(found for key, found in self.cells.items() if key[0] == month)
            for month in sorted({month for month, _ in self.cells})
        }
        self.earlier = _everybody(
            {id(found): found for _, cell, found in earlier if cell.place_id in own}.values()
        )

    def total(self) -> Reached | None:
        return self._shown([self._count(self.cells.values(), _everybody(self.months.values()))])[0]

    def by_line(self) -> dict[Key, Reached | None]:
        counts = self._shown([self._count(found, _everybody(found)) for found in self.lines.values()])
        return dict(zip(self.lines, counts, strict=True))

    def by_month(self) -> tuple[ReachedRow, ...]:
        counts, seen = [], self.earlier
        for month, here in self.months.items():
            if month.month == 1:
                seen = People()
            cells = [found for key, found in self.cells.items() if key[0] == month]
            counts.append(self._count(cells, here, seen))
            seen = _everybody([seen, here])
        return tuple(
            ReachedRow(found, month=month)
            for month, found in zip(self.months, self._shown(counts), strict=True)
        )

    def by_place(self) -> tuple[ReachedRow, ...]:
        places = sorted({place for _, place in self.cells}, key=lambda place: self.scope.places[place].code)
        cells = [[found for key, found in self.cells.items() if key[1] == place] for place in places]
        counts = self._shown([self._count(found, _everybody(found)) for found in cells])
        return tuple(
            ReachedRow(found, place=self.scope.places[place])
            for place, found in zip(places, counts, strict=True)
        )

    def _count(self, handouts: Iterable[People], people: People, seen: People | None = None) -> Reached:
        """Count people, of whom those not in `seen` are new, else those not reached before the period.

        Args:
            handouts: sets of different months or places. A handout has one of each, so their numbers add up.
        """
        seen = seen or self.earlier
        return Reached(
            issues=sum(len(found.issues) for found in handouts),
            persons=len(people.persons),
            households=len(people.households),
            new_persons=people.persons.number_not_in(seen.persons),
            new_households=people.households.number_not_in(seen.households),
        )

    def _shown(self, rows: list[Reached]) -> list[Reached | None]:
        if not self.scope.aggregates_only:
            return list(rows)
        return [
            None if hidden else row.without_small_newness()
            for row, hidden in zip(rows, withheld(rows), strict=True)
        ]


def _everybody(sets: Iterable[People]) -> People:
    """Persons and households in any of those sets, and no handouts."""
    found = list(sets)
    return People(
        persons=Bits.union(one.persons for one in found),
        households=Bits.union(one.households for one in found),
    )
