"""How long a donor's statement takes, at 10 000 and at 1 000 000 handout lines, and a workbook of 200 000.

    python -m benchmarks.reports_statement                       both databases, made for the occasion
    python -m benchmarks.reports_statement --compare SMALL LARGE two databases of a kind, filled before

Both sizes hold fourteen months (`reports_data`), the last one running; at 1 000 000 lines it has 24 000
handouts and is summed like the others, at 10 000 it is read from its rows. A statement is what the page asks
for: a look whether months want closing, then one snapshot with all figures and counts, for the donor who
gave most. The two sizes take turns in one process, so that whatever else the machine does meets both; times
are medians, processor time is that of this process and of the database server's together.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import Babel
from sqlalchemy import create_engine, make_url, text

from aidtrack.db import db
from aidtrack.db.engines import configure, engine_options
from aidtrack.db.vault import Vault, use_vault
from aidtrack.kernel.actor import system_actor
from aidtrack.reports.closing import close_months
from aidtrack.reports.delivery import ready_to_read
from aidtrack.reports.exports import write_statement
from aidtrack.reports.lines import all_movements
from aidtrack.reports.scope import AskForStatement, scope_for
from aidtrack.reports.snapshot import snapshot
from aidtrack.reports.statements import Statement, make, statement
from benchmarks.reports_data import FIRST, NOW, fill

ROOT = Path(__file__).resolve().parent.parent
SMALL, LARGE = 10_000, 1_000_000
TODAY = NOW.date()
LAST_CLOSED = date(2022, 10, 31)
OPERATOR = system_actor("benchmark")
ROUNDS = 21


class Filled:
    """A database that `reports_data.fill` has filled, and an application on it."""

    def __init__(self, url: str) -> None:
        use_vault(Vault(b"for measurements only, nowhere else"))
        self.app = application(url)
        self.server: int | None = None
        self.from_rows = 0.0
        with self.app.app_context():
            began = time.perf_counter()
            self.months = len(close_months(today=TODAY, now=NOW))
            self.closing = time.perf_counter() - began
            if db.engine.dialect.name == "postgresql":
                with snapshot() as session:
                    self.server = session.scalar(text("SELECT pg_backend_pid()"))
            self.households = self._check()

    def _check(self) -> int:
        """The statement from sums closes and is that from rows, before it is worth a measurement."""
        made = ask(FIRST, TODAY)
        began = time.perf_counter()
        truth = from_rows(FIRST, TODAY)
        self.from_rows = time.perf_counter() - began
        assert made.closes
        assert made == truth
        assert made.reached is not None
        return made.reached.households

    def processor(self) -> float:
        """Seconds used so far, here and by the server's process for this connection."""
        used = time.process_time()
        if self.server is not None:
            used += int(Path(f"/proc/{self.server}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
        return used

    def time(self, act: Callable[[], object]) -> tuple[float, float]:
        with self.app.app_context():
            began, used = time.perf_counter(), self.processor()
            act()
            return time.perf_counter() - began, self.processor() - used


def application(url: str) -> Flask:
    app = Flask("aidtrack")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    db.init_app(app)
    Babel(app, default_locale="uk")
    with app.app_context():
        configure(db.engine)
    return app


def ask(start: date, end: date) -> Statement:
    with ready_to_read(NOW) as session:
        return statement(session, AskForStatement("WFP", start, end), actor=OPERATOR, now=NOW)


def from_rows(start: date, end: date) -> Statement:
    with snapshot() as session:
        scope = scope_for(session, AskForStatement("WFP", start, end), actor=OPERATOR, now=NOW)
        return make(session, scope, from_rows=True)


PERIODS = {
    "closed_months": (FIRST, LAST_CLOSED),
    "with_running_month": (FIRST, TODAY),
    "odd_days": (date(2021, 10, 17), date(2022, 9, 11)),
}


def compare(small_url: str, large_url: str) -> dict[str, Any]:
    """Figures of two databases of a kind, taking turns."""
    sizes = {SMALL: Filled(small_url), LARGE: Filled(large_url)}
    found: dict[str, Any] = {
        "closing_all_months_s": {lines: round(filled.closing, 2) for lines, filled in sizes.items()},
        "months_closed": {lines: filled.months for lines, filled in sizes.items()},
        "households": {lines: filled.households for lines, filled in sizes.items()},
    }
    for name, period in PERIODS.items():
        say(f"  {name}: {ROUNDS} rounds")
        found[name] = _compare(sizes, period)
    found["from_rows_s"] = round(sizes[LARGE].from_rows, 2)
    return found


def _compare(sizes: dict[int, Filled], period: tuple[date, date]) -> dict[str, Any]:
    spans: dict[int, list[tuple[float, float]]] = {lines: [] for lines in sizes}
    for turn in range(ROUNDS):
        for lines in sorted(sizes, reverse=turn % 2 == 1):
            spans[lines].append(sizes[lines].time(lambda: ask(*period)))
    found: dict[str, Any] = {}
    medians = {}
    for lines, taken in spans.items():
        wall, used = zip(*taken, strict=True)
        medians[lines] = statistics.median(wall), statistics.median(used)
        found[str(lines)] = {
            "median_s": round(medians[lines][0], 4),
            "best_s": round(min(wall), 4),
            "worst_s": round(max(wall), 4),
            "processor_s": round(medians[lines][1], 4),
        }
    found["ratio"] = round(medians[LARGE][0] / medians[SMALL][0], 2)
    found["ratio_processor"] = round(medians[LARGE][1] / medians[SMALL][1], 2)
    return found


def say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def peak_memory() -> int:
    """Kilobytes at most so far. Not `ru_maxrss`, which remembers the process this one was forked from."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def workbook(url: str, start: date, end: date) -> dict[str, Any]:
    """One XLSX in this process; memory is the process's peak, so call it in a fresh one."""
    before = peak_memory()
    use_vault(Vault(b"for measurements only, nowhere else"))
    with (
        application(url).app_context(),
        tempfile.TemporaryFile() as stream,
        snapshot() as session,
    ):
        scope = scope_for(session, AskForStatement("WFP", start, end), actor=OPERATOR, now=NOW)
        lines = sum(1 for _ in all_movements(session, scope))
        began, worked = time.perf_counter(), time.process_time()
        write_statement(
            session,
            donor_code="WFP",
            start=start,
            end=end,
            fmt="xlsx",
            stream=stream,
            actor=OPERATOR,
            now=NOW,
        )
        took, busy = time.perf_counter() - began, time.process_time() - worked
        size = stream.tell()
    peak = peak_memory()
    return {
        "lines": lines,
        "xlsx_s": round(took, 2),
        "xlsx_cpu_s": round(busy, 2),
        "xlsx_mb": round(size / 1e6, 1),
        "peak_mb": round(peak / 1024),
        "before_mb": round(before / 1024),
    }


def alone(*arguments: str) -> dict[str, Any]:
    """Run this script again and read its answer: every measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.reports_statement", *arguments],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def run() -> dict[str, Any]:
    """Both sizes on both databases, some six minutes; the ratio is taken within one run."""
    from tests.support.postgres import running_server

    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, running_server(durable=True) as server:
        for kind in ("sqlite", "postgresql"):
            urls = []
            for lines in (SMALL, LARGE):
                if kind == "sqlite":
                    urls.append(f"sqlite:///{folder}/{lines}.sqlite3")
                else:
                    urls.append(_new_database(server, lines))
                say(f"filling {kind} with {lines} handout lines")
                fill(urls[-1], lines, _progress(lines))
            found[kind] = measured(kind, *urls)
    return found


def measured(kind: str, small_url: str, large_url: str) -> dict[str, Any]:
    """All figures of one kind of database, each measurement in a process of its own."""
    say(f"measuring {kind}, load {os.getloadavg()[0]:.1f}")
    found = alone("--compare", small_url, large_url)
    say(f"writing a workbook from {kind}")
    return {**found, "workbook": alone("--workbook", large_url)}


def _progress(whole: int) -> Callable[[int], None]:
    """Says each tenth once."""
    told = 0

    def tell(done: int) -> None:
        nonlocal told
        if done * 10 // whole > told:
            told = done * 10 // whole
            say(f"  {told * 10} %")

    return tell


def _new_database(server: str, lines: int) -> str:
    name = f"reports_{lines}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compare", nargs=2, metavar=("SMALL", "LARGE"))
    parser.add_argument("--workbook", metavar="URL")
    chosen = parser.parse_args()
    if chosen.workbook:
        answer = workbook(chosen.workbook, date(2022, 6, 1), date(2022, 9, 15))
    elif chosen.compare:
        answer = compare(*chosen.compare)
    else:
        answer = run()
    print(json.dumps(answer, indent=2))


if __name__ == "__main__":
    main()
