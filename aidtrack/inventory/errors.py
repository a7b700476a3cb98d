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


class EmptyDocument(DomainError):
    code = "no_lines"
    field = "lines"
    text = N_("Enter at least one line.")


class ExpiredOnArrival(DomainError):
    """Goods past their date are not taken into stock."""

    code = "expired_on_arrival"
    field = "expires_on"
    text = N_(
        "The expiry date %(expires_on)s lies before the day of arrival. Expired goods are not received."
    )


class DateAhead(DomainError):
    code = "date_ahead"
    field = "arrived_on"
    text = N_("%(day)s lies in the future. Record goods when they have arrived.")


class EarmarkNeedsProgramme(DomainError):
    code = "earmark_needs_programme"
    field = "programme_id"
    text = N_("Choose the programme that the goods are earmarked for.")


class AgreementOfAnother(DomainError):
    """The agreement was signed with another donor than any of the three roles of this donation."""

    code = "agreement_of_another_donor"
    field = "agreement_id"
    text = N_("This agreement is with another donor.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    field = "reason"
    text = N_("Say why, in a few words.")


class DifferentCount(DomainError):
    """Stock moved between the making of the count sheet and its saving."""

    code = "count_outdated"
    status = 409
    field = "counted"
    text = N_("The stock of this lot moved while you counted. Count it again from the new figure.")


class SamePlace(DomainError):
    code = "same_place"
    field = "target_id"
    text = N_("Choose another place than the one the goods leave.")


class AlreadyArrived(DomainError):
    code = "already_arrived"
    status = 409
    text = N_("The arrival of %(document)s has already been recorded.")


class LinesDiffer(DomainError):
    """An arrival names exactly the lots that were sent."""

    code = "lines_differ"
    field = "lines"
    text = N_("The lines do not match what was sent. Reload the page.")


class MoreThanSent(DomainError):
    code = "more_than_sent"
    field = "arrived"
    text = N_("More arrived than was sent. Check the figure; a real surplus is received as a donation.")


class ChosenTwice(DomainError):
    """One lot stands in two lines of a document."""

    code = "lot_twice"
    field = "lines"
    text = N_("The same lot stands in two lines. Put it into one.")


class CodeTaken(DomainError):
    code = "code_taken"
    status = 409
    field = "code"
    text = N_("The code %(taken)s is already in use.")


class UnitIsFixed(DomainError):
    code = "unit_is_fixed"
    field = "base_unit"
    text = N_("The unit an item is counted in never changes. Make a new item instead.")


class NotAPlaceForGoods(DomainError):
    code = "not_a_real_place"
    field = "kind"
    text = N_("Goods stand in a warehouse, at a distribution point or in a van.")


class PlaceHoldsGoods(DomainError):
    code = "place_holds_goods"
    status = 409
    field = "active"
    text = N_("Goods still stand here. Move them before you close the place.")


class HandoutUndoneElsewhere(DomainError):
    """A handout is taken back together with its voucher, at the counter."""

    code = "handout_undone_elsewhere"
    status = 409
    text = N_("A handout is taken back at the counter, not in the stock ledger.")


class TransferRecalled(DomainError):
    code = "transfer_recalled"
    status = 409
    text = N_("The dispatch of %(document)s was reversed; there is nothing to receive.")


class DispatchArrived(DomainError):
    code = "dispatch_arrived"
    status = 409
    text = N_("%(document)s has arrived. Reverse the arrival first.")


class NotACatalogueCode(DomainError):
    code = "bad_catalogue_code"
    field = "code"
    text = N_("A code has Latin letters, digits, hyphens and underscores, at most 23 of them.")


class NotAnEdrpou(DomainError):
    code = "bad_edrpou"
    field = "edrpou"
    text = N_("This is not a valid EDRPOU code: it has eight digits, and the last one checks the others.")


class WrongOrderOfDays(DomainError):
    code = "days_in_wrong_order"
    field = "valid_until"
    text = N_("The last day lies before the first.")


class UnknownCode(DomainError):
    """A program named something that is not in the catalogue."""

    code = "unknown_code"
    text = N_("“%(unknown)s” is not in the catalogue.")


class DebtDiffers(DomainError):
    """The debt is no longer what it was when settling it was asked for."""

    code = "debt_differs"
    status = 409
    text = N_("What is owed of this lot has changed meanwhile. Look at it again.")
