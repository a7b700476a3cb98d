"""What a command with personal data is remembered by."""

from typing import Any

from aidtrack.db.vault import current_vault


def secret_body(command: object) -> dict[str, Any]:
    """A body for command receipts: a keyed hash, since a plain one of names and papers could be guessed."""
    return {"keyed": current_vault().digest(repr(command), "command.body").hex()}
