"""Issuing ten thousand vouchers and printing them, eight to a page.

python -m benchmarks.vouchers            both databases
"""

import json
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from aidtrack.app import create_app
from aidtrack.beneficiaries import models as people
from aidtrack.beneficiaries.household import Sex
from aidtrack.config import load
from aidtrack.db import db, read_session, unit_of_work, upgrade
from aidtrack.distribution import models as distribution
from aidtrack.distribution.commands import IssueRound
from aidtrack.distribution.printing.texts import Layout
from aidtrack.distribution.queries.printed import printable_ids
from aidtrack.distribution.queries.rounds import round_by_id
from aidtrack.distribution.rations import Basis
from aidtrack.distribution.runs import issue_in_batches
from aidtrack.kernel.actor import system_actor
from aidtrack.kernel.clock import local_date, utc_now
from tests.support import world as made
from tests.support.product import environment

VOUCHERS = 10_000
MEMBERS = 3


def _fill(url: str, instance: Path) -> tuple[int, int]:
    """Ten thousand families marked eligible and a planned round; ids of the site and the round."""
    upgrade(url)
    app = create_app(load(environment(url, instance)))
    now = utc_now()
    today = local_date(now)
    with app.app_context(), unit_of_work() as session:
        world = made.small_centre(session, due=[("RICE", 5_000), ("OIL", 920)])
        for item in ("RICE", "OIL"):
            made.add_lot(session, world, item, 10**11)
        families = made.insert_many(
            session,
            people.Household,
            [
                {"registration_no": f"H-{n:07d}", "site_id": world.site_id, "settlement": "Дніпро",
                 "registered_on": today, "changed_at": now, "changed_by": "benchmark"}
                for n in range(VOUCHERS)
            ],
        )  # fmt: skip
        made.insert_many(
            session,
            people.Person,
            [
                {"household_id": family, "is_head": n == 0, "surname": "Тестенко", "given_name": "Олена",
                 "sex": Sex.FEMALE, "joined_on": today - timedelta(days=1)}
                for family in families
                for n in range(1 + family % (2 * MEMBERS - 1))
            ],
        )  # fmt: skip
        session.execute(
            insert(distribution.Eligibility),
            [
                {"household_id": family, "programme_id": world.programme_id,
                 "status": distribution.EligibilityStatus.ELIGIBLE, "rule_id": world.eligibility_rule_id,
                 "facts": "{}", "ground": distribution.Ground.APPLICATION, "valid_from": today, "marked_at": now}
                for family in families
            ],
        )  # fmt: skip
        round_ = distribution.Round(
            cycle_id=world.cycle_id, place_id=world.place_id, code="BENCH", token_id=99, first_day=today,
            last_day=today + timedelta(days=5), state=distribution.RoundState.PLANNED, created_at=now,
            created_by="benchmark",
        )  # fmt: skip
        session.add(round_)
        session.flush()
        for item, basis, units in (("RICE", Basis.MEMBER, 5_000), ("OIL", Basis.HOUSEHOLD, 920)):
            session.add(
                distribution.RationEntry(
                    round_id=round_.id, item_id=world.item_ids[item], basis=basis, units=units
                )
            )
        session.flush()
        return world.site_id, round_.id


def measure(url: str, instance: Path) -> dict[str, Any]:
    """Issue, then print in a process of its own so that its memory is its own."""
    site_id, round_id = _fill(url, instance)
    app = create_app(load(environment(url, instance)))
    actor = system_actor("benchmark", site_ids=frozenset({site_id}))
    with app.app_context():
        began = time.perf_counter()
        issued = issue_in_batches(IssueRound(round_id), actor=actor, now=utc_now())
        issue_s = time.perf_counter() - began
        assert issued.vouchers == VOUCHERS, issued
        db.session.remove()
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.vouchers", "--print", url, str(instance), str(site_id), str(round_id)],
        check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    return {"vouchers": VOUCHERS, "issue_s": round(issue_s, 1), **json.loads(answer.stdout)}


def _peak_mb() -> int:
    """This process's peak. Not `ru_maxrss`, which begins with the memory of the process that started this one."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return round(
        int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024
    )


def _print(url: str, instance: Path, site_id: int, round_id: int) -> dict[str, Any]:
    from aidtrack.distribution.printing.rounds import print_round
    from aidtrack.distribution.views.printing import card_words

    app = create_app(load(environment(url, instance)))
    actor = system_actor("benchmark", site_ids=frozenset({site_id}))
    target = instance / "vouchers.pdf"
    with app.test_request_context("/"), target.open("wb") as file:
        session = read_session()
        round_ = round_by_id(session, round_id, actor=actor)
        ids = printable_ids(session, round_id)
        began = time.perf_counter()
        print_round(session, file, round_, ids, layout=Layout.SHEETS, words=card_words("uk"), language="uk")
        took = time.perf_counter() - began
        db.session.remove()
    return {
        "print_s": round(took, 1),
        "print_peak_mb": _peak_mb(),
        "pdf_mb": round(target.stat().st_size / 1e6, 1),
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["--print"]:
        print(json.dumps(_print(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))))
    else:
        from benchmarks.handouts import databases

        with databases() as both:
            for kind, (where, folder) in both.items():
                print(kind, json.dumps(measure(where, folder)))
