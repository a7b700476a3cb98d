"""The blueprint all pages of this room hang on, and what their templates share."""

from typing import Any

from flask import Blueprint

from aidtrack.distribution.rations import Basis
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.distribution.words import BASES, HANDOUT_KINDS, ROUND_STATES, VOUCHER_STATES

bp = Blueprint("rounds", __name__)


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        "round_states": ROUND_STATES,
        "voucher_states": VOUCHER_STATES,
        "bases": BASES,
        "handout_kinds": HANDOUT_KINDS,
        "Basis": Basis,
        "VoucherState": VoucherState,
    }
