"""What people ask of a day's close."""

from collections.abc import Mapping
from dataclasses import asdict, field
from datetime import date
from typing import Any

from aidtrack.inventory.kinds import LossCause
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class StartDay:
    """Freeze the book of a place and begin to count. `by_item`: lots that look alike are counted together."""

    command_id: str
    place_id: int
    day: date
    by_item: bool = False

    def body(self) -> Mapping[str, Any]:
        values = asdict(self)
        values.pop("command_id")
        return values


@dataclass(frozen=True, slots=True)
class CountedLine:
    line_id: int
    units: int
    as_typed: str


@dataclass(frozen=True, slots=True)
class SaveCount:
    """Figures from the shelf; `finish` says that these are all, and opens the book."""

    close_id: int
    lines: tuple[CountedLine, ...]
    finish: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a line differs. A shortage has a cause; a surplus is one of counting."""

    cause: LossCause | None
    reason: str


@dataclass(frozen=True, slots=True)
class CloseDay:
    """Close, or hand on to a second person where a difference is large."""

    close_id: int
    explanations: Mapping[int, Explanation] = field(default_factory=dict)  # by line
    accept_unsent: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnVouchers:
    """Unused printed vouchers that came back to the office: serials or typed codes, and ticked ones."""

    close_id: int
    texts: tuple[str, ...] = ()
    voucher_ids: frozenset[int] = frozenset()
