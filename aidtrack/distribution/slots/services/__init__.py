"""Bookable times: planning them, booking families, running the queue, an air alert."""

from aidtrack.distribution.slots.services.alert import affected, pause, resume, shift_lost
from aidtrack.distribution.slots.services.booking import (
    Spread,
    book,
    cancel,
    mark_told,
    spread_holders,
)
from aidtrack.distribution.slots.services.planning import change_capacity, make_times, remove_slot
from aidtrack.distribution.slots.services.running import call, call_next, mark_missed, put_back

__all__ = [
    "Spread",
    "affected",
    "book",
    "call",
    "call_next",
    "cancel",
    "change_capacity",
    "make_times",
    "mark_missed",
    "mark_told",
    "pause",
    "put_back",
    "remove_slot",
    "resume",
    "shift_lost",
    "spread_holders",
]
