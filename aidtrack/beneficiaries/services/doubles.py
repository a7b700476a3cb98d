"""A look over a site's whole registry for families entered twice.

An adapter: it opens its own units of work and runs in the background (`web.jobs`). Names are opened inside the process
to be compared and go nowhere. What is kept is pairs of numbers with points and reasons.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries import likeness, queries
from aidtrack.beneficiaries.models import DoublesFound, DoublesRun
from aidtrack.beneficiaries.queries import alike
from aidtrack.db import unit_of_work
from aidtrack.db.base import db
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import utc_now

AT_ONCE = 500


def begin_look(session: Session, site_id: int, *, actor: Actor, now: datetime) -> int:
    """Note who looks; gives the look's id."""
    actor.require(Permission.HOUSEHOLD_WRITE, site_id=site_id)
    row = {"site_id": site_id, "started_at": now, "started_by": actor.label, "looked_at": 0}
    [run_id] = queries.insert_returning(session, DoublesRun, [row])
    audit.record(
        session, actor=actor, action="read.registry_for_doubles", object_type="site", object_id=site_id,
        site_id=site_id, now=now,
    )  # fmt: skip
    return run_id


def look_through(run_id: int, site_id: int, progress: Callable[[int], None] | None = None) -> int:
    """Compare everybody with everybody who is roughly alike; gives the number of pairs found."""
    people: list[likeness.Profile] = []
    for portion in alike.profiles_of_site(site_id):
        people += portion
        if progress is not None:
            progress(len(people))
    with Session(db.engine) as session:
        homes = alike.homes_of_site(session, site_id)
        told = alike.judged_not_same(session, homes)
    found: list[dict[str, object]] = []
    pairs = 0
    for pair in likeness.find_pairs(people, homes):
        if (pair.low_id, pair.high_id) in told:
            continue
        found.append(
            {
                "run_id": run_id, "low_id": pair.low_id, "high_id": pair.high_id, "score": pair.score,
                "reasons": list(pair.reasons),
            }
        )  # fmt: skip
        pairs += 1
        if len(found) >= AT_ONCE:
            _write(found)
            found = []
    _write(found)
    with unit_of_work() as session:
        session.execute(
            update(DoublesRun)
            .where(DoublesRun.id == run_id)
            .values(finished_at=utc_now(), looked_at=len(people))
        )
        older = select(DoublesRun.id).where(DoublesRun.site_id == site_id, DoublesRun.id < run_id)
        session.execute(
            delete(DoublesFound)
            .where(DoublesFound.run_id.in_(older))
            .execution_options(synchronize_session=False)
        )
    return pairs


def _write(rows: list[dict[str, object]]) -> None:
    if rows:
        with unit_of_work() as session:
            queries.insert_many(session, DoublesFound, rows)
