"""Refusals around the close of a day."""

from aidtrack.kernel.errors import N_, DomainError


class DayTaken(DomainError):
    """The day is closed, or somebody is closing it. Facts: `number` of the act."""

    code = "day_taken"
    status = 409
    field = "day"
    text = N_("This day already has an act: %(number)s. Open it, or reopen it with a reason.")


class DayOutOfReach(DomainError):
    """Facts: `days`, how long ago a day may lie."""

    code = "day_out_of_reach"
    field = "day"
    text = N_("Choose today or one of the last %(days)s days.")


class NotAPointOrVan(DomainError):
    code = "not_a_point_or_van"
    field = "place_id"
    text = N_("A day is closed at a distribution point or a van. A warehouse is counted lot by lot.")


class NotInThisState(DomainError):
    """The close went on meanwhile. Facts: `state`."""

    code = "day_state"
    status = 409
    text = N_("This act went on meanwhile. Look at it again.")


class NotAllCounted(DomainError):
    """Facts: `missing`, the number of lines."""

    code = "not_all_counted"
    text = N_("Lines without a figure: %(missing)s. Where nothing is left, enter 0.")


class NotExplained(DomainError):
    """A difference without a cause or a reason."""

    code = "difference_not_explained"
    field = "lines"
    text = N_("Say of each difference why it is there.")


class BookMoved(DomainError):
    """Goods moved at the place after the book was frozen. Facts: `lots`, how many."""

    code = "book_moved"
    status = 409
    text = N_("Goods moved here after the book was taken (lots: %(lots)s). Take the book anew.")


class PhonesHoldEvents(DomainError):
    """Handouts are still on phones, so the book is too high. Facts: `events`."""

    code = "phones_hold_events"
    status = 409
    field = "accept_unsent"
    text = N_(
        "The phones still hold handouts that were not sent: %(events)s. Send them first, or confirm that you close without them."
    )


class SamePerson(DomainError):
    """Who counted or explained does not approve the difference (I17)."""

    code = "same_person"
    status = 403
    text = N_("You counted or explained here. A large difference is approved by another person.")


class NotThisRoundsVoucher(DomainError):
    """Facts: `typed`, as it was written."""

    code = "not_this_rounds_voucher"
    field = "vouchers"
    text = N_("“%(typed)s” is no voucher of a round here on this day.")


class VoucherWasUsed(DomainError):
    """A collected voucher is not an unused one. Facts: `serial`."""

    code = "voucher_was_used"
    field = "vouchers"
    text = N_("Goods were collected on %(serial)s, so it is not an unused voucher.")


class SurplusHasLeft(DomainError):
    """Reopening would take back goods that have meanwhile been handed out."""

    code = "surplus_has_left"
    status = 409
    text = N_(
        "Goods that this act found have meanwhile left the place, so it cannot be taken back. Count on the next day."
    )
