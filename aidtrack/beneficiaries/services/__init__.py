"""What can be done in this room."""

from aidtrack.beneficiaries.services.categories import add_category, end_category
from aidtrack.beneficiaries.services.households import add_collector, change_household, end_collector
from aidtrack.beneficiaries.services.kinds import KINDS, seed_category_kinds
from aidtrack.beneficiaries.services.members import add_member, change_member, member_leaves, name_head
from aidtrack.beneficiaries.services.moving import join_households, split_household
from aidtrack.beneficiaries.services.protection import end_grant, extra_permissions, grant_protection
from aidtrack.beneficiaries.services.reading import (
    list_households,
    open_household,
    search_households,
    show_doubles,
)
from aidtrack.beneficiaries.services.registration import register_household, register_many
from aidtrack.beneficiaries.services.while_typing import typed_doubles

__all__ = [
    "KINDS",
    "add_category",
    "add_collector",
    "add_member",
    "change_household",
    "change_member",
    "end_category",
    "end_collector",
    "end_grant",
    "extra_permissions",
    "grant_protection",
    "join_households",
    "list_households",
    "member_leaves",
    "name_head",
    "open_household",
    "register_household",
    "register_many",
    "search_households",
    "seed_category_kinds",
    "show_doubles",
    "split_household",
    "typed_doubles",
]
