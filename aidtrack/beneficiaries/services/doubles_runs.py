"""A look over a site's whole registry for families entered twice, in the background, with progress.

An adapter: it opens its own units of work. Who began it has the right to read the site; names are opened inside the
process to be compared and go nowhere. What is kept is pairs of numbers with points and reasons.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries import likeness, queries
from aidtrack.beneficiaries.models import DoublesFound, DoublesRun
from aidtrack.beneficiaries.queries import alike
from aidtrack.db import unit_of_work
from aidtrack.db.base import db
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import utc_now

GIVEN_UP = timedelta(minutes=30)  # a run that did not end by then died with its server
AT_ONCE = 500
log = logging.getLogger(__name__)


def start_run(session: Session, site_id: int, *, actor: Actor, now: datetime) -> tuple[int, bool]:
    """The run to look at, and whether it is to be begun: pressing the button twice begins one."""
    actor.require(Permission.HOUSEHOLD_WRITE, site_id=site_id)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(0x61696464, site_id)))
    running = session.scalar(
        select(DoublesRun.id)
        .where(
            DoublesRun.site_id == site_id,
            DoublesRun.finished_at.is_(None),
            DoublesRun.started_at > now - GIVEN_UP,
        )
        .order_by(DoublesRun.id.desc())
        .limit(1)
    )
    if running is not None:
        return running, False
    row = {"site_id": site_id, "started_at": now, "started_by": actor.label, "looked_at": 0}
    [run_id] = queries.insert_returning(session, DoublesRun, [row])
    audit.record(
        session, actor=actor, action="read.registry_for_doubles", object_type="site", object_id=site_id,
        site_id=site_id, now=now,
    )  # fmt: skip
    return run_id, True


def run(run_id: int, site_id: int, progress: Callable[[int], None] | None = None) -> int:
    """Compare everybody with everybody who is roughly alike; gives the number of pairs found."""
    people: list[likeness.Profile] = []
    for portion in alike.profiles_of_site(site_id):
        people += portion
        _note(run_id, len(people))
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
        session.execute(update(DoublesRun).where(DoublesRun.id == run_id).values(finished_at=utc_now()))
        older = select(DoublesRun.id).where(DoublesRun.site_id == site_id, DoublesRun.id < run_id)
        session.execute(
            delete(DoublesFound)
            .where(DoublesFound.run_id.in_(older))
            .execution_options(synchronize_session=False)
        )
    return pairs


def run_in_background(app: Flask, run_id: int, site_id: int) -> threading.Thread:
    def work() -> None:
        with app.app_context():
            try:
                run(run_id, site_id)
            except Exception:
                log.exception("the look for doubles at site %s failed", site_id)

    thread = threading.Thread(target=work, name=f"doubles-{site_id}", daemon=True)
    thread.start()
    return thread


def _write(rows: list[dict[str, object]]) -> None:
    if rows:
        with unit_of_work() as session:
            queries.insert_many(session, DoublesFound, rows)


def _note(run_id: int, looked_at: int) -> None:
    with unit_of_work(short=True) as session:
        session.execute(update(DoublesRun).where(DoublesRun.id == run_id).values(looked_at=looked_at))
