"""A share of the acts."""

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
RUNS_AT_ONCE = 6  # some end early
ACTS = settings(
    deadline=None,
    database=None,
    stateful_step_count=STEPS_OF_A_RUN,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


def work(
    url: str,
    instance: Path,
    number: int,
    *,
    steps: int,
    refusals: frozenset[str] = frozenset(),
    spoiled: AbstractContextManager[object] | None = None,
) -> tuple[int, Counter[str]]:
    """Run the machine for that many steps, and on until everything of `refusals` was refused once.

    Gives how many steps it took and what was refused. The same number gives the same acts.
    """

    class Own(Machine):
        steps = 0
        refusals: ClassVar[Counter[str]] = Counter()

    with bench(url, instance) as Own.bench, spoiled or nullcontext():
        Own.checks = [Remembered(check) for check in Own.bench.app.extensions[INVARIANTS]]
        assert len(Own.checks) >= 15
        for turn in range(1 + 2 * steps // (RUNS_AT_ONCE * STEPS_OF_A_RUN)):
            if Own.steps >= steps and refusals <= set(Own.refusals):
                break
            acts = get_state_machine_test(Own, settings=settings(ACTS, max_examples=RUNS_AT_ONCE))
            seed(100 * number + turn)(acts)()
    return Own.steps, Own.refusals
