"""Refusals of the stock rooms."""

from aidtrack.kernel.errors import N_, DomainError


class NotEnoughStock(DomainError):
    """The usable lots do not cover the request.

    Facts: `wanted`, `available`, `missing` in base units, for programs; the adapter shows them in the
    item's own units.
    """

    code = "not_enough_stock"
    status = 409
    field = "quantity"
    text = N_("There is not enough usable stock here: %(missing)s of %(wanted)s are missing.")
