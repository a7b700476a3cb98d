"""Refusals around reviews."""

from aidtrack.kernel.errors import N_, DomainError


class OwnHandout(DomainError):
    """Whoever made the handout, or entered the row, does not settle what is asked about it."""

    code = "own_handout"
    status = 403
    text = N_("You handed out here yourself. Another person settles this.")


class ReasonTooShort(DomainError):
    code = "reason_missing"
    field = "reason"
    text = N_("Say in a few words what you found out.")


class NothingToSettle(DomainError):
    """The row of a paper list does not wait for anybody."""

    code = "nothing_to_settle"
    status = 409
    text = N_("This row does not wait for anybody any more.")


class MoreThanGiven(DomainError):
    """Facts: `lot`."""

    code = "more_than_given"
    field = "back"
    text = N_("Of lot %(lot)s no more can come back than the family was given.")


class NothingCameBack(DomainError):
    code = "nothing_came_back"
    field = "back"
    text = N_("Say how much came back, or choose another outcome.")


class NothingToTake(DomainError):
    """The text of the event names no lot that is known, or no place of this site."""

    code = "nothing_to_take"
    field = "choice"
    text = N_("Nothing in this text names goods of ours. Enter them by hand, or count at the place.")


class TakenBefore(DomainError):
    """The goods of this event left the book already."""

    code = "taken_before"
    status = 409
    field = "choice"
    text = N_("The goods of this event left the book before.")
