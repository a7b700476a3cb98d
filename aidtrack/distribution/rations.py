"""What one household is due in one round.

Source: docs/rules.md#ration
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from aidtrack.beneficiaries.household import AgeBand, Member, count_in_band, present_members
from aidtrack.distribution.errors import EmptyHousehold
from aidtrack.kernel.errors import N_
from aidtrack.kernel.late import dataclass


class Basis(StrEnum):
    """What a ration line is multiplied by."""

    HOUSEHOLD = "household"
    MEMBER = "member"
    AGE_BAND = "age_band"

    @property
    def label(self) -> str:
        return {
            Basis.HOUSEHOLD: N_("per family"),
            Basis.MEMBER: N_("per person"),
            Basis.AGE_BAND: N_("per person of an age"),
        }[self]


@dataclass(frozen=True, slots=True)
class RationLine:
    """So many base units of an item per household, per member, or per member of an age band."""

    item_id: int
    basis: Basis
    units: int
    age_from: int | None = None  # completed years, both ends included, for AGE_BAND only
    age_to: int | None = None
    pack_units: int | None = None  # whole packs only

    def __post_init__(self) -> None:
        if self.units <= 0 or (self.pack_units is not None and self.pack_units <= 0):
            raise ValueError("a ration line is of more than zero units")
        if (self.basis is Basis.AGE_BAND) == AgeBand(self.age_from, self.age_to).is_open:
            raise ValueError("ages belong to an age band, and an age band needs them")


def ration_for(members: Iterable[Member], lines: Iterable[RationLine], *, on: date) -> dict[int, int]:
    """Compute what one household is due in one round.

    Packs are not opened in the field, so a line with a pack is rounded up to whole packs, each line for
    itself: a household never gets less than the line promises. Members without a birth date count per
    member but in no age band.

    Args:
        on: local date of the round at the site; a member counts through their last day.

    Returns:
        base units by item; items nothing is due of are left out, so it may be empty.

    Raises:
        EmptyHousehold: nobody is present on that date.
    """
    present = present_members(members, on)
    if not present:
        raise EmptyHousehold(on=on.isoformat())
    due: dict[int, int] = {}
    for line in lines:
        units = line.units * _heads(line, present, on)
        if line.pack_units is not None:
            units = -(-units // line.pack_units) * line.pack_units
        if units:
            due[line.item_id] = due.get(line.item_id, 0) + units
    return due


def _heads(line: RationLine, present: list[Member], on: date) -> int:
    match line.basis:
        case Basis.HOUSEHOLD:
            return 1
        case Basis.MEMBER:
            return len(present)
        case Basis.AGE_BAND:
            return count_in_band(present, AgeBand(line.age_from, line.age_to), on)
