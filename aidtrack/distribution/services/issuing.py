"""Issuing vouchers: to all eligible households of a round in batches, or to one late-comer.

A household is served once in a cycle: the cycle's row is held while a batch is made, and the unique
`(cycle_id, household_id)` is the second line. A batch looks only for households that have nothing yet, so
a run that was killed goes on where it stopped, and a run repeated does nothing.
"""

import random
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries.models import Household
from aidtrack.distribution.commands import IssueOne, IssueRound
from aidtrack.distribution.errors import (
    AlreadyEntitled,
    EmptyHousehold,
    NoSuchFamily,
    NotEligible,
    NothingDue,
    RoundClosed,
    RoundIsOver,
    ShortOfStock,
)
from aidtrack.distribution.models import RoundState
from aidtrack.distribution.queries.planning import Candidate, candidates, entitled, waiting_count
from aidtrack.distribution.queries.rounds import RoundRow
from aidtrack.distribution.rations import ration_for
from aidtrack.distribution.services.limits import REFUSALS, hold_caps, judge_candidates, places_left
from aidtrack.distribution.services.planning import plan_round
from aidtrack.distribution.services.press import Composition, Press
from aidtrack.distribution.services.rounds import SYSTEM_RANDOM, locked_round
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.late import dataclass

BATCH = 500  # households in one unit of work of a long run

Progress = Callable[[int, int], None]  # households done, households in all


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch did. `last_mark_id` is after which mark the next one begins; None when nobody is left."""

    issued: int
    skipped: int
    last_mark_id: int | None


@dataclass(frozen=True, slots=True)
class Issued:
    """What a run did: vouchers made, and households to whom nothing was due or of whom nobody is present."""

    vouchers: int
    skipped: int


def issue_round(
    session: Session,
    command: IssueRound,
    *,
    actor: Actor,
    now: datetime,
    progress: Progress | None = None,
    rng: random.Random = SYSTEM_RANDOM,
) -> Issued:
    """Issue to every eligible household in one transaction; `aidtrack.distribution.runs` has the resumable run."""
    total = start_issue(session, command, actor=actor, now=now)
    issued = skipped = 0
    after: int | None = 0
    while after is not None:
        batch = issue_batch(session, command, actor=actor, now=now, after=after, rng=rng)
        issued, skipped, after = issued + batch.issued, skipped + batch.skipped, batch.last_mark_id
        if progress is not None:
            progress(issued + skipped, total)
    return Issued(issued, skipped)


def start_issue(session: Session, command: IssueRound, *, actor: Actor, now: datetime) -> int:
    """Judge the plan before the first voucher; returns how many households a run will look at.

    Raises:
        NothingDue, RoundClosed, RoundIsOver: the round cannot be issued.
        ShortOfStock: the plan needs more than there is and `accept_shortage` was not said.
    """
    # held, so that no other run issues between the questions of the plan: its vouchers would count as promised and as due
    round_ = locked_round(session, command.round_id, actor=actor)
    actor.require(Permission.VOUCHER_ISSUE, site_id=round_.site_id)
    on = _require_issuable(round_, now)
    if not command.accept_shortage:
        plan = plan_round(session, round_.id, on=on, actor=actor, household_ids=command.household_ids)
        if not plan.covered:
            raise ShortOfStock(items=[line.item_code for line in plan.shortages])
    return waiting_count(session, round_, on=on, household_ids=command.household_ids)


def issue_batch(
    session: Session,
    command: IssueRound,
    *,
    actor: Actor,
    now: datetime,
    after: int = 0,
    limit: int = BATCH,
    rng: random.Random = SYSTEM_RANDOM,
) -> Batch:
    """Issue to the next households in the order of their marks, the first after mark `after`."""
    round_ = locked_round(session, command.round_id, actor=actor)
    actor.require(Permission.VOUCHER_ISSUE, site_id=round_.site_id)
    on = _require_issuable(round_, now)
    hold_caps(session, round_, on=on)
    found = candidates(session, round_, on=on, household_ids=command.household_ids, after=after, limit=limit)
    press = Press.open(session, round_, actor=actor, now=now, rng=rng)
    places = places_left(session, round_, on=on)
    dues: list[tuple[Candidate, Composition]] = []
    for judged in judge_candidates(session, round_, found, on=on):
        candidate = judged.candidate
        if judged.left is not None:
            continue
        try:
            due = ration_for(candidate.members, press.rules, on=on)
        except EmptyHousehold:
            continue
        if not due:
            continue
        none_left, day = places.take()
        if none_left is None:
            dues.append((replace(candidate, day=day), tuple(sorted(due.items()))))
    press.issue(dues)
    if dues:
        audit.record(
            session, actor=actor, action="voucher.issue", object_type="round", object_id=round_.id,
            site_id=round_.site_id, now=now, facts={"vouchers": len(dues)},
        )  # fmt: skip
    return Batch(len(dues), len(found) - len(dues), found[-1].eligibility_id if found else None)


def issue_one(
    session: Session, command: IssueOne, *, actor: Actor, now: datetime, rng: random.Random = SYSTEM_RANDOM
) -> int:
    """A voucher for one late-comer; returns its id.

    Raises:
        NoSuchFamily: not at the round's site.
        AlreadyEntitled, NotEligible, EmptyHousehold, NothingDue: why this family gets none.
        CountedElsewhere: its people had their share of the cycle with the family they came from.
        ServedTooSoon, NobodyFits, CapReached, OthersCameFirst, DaysAreFull: what the rule leaves it now.
    """
    round_ = locked_round(session, command.round_id, actor=actor)
    actor.require(Permission.VOUCHER_ISSUE, site_id=round_.site_id)
    body = asdict(command)
    before = audit.already_done(session, command_id=command.command_id, kind="voucher.issue", body=body)
    if before is not None and before.object_id is not None:
        return before.object_id
    on = _require_issuable(round_, now)
    hold_caps(session, round_, on=on)
    household_id = session.execute(
        select(Household.id).where(
            Household.registration_no == command.registration_no, Household.site_id == round_.site_id
        )
    ).scalar()
    if household_id is None:
        raise NoSuchFamily
    if session.execute(select(entitled(round_.cycle_id, household_id))).scalar():
        raise AlreadyEntitled
    found = candidates(session, round_, on=on, household_ids=frozenset({household_id}))
    if not found:
        raise NotEligible
    [judged] = judge_candidates(session, round_, found, on=on)
    if judged.left is not None:
        raise REFUSALS[judged.left]
    press = Press.open(session, round_, actor=actor, now=now, rng=rng)
    due = ration_for(judged.candidate.members, press.rules, on=on)
    if not due:
        raise NothingDue(field="registration_no")
    none_left, day = places_left(session, round_, on=on).take()
    if none_left is not None:
        raise REFUSALS[none_left]
    voucher_id = press.issue([(replace(judged.candidate, day=day), tuple(sorted(due.items())))])[0]
    audit.record(
        session, actor=actor, action="voucher.issue", object_type="voucher", object_id=voucher_id,
        site_id=round_.site_id, now=now,
    )  # fmt: skip
    audit.mark_done(
        session, command_id=command.command_id, kind="voucher.issue", body=body, object_id=voucher_id, actor=actor,
        now=now,
    )  # fmt: skip
    return voucher_id


def _require_issuable(round_: RoundRow, now: datetime) -> date:
    """The day a household is judged by: the round's first, or today for late-comers."""
    if round_.state is RoundState.CLOSED:
        raise RoundClosed
    today = local_date(now, round_.time_zone)
    if today > round_.last_day:
        raise RoundIsOver(last_day=round_.last_day.isoformat())
    return max(today, round_.first_day)
