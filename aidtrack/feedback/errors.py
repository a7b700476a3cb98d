"""Refusals around feedback."""

from aidtrack.kernel.errors import N_, DomainError


class NothingSaid(DomainError):
    code = "nothing_said"
    field = "text"
    text = N_("Write something, or give a mark.")


class TextTooShort(DomainError):
    code = "text_too_short"
    field = "text"
    text = N_("Write a few words about what happened.")


class KindMissing(DomainError):
    code = "kind_missing"
    field = "kind"
    text = N_("Choose what it is about.")


class LastKind(DomainError):
    code = "last_kind"
    field = "valid_until"
    text = N_("One kind must be left to choose. Add another one first.")


class TooManyMessages(DomainError):
    """Too many from one address. Facts: `retry_after_s`."""

    code = "too_many_messages"
    status = 429
    text = N_("Too many messages were sent from here. Please try again in a quarter of an hour, or phone us.")


class UnknownRound(DomainError):
    """No distribution of this office that has begun in the last year is called so."""

    code = "unknown_round"
    field = "round_code"
    text = N_("There is no such distribution. Check it against the voucher, or leave it empty.")


class UnknownReference(DomainError):
    code = "unknown_reference"
    field = "code"
    text = N_("There is no message with this code. Check it letter by letter.")


class SubjectCannotHandle(DomainError):
    """The person complained about would handle the complaint."""

    code = "subject_cannot_handle"
    field = "user_id"
    text = N_("This person is named in the message and cannot handle it. Choose somebody else.")


class CannotHandle(DomainError):
    """No colleague of this site with the right to handle it."""

    code = "cannot_handle"
    field = "user_id"
    text = N_("Choose a colleague of this site who may handle such messages.")


class NotInThisState(DomainError):
    code = "feedback_state"
    status = 409
    text = N_("Somebody went on with this message meanwhile. Look at it again.")


class SensitiveWithoutRight(DomainError):
    """Only those with the personal right may take the mark away again."""

    code = "sensitive_without_right"
    status = 403
    text = N_("Only those named for sensitive messages may do this.")


class FutureDay(DomainError):
    code = "future_day"
    field = "received_on"
    text = N_("This date is in the future.")


class FamilyNotHere(DomainError):
    code = "family_not_here"
    field = "registration_no"
    text = N_("There is no family with this number at your site.")


class TermThereAlready(DomainError):
    code = "term_there_already"
    status = 409
    field = "valid_from"
    text = N_("A term from this day on is there already.")


class TermOutOfBounds(DomainError):
    code = "term_out_of_bounds"
    field = "working_days"
    text = N_("Give between 0 and 250 working days.")


class WeekEmpty(DomainError):
    code = "week_empty"
    field = "weekdays"
    text = N_("Tick at least one day of the week.")


class GrantOutOfBounds(DomainError):
    """Facts: `days`."""

    code = "grant_out_of_bounds"
    field = "days"
    text = N_("The right can be given for 1 to %(days)s days.")


class NotToOneself(DomainError):
    code = "not_to_oneself"
    field = "user_id"
    text = N_("Nobody gives this right to themselves.")
