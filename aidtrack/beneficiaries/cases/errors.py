"""Refusals around cases. Facts never hold a name, a phone or what somebody said."""

from aidtrack.kernel.errors import N_, DomainError


class CaseRefused(DomainError):
    """Something about a case cannot be kept as it is."""

    code = "case_refused"


class NumberTaken(CaseRefused):
    """Facts: `number`."""

    code = "number_taken"
    field = "number"
    text = N_("The number %(number)s stands in the journal of this year already.")


class NotOpen(CaseRefused):
    code = "not_open"
    status = 409
    text = N_("This appeal is closed already.")


class NotClosed(CaseRefused):
    code = "not_closed"
    status = 409
    text = N_("This appeal is open.")


class NotACaseworkerHere(CaseRefused):
    code = "not_a_caseworker_here"
    field = "user_id"
    text = N_("An appeal is assigned to a caseworker of its own site.")


class LinkedAlready(CaseRefused):
    """An appeal is about one family; its papers would otherwise move with it."""

    code = "linked_already"
    status = 409
    text = N_("This appeal belongs to a family already.")


class UnknownFamily(CaseRefused):
    code = "unknown_family"
    field = "registration_no"
    text = N_("No family of your sites has this registration number.")


class OfAnotherSite(CaseRefused):
    code = "of_another_site"
    field = "household_id"
    text = N_("The family is registered at another site than the appeal.")


class ActExpired(CaseRefused):
    """Asked, not refused: old papers are entered too. Facts: `valid_until`, ISO date."""

    code = "act_expired"
    field = "valid_until"
    text = N_(
        "This act is out of date: it was valid until %(valid_until)s. "
        "Check the year; if it is entered for the record, say so below and save again."
    )


class NoActInForce(CaseRefused):
    """Asked, not refused. Facts: `valid_until`, ISO date of the newest act's last day."""

    code = "no_act_in_force"
    field = "decided_on"
    text = N_(
        "On the day of this decision no act of the family was in force: the newest was valid until %(valid_until)s. "
        "If the decision was taken all the same, say so below and save again."
    )


class UnknownEntry(CaseRefused):
    """Facts: `entry_id`."""

    code = "unknown_entry"
    field = "entry_ids"
    text = N_("Something was ticked that is not in the list on the day of the act.")


class SittingClosed(CaseRefused):
    code = "sitting_closed"
    status = 409
    text = N_(
        "The minutes of this sitting are closed. A decision is corrected by a new one, at a later sitting."
    )


class SittingNotClosed(CaseRefused):
    code = "sitting_not_closed"
    status = 409
    text = N_("The minutes of this sitting are not closed yet.")


class SittingChanged(CaseRefused):
    code = "sitting_changed"
    status = 409
    text = N_("Somebody changed this sitting meanwhile. Compare it with your own notes and save once more.")


class NothingToDecide(CaseRefused):
    code = "nothing_to_decide"
    status = 409
    text = N_("There is no case on the agenda.")


class AgendaFull(CaseRefused):
    """Facts: `most`, `waiting`."""

    code = "agenda_full"
    text = N_("A sitting takes %(most)s cases at most. Plan another sitting for the rest.")


class OnTheAgenda(CaseRefused):
    code = "on_the_agenda"
    field = "household_id"
    text = N_("This family's case is on an agenda already.")


class SittingInFuture(CaseRefused):
    """Facts: `held_on`, ISO date."""

    code = "sitting_in_future"
    field = "held_on"
    text = N_("This sitting is only on %(held_on)s. Minutes are closed when it has been held.")


class MinutesTooEarly(CaseRefused):
    code = "minutes_too_early"
    field = "minutes_on"
    text = N_("Minutes cannot be dated before the sitting or in the future.")


class ResultsMissing(CaseRefused):
    """Facts: `cases`: for each number of a case on the agenda the codes of what is missing."""

    code = "results_missing"
    text = N_("The minutes cannot be closed yet. See the marked cases below.")


class ResultsDoubtful(CaseRefused):
    """Asked, not refused. Facts: `cases`: for each number of a case on the agenda the codes of the doubts."""

    code = "results_doubtful"
    field = "doubts_confirmed"
    text = N_(
        "Some grants rest on no act that was in force on the day. See the marked cases; "
        "if the sitting decided so, say so below and close the minutes again."
    )


class CorrectedAlready(CaseRefused):
    code = "corrected_already"
    status = 409
    text = N_("A correction of this decision is on an agenda already, or was decided.")
