"""What an adapter asks of phones."""

from datetime import datetime

from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class InvitePhone:
    """Let this person enrol a phone for a round and the place they hand out at."""

    user_id: int
    round_id: int
    place_id: int


@dataclass(frozen=True, slots=True)
class EnrolPhone:
    """A phone that scanned an invitation: its new public key and what it says of itself."""

    invitation: bytes
    public_key: bytes
    app: str
    name: str


@dataclass(frozen=True, slots=True)
class RevokePhone:
    device_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What a phone says of itself with its events."""

    app: str | None = None
    unsent: int | None = None
    oldest: datetime | None = None
    last_seq: int | None = None
