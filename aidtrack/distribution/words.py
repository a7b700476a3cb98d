"""States in words, for pages: a text to translate and the tone of its badge."""

from aidtrack.distribution.models import HandoutKind, RoundState
from aidtrack.distribution.rations import Basis
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.errors import N_

ROUND_STATES: dict[RoundState, tuple[str, str]] = {
    RoundState.PLANNED: (N_("Planned"), "neutral"),
    RoundState.OPEN: (N_("Under way"), "good"),
    RoundState.CLOSED: (N_("Closed"), "info"),
}
VOUCHER_STATES: dict[VoucherState, tuple[str, str]] = {
    VoucherState.PLANNED: (N_("Planned"), "neutral"),
    VoucherState.ISSUED: (N_("Not collected yet"), "info"),
    VoucherState.REDEEMED: (N_("Collected"), "good"),
    VoucherState.PARTLY_REDEEMED: (N_("Partly collected"), "warn"),
    VoucherState.EXPIRED: (N_("Expired"), "neutral"),
    VoucherState.VOID: (N_("Void"), "bad"),
}
BASES: dict[Basis, str] = {
    Basis.HOUSEHOLD: N_("per family"),
    Basis.MEMBER: N_("per member"),
    Basis.AGE_BAND: N_("per member aged"),
}
HANDOUT_KINDS: dict[HandoutKind, str] = {
    HandoutKind.REGULAR: N_("Handed out"),
    HandoutKind.REVERSAL: N_("Handout undone"),
    HandoutKind.FIELD: N_("Handed out without a network"),
}
