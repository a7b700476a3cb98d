"""What people ask of bookable times."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from aidtrack.distribution.slots.windows import EVERYBODY, Window
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class MakeTimes:
    """A day's times of a round: minutes of the local clock; `pause` is the break."""

    command_id: str
    round_id: int
    day: date
    starts: int
    ends: int
    each: int
    capacity: int
    pause: tuple[int, int] | None = None
    window: Window = EVERYBODY

    def body(self) -> Mapping[str, Any]:
        values = asdict(self)
        values.pop("command_id")
        return values


@dataclass(frozen=True, slots=True)
class Book:
    """Book a family, or move its booking to this time."""

    round_id: int
    household_id: int
    slot_id: int


@dataclass(frozen=True, slots=True)
class ShiftLost:
    """New times for those whom a pause took theirs: later today, then on `other_day`.

    `same_times` makes today's times on that day where it has none yet.
    """

    place_id: int
    other_day: date | None
    keep_windows: bool = True
    same_times: bool = False
