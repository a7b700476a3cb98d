"""Rules in force, facts in bulk, marks and who waits for a second person."""

from aidtrack.distribution.rights.queries.facts import (
    Papers,
    facts_for,
    judge_many,
    last_issues,
    papers_of,
)
from aidtrack.distribution.rights.queries.marks import (
    MarkRow,
    live_marks,
    lock_mark,
    mark_at_sites,
    marks_of,
    stored_reasons,
    waiting_overrides,
)
from aidtrack.distribution.rights.queries.rules import (
    ProgrammeRow,
    RuleRow,
    categories_in,
    names_protected,
    programme,
    programmes,
    proxy_allowed,
    rule_on,
    rule_versions,
)

__all__ = [
    "MarkRow",
    "Papers",
    "ProgrammeRow",
    "RuleRow",
    "categories_in",
    "facts_for",
    "judge_many",
    "last_issues",
    "live_marks",
    "lock_mark",
    "mark_at_sites",
    "marks_of",
    "names_protected",
    "papers_of",
    "programme",
    "programmes",
    "proxy_allowed",
    "rule_on",
    "rule_versions",
    "stored_reasons",
    "waiting_overrides",
]
