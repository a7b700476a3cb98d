"""A share of the acts, in this process or as a program of its own so that every core has its share.

python -m tests.proofs.share DATABASE_URL INSTANCE SEED RUNS
"""

import json
import sys
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import get_state_machine_test

from aidtrack.audit import INVARIANTS
from tests.proofs.bench import bench
from tests.proofs.machine import Machine
from tests.proofs.remembered import Remembered

STEPS_OF_A_RUN = 100
ACTS = settings(
    deadline=None,
    database=None,
    stateful_step_count=STEPS_OF_A_RUN,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


def work(
    url: str, instance: Path, number: int, runs: int, *, spoiled: AbstractContextManager[object] | None = None
) -> tuple[int, Counter[str]]:
    """Run the machine; how many steps it took and what was refused. The same number gives the same acts."""

    class Own(Machine):
        steps = 0
        refusals: ClassVar[Counter[str]] = Counter()

    with bench(url, instance) as Own.bench, spoiled or nullcontext():
        Own.checks = [Remembered(check) for check in Own.bench.app.extensions[INVARIANTS]]
        seed(number)(get_state_machine_test(Own, settings=settings(ACTS, max_examples=runs)))()
    assert len(Own.checks) >= 15
    return Own.steps, Own.refusals


if __name__ == "__main__":
    print(json.dumps(work(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))
