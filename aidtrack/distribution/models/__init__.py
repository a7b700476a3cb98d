"""Tables of distribution: rights, rounds, vouchers, handouts, phones."""

from aidtrack.distribution.models.dayclose import (
    DayClose,
    DayCountLine,
    DayCountLot,
    DayState,
    ReturnedVoucher,
)
from aidtrack.distribution.models.devices import (
    Device,
    DeviceInvitation,
    FileKey,
    PackRow,
    RoundPack,
    SupervisorCode,
)
from aidtrack.distribution.models.field import (
    CameBy,
    CaseKind,
    FieldEvent,
    FieldEventType,
    FieldOutcome,
    FieldQuarantine,
    FieldTake,
    ReviewCase,
    Settlement,
)
from aidtrack.distribution.models.handouts import Collector, Handout, HandoutKind, HandoutLine
from aidtrack.distribution.models.paper import PaperList, PaperRow, PaperSignature, RowState
from aidtrack.distribution.models.review import Choice, KeptPosting, ReviewChoice
from aidtrack.distribution.models.rights import Eligibility, EligibilityStatus, Ground, ProgrammeRule
from aidtrack.distribution.models.rounds import (
    Cycle,
    Profile,
    ProfileLine,
    RationEntry,
    Round,
    RoundState,
)
from aidtrack.distribution.models.slots import BookingState, Slot, SlotBooking, SlotDay, SlotPause
from aidtrack.distribution.models.vouchers import Entitlement, EntitlementPerson, SigningKey, Voucher

__all__ = [
    "BookingState",
    "CameBy",
    "CaseKind",
    "Choice",
    "Collector",
    "Cycle",
    "DayClose",
    "DayCountLine",
    "DayCountLot",
    "DayState",
    "Device",
    "DeviceInvitation",
    "Eligibility",
    "EligibilityStatus",
    "Entitlement",
    "EntitlementPerson",
    "FieldEvent",
    "FieldEventType",
    "FieldOutcome",
    "FieldQuarantine",
    "FieldTake",
    "FileKey",
    "Ground",
    "Handout",
    "HandoutKind",
    "HandoutLine",
    "KeptPosting",
    "PackRow",
    "PaperList",
    "PaperRow",
    "PaperSignature",
    "Profile",
    "ProfileLine",
    "ProgrammeRule",
    "RationEntry",
    "ReturnedVoucher",
    "ReviewCase",
    "ReviewChoice",
    "Round",
    "RoundPack",
    "RoundState",
    "RowState",
    "Settlement",
    "SigningKey",
    "Slot",
    "SlotBooking",
    "SlotDay",
    "SlotPause",
    "SupervisorCode",
    "Voucher",
]
