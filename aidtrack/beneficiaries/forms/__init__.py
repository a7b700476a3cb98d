"""Forms of this room: what was typed, kept as typed, and read into commands."""

from aidtrack.beneficiaries.forms.case import (
    AssessmentForm,
    CategoryForm,
    DecisionForm,
    EndCategoryForm,
    GrantForm,
    IntakeForm,
)
from aidtrack.beneficiaries.forms.changes import (
    CollectorForm,
    EndCollectorForm,
    HeadForm,
    JoinForm,
    OtherFamilyForm,
    SplitForm,
)
from aidtrack.beneficiaries.forms.family import (
    HouseholdForm,
    LeaveForm,
    MemberForm,
    NewMemberForm,
    SearchForm,
)
from aidtrack.beneficiaries.forms.register import RegisterForm

__all__ = [
    "AssessmentForm",
    "CategoryForm",
    "CollectorForm",
    "DecisionForm",
    "EndCategoryForm",
    "EndCollectorForm",
    "GrantForm",
    "HeadForm",
    "HouseholdForm",
    "IntakeForm",
    "JoinForm",
    "LeaveForm",
    "MemberForm",
    "NewMemberForm",
    "OtherFamilyForm",
    "RegisterForm",
    "SearchForm",
    "SplitForm",
]
