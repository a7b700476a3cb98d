"""Tables of distribution: rights, rounds, vouchers, handouts, phones."""

from aidtrack.distribution.models.devices import (
    Device,
    DeviceInvitation,
    FileKey,
    PackRow,
    RoundPack,
    SupervisorCode,
)
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
    "Device",
    "DeviceInvitation",
    "Eligibility",
    "EligibilityStatus",
    "Entitlement",
    "EntitlementPerson",
    "FileKey",
    "Ground",
    "Handout",
    "HandoutKind",
    "HandoutLine",
    "PackRow",
    "Profile",
    "ProfileLine",
    "ProgrammeRule",
    "RationEntry",
    "Round",
    "RoundPack",
    "RoundState",
    "SigningKey",
    "SupervisorCode",
    "Voucher",
]
