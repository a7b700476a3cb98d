"""Reads of this room. Scope is here: a household of another site is not found."""

from aidtrack.beneficiaries.queries.bulk import insert_many, insert_returning, portions
from aidtrack.beneficiaries.queries.doubles import doubles_in_batch, doubles_of, possible_doubles
from aidtrack.beneficiaries.queries.facts import Asked, household_facts
from aidtrack.beneficiaries.queries.households import (
    HeadCard,
    HouseholdKey,
    find_household,
    head_card,
    head_cards,
    household_by_number,
    lock_household,
    merged_into,
)
from aidtrack.beneficiaries.queries.kinds import CategoryKindRow, category_kinds, kinds

__all__ = [
    "Asked",
    "CategoryKindRow",
    "HeadCard",
    "HouseholdKey",
    "category_kinds",
    "doubles_in_batch",
    "doubles_of",
    "find_household",
    "head_card",
    "head_cards",
    "household_by_number",
    "household_facts",
    "insert_many",
    "insert_returning",
    "kinds",
    "lock_household",
    "merged_into",
    "portions",
    "possible_doubles",
]
