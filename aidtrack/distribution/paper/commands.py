"""What people ask of paper lists and issue sheets."""

from collections.abc import Mapping
from dataclasses import asdict, field
from datetime import date
from typing import Any

from aidtrack.distribution.models import Collector
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class MakeList:
    """A numbered list of a round: a row for every open voucher, and spare ones."""

    command_id: str
    round_id: int
    spare: int

    def body(self) -> Mapping[str, Any]:
        values = asdict(self)
        values.pop("command_id")
        return values


@dataclass(frozen=True, slots=True)
class EnterRow:
    """A row somebody signed. `row` alone stands for its own voucher; `code` alone finds its row.

    `quantities` (base units by item) lowers what was given and needs a `reason`, as at the counter.
    """

    list_id: int
    happened_on: date
    row: int | None = None
    code: str = ""
    collector: Collector = Collector.HEAD
    quantities: Mapping[int, int] = field(default_factory=dict)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A row that was signed and cannot be entered: torn, unreadable, another centre's voucher."""

    list_id: int
    row: int
    happened_on: date
    note: str
