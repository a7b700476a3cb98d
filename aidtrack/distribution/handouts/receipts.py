"""What is answered for a handout, the first time and every time it is asked again."""

from datetime import datetime
from typing import Any

from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class LotPart:
    """Base units that one lot gave to a line, and so the donor who gave them."""

    lot_code: str
    donor_code: str
    units: int


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One item of a handout: due and given, base units; `parts` add up to `units` (I6)."""

    item_id: int
    item_code: str
    base_unit: str
    due_units: int
    units: int
    parts: tuple[LotPart, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The one effect of a client id. `repeated` says that it was already there."""

    client_id: str
    kind: str
    serial: str
    place_id: int
    place_code: str
    at: datetime
    lines: tuple[ReceiptLine, ...]
    reason: str | None
    reverses: str | None
    repeated: bool = False

    @property
    def partial(self) -> bool:
        return any(line.units < line.due_units for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        """The body of API and counter answers, alike for the first and for every later time."""
        return {
            "id": self.client_id,
            "kind": self.kind,
            "serial": self.serial,
            "place": self.place_code,
            "at": self.at.isoformat().replace("+00:00", "Z"),
            "partial": self.partial,
            "reason": self.reason,
            "reverses": self.reverses,
            "lines": [
                {
                    "item": line.item_code,
                    "unit": line.base_unit,
                    "due": line.due_units,
                    "units": line.units,
                    "lots": [
                        {"lot": part.lot_code, "donor": part.donor_code, "units": part.units}
                        for part in line.parts
                    ],
                }
                for line in self.lines
            ],
        }
