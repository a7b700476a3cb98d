"""Forms of cases: what was typed, kept as typed, and read into commands."""

from aidtrack.beneficiaries.cases.forms.journal import (
    AssignForm,
    CloseForm,
    IntakeForm,
    JournalForm,
    LinkForm,
    ReasonForm,
    TransferForm,
)
from aidtrack.beneficiaries.cases.forms.papers import AssessmentForm, DecisionForm, suggested
from aidtrack.beneficiaries.cases.forms.sittings import (
    AddFamilyForm,
    CorrectForm,
    PeriodForm,
    PlanForm,
    ResultsForm,
)

__all__ = [
    "AddFamilyForm",
    "AssessmentForm",
    "AssignForm",
    "CloseForm",
    "CorrectForm",
    "DecisionForm",
    "IntakeForm",
    "JournalForm",
    "LinkForm",
    "PeriodForm",
    "PlanForm",
    "ReasonForm",
    "ResultsForm",
    "TransferForm",
    "suggested",
]
