"""What can be done in this room."""

from aidtrack.beneficiaries.services.kinds import KINDS, seed_category_kinds
from aidtrack.beneficiaries.services.papers import record_paper, record_papers
from aidtrack.beneficiaries.services.registration import register_household, register_many

__all__ = [
    "KINDS",
    "record_paper",
    "record_papers",
    "register_household",
    "register_many",
    "seed_category_kinds",
]
