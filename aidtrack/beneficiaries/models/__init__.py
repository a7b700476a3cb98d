"""Tables of families, by what they are about."""

from aidtrack.beneficiaries.models.privacy import FamilyKey
from aidtrack.beneficiaries.models.registry import (
    Category,
    CategoryKind,
    EligibilityDecision,
    Household,
    Intake,
    NameToken,
    NeedsAssessment,
    Person,
    ProtectedCategory,
    ProtectionGrant,
)

__all__ = [
    "Category",
    "CategoryKind",
    "EligibilityDecision",
    "FamilyKey",
    "Household",
    "Intake",
    "NameToken",
    "NeedsAssessment",
    "Person",
    "ProtectedCategory",
    "ProtectionGrant",
]
