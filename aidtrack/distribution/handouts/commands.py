"""What the counter asks for."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any
from uuid import UUID

from aidtrack.distribution.models.handouts import Collector
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class HandOut:
    """Hand out on one voucher.

    `client_id` is made by the client once per press of the button: sent again it has the same one effect.
    `quantities` (base units by item) lowers lines; items not named go out in full. A smaller handout needs a
    `reason`.
    """

    client_id: UUID
    code: str
    place_id: int
    quantities: Mapping[int, int] = field(default_factory=dict)
    reason: str | None = None
    collector: Collector = Collector.HEAD

    def body(self) -> dict[str, Any]:
        """What makes two requests the same (I10)."""
        return {
            "code": self.code,
            "place_id": self.place_id,
            "quantities": {str(item): units for item, units in sorted(self.quantities.items())},
            "reason": self.reason,
            "collector": self.collector.value,
        }


@dataclass(frozen=True, slots=True)
class UndoHandout:
    """Take a handout back: the goods return to the place they left, the voucher is open again."""

    client_id: UUID
    handout_client_id: UUID
    reason: str

    def body(self) -> dict[str, Any]:
        return {"handout": str(self.handout_client_id), "reason": self.reason}
