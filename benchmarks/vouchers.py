"""In a registry of 100 000 families: issuing ten thousand vouchers, printing them eight to a page, a phone's pack.

python -m benchmarks.vouchers            both databases
"""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session

from aidtrack.app import create_app
from aidtrack.beneficiaries.models import Household, Person
from aidtrack.config import load
from aidtrack.db import db, read_session, unit_of_work
from aidtrack.db.sealing import keyring_of
from aidtrack.distribution import models as distribution
from aidtrack.distribution.commands import IssueRound
from aidtrack.distribution.rations import Basis
from aidtrack.distribution.runs import issue_in_batches
from aidtrack.inventory import models as inventory
from aidtrack.kernel.actor import Actor, Role, system_actor
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.quantity import BaseUnit
from aidtrack.scanner.devices.queries import PresentDevice
from aidtrack.scanner.pack.building import build, edition
from aidtrack.scanner.pack.prepared import make_ready
from benchmarks.meter import Meter, quietly
from benchmarks.register import HOUSEHOLDS, POINT, SITES, register
from tests.support import world as made
from tests.support.product import environment

VOUCHERS = 10_000
IN_A_PACK = 5_000
SITE = SITES[0][0]
DUE = (("RICE", Basis.MEMBER, 5_000), ("OIL", Basis.HOUSEHOLD, 920))


def prepare(url: str, instance: Path, vouchers: int = VOUCHERS) -> tuple[int, int]:
    """Of the register's families every seventh, as many as are asked for, is marked eligible for a new programme; its two planned rounds."""
    app = create_app(load(environment(url, instance)))
    now = utc_now()
    today = local_date(now)
    with app.app_context(), unit_of_work() as session:
        programme_id = _add(session, inventory.Programme(code="KITS", name_uk="Набори", name_en="Kits"))
        rule = {"is": "size_between", "at_least": 1}
        rule_id = _add(session, distribution.ProgrammeRule(
            programme_id=programme_id, version=1, valid_from=today, rule=rule, created_at=now, created_by="benchmark",
        ))  # fmt: skip
        rounds = [_round(session, programme_id, number) for number in (1, 2)]
        somebody_stays = exists().where(Person.household_id == Household.id, Person.left_on.is_(None))
        families = session.scalars(
            select(Household.id)
            .where(Household.site_id == SITE, Household.id % 7 == 3, somebody_stays)
            .limit(vouchers)
        )
        session.execute(
            insert(distribution.Eligibility),
            [
                {"household_id": family, "programme_id": programme_id,
                 "status": distribution.EligibilityStatus.ELIGIBLE, "rule_id": rule_id, "facts": "{}",
                 "ground": distribution.Ground.APPLICATION, "valid_from": today, "marked_at": now}
                for family in families
            ],
        )  # fmt: skip
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return rounds[0], rounds[1]


def _add(session: Session, row: Any) -> int:
    session.add(row)
    session.flush()
    return int(row.id)


def _round(session: Session, programme_id: int, number: int) -> int:
    """A planned round in a cycle of its own, with what each family is due and enough of it."""
    now = utc_now()
    today = local_date(now)
    cycle_id = _add(session, distribution.Cycle(
        programme_id=programme_id, code=f"B{number}", name_uk="Цикл", name_en="Cycle", starts_on=today,
        ends_on=today + timedelta(days=30),
    ))  # fmt: skip
    round_id = _add(session, distribution.Round(
        cycle_id=cycle_id, place_id=POINT, code=f"BENCH{number}", token_id=99 + number, first_day=today,
        last_day=today + timedelta(days=5), state=distribution.RoundState.PLANNED, created_at=now,
        created_by="benchmark",
    ))  # fmt: skip
    donor_id = _add(session, inventory.Donor(code=f"D{number}", name_uk="Донор", name_en="Donor"))
    world = made.World(
        site_id=SITE, other_site_id=SITES[1][0], place_id=POINT, place_code="P21", other_place_id=POINT,
        donor_ids={"WFP": donor_id}, item_ids={}, programme_id=programme_id, cycle_id=cycle_id, round_id=round_id,
        profile_id=0, eligibility_rule_id=0, user_id=1,
    )  # fmt: skip
    for code, basis, units in DUE:
        name = f"{code}{number}"
        item = inventory.Item(code=name, name_uk=name, name_en=name, base_unit=BaseUnit.G)
        world.item_ids[code] = _add(session, item)
        made.add_lot(session, world, code, 10**11)
        session.add(distribution.RationEntry(
            round_id=round_id, item_id=world.item_ids[code], basis=basis, units=units
        ))  # fmt: skip
    session.flush()
    return round_id


def measure(url: str, instance: Path, vouchers: int = VOUCHERS) -> dict[str, Any]:
    """Issue, then print in a process of its own so that its memory is its own; then a pack of half as many."""
    round_id, second_id = prepare(url, instance, vouchers)
    app = create_app(load(environment(url, instance)))
    actor = system_actor("benchmark", site_ids=frozenset({SITE}))
    with app.app_context():
        quietly()
        meter = Meter(url)
        with meter.measuring():
            issued = issue_in_batches(IssueRound(round_id), actor=actor, now=utc_now())
        assert issued.vouchers == vouchers, issued
        found = {"vouchers": vouchers, **{f"issue_{name}": value for name, value in meter.of_one().items()}}
        found |= _pack(url, second_id, min(IN_A_PACK, vouchers), actor)
        db.session.remove()
        db.engine.dispose()
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.printing", url, str(instance), str(round_id), str(SITE)],
        check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    return {**found, **json.loads(answer.stdout)}


def _pack(url: str, round_id: int, vouchers: int, actor: Actor) -> dict[str, Any]:
    """A phone's first pack of a round: no name was opened and no family's key read before."""
    marked = select(distribution.Eligibility.household_id).order_by(distribution.Eligibility.id.desc())
    families = frozenset(read_session().scalars(marked.limit(vouchers)))
    db.session.remove()
    issue_in_batches(IssueRound(round_id, household_ids=families), actor=actor, now=utc_now())
    with unit_of_work() as session:
        make_ready(session, round_id, actor=actor, now=utc_now())
    device = PresentDevice(
        1, "bench", b"", 1, SITE, round_id, POINT, False, "worker-1", Role.WAREHOUSE, "uk", person_active=True
    )
    keyring_of(read_session().connection()).forget()
    quietly()
    meter = Meter(url)
    with meter.measuring():
        session = read_session()
        of = edition(session, device, actor=actor)
        assert of is not None
        pack = build(session, device, of, actor=actor, now=utc_now())
    assert pack.rows == vouchers, pack.rows
    size = {"pack_mb": round(len(pack.body) / 1e6, 2)}
    return {
        "pack_vouchers": pack.rows,
        **size,
        **{f"pack_{name}": value for name, value in meter.of_one().items()},
    }


def run(households: int = HOUSEHOLDS, vouchers: int = VOUCHERS) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in ("sqlite", "postgresql"):
        with register(kind, households) as (url, folder):
            found[kind] = measure(url, folder, vouchers)
    return found


if __name__ == "__main__":
    sizes = [int(one) for one in sys.argv[1:]] or [HOUSEHOLDS, VOUCHERS]
    print(json.dumps(run(*sizes), indent=2))
