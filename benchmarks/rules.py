"""A draft tried out over a whole registry, as its page does in the background.

python -m benchmarks.rules            both databases
"""

import json
import os
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

from aidtrack.app import create_app
from aidtrack.config import load
from aidtrack.db import db, unit_of_work
from aidtrack.distribution.models import TrialPurpose
from aidtrack.distribution.rights import services
from aidtrack.distribution.rights.commands import SaveDraft, StartTrial
from aidtrack.distribution.rights.runs import run_trial
from aidtrack.kernel.actor import system_actor
from benchmarks.meter import Meter, quietly
from benchmarks.register import HOUSEHOLDS, NOW, PROGRAMME, TODAY, register
from tests.support.product import environment

# the rule in force asks for categories of members and of families, and for 30 days since the last issue
DRAFT: dict[str, Any] = {
    "is": "all",
    "of": [
        {"is": "any", "of": [
            {"is": "any_member", "categories": ["idp", "disability", "low_income"]},
            {"is": "any_member", "age_to": 3},
            {"is": "household_category", "categories": ["szho", "large_family"]},
        ]},
        {"is": "resides_in", "prefixes": ["UA12"]},
        {"is": "min_days_since_last_issue", "days": 45},
    ],
}  # fmt: skip


def measure(url: str, folder: Path) -> dict[str, Any]:
    """Wall and processor time of one trial, the figures it found, and how often progress could be seen."""
    app = create_app(load(environment(url, folder)))
    actor = system_actor("benchmark", site_ids=frozenset({1, 2}))
    seen: list[int] = []
    with app.app_context():
        with unit_of_work() as session:
            command = SaveDraft(uuid4(), PROGRAMME, "Чернетка", DRAFT)
            draft_id = services.save_draft(session, command, actor=actor, now=NOW)
        with unit_of_work() as session:
            start = StartTrial(TrialPurpose.DRAFT, PROGRAMME, TODAY, draft_id)
            plan = services.start_trial(session, start, actor=actor, now=NOW)
        quietly()
        meter = Meter(url)
        with meter.measuring():
            tally = run_trial(plan, actor=actor, now=NOW, progress=lambda done, _total: seen.append(done))
        db.session.remove()
        db.engine.dispose()
    return {
        "families": tally.families,
        **meter.of_one(),
        "eligible_now": tally.now,
        "eligible_under_the_draft": tally.under,
        "fall_out": tally.falls_out,
        "come_in": tally.comes_in,
        "times_progress_was_told": len(seen),
        "load_after": round(os.getloadavg()[0], 1),
    }


def run(households: int = HOUSEHOLDS) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in ("sqlite", "postgresql"):
        with register(kind, households) as (url, folder):
            found[kind] = measure(url, folder)
    return found


if __name__ == "__main__":
    print(
        json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else HOUSEHOLDS), indent=2, ensure_ascii=False)
    )
