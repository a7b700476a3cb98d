"""What can be read of a text that is kept, however little: for people's eyes and a person's decision.

Nothing here is trusted. `events.read` says what an event is; this says what a torn one still tells.
"""

import json
import re
from datetime import datetime
from typing import Any

from aidtrack.distribution.field.events import LARGEST, MAX_UNITS, MOST_LINES, MOST_PARTS, moment
from aidtrack.kernel.late import dataclass

LONGEST_SHOWN = 2_000
LONGEST_WORDS = 300
_CODE = re.compile(r"(AID1:)[A-Z2-7]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """Units of one lot of one item, as written. `lot` is None where the line names none for them."""

    item: str
    lot: str | None
    units: int


@dataclass(frozen=True, slots=True)
class Readable:
    """The legible parts of a text; None or empty is what could not be made out."""

    type: str | None
    id: str | None
    device: str | None
    est: datetime | None
    place: int | None
    parts: tuple[Part, ...]
    reason: str | None
    token: str | None
    supervisor: int | None
    of: str | None
    family: str | None

    @property
    def takes(self) -> dict[str, int]:
        """Units by lot's code."""
        found: dict[str, int] = {}
        for part in self.parts:
            if part.lot is not None:
                found[part.lot] = found.get(part.lot, 0) + part.units
        return found


def legible(body: str) -> Readable | None:
    """None where the text is no JSON object."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    return Readable(
        type=_words(found.get("type")),
        id=_words(found.get("id")),
        device=_words(found.get("device")),
        est=_moment(found.get("est")),
        place=_number(found.get("place"), LARGEST),
        parts=tuple(_parts(found.get("lines"))),
        reason=_words(found.get("reason")),
        token=found["token"] if isinstance(found.get("token"), str) else None,
        supervisor=_number(found.get("supervisor"), LARGEST),
        of=_words(found.get("of")),
        family=_family(found.get("family")),
    )


def shown_raw(body: str) -> str:
    """The text as it is, cut, and without the voucher's code: whoever reads that could collect with it."""
    return _CODE.sub(r"\1…", body[: LONGEST_SHOWN * 4])[:LONGEST_SHOWN]


def _parts(lines: object) -> list[Part]:
    found: list[Part] = []
    for line in lines[:MOST_LINES] if isinstance(lines, list) else ():
        if not isinstance(line, dict):
            continue
        item = _words(line.get("item")) or "—"
        lots = line.get("lots")
        named = 0
        for part in lots[:MOST_PARTS] if isinstance(lots, list) else ():
            code, units = (
                (part.get("lot"), _number(part.get("units"), MAX_UNITS))
                if isinstance(part, dict)
                else (None, None)
            )
            if isinstance(code, str) and 1 <= len(code) <= 40 and units:
                found.append(Part(item, code, units))
                named += units
        whole = _number(line.get("units"), MAX_UNITS) or 0
        if whole > named:
            found.append(Part(item, None, whole - named))
    return found


def _family(value: object) -> str | None:
    if isinstance(value, dict):
        return _words(", ".join(str(one) for one in value.values()))
    return _words(value)


def _words(value: Any) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    return value.encode("utf-8", "replace").decode().replace("\0", "")[:LONGEST_WORDS]


def _number(value: object, high: int) -> int | None:
    return value if type(value) is int and 0 < value <= high else None


def _moment(value: object) -> datetime | None:
    try:
        return moment(value)
    except ValueError:
        return None
