"""Pairs that wait for a person, proposals of merges, and what was decided."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from aidtrack.beneficiaries.happenings import MergeState
from aidtrack.beneficiaries.models import (
    DoublesFound,
    DoublesRun,
    Household,
    HouseholdEnd,
    HouseholdMerge,
    NotSame,
)
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass

PAIRS = 12  # on one page: with two names each they stay within the 25 names of a list


@dataclass(frozen=True, slots=True)
class RunRow:
    id: int
    site_id: int
    started_at: datetime
    started_by: str
    finished_at: datetime | None  # only looks that ended are asked for
    looked_at: int


@dataclass(frozen=True, slots=True)
class PairRow:
    low_id: int
    high_id: int
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MergeRow:
    id: int
    staying_id: int
    ending_id: int
    staying_no: str
    ending_no: str
    state: MergeState
    reason: str
    choices: dict[str, Any]
    proposed_by: str
    proposed_by_id: int | None
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    undone_by: str | None
    undone_at: datetime | None

    def is_by(self, actor: Actor) -> bool:
        same_user = self.proposed_by_id is not None and self.proposed_by_id == actor.user_id
        return same_user or self.proposed_by == actor.label


@dataclass(frozen=True, slots=True)
class NotSameRow:
    id: int
    other_id: int
    other_no: str
    reason: str
    said_by: str
    said_at: datetime


def latest_run(session: Session, site_id: int) -> RunRow | None:
    """The last look that came to its end."""
    columns = (
        DoublesRun.id, DoublesRun.site_id, DoublesRun.started_at, DoublesRun.started_by, DoublesRun.finished_at,
        DoublesRun.looked_at,
    )  # fmt: skip
    row = session.execute(
        select(*columns)
        .where(DoublesRun.site_id == site_id, DoublesRun.finished_at.is_not(None))
        .order_by(DoublesRun.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else RunRow(*row)


def waiting_pairs(session: Session, run_id: int, *, first: int = 0) -> tuple[list[PairRow], int]:
    """Pairs nobody decided about, the likest first, and how many there are."""
    told = exists().where(
        NotSame.low_id == DoublesFound.low_id,
        NotSame.high_id == DoublesFound.high_id,
        NotSame.undone_at.is_(None),
    )
    ended = exists().where(HouseholdEnd.household_id.in_((DoublesFound.low_id, DoublesFound.high_id)))
    which: ColumnElement[bool] = (DoublesFound.run_id == run_id) & ~told & ~ended
    total = session.scalar(select(func.count()).select_from(DoublesFound).where(which)) or 0
    rows = session.execute(
        select(DoublesFound.low_id, DoublesFound.high_id, DoublesFound.score, DoublesFound.reasons)
        .where(which)
        .order_by(DoublesFound.score.desc(), DoublesFound.low_id, DoublesFound.high_id)
        .offset(first)
        .limit(PAIRS)
    )
    return [PairRow(low, high, score, tuple(reasons)) for low, high, score, reasons in rows], total


_HOUSEHOLD: Any = bindparam("household_id")
_OF_FAMILY = or_(HouseholdMerge.survivor_id == _HOUSEHOLD, HouseholdMerge.loser_id == _HOUSEHOLD)
_ANY_MERGE = select(HouseholdMerge.id).where(_OF_FAMILY).limit(1)


def merges(session: Session, actor: Actor, *, household_id: int | None = None) -> list[MergeRow]:
    """Proposals first, then what was decided, newest first; of one family if asked."""
    about = {} if household_id is None else {"household_id": household_id}
    if about and session.scalar(_ANY_MERGE, about) is None:
        return []  # nearly every family's page: spared the longer question
    statement = _merges(actor).order_by(
        (HouseholdMerge.state != MergeState.PROPOSED), HouseholdMerge.id.desc()
    )
    if household_id is not None:
        statement = statement.where(_OF_FAMILY)
    return [_row(row) for row in session.execute(statement.limit(25), about)]


def merge(session: Session, merge_id: int, actor: Actor) -> MergeRow:
    row = session.execute(_merges(actor).where(HouseholdMerge.id == merge_id)).one_or_none()
    if row is None:
        raise NotFound()
    return _row(row)


def waiting_merges(session: Session, actor: Actor) -> int:
    """Proposals of others that this person may approve."""
    mine = HouseholdMerge.proposed_by == actor.label
    return (
        session.scalar(
            select(func.count())
            .select_from(HouseholdMerge)
            .join(Household, Household.id == HouseholdMerge.survivor_id)
            .where(
                HouseholdMerge.state == MergeState.PROPOSED,
                ~mine,
                Household.site_id.in_(sorted(actor.site_ids)),
            )
        )
        or 0
    )


_OTHER = case((NotSame.low_id == _HOUSEHOLD, NotSame.high_id), else_=NotSame.low_id)
_NOT_SAME = (
    select(NotSame.id, _OTHER, Household.registration_no, NotSame.reason, NotSame.said_by, NotSame.said_at)
    .join(Household, Household.id == _OTHER)
    .where(
        or_(NotSame.low_id == _HOUSEHOLD, NotSame.high_id == _HOUSEHOLD),
        NotSame.undone_at.is_(None),
        Household.site_id.in_(bindparam("site_ids", expanding=True)),
    )
    .order_by(NotSame.low_id != _HOUSEHOLD, NotSame.id)
)


def not_same_of(session: Session, household_id: int, actor: Actor) -> list[NotSameRow]:
    """Families of which somebody said that they are not this one."""
    rows = session.execute(_NOT_SAME, {"household_id": household_id, "site_ids": sorted(actor.site_ids)})
    return [NotSameRow(*row) for row in rows]


def _merges(actor: Actor) -> Any:
    staying, ending = aliased(Household), aliased(Household)
    return (
        select(
            HouseholdMerge.id, HouseholdMerge.survivor_id, HouseholdMerge.loser_id, staying.registration_no,
            ending.registration_no, HouseholdMerge.state, HouseholdMerge.reason, HouseholdMerge.choices,
            HouseholdMerge.proposed_by, HouseholdMerge.proposed_by_id, HouseholdMerge.proposed_at,
            HouseholdMerge.decided_by, HouseholdMerge.decided_at, HouseholdMerge.undone_by, HouseholdMerge.undone_at,
        )
        .join(staying, staying.id == HouseholdMerge.survivor_id)
        .join(ending, ending.id == HouseholdMerge.loser_id)
        .where(staying.site_id.in_(sorted(actor.site_ids)), ending.site_id.in_(sorted(actor.site_ids)))
    )  # fmt: skip


def _row(row: Any) -> MergeRow:
    values = list(row)
    values[7] = _choices(values[7])
    return MergeRow(*values)


def _choices(stored: str) -> dict[str, Any]:
    """Nothing is left of them when one of the families was erased; the proposal stays as a row."""
    try:
        found: dict[str, Any] = json.loads(stored)
    except ValueError:
        return {"taken": [], "people": []}
    return found
