"""How long a donor's statement takes, at 10 000 and at 1 000 000 handout lines, and a workbook of 200 000.

    python benchmarks/reports_statement.py                         both databases, made for the occasion
    python benchmarks/reports_statement.py --url URL --lines 10000 one database, filled before

Prints one JSON object. Times are medians; every statement is made in a fresh snapshot, as a request does.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import Babel

from aidtrack.db import db
from aidtrack.db.engines import configure, engine_options
from aidtrack.db.vault import Vault, use_vault
from aidtrack.kernel.actor import system_actor
from aidtrack.reports.closing import close_months
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
TIMES = 7


@contextmanager
def application(url: str) -> Iterator[None]:
    use_vault(Vault(b"for measurements only, nowhere else"))
    app = Flask("aidtrack")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    db.init_app(app)
    Babel(app, default_locale="uk")
    with app.app_context():
        configure(db.engine)
        yield
        db.session.remove()
        db.engine.dispose()


def timed(act: Callable[[], Any], times: int = TIMES) -> dict[str, float]:
    """Median and best seconds, and this process's own median processor time."""
    spans, busy = [], []
    for _ in range(times):
        began, worked = time.perf_counter(), time.process_time()
        act()
        spans.append(time.perf_counter() - began)
        busy.append(time.process_time() - worked)
    return {
        "median_s": round(statistics.median(spans), 4),
        "best_s": round(min(spans), 4),
        "cpu_s": round(statistics.median(busy), 4),
    }


def ask(start: date, end: date) -> Statement:
    with snapshot() as session:
        return statement(session, AskForStatement("WFP", start, end), actor=OPERATOR, now=NOW)


def from_rows(start: date, end: date) -> Statement:
    with snapshot() as session:
        scope = scope_for(session, AskForStatement("WFP", start, end), actor=OPERATOR, now=NOW)
        return make(session, scope, from_rows=True)


def measure(url: str) -> dict[str, Any]:
    """Figures of one database that `reports_data.fill` has filled."""
    with application(url):
        began = time.perf_counter()
        months = close_months(today=TODAY, now=NOW)
        closing = time.perf_counter() - began
        whole = ask(FIRST, TODAY)
        assert whole.closes
        assert whole.lines == from_rows(FIRST, TODAY).lines
        assert whole.reached == from_rows(FIRST, TODAY).reached
        return {
            "months_closed": len(months),
            "closing_all_months_s": round(closing, 2),
            "closed_months": timed(lambda: ask(FIRST, LAST_CLOSED)),
            "with_running_month": timed(lambda: ask(FIRST, TODAY)),
            "odd_days": timed(lambda: ask(date(2021, 10, 17), date(2022, 9, 11)), 3),
            "from_rows": timed(lambda: from_rows(FIRST, TODAY), 1),
            "households": whole.reached.households if whole.reached else None,
        }


def peak_memory() -> int:
    """Kilobytes at most so far. Not `ru_maxrss`, which remembers the process this one was forked from."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def workbook(url: str, start: date, end: date) -> dict[str, Any]:
    """One XLSX in this process; memory is the process's peak, so call it in a fresh one."""
    before = peak_memory()
    with application(url), tempfile.TemporaryFile() as stream, snapshot() as session:
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
    """Both sizes on both databases; the ratio is taken within this one run."""
    from sqlalchemy import make_url

    from tests.support.postgres import running_server

    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, running_server(durable=True) as server:
        for kind in ("sqlite", "postgresql"):
            sizes: dict[str, Any] = {}
            for lines in (SMALL, LARGE):
                if kind == "sqlite":
                    url = f"sqlite:///{folder}/{lines}.sqlite3"
                else:
                    url = (
                        make_url(server)
                        .set(database=_new_database(server, lines))
                        .render_as_string(hide_password=False)
                    )
                fill(url, lines)
                sizes[str(lines)] = alone("--url", url)
                if lines == LARGE:
                    sizes["workbook"] = alone("--url", url, "--workbook")
            sizes["ratio"] = round(
                sizes[str(LARGE)]["closed_months"]["median_s"]
                / sizes[str(SMALL)]["closed_months"]["median_s"],
                2,
            )
            found[kind] = sizes
    return found


def _new_database(server: str, lines: int) -> str:
    from sqlalchemy import create_engine, text

    name = f"reports_{lines}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url")
    parser.add_argument("--workbook", action="store_true")
    chosen = parser.parse_args()
    if chosen.url and chosen.workbook:
        answer = workbook(chosen.url, date(2022, 6, 1), date(2022, 9, 15))
    elif chosen.url:
        answer = measure(chosen.url)
    else:
        answer = run()
    print(
        json.dumps(
            {**answer, "measured_at": datetime.now().astimezone().isoformat(timespec="seconds")}, indent=2
        )
    )


if __name__ == "__main__":
    main()
