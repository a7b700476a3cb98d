"""How movements between places become the figures of a statement. Plain arithmetic on whole base units.

Source: docs/adr/0005-closed-months.md, DESIGN §1.3
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum
from functools import cache

from aidtrack.inventory.kinds import PlaceKind
from aidtrack.kernel.late import dataclass


class Side(StrEnum):
    """What a place is to the sites a statement is about."""

    HELD = "held"
    TRANSIT = "transit"
    SUPPLIER = "supplier"
    HANDED_OUT = "handed_out"
    LOSS = "loss"
    SUSPENSE = "suspense"
    AWAY = "away"
    ELSEWHERE = "elsewhere"  # a real place of a site outside the scope, and transit where the scope has gaps


class Figure(StrEnum):
    """The figures of one line, in the order they are printed. Each can be opened to its lines."""

    OPENING = "opening"
    RECEIVED = "received"
    TRANSFERRED_IN = "transferred_in"
    TRANSFERRED_OUT = "transferred_out"
    TRANSFERRED_AWAY = "transferred_away"
    HANDED_OUT = "handed_out"
    LOST = "lost"
    SUSPENSE = "suspense"
    CLOSING = "closing"
    ON_HAND = "on_hand"
    IN_TRANSIT = "in_transit"


_VIRTUAL = {
    PlaceKind.SUPPLIER: Side.SUPPLIER,
    PlaceKind.HANDED_OUT: Side.HANDED_OUT,
    PlaceKind.LOSS: Side.LOSS,
    PlaceKind.SUSPENSE: Side.SUSPENSE,
    PlaceKind.TRANSFERRED_AWAY: Side.AWAY,
}


@dataclass(frozen=True, slots=True)
class Reach:
    """The sites a statement is about.

    Goods in transit have left one site and have not arrived at another. Only a scope of all sites can say
    whose they are; a narrower one counts them as transferred out to, and in from, elsewhere.
    """

    site_ids: frozenset[int]
    whole: bool

    def side(self, kind: PlaceKind, site_id: int | None) -> Side:
        if kind is PlaceKind.IN_TRANSIT:
            return Side.TRANSIT if self.whole else Side.ELSEWHERE
        if kind in _VIRTUAL:
            return _VIRTUAL[kind]
        return Side.HELD if self.whole or site_id in self.site_ids else Side.ELSEWHERE


@dataclass(frozen=True, slots=True)
class Flow:
    """Units of an item under an agreement that went from one place to another."""

    agreement_id: int | None
    item_id: int
    source: Side
    target: Side
    units: int
    cause: str
    at_own_site: bool  # whether the entry was made by a site in the scope


HOLDING = frozenset({Side.HELD, Side.TRANSIT})
_ENDS = {
    Side.HANDED_OUT: Figure.HANDED_OUT,
    Side.LOSS: Figure.LOST,
    Side.SUSPENSE: Figure.SUSPENSE,
    Side.AWAY: Figure.TRANSFERRED_AWAY,
}


def belongs(source: Side, target: Side, *, at_own_site: bool) -> bool:
    """Whether a movement is part of the statement at all.

    Between two places that are nobody's shelf (suspense to people, say) the entry's own site decides.
    """
    if source in HOLDING or target in HOLDING:
        return True
    return Side.ELSEWHERE not in (source, target) and at_own_site


@dataclass(slots=True)
class Sums:
    """What a set of movements adds up to for one agreement and item, all in base units.

    `figures` holds flows in the direction that is printed: received and transferred in add to the stock,
    the others take from it. A correction takes off what it corrects, so any of them may be negative.
    """

    figures: dict[Figure, int] = field(default_factory=lambda: defaultdict(int))
    causes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    held: int = 0
    transit: int = 0

    def add(self, flow: Flow) -> None:
        for figure, sign in parts_of(flow.source, flow.target):
            self.figures[figure] += sign * flow.units
            if figure is Figure.LOST:
                self.causes[flow.cause] += sign * flow.units
        for side, units in ((flow.source, -flow.units), (flow.target, flow.units)):
            if side is Side.HELD:
                self.held += units
            elif side is Side.TRANSIT:
                self.transit += units


@cache
def parts_of(source: Side, target: Side) -> tuple[tuple[Figure, int], ...]:
    """Which figures a movement between two sides is a line of, and with which sign.

    None for a movement between our own places; two for one between two virtual places, such as goods handed
    out from suspense.
    """
    found = [(_ENDS[side], sign) for side, sign in ((source, -1), (target, 1)) if side in _ENDS]
    found += [(Figure.RECEIVED, -sign) for side, sign in ((source, -1), (target, 1)) if side is Side.SUPPLIER]
    if source is Side.ELSEWHERE:
        found.append((Figure.TRANSFERRED_IN, 1))
    elif target is Side.ELSEWHERE:
        found.append((Figure.TRANSFERRED_OUT, 1))
    return tuple(found)


Key = tuple[int | None, int]  # agreement, item


def add_up(flows: Iterable[Flow]) -> dict[Key, Sums]:
    """Sums by agreement and item."""
    sums: dict[Key, Sums] = defaultdict(Sums)
    for flow in flows:
        if belongs(flow.source, flow.target, at_own_site=flow.at_own_site):
            sums[flow.agreement_id, flow.item_id].add(flow)
    return sums


@dataclass(frozen=True, slots=True)
class Balance:
    """One line's figures, base units.

    `closing` is computed from the flows, `on_hand` and `in_transit` by adding up what came to and left the
    shelves; `shelf` is what the stock's own balances say, known only when the period reaches today. The
    line closes when all of them agree.
    """

    opening: int
    received: int
    transferred_in: int
    transferred_out: int
    transferred_away: int
    handed_out: int
    lost: int
    lost_by_cause: Mapping[str, int]
    suspense: int
    on_hand: int
    in_transit: int
    shelf: int | None = None

    @property
    def closing(self) -> int:
        return (
            self.opening
            + self.received
            + self.transferred_in
            - self.transferred_out
            - self.transferred_away
            - self.handed_out
            - self.lost
            - self.suspense
        )

    @property
    def difference(self) -> int:
        """What is missing for the line to close; 0 when it closes to the gram."""
        held = self.on_hand + self.in_transit
        if self.shelf is not None and self.shelf != held:
            return self.closing - self.shelf
        return self.closing - held

    @property
    def is_empty(self) -> bool:
        return not any((*(self.of(figure) for figure in Figure), *self.lost_by_cause.values()))

    def of(self, figure: Figure) -> int:
        value = getattr(self, figure.value)
        assert isinstance(value, int)
        return value


NOTHING = Sums()


def balance(before: Sums, during: Sums, shelf: int | None) -> Balance:
    """One line from what moved before the period and during it."""
    flows = during.figures
    return Balance(
        opening=before.held + before.transit,
        received=flows.get(Figure.RECEIVED, 0),
        transferred_in=flows.get(Figure.TRANSFERRED_IN, 0),
        transferred_out=flows.get(Figure.TRANSFERRED_OUT, 0),
        transferred_away=flows.get(Figure.TRANSFERRED_AWAY, 0),
        handed_out=flows.get(Figure.HANDED_OUT, 0),
        lost=flows.get(Figure.LOST, 0),
        lost_by_cause={cause: units for cause, units in sorted(during.causes.items()) if units},
        suspense=flows.get(Figure.SUSPENSE, 0),
        on_hand=before.held + during.held,
        in_transit=before.transit + during.transit,
        shelf=shelf,
    )
