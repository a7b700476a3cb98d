"""What can be done about rules and rights."""

from aidtrack.distribution.rights.services.drafts import drop_draft, put_in_force, save_draft
from aidtrack.distribution.rights.services.judging import Judgement, judge_household, rule_in_force
from aidtrack.distribution.rights.services.many import MarkedMany, mark_many
from aidtrack.distribution.rights.services.marking import Marked, mark_eligible
from aidtrack.distribution.rights.services.rules import add_rule
from aidtrack.distribution.rights.services.settling import (
    end_eligibility,
    end_many,
    open_exception,
    settle_override,
)
from aidtrack.distribution.rights.services.trials import first_reasons, start_trial

__all__ = [
    "Judgement",
    "Marked",
    "MarkedMany",
    "add_rule",
    "drop_draft",
    "end_eligibility",
    "end_many",
    "first_reasons",
    "judge_household",
    "mark_eligible",
    "mark_many",
    "open_exception",
    "put_in_force",
    "rule_in_force",
    "save_draft",
    "settle_override",
    "start_trial",
]
