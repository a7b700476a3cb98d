"""Printing a round, in a process that loads the product and nothing else, so that the memory is printing's own.

python -m benchmarks.printing URL INSTANCE ROUND SITE        started by benchmarks.vouchers
"""

import json
import sys
from pathlib import Path
from typing import Any

from aidtrack.app import create_app
from aidtrack.config import load
from aidtrack.db import db, read_session
from aidtrack.distribution.printing.rounds import print_round
from aidtrack.distribution.printing.texts import Layout
from aidtrack.distribution.queries.printed import printable_ids
from aidtrack.distribution.queries.rounds import round_by_id
from aidtrack.distribution.views.printing import card_words
from aidtrack.kernel.actor import system_actor
from benchmarks.meter import Meter
from tests.support.product import environment


def _peak_mb() -> int:
    """This process's peak. Not `ru_maxrss`, which begins with the memory of the process that started this one."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return round(
        int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024
    )


def run(url: str, instance: Path, round_id: int, site_id: int) -> dict[str, Any]:
    app = create_app(load(environment(url, instance)))
    actor = system_actor("benchmark", site_ids=frozenset({site_id}))
    target = instance / "vouchers.pdf"
    meter = Meter(url)
    with app.test_request_context("/"), target.open("wb") as file:
        session = read_session()
        round_ = round_by_id(session, round_id, actor=actor)
        ids = printable_ids(session, round_id)
        with meter.measuring():
            print_round(
                session, file, round_, ids, layout=Layout.SHEETS, words=card_words("uk"), language="uk"
            )
        db.session.remove()
    return {
        **{f"print_{name}": value for name, value in meter.of_one().items()},
        "print_peak_mb": _peak_mb(),
        "pdf_mb": round(target.stat().st_size / 1e6, 1),
    }


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))
