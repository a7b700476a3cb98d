"""The distribution in plain Python: what every act must do, told without a database.

Each act answers with the code of the refusal it expects, or None and the change it makes. Places are their
ids; quantities are base units.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

TRANSIT, PEOPLE, LOSS, SUSPENSE = "transit", "people", "loss", "suspense"
Spot = int | str
Picks = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Lot:
    id: int
    item: int
    expires_on: date | None
    bound_to: int | None  # the programme it is earmarked for
    arrived_on: date


@dataclass(slots=True)
class Paper:
    """A voucher: open, redeemed, partly_redeemed or void."""

    id: int
    code: str
    family: int
    place: int
    state: str = "issued"


@dataclass(slots=True)
class Given:
    paper: int
    place: int
    picks: Picks
    asked: tuple[object, ...]
    taken_back: bool = False


@dataclass(slots=True)
class Journey:
    source: int
    target: int
    units: dict[int, int]
    arrived: bool = False


@dataclass
class Model:
    """A programme's goods at two places, its families' papers, and what they were given."""

    programme: int
    today: date
    due: dict[int, int]
    lots: dict[int, Lot] = field(default_factory=dict)
    stock: Counter[tuple[int, Spot]] = field(default_factory=Counter)
    papers: dict[int, Paper] = field(default_factory=dict)
    given: dict[str, Given] = field(default_factory=dict)
    journeys: dict[int, Journey] = field(default_factory=dict)
    receipts: dict[int, tuple[int, int, int]] = field(default_factory=dict)  # donation: lot, place, units
    returned: set[int] = field(default_factory=set)

    def move(self, lot: int, source: Spot | None, target: Spot | None, units: int) -> None:
        """None is the supplier, whom nobody counts."""
        if source is not None:
            self.stock[lot, source] -= units
        if target is not None:
            self.stock[lot, target] += units

    # -- handing out ---------------------------------------------------------------------------------

    def judge_handout(
        self, paper: Paper, place: int, lowered: Mapping[int, int], *, reason: bool
    ) -> tuple[str | None, Picks]:
        if paper.state == "void":
            return "void_voucher", []
        if paper.state != "issued":
            return "already_collected", []
        if paper.place != place:
            return "wrong_place", []
        wanted = {**self.due, **lowered}
        if any(wanted[item] > units for item, units in self.due.items()):
            return "quantity_raised", []
        if not any(wanted.values()):
            return "nothing_handed_out", []
        if wanted != self.due and not reason:
            return "reason_needed", []
        picks: Picks = []
        for item, units in wanted.items():
            for lot in sorted(filter(self._usable, self.lots.values()), key=self._turn):
                taken = min(units, self.stock[lot.id, place]) if lot.item == item else 0
                if taken:
                    picks.append((lot.id, taken))
                    units -= taken
            if units:
                return "not_enough_stock", []
        return None, picks

    def _usable(self, lot: Lot) -> bool:
        return lot.bound_to in (None, self.programme) and (
            lot.expires_on is None or lot.expires_on >= self.today
        )

    @staticmethod
    def _turn(lot: Lot) -> tuple[bool, date, date, int]:
        return lot.bound_to is None, lot.expires_on or date.max, lot.arrived_on, lot.id

    def hand_out(self, client_id: str, given: Given, *, partly: bool) -> None:
        for lot, units in given.picks:
            self.move(lot, given.place, PEOPLE, units)
        self.given[client_id] = given
        self.papers[given.paper].state = "partly_redeemed" if partly else "redeemed"

    def judge_undo(self, given: Given) -> str | None:
        if self.papers[given.paper].state not in ("redeemed", "partly_redeemed"):
            return "voucher_state"
        return "already_reversed" if given.taken_back else None

    def undo(self, given: Given) -> None:
        for lot, units in given.picks:
            self.move(lot, PEOPLE, given.place, units)
        given.taken_back = True
        self.papers[given.paper].state = "issued"

    # -- papers --------------------------------------------------------------------------------------

    def judge_void(self, paper: Paper) -> str | None:
        return None if paper.state == "issued" else "voucher_state"

    def judge_reprint(self, paper: Paper) -> str | None:
        replaced = any(one.family == paper.family and one.id > paper.id for one in self.papers.values())
        return (
            None if paper.state == "issued" or (paper.state == "void" and not replaced) else "voucher_state"
        )

    # -- goods ---------------------------------------------------------------------------------------

    def judge_return(self, donation: int) -> str | None:
        if donation in self.returned:
            return "already_reversed"
        lot, place, units = self.receipts[donation]
        return None if self.stock[lot, place] >= units else "not_enough_stock"

    def judge_dispatch(self, source: int, target: int, units: Mapping[int, int]) -> str | None:
        if source == target:
            return "same_place"
        enough = all(self.stock[lot, source] >= wanted for lot, wanted in units.items())
        return None if enough else "not_enough_stock"

    def judge_arrival(self, journey: Journey, units: Mapping[int, int], *, reason: bool) -> str | None:
        if journey.arrived:
            return "already_arrived"
        if any(units[lot] > sent for lot, sent in journey.units.items()):
            return "more_than_sent"
        if not reason and any(units[lot] < sent for lot, sent in journey.units.items()):
            return "reason_missing"
        return None

    # -- what the books must say ---------------------------------------------------------------------

    def everything(self) -> dict[tuple[int, Spot], int]:
        return {spot: units for spot, units in self.stock.items() if units}

    def held(self) -> dict[tuple[int, Spot], int]:
        """What the books keep balances of: real places and goods on their way."""
        gone = (PEOPLE, LOSS, SUSPENSE)
        return {spot: units for spot, units in self.everything().items() if spot[1] not in gone}

    def paper_states(self) -> dict[int, str]:
        return {paper.id: paper.state for paper in self.papers.values()}
