"""The product, killed when all of the fourth event was written and not yet committed."""

import os
import signal
from typing import Any

from aidtrack.distribution.field import services
from aidtrack.scanner.arrivals import batches
from aidtrack.wsgi import app

FOURTH = 4
__all__ = ["app"]
_take = services.take
_taken = 0


def _take_and_die(*arguments: Any, **more: Any) -> Any:
    global _taken
    receipt = _take(*arguments, **more)
    _taken += 1
    if _taken == FOURTH:
        os.killpg(0, signal.SIGKILL)
    return receipt


services.take = _take_and_die
batches.BUDGET_S = 600.0  # one answer for the whole batch, however busy the machine is
