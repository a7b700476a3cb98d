"""Long walks over a registry: adapters that open their own units of work, a portion at a time."""

from datetime import datetime

from aidtrack.beneficiaries.queries import portions
from aidtrack.db import db, read_session, unit_of_work
from aidtrack.distribution.rights import services
from aidtrack.distribution.rights.commands import MarkMany
from aidtrack.distribution.rights.services import trials as trying
from aidtrack.distribution.rights.trials import Tally, all_changed, forget_changes
from aidtrack.distribution.services.issuing import Progress
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.collecting import no_collecting

TRIED_AT_ONCE = 5_000
MARKED_AT_ONCE = 500


def run_trial(plan: trying.Plan, *, actor: Actor, now: datetime, progress: Progress | None = None) -> Tally:
    """Judge every family of the trial. Reads outside the units that write, so that nobody waits for it."""
    tally = Tally()
    try:
        ids = trying.families_to_try(read_session(), plan, actor)
        db.session.remove()
        with unit_of_work() as session:  # so that its page says at once how many there are
            trying.keep_portion(session, plan, (), done=0, total=len(ids))
        for portion in portions(ids, TRIED_AT_ONCE):
            with no_collecting():
                changes = trying.try_portion(read_session(), plan, portion, tally)
            db.session.remove()
            with unit_of_work() as session:
                trying.keep_portion(session, plan, changes, done=tally.families, total=len(ids))
            if progress is not None:
                progress(tally.families, len(ids))
    except Exception:
        db.session.remove()
        with unit_of_work() as session:
            trying.finish_trial(session, plan, None, now=now)
        raise
    with unit_of_work() as session:
        trying.finish_trial(session, plan, tally, now=now)
    return tally


def mark_in_batches(
    command: MarkMany, trial_id: int, *, actor: Actor, now: datetime, progress: Progress | None = None
) -> tuple[int, int]:
    """Mark every family of the command's list; gives how many were marked and how many were not.

    Each batch is judged anew by the rule in force and leaves the trial's list with it, so a run that was
    killed goes on with those that are left.
    """
    marked = skipped = 0
    ids = list(command.household_ids) or all_changed(read_session(), trial_id, comes_in=True)
    db.session.remove()
    for portion in portions(ids, MARKED_AT_ONCE):
        batch = MarkMany(
            command.programme_id, tuple(portion), command.ground, command.valid_from, command.valid_until
        )
        with unit_of_work() as session:
            made = services.mark_many(session, batch, actor=actor, now=now)
            forget_changes(session, trial_id, portion)
        marked += len(made.marked)
        skipped += len(portion) - len(made.marked)
        if progress is not None:
            progress(marked + skipped, len(ids))
    return marked, skipped
