"""Refusals that protect families' data."""

from aidtrack.kernel.errors import N_, DomainError


class PrivacyRefused(DomainError):
    code = "privacy_refused"


class AskedForReason(PrivacyRefused):
    """So many families in an hour: going on needs a reason. Facts: `seen`, `limit`."""

    code = "view_budget_reached"
    status = 429
    off_the_form = True
    text = N_(
        "You have looked at %(seen)s families in the last hour; the usual limit is %(limit)s. If your work needs more "
        "now, say why and go on. Your administrator sees that you went on, and why."
    )


class NoMoreNow(PrivacyRefused):
    """The hard limit of an hour. Facts: `seen`, `limit`."""

    code = "view_budget_spent"
    status = 429
    off_the_form = True
    text = N_(
        "You have looked at %(seen)s families in the last hour, and with this it would be more than %(limit)s, the "
        "most for one person. Choose fewer (a shorter time, a narrower filter), wait until the hour has passed, or "
        "let a colleague help. If this happens in ordinary work, ask the administrator to raise the limit."
    )


class ReasonNeeded(PrivacyRefused):
    code = "reason_needed"
    field = "reason"
    text = N_("Say why in a few words.")


class SecondPersonNeeded(PrivacyRefused):
    code = "second_person_needed"
    text = N_("You asked for this yourself. Another person decides.")


class AlreadyDecided(PrivacyRefused):
    code = "already_decided"
    status = 409
    text = N_("Somebody has decided this already.")


class AlreadyAsked(PrivacyRefused):
    code = "already_asked"
    status = 409
    text = N_("Erasing this family has been asked for already. It waits for a second person.")


class CannotBeErasedYet(PrivacyRefused):
    """Something about the family is still open. Facts: `obstacles`, sentences."""

    code = "cannot_be_erased_yet"
    status = 409
    text = N_("This family cannot be erased yet.")

    @classmethod
    def naming(cls, sentences: list[str]) -> "CannotBeErasedYet":
        """With the first obstacle as its sentence; all of them for programs."""
        error = cls(obstacles=sentences)
        error.text = sentences[0]  # type: ignore[misc]  # each obstacle is a sentence of its own, translated like any
        return error


class PartOfAnother(PrivacyRefused):
    code = "part_of_another_family"
    status = 409
    text = N_("This registration became a part of another one. Erase that family; this part goes with it.")


class ExportOver(PrivacyRefused):
    code = "export_over"
    status = 409
    text = N_("This file was taken already or its time is over. Ask for it anew.")


class NoGroundInForce(PrivacyRefused):
    code = "no_ground_in_force"
    status = 409
    text = N_("There is no ground in force that could be withdrawn.")


class DayNotPossible(PrivacyRefused):
    code = "day_not_possible"
    text = N_("This day lies in the future or before the day it follows.")
