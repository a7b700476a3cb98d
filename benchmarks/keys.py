"""The drill for a leaked key: withdraw it, issue ten thousand vouchers anew, print them.

python -m benchmarks.keys
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from aidtrack.app import create_app
from aidtrack.config import load
from aidtrack.db import db
from aidtrack.distribution.commands import IssueRound
from aidtrack.distribution.runs import issue_in_batches
from aidtrack.kernel.actor import system_actor
from aidtrack.kernel.clock import utc_now
from benchmarks.register import register
from benchmarks.vouchers import SITE, VOUCHERS, prepare
from tests.support.product import ROOT, environment


def measure(url: str, instance: Path) -> dict[str, Any]:
    """The two commands as an operator types them, each a process of its own."""
    round_id, _second = prepare(url, instance)
    app = create_app(load(environment(url, instance)))
    with app.app_context():
        actor = system_actor("benchmark", site_ids=frozenset({SITE}))
        issue_in_batches(IssueRound(round_id), actor=actor, now=utc_now())
        db.session.remove()
        db.engine.dispose()
    env = {**os.environ, **environment(url, instance)}
    # the round's first voucher made the registry's first key
    withdrawn = _took(env, "signing-key", "withdraw", "1", "--reason", "drill", "--yes")
    sheets = instance / "sheets"
    reissued = _took(env, "signing-key", "reissue", "--output", str(sheets))
    (pdf,) = sheets.iterdir()
    return {
        "vouchers": VOUCHERS,
        "withdraw_s": round(withdrawn, 1),
        "reissue_and_print_s": round(reissued, 1),
        "pdf_mb": round(pdf.stat().st_size / 1e6, 1),
    }


def _took(env: dict[str, str], *arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "aidtrack.cli", *arguments], cwd=ROOT, env=env, check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - began


def run() -> dict[str, Any]:
    found = {}
    for kind in ("sqlite", "postgresql"):
        with register(kind) as (url, folder):
            found[kind] = measure(url, folder)
    return found


if __name__ == "__main__":
    print(run())
