"""Feedback: receiving it from anybody, handling it, terms and rights."""

from aidtrack.feedback.services.handling import answer, assign, change, close, open_entry, reopen
from aidtrack.feedback.services.keeping import forget_old
from aidtrack.feedback.services.kinds import add_kind, end_kind, replace_kind
from aidtrack.feedback.services.receiving import (
    Received,
    count_wrong_round,
    look_up,
    receive,
    record,
    reopen_by_writer,
)
from aidtrack.feedback.services.settings import (
    end_grant,
    extra_permissions,
    grant,
    set_address,
    set_special_day,
    set_term,
    set_week,
)

__all__ = [
    "Received",
    "add_kind",
    "answer",
    "assign",
    "change",
    "close",
    "count_wrong_round",
    "end_grant",
    "end_kind",
    "extra_permissions",
    "forget_old",
    "grant",
    "look_up",
    "open_entry",
    "receive",
    "record",
    "reopen",
    "reopen_by_writer",
    "replace_kind",
    "set_address",
    "set_special_day",
    "set_term",
    "set_week",
]
