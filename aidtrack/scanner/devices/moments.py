"""Moments as the protocol writes them: RFC 3339 UTC with milliseconds and `Z`."""

from datetime import UTC, datetime


def as_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(moment: datetime) -> int:
    """Since 1970, as a browser's `Date.now()`."""
    return int(moment.timestamp() * 1000)
