"""Refusals around kinds of categories, papers and incomes."""

from aidtrack.beneficiaries.errors import FamilyRefused
from aidtrack.kernel.errors import N_


class CodeTaken(FamilyRefused):
    code = "kind_code_taken"
    status = 409
    field = "code"
    text = N_("This code is already used. Choose another one.")


class IncomeInFuture(FamilyRefused):
    """A paper speaks of what was, not of what will be."""

    code = "income_in_future"
    field = "as_of"
    text = N_("The paper on income is of a day that has not come yet.")
