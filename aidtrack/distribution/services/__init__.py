"""What can be done with cycles, rounds and vouchers."""

from aidtrack.distribution.services.cycles import create_cycle, edit_cycle
from aidtrack.distribution.services.expiry import expire_past_vouchers
from aidtrack.distribution.services.issuing import (
    Batch,
    Issued,
    issue_batch,
    issue_one,
    issue_round,
    start_issue,
)
from aidtrack.distribution.services.planning import Plan, PlanLine, plan_round
from aidtrack.distribution.services.rounds import (
    Closed,
    close_round,
    copy_round,
    create_round,
    edit_round,
)
from aidtrack.distribution.services.vouchers import (
    mark_printed,
    record_reading,
    reprint_voucher,
    void_voucher,
)

__all__ = [
    "Batch",
    "Closed",
    "Issued",
    "Plan",
    "PlanLine",
    "close_round",
    "copy_round",
    "create_cycle",
    "create_round",
    "edit_cycle",
    "edit_round",
    "expire_past_vouchers",
    "issue_batch",
    "issue_one",
    "issue_round",
    "mark_printed",
    "plan_round",
    "record_reading",
    "reprint_voucher",
    "start_issue",
    "void_voucher",
]
