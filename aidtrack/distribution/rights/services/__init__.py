"""What can be done about rules and rights."""

from aidtrack.distribution.rights.services.judging import Judgement, judge_household, rule_in_force
from aidtrack.distribution.rights.services.many import MarkedMany, mark_many
from aidtrack.distribution.rights.services.marking import Marked, mark_eligible
from aidtrack.distribution.rights.services.rules import add_rule
from aidtrack.distribution.rights.services.settling import end_eligibility, settle_override

__all__ = [
    "Judgement",
    "Marked",
    "MarkedMany",
    "add_rule",
    "end_eligibility",
    "judge_household",
    "mark_eligible",
    "mark_many",
    "rule_in_force",
    "settle_override",
]
