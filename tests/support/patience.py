"""Waiting for what must come: so long that only a fault takes longer, however busy the machine is."""

import time
from collections.abc import Callable
from typing import TypeVar

SECONDS = 240.0
Found = TypeVar("Found")


def until(look: Callable[[], Found | None], what: str = "what was waited for") -> Found:
    """Look again and again until there is something; what was found.

    Raises:
        AssertionError: it did not come.
    """
    deadline = time.monotonic() + SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.01)
    return found
