"""What a command with personal data is remembered by."""

from typing import Any

from aidtrack.db.vault import current_vault


def secret_body(command: object) -> dict[str, Any]:
    """A body for command receipts: a keyed hash, since a plain one of names and papers could be guessed."""
    said = repr(command)
    arrived_on = getattr(command, "arrived_on", None)  # left out of the repr: see RegisterHousehold
    if arrived_on is not None:
        said += f" arrived {arrived_on.isoformat()}"
    return {"keyed": current_vault().digest(said, "command.body").hex()}
