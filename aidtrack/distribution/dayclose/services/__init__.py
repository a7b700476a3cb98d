"""Closing a day: freeze the book, count blind, explain and post the difference, and take it back with a reason."""

from aidtrack.distribution.dayclose.services.closing import (
    approve_day,
    close_day,
    reopen_day,
    send_back,
    together,
)
from aidtrack.distribution.dayclose.services.counting import (
    PLACES,
    count_again,
    save_count,
    start_day,
    take_book_anew,
)

__all__ = [
    "PLACES",
    "approve_day",
    "close_day",
    "count_again",
    "reopen_day",
    "save_count",
    "send_back",
    "start_day",
    "take_book_anew",
    "together",
]
