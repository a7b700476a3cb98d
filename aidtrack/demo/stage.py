"""What the demonstration's parts share: who acts, what is where, and the order of the days."""

import random
from collections.abc import Callable
from dataclasses import field
from datetime import UTC, date, datetime, time
from typing import Protocol
from uuid import UUID, uuid5

from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import DEFAULT_TIME_ZONE, zone
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit
from aidtrack.kernel.units import Pack

LABEL = "demo"  # the command line finds the demonstration's people again by it
SEED = 2022
DEMONSTRATION = UUID("a1d7ac00-0000-4000-8000-000000002022")


class Progress(Protocol):
    """`progress("Dnipro, 2022", 12, 80)`."""

    def __call__(self, what: str, done: int, total: int, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Goods:
    """An item as quantities of it are read."""

    id: int
    unit: BaseUnit
    density_g_per_l: int | None
    packs: tuple[Pack, ...]
    pack_ids: dict[str, int]


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody of the demonstration who can sign in. The password was made in this run."""

    login: str
    display_name: str
    role: str
    site_codes: tuple[str, ...]
    password: str = field(repr=False)


@dataclass(slots=True)
class Stage:
    """Ids by code. `now` is the moment of loading, by which alone today is known."""

    now: datetime
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311  (the same each time)
    sites: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    donors: dict[str, int] = field(default_factory=dict)
    agreements: dict[str, int] = field(default_factory=dict)
    programmes: dict[str, int] = field(default_factory=dict)
    goods: dict[str, Goods] = field(default_factory=dict)
    cycles: dict[str, int] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    sign_ins: list[SignIn] = field(default_factory=list)
    agenda: "Agenda" = field(default_factory=lambda: Agenda())


@dataclass(slots=True)
class Agenda:
    """Acts with their moments, done in the order of the moments, so that the books read like a year."""

    _acts: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)

    def add(self, at: datetime, act: Callable[[datetime], None]) -> None:
        """`act` is called with its moment; it opens its own units of work."""
        self._acts.append((at, len(self._acts), act))

    def run(self, progress: Callable[[int, int], None]) -> None:
        acts = sorted(self._acts, key=lambda one: one[:2])
        for number, (at, _, act) in enumerate(acts):
            progress(number, len(acts))
            act(at)
        progress(len(acts), len(acts))


def at(day: date, hours: int, minutes: int = 0) -> datetime:
    """That local time in Dnipro."""
    return datetime.combine(day, time(hours, minutes), zone(DEFAULT_TIME_ZONE)).astimezone(UTC)


def command_id(name: str) -> UUID:
    """The same id for the same act in every run."""
    return uuid5(DEMONSTRATION, name)
