"""Forms of this room: what was typed, kept as typed, and read into commands."""

from aidtrack.beneficiaries.forms.case import (
    CategoryForm,
    EndCategoryForm,
    GrantForm,
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
    "CategoryForm",
    "CollectorForm",
    "EndCategoryForm",
    "EndCollectorForm",
    "GrantForm",
    "HeadForm",
    "HouseholdForm",
    "JoinForm",
    "LeaveForm",
    "MemberForm",
    "NewMemberForm",
    "OtherFamilyForm",
    "RegisterForm",
    "SearchForm",
    "SplitForm",
]
