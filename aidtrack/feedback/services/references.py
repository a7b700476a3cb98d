"""The code that a writer takes home: it opens the answer, and nobody in the house can find it again."""

from aidtrack.db.vault import current_vault
from aidtrack.kernel.ids import ALPHABET, CODE_LENGTH, check_character, check_code


def reference_of(command_id: str) -> str:
    """The code of one sending: the same when a form is sent twice, random to everybody without the site's key."""
    digest = current_vault().digest(command_id, "feedback.reference")
    body = "".join(ALPHABET[byte % 32] for byte in digest[:CODE_LENGTH])
    return body + check_character(body)


def hash_of(code: str) -> bytes:
    return current_vault().digest(code, "feedback.reference_hash")


def typed(code: str) -> str:
    """The code from any way of typing it; raises like `check_code`."""
    return check_code(code)
