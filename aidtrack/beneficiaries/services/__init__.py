"""What can be done in this room."""

from aidtrack.beneficiaries.services.kinds import KINDS, seed_category_kinds
from aidtrack.beneficiaries.services.registration import register_household, register_many

__all__ = ["KINDS", "register_household", "register_many", "seed_category_kinds"]
