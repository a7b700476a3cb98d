"""Rows of a paper list in words, and why a signed row waits for a person."""

from aidtrack.distribution.models import RowState
from aidtrack.distribution.paper.sheet import Signed
from aidtrack.kernel.errors import N_

ROW_STATES: dict[RowState, tuple[str, str]] = {
    RowState.OPEN: (N_("not entered yet"), "neutral"),
    RowState.HANDED_OUT: (N_("recorded"), "good"),
    RowState.NOTED: (N_("for a person to read"), "warn"),
    RowState.EMPTY: (N_("not signed"), "info"),
}
# by the code of the rule that spoke against recording it; the innocent reading first
REFUSALS: dict[str, str] = {
    "already_collected": N_(
        "Goods were already recorded on this voucher. Perhaps a phone had recorded the same handout, or the family came twice because two people came for it."
    ),
    "void_voucher": N_(
        "The voucher was withdrawn. Perhaps the family found the old paper after the reprint."
    ),
    "expired_voucher": N_("The voucher's last day had passed."),
    "not_yet_valid": N_("The voucher's first day had not come."),
    "wrong_place": N_("The voucher was for another place. Perhaps this point was nearer for the family."),
    "voucher_not_issued": N_("The voucher was planned and not issued."),
    "not_enough_stock": N_(
        "The book holds less than was given. Perhaps a delivery is not entered yet; enter it, then enter this row again."
    ),
}
SIGNED: dict[Signed, str] = {
    Signed.SCREEN: N_("on the screen"),
    Signed.LIST: N_("on the paper list"),
    Signed.SHEET: N_("on the printed sheet"),
}
