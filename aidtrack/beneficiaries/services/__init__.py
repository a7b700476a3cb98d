"""What can be done in this room."""

from aidtrack.beneficiaries.services.categories import add_category, end_category
from aidtrack.beneficiaries.services.households import (
    add_member,
    change_household,
    change_member,
    member_leaves,
)
from aidtrack.beneficiaries.services.kinds import KINDS, seed_category_kinds
from aidtrack.beneficiaries.services.papers import record_paper, record_papers
from aidtrack.beneficiaries.services.protection import end_grant, extra_permissions, grant_protection
from aidtrack.beneficiaries.services.reading import open_household, search_households, show_doubles
from aidtrack.beneficiaries.services.registration import register_household, register_many

__all__ = [
    "KINDS",
    "add_category",
    "add_member",
    "change_household",
    "change_member",
    "end_category",
    "end_grant",
    "extra_permissions",
    "grant_protection",
    "member_leaves",
    "open_household",
    "record_paper",
    "record_papers",
    "register_household",
    "register_many",
    "search_households",
    "seed_category_kinds",
    "show_doubles",
]
