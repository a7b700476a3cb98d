"""What an adapter asks of rounds and vouchers. A `command_id` is the client's: same id, one effect."""

from datetime import date

from aidtrack.distribution.rations import Basis
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class CreateCycle:
    """A period of a programme in which a household is served once."""

    command_id: str
    programme_id: int
    code: str
    name_uk: str
    name_en: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class EditCycle:
    """A cycle as it shall be. Its programme stays."""

    cycle_id: int
    code: str
    name_uk: str
    name_en: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class SetLine:
    """A line of the entitlement set. `units` base units per household, member or member of the age band.

    With `pack_id` the household's sum is rounded up to whole packs; without, goods are given loose.
    """

    item_id: int
    basis: Basis
    units: int
    age_from: int | None = None
    age_to: int | None = None
    pack_id: int | None = None


@dataclass(frozen=True, slots=True)
class PlanRound:
    """A cycle's distribution at one place between two local days."""

    command_id: str
    cycle_id: int
    place_id: int
    code: str
    first_day: date
    last_day: date
    hours: str | None
    lines: tuple[SetLine, ...]
    print_head_name: bool = False


@dataclass(frozen=True, slots=True)
class EditRound:
    """Everything of a planned round that may still change."""

    round_id: int
    place_id: int
    code: str
    first_day: date
    last_day: date
    hours: str | None
    lines: tuple[SetLine, ...]
    print_head_name: bool = False


@dataclass(frozen=True, slots=True)
class CopyRound:
    """Plan the next round like an earlier one: same place, hours and goods, other days."""

    command_id: str
    round_id: int
    cycle_id: int
    code: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class IssueRound:
    """Issue to all eligible households that have nothing in this cycle yet.

    `household_ids` narrows that down; `accept_shortage` issues although the stock does not cover it.
    Repeating the command goes on where it stopped.
    """

    round_id: int
    accept_shortage: bool = False
    household_ids: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class IssueOne:
    """A voucher for a late-comer, by the registration number on their paper."""

    command_id: str
    round_id: int
    registration_no: str


@dataclass(frozen=True, slots=True)
class VoidVoucher:
    voucher_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReprintVoucher:
    """A new code for a lost or damaged voucher; the old one is dead from the same moment."""

    command_id: str
    voucher_id: int
    reason: str
