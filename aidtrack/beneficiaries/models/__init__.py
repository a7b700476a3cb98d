"""Tables of families, by what they are about."""

from aidtrack.beneficiaries.models.cases import (
    AnnulledDecision,
    AssessmentEntry,
    CaseDecision,
    CaseListEntry,
    EligibilityDecision,
    Intake,
    NeedsAssessment,
    ProtectedEntry,
    Sitting,
    SittingCase,
    SittingCaseProgramme,
)
from aidtrack.beneficiaries.models.families import (
    Collector,
    DoublesFound,
    DoublesRun,
    FamilyEvent,
    HouseholdEnd,
    HouseholdMerge,
    NotSame,
    PersonAlias,
)
from aidtrack.beneficiaries.models.privacy import FamilyKey
from aidtrack.beneficiaries.models.proofs import CategoryKindEvidence, EvidenceKind, HouseholdIncome
from aidtrack.beneficiaries.models.registry import (
    Category,
    CategoryKind,
    Household,
    NameToken,
    Person,
    ProtectedCategory,
    ProtectionGrant,
)

__all__ = [
    "AnnulledDecision",
    "AssessmentEntry",
    "CaseDecision",
    "CaseListEntry",
    "Category",
    "CategoryKind",
    "CategoryKindEvidence",
    "Collector",
    "DoublesFound",
    "DoublesRun",
    "EligibilityDecision",
    "EvidenceKind",
    "FamilyEvent",
    "FamilyKey",
    "Household",
    "HouseholdEnd",
    "HouseholdIncome",
    "HouseholdMerge",
    "Intake",
    "NameToken",
    "NeedsAssessment",
    "NotSame",
    "Person",
    "PersonAlias",
    "ProtectedCategory",
    "ProtectedEntry",
    "ProtectionGrant",
    "Sitting",
    "SittingCase",
    "SittingCaseProgramme",
]
