"""What a phone is answered for one event."""

from datetime import datetime

from aidtrack.distribution.field.outcomes import Outcome
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class EventReceipt:
    """The event is here: its outcome as it stands now. `id` is None where none could be read.

    `at` is when it came the first time; `repeated` says that it was here before. `reason` is why it is kept.
    """

    id: str | None
    hash: bytes
    outcome: Outcome
    at: datetime
    repeated: bool = False
    reason: str | None = None
    notes: tuple[str, ...] = ()
