"""Why an event is kept for a person, and refusals around reviews."""

from aidtrack.kernel.errors import N_, DomainError


class Kept(Exception):
    """Not a refusal: the event is kept raw, with a receipt. `reason` is stable and shown to whoever reads it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AlreadySettled(DomainError):
    """Somebody settled this case before."""

    code = "already_settled"
    status = 409
    text = N_("This was settled already.")
