"""Named refusals: a stable code for programs, a sentence for people, facts for both."""

from collections.abc import Mapping
from typing import Any, ClassVar


def N_(msgid: str) -> str:  # the name gettext tools look for
    """Mark a text for translation without translating it here; adapters translate at the edge."""
    return msgid


class DomainError(Exception):
    """Something a person asked for is refused, and nothing was changed.

    A subclass sets `code` (stable, part of the API), `text` (an English msgid marked with `N_`, with
    `%(name)s` places filled from the facts) and, where one form field is to blame, `field`.
    `facts` are JSON values and never hold personal data: they reach logs and API answers.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    text: ClassVar[str] = N_("This cannot be done.")
    off_the_form: ClassVar[bool] = False  # nothing in a form could mend it: it has a page of its own
    field: str | None = None

    def __init__(self, *, field: str | None = None, **facts: Any) -> None:
        self.facts: dict[str, Any] = facts
        if field is not None:
            self.field = field
        super().__init__(self.message())

    def message(self, text: str | None = None, facts: Mapping[str, Any] | None = None) -> str:
        """The sentence, from the English text or from a translation of it."""
        return (text or self.text) % (facts or self.facts or {"": ""})


class NotFound(DomainError):
    """The object does not exist, or is not this person's to see: both answer alike (I14)."""

    code = "not_found"
    status = 404
    text = N_("Not found. It may have been removed, or it belongs to another site.")


class Forbidden(DomainError):
    """The signed-in person's role does not allow this at all."""

    code = "forbidden"
    status = 403
    text = N_("Your role does not allow this.")


class Conflict(DomainError):
    """Someone else changed the same thing in the meantime."""

    code = "changed_meanwhile"
    status = 409
    text = N_("%(who)s changed this on %(when)s. Compare both versions below and save again.")


class InvalidValue(DomainError):
    """A value that no form rule caught is out of its bounds."""

    code = "invalid_value"
    text = N_("%(value)s is not allowed here.")


class CommandReused(DomainError):
    """The same client id came again with another body (I10)."""

    code = "command_reused"
    status = 409
    text = N_("This request was already used for something else. Reload the page and try again.")
