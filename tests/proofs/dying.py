"""The product, killed after the events of a batch were committed and before anybody was told."""

import os
import signal
from collections.abc import Iterator
from typing import Any

from aidtrack.scanner.arrivals import batches
from aidtrack.wsgi import app

FOURTH = 4
__all__ = ["app"]
_take_all = batches.take_all


def _take_some(*arguments: Any, **more: Any) -> Iterator[Any]:
    for number, receipt in enumerate(_take_all(*arguments, **more), start=1):
        if number == FOURTH:
            os.killpg(0, signal.SIGKILL)
        yield receipt


batches.take_all = _take_some
batches.BUDGET_S = 600.0  # one answer for the whole batch, however busy the machine is
