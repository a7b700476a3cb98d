"""Refusals of the stock rooms."""

from aidtrack.kernel.errors import N_, DomainError


class NotEnoughStock(DomainError):
    """The usable lots do not cover the request.

    Facts: `wanted`, `available`, `missing` in base units, for programs. The sentence has no figures,
    because base units mean nothing to a person; an adapter that knows the item adds them.
    """

    code = "not_enough_stock"
    status = 409
    field = "quantity"
    text = N_("There is not enough usable stock at this place for that quantity.")


class AlreadyReversed(DomainError):
    """An entry is undone once."""

    code = "already_reversed"
    status = 409
    text = N_("%(document)s has already been reversed.")


class ReversalOfReversal(DomainError):
    """A reversal stays: what was undone by mistake is recorded anew."""

    code = "reversal_of_reversal"
    status = 409
    text = N_("A reversal cannot itself be reversed. Record the document again.")
