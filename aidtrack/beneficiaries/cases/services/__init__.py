"""What can be done about a case."""

from aidtrack.beneficiaries.cases.services.deciding import close_minutes, record_results
from aidtrack.beneficiaries.cases.services.journal import (
    assign_intake,
    close_intake,
    close_intakes,
    link_intake,
    reopen_intake,
    transfer_intake,
)
from aidtrack.beneficiaries.cases.services.lists import add_entry, end_entry, replace_entry
from aidtrack.beneficiaries.cases.services.reading import (
    open_due,
    open_intake,
    open_journal,
    open_whole_journal,
    parts_of_journal,
)
from aidtrack.beneficiaries.cases.services.recording import record_paper, record_papers
from aidtrack.beneficiaries.cases.services.sittings import (
    add_cases,
    change_sitting,
    correct_case,
    drop_case,
    open_sitting,
    plan_sitting,
)

__all__ = [
    "add_cases",
    "add_entry",
    "assign_intake",
    "change_sitting",
    "close_intake",
    "close_intakes",
    "close_minutes",
    "correct_case",
    "drop_case",
    "end_entry",
    "link_intake",
    "open_due",
    "open_intake",
    "open_journal",
    "open_sitting",
    "open_whole_journal",
    "parts_of_journal",
    "plan_sitting",
    "record_paper",
    "record_papers",
    "record_results",
    "reopen_intake",
    "replace_entry",
    "transfer_intake",
]
