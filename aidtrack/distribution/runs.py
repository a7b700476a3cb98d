"""A resumable run of issuing: one unit of work a batch, so a killed run has lost nothing it finished."""

import random
from datetime import datetime

from aidtrack.db import unit_of_work
from aidtrack.distribution.commands import IssueRound
from aidtrack.distribution.services.issuing import BATCH, Issued, Progress, issue_batch, start_issue
from aidtrack.distribution.services.rounds import SYSTEM_RANDOM
from aidtrack.kernel.actor import Actor


def issue_in_batches(
    command: IssueRound,
    *,
    actor: Actor,
    now: datetime,
    progress: Progress | None = None,
    batch: int = BATCH,
    rng: random.Random = SYSTEM_RANDOM,
) -> Issued:
    """Issue to every eligible household of a round. An adapter: it opens its own units of work.

    Run again with the same command after a crash it goes on where the last committed batch ended.
    """
    with unit_of_work() as session:
        total = start_issue(session, command, actor=actor, now=now)
    if progress is not None:
        progress(0, total)
    issued = skipped = 0
    after: int | None = 0
    while after is not None:
        with unit_of_work() as session:
            made = issue_batch(session, command, actor=actor, now=now, after=after, limit=batch, rng=rng)
        issued, skipped, after = issued + made.issued, skipped + made.skipped, made.last_mark_id
        if progress is not None:
            progress(issued + skipped, max(total, issued + skipped))
    return Issued(issued, skipped)
