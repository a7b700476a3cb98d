"""`/api/v1/cases`: the journal, acts, lists, what is due, sittings, figures. The same visibility as the pages."""

from aidtrack.beneficiaries.cases.api import journal, papers, sittings
from aidtrack.beneficiaries.cases.api.parts import bp

__all__ = ["bp", "journal", "papers", "sittings"]
