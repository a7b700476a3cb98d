"""Tables of distribution: rights, rounds, vouchers, handouts."""

from aidtrack.distribution.models.handouts import Collector, Handout, HandoutKind, HandoutLine
from aidtrack.distribution.models.rights import Eligibility, EligibilityStatus, Ground, ProgrammeRule
from aidtrack.distribution.models.rounds import (
    Cycle,
    Profile,
    ProfileLine,
    RationEntry,
    Round,
    RoundState,
)
from aidtrack.distribution.models.vouchers import Entitlement, EntitlementPerson, SigningKey, Voucher

__all__ = [
    "Collector",
    "Cycle",
    "Eligibility",
    "EligibilityStatus",
    "Entitlement",
    "EntitlementPerson",
    "Ground",
    "Handout",
    "HandoutKind",
    "HandoutLine",
    "Profile",
    "ProfileLine",
    "ProgrammeRule",
    "RationEntry",
    "Round",
    "RoundState",
    "SigningKey",
    "Voucher",
]
