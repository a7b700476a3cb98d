"""How long something took, and how much of that the processor worked: here, and in PostgreSQL's processes.

On a busy machine wall time tells of its neighbours; processor time tells what the work itself costs.
"""

import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url


@dataclass(slots=True)
class Meter:
    """Milliseconds of each thing measured, in the order in which they were."""

    url: str
    wall: list[float] = field(default_factory=list)
    here: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)  # zero on SQLite, which works in this process

    @contextmanager
    def measuring(self) -> Iterator[None]:
        others = _server_ms(self.url)
        began, busy = time.perf_counter(), time.process_time()
        yield
        self.here.append(1000 * (time.process_time() - busy))
        self.wall.append(1000 * (time.perf_counter() - began))
        self.database.append(sum(ms - others.get(pid, 0.0) for pid, ms in _server_ms(self.url).items()))

    def of_many(self) -> dict[str, float]:
        """Median and 95th percentile; processor time is of this process and the database's together."""
        both = [here + there for here, there in zip(self.here, self.database, strict=True)]
        found = {
            "median_ms": _at(self.wall, 0.5), "p95_ms": _at(self.wall, 0.95), "p95_processor_ms": _at(both, 0.95),
        }  # fmt: skip
        return (
            found if self.url.startswith("sqlite") else {**found, "p95_database_ms": _at(self.database, 0.95)}
        )

    def of_one(self) -> dict[str, float]:
        """The last one, in seconds."""
        found = {"seconds": self.wall[-1], "processor_seconds": self.here[-1] + self.database[-1]}
        if not self.url.startswith("sqlite"):
            found["database_seconds"] = self.database[-1]
        return {name: round(ms / 1000, 1) for name, ms in found.items()}


def quietly() -> None:
    """Collect what earlier measurements left, so that the next one does not pay for it.

    A commit on PostgreSQL would else wait for gigabytes that were copied a moment ago and are still on their way
    to the disk.
    """
    gc.collect()
    os.sync()


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its children, from /proc; NaN where there is none."""
    total, pids = 0, [pid]
    for one in pids:
        folder = Path("/proc", str(one))
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            pids += [int(child) for child in (folder / "task" / str(one) / "children").read_text().split()]
        except OSError:
            return float("nan")
        total += int(fields[11]) + int(fields[12])
    return float(total) / os.sysconf("SC_CLK_TCK")


def database_seconds(url: str) -> float:
    """Processor time so far of the PostgreSQL server of ours at that address; 0 on SQLite."""
    return sum(_server_ms(url).values()) / 1000


def _at(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 1)


def _server_ms(url: str) -> dict[int, float]:
    """Processor time of every process of a PostgreSQL server of ours, by number; empty where it cannot be told."""
    folder = make_url(url).query.get("host")
    if not isinstance(folder, str):
        return {}
    try:
        postmaster = Path(folder, "db", "postmaster.pid").read_text().split()[0]
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    except OSError:
        return {}
    found = {}
    for pid in children:
        try:
            found[int(pid)] = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6
        except (OSError, IndexError):
            continue  # ended meanwhile
    return found
