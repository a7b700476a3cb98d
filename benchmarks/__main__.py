"""`python -m benchmarks [part …]`: measures and writes benchmarks/RESULTS.md.

All parts by default; an unknown one names those there are. What was measured before stays in the file until its part is
measured again; every part carries the time of its measurement and the machine's load.
"""

import json
import os
import platform
import sys
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy

from aidtrack.db.engines import journal_mode, sqlite_driver

HERE = Path(__file__).resolve().parent
KEPT = HERE / "results.json"
GOALS = {
    "handouts": "HTTP as a share of the bare driver in the same run: PostgreSQL ≥ 40 %, SQLite ≥ 25 %; "
    "p95 ≤ 50 ms and ≤ 150 ms; PostgreSQL a second time without a disk's waiting",
    "vouchers": "in a registry of 100 000 families, whose values have families' own keys: 10 000 issued ≤ 30 s; printed "
    "≤ 20 s, ≤ 150 MB, ≤ 12 MB of PDF; a phone's first pack of 5 000 ≤ 5 s",
    "keys": "a signing key withdrawn and 5 000 vouchers issued anew ≤ 10 min (the drill does 10 000, and prints them)",
    "phone": "first load of the phone's page ≤ 150 kB before the reader's wasm and ≤ 3 s at 50 kB/s and a six times "
    "slower processor; verify and open one voucher ≤ 100 ms and, from a code in view to its answer, p95 ≤ 2 s at that slowdown",
    "sync": "one device's day of 400 events ≤ 5 s; 20 devices × 400 events at once: 0 lost, 0 doubled, p95 of a batch ≤ 2 s; "
    "a batch is one request as the phone sends it: 100 events at first, then as many as the server took, growing by a quarter",
    "engine": "of a pack of 5 000 vouchers one is verified and opened in ≤ 100 ms on a six times slower processor",
    "importing": "50 000 families of 100 000 rows into a registry of 100 000: ≤ 120 s and ≤ 400 MB, dry run and bringing "
    "in together",
    "starting": "demonstration < 60 s; second start ≤ 3 s; from a fresh clone to the first page as long as installing takes",
    "statements": "1 000 000 handout lines ≤ 0.5 s and ≤ 2 × the cost at 10 000; XLSX of 200 000 lines ≤ 20 s, ≤ 150 MB",
    "rules": "a rule tried out over 100 000 families and 300 000 members in ≤ 10 s, with progress",
    "registry": "100 000 families, 300 000 people: each search, a family's page and a caseworker's first page p95 ≤ 100 ms, "
    "the warning while typing ≤ 150 ms, in the server's process",
    "cases": "twelve sittings of 15 cases a year, from the agenda to the printed minutes, in minutes; what is held about a "
    "family printed within one minute",
    "doubles": "recall ≥ 0.98 at precision ≥ 0.90 (spelling variants, both scripts, swapped names)",
}


def handouts() -> dict[str, Any]:
    from benchmarks.handouts import IN_MEMORY, databases, run, run_in_memory

    with databases() as both:
        durable = {
            kind: run(url, folder, workers=1 if kind == "sqlite" else 2)
            for kind, (url, folder) in both.items()
        }
    return {**durable, IN_MEMORY: run_in_memory()}


def vouchers() -> dict[str, Any]:
    from benchmarks.vouchers import run

    return run()


def keys() -> dict[str, Any]:
    from benchmarks.keys import run

    return run()


def phone() -> dict[str, Any]:
    from benchmarks.phone import run

    return run()


def sync() -> dict[str, Any]:
    from benchmarks.sync import run

    return run()


def engine() -> dict[str, Any]:
    from benchmarks.phone_engine import run

    return run()


def starting() -> dict[str, Any]:
    from benchmarks.starting import run

    return run()


def importing() -> dict[str, Any]:
    from benchmarks.importing import run

    return run()


def statements() -> dict[str, Any]:
    from benchmarks.reports_statement import run

    return run()


def registry() -> dict[str, Any]:
    from benchmarks.registry import run

    return run()


def doubles() -> dict[str, Any]:
    from benchmarks.doubles import run

    return run()


def cases() -> dict[str, Any]:
    from benchmarks.cases import run

    return run()


def rules() -> dict[str, Any]:
    from benchmarks.rules import run

    return run()


PARTS = {
    "handouts": handouts,
    "vouchers": vouchers,
    "keys": keys,
    "phone": phone,
    "engine": engine,
    "sync": sync,
    "starting": starting,
    "statements": statements,
    "importing": importing,
    "rules": rules,
    "registry": registry,
    "cases": cases,
    "doubles": doubles,
}


def machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": f"{sqlite_driver().sqlite_version}, {journal_mode()}, synchronous=FULL",
        "sqlalchemy": sqlalchemy.__version__,
        "flask": version("flask"),
        "psycopg": psycopg.__version__,
    }


def main(chosen: list[str]) -> None:
    if unknown := [part for part in chosen if part not in PARTS]:
        sys.exit(
            f"python -m benchmarks [part …]; not a part: {', '.join(unknown)}; parts: {', '.join(PARTS)}"
        )
    kept: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for part in chosen or list(PARTS):
        print(f"measuring {part} …", file=sys.stderr, flush=True)
        load = os.getloadavg()[0]
        kept[part] = {
            "measured_at": datetime.now().astimezone().isoformat(timespec="minutes"),
            "load_before": round(load, 1),
            "results": PARTS[part](),
        }
        kept["machine"] = machine()
        KEPT.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")
        (HERE / "RESULTS.md").write_text(page(kept))


def page(kept: dict[str, Any]) -> str:
    lines = ["# Measured", "", "Written by `python -m benchmarks`. Ratios are within one run.", ""]
    lines += [f"- {name}: {value}" for name, value in kept.get("machine", {}).items()]
    for part, goal in GOALS.items():
        if part in kept:
            found = kept[part]
            lines += ["", f"## {part}", "", f"Goal: {goal}.", ""]
            lines += [f"Measured {found['measured_at']}, load before {found['load_before']}.", ""]
            lines += [found["note"], ""] if "note" in found else []
            lines += ["```json"]
            lines += [json.dumps(found["results"], indent=2, ensure_ascii=False), "```"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(sys.argv[1:])
