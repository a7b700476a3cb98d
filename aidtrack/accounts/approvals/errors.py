"""Refusals around acts that wait for a second person."""

from aidtrack.kernel.errors import N_, DomainError


class OwnAct(DomainError):
    """Who asked for an act does not approve it."""

    code = "own_act"
    status = 409
    text = N_("You asked for this yourself. Another person has to approve it.")


class NotYours(DomainError):
    """Only who asked for an act takes it back; others refuse it."""

    code = "not_yours"
    status = 409
    text = N_("Somebody else asked for this. You can approve or refuse it.")


class AlreadyDecided(DomainError):
    code = "already_decided"
    status = 409
    text = N_("Somebody has decided about this already.")


class SecondPersonNeeded(DomainError):
    """The act is too large for one person, and nobody else has approved it in exactly these words."""

    code = "second_person_needed"
    status = 409
    text = N_("This needs a second person. Ask for it on its page; another person then approves it.")
