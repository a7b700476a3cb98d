"""Refusals around bookable times."""

from aidtrack.kernel.errors import N_, DomainError


class NoTimes(DomainError):
    """From, to, length and break leave no whole time."""

    code = "no_times"
    field = "ends"
    text = N_("Nothing fits between these times. Make the times shorter or the day longer.")


class TooManyTimes(DomainError):
    """Facts: `most`."""

    code = "too_many_times"
    field = "each"
    text = N_("That would be more than %(most)s times. Make them longer.")


class TimesThereAlready(DomainError):
    """Some of these times exist for the same families. Facts: `time`, the first of them."""

    code = "times_there_already"
    status = 409
    field = "starts"
    text = N_("At %(time)s there is such a time already. Choose another beginning, day or window.")


class DayNotOfRound(DomainError):
    code = "day_not_of_round"
    field = "day"
    text = N_("The round is not open on this day, or the day is over.")


class LettersWrong(DomainError):
    code = "letters_wrong"
    field = "letters_from"
    text = N_("Give two letters of the Ukrainian alphabet in their order, for example А and К.")


class CategoryNotForTimes(DomainError):
    """A protected category would give itself away by the time."""

    code = "category_not_for_times"
    field = "category"
    text = N_("Times cannot be kept for this category.")


class RoundOver(DomainError):
    code = "round_over"
    status = 409
    text = N_("The round is closed.")


class SlotFull(DomainError):
    """Facts: `time`."""

    code = "slot_full"
    status = 409
    field = "slot_id"
    text = N_("No place is left at %(time)s. Choose another time.")


class SlotOver(DomainError):
    code = "slot_over"
    status = 409
    field = "slot_id"
    text = N_("This time is over. Choose a later one.")


class NotForThisFamily(DomainError):
    """The time is kept for other letters or another category."""

    code = "slot_not_for_family"
    field = "slot_id"
    text = N_("This time is kept for other families. Choose another time.")


class NoVoucherToCollect(DomainError):
    """No voucher was issued in the round, or goods were collected on it."""

    code = "no_voucher_to_collect"
    status = 409
    text = N_("This family has no voucher to collect on in this round.")


class NotBooked(DomainError):
    code = "not_booked"
    status = 409
    text = N_("This family has no time in this round.")


class BookedMeanwhile(DomainError):
    """Two people booked one family at the same moment, or it was moved meanwhile."""

    code = "booked_meanwhile"
    status = 409
    text = N_("Somebody changed this family’s time at the same moment. Look at it again.")


class BelowTaken(DomainError):
    """Facts: `taken`."""

    code = "capacity_below_taken"
    field = "capacity"
    text = N_("%(taken)s families are booked at this time. Move them first.")


class CapacityOutOfBounds(DomainError):
    code = "capacity_out_of_bounds"
    field = "capacity"
    text = N_("Between 1 and 1000 families can come at one time.")


class SlotNotEmpty(DomainError):
    """Facts: `count` of families ever booked there that are still named by it."""

    code = "slot_not_empty"
    status = 409
    text = N_("Families are booked at this time. Move them first.")


class NothingToSpread(DomainError):
    code = "nothing_to_spread"
    text = N_("Every family with a voucher to collect on has a time already.")


class NoFreeTimes(DomainError):
    code = "no_free_times"
    text = N_("There are no free times ahead. Make some first.")


class NobodyWaits(DomainError):
    code = "nobody_waits"
    status = 409
    text = N_("Nobody is waiting.")


class PausedNow(DomainError):
    code = "paused_now"
    status = 409
    text = N_("Handing out is paused. Resume first.")


class NotPaused(DomainError):
    code = "not_paused"
    status = 409
    text = N_("Handing out is not paused.")


class ServedAlready(DomainError):
    code = "served_already"
    status = 409
    text = N_("This family was served already.")


class NobodyHit(DomainError):
    code = "nobody_hit"
    status = 409
    text = N_("No family lost its time today.")
