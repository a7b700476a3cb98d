"""From sets of people to counts: each row united before it is counted, and small ones withheld."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

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
        self.earlier = People.union(
            {id(found): found for _, cell, found in earlier if cell.place_id in own}.values()
        )

    def total(self) -> Reached | None:
        return self._shown([self._count(self.cells.values())])[0]

    def by_line(self) -> dict[Key, Reached | None]:
        counts = self._shown([self._count(found) for found in self.lines.values()])
        return dict(zip(self.lines, counts, strict=True))

    def by_month(self) -> tuple[ReachedRow, ...]:
        months = sorted({month for month, _ in self.cells})
        counts, seen = [], self.earlier
        for month in months:
            if month.month == 1:
                seen = People()
            here = People.union(found for key, found in self.cells.items() if key[0] == month)
            counts.append(self._count([here], seen))
            seen = People.union([seen, here])
        return tuple(
            ReachedRow(found, month=month) for month, found in zip(months, self._shown(counts), strict=True)
        )

    def by_place(self) -> tuple[ReachedRow, ...]:
        places = sorted({place for _, place in self.cells}, key=lambda place: self.scope.places[place].code)
        counts = self._shown(
            [self._count(found for key, found in self.cells.items() if key[1] == place) for place in places]
        )
        return tuple(
            ReachedRow(found, place=self.scope.places[place])
            for place, found in zip(places, counts, strict=True)
        )

    def _count(self, sets: Iterable[People], seen: People | None = None) -> Reached:
        """Count what is in any of the sets; new are those not in `seen`, else not reached before the period."""
        seen = seen or self.earlier
        whole = People.union(sets)
        return Reached(
            issues=len(whole.issues),
            persons=len(whole.persons),
            households=len(whole.households),
            new_persons=whole.persons.number_not_in(seen.persons),
            new_households=whole.households.number_not_in(seen.households),
        )

    def _shown(self, rows: list[Reached]) -> list[Reached | None]:
        if not self.scope.aggregates_only:
            return list(rows)
        return [
            None if hidden else row.without_small_newness()
            for row, hidden in zip(rows, withheld(rows), strict=True)
        ]
