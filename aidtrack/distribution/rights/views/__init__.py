"""Pages of rules and rights: versions and drafts, trials, one family's mark, many marks at once."""

from aidtrack.distribution.rights.views import drafts, many, marks, rules, trials
from aidtrack.distribution.rights.views.blueprint import bp
from aidtrack.distribution.rights.views.marks import section

__all__ = ["bp", "drafts", "many", "marks", "rules", "section", "trials"]
