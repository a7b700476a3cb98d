"""What trying a rule has shown: figures by first reason, and which families it concerns."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.eligibility import Verdict, heading
from aidtrack.beneficiaries.models import Household
from aidtrack.db.among import among
from aidtrack.distribution.models import (
    DraftState,
    RuleDraft,
    RuleTrial,
    RuleTrialChange,
    TrialPurpose,
    TrialState,
)
from aidtrack.distribution.rights.terms import Terms, parse_terms
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass


@dataclass(slots=True)
class Tally:
    """Counts families while a trial walks over them. Judged by two rules, a family falls out or comes in."""

    families: int = 0
    now: int = 0
    under: int = 0
    falls_out: int = 0
    comes_in: int = 0
    refused: Counter[str] = field(default_factory=Counter)  # under the rule tried, by first reason's heading
    out_for: Counter[str] = field(default_factory=Counter)

    def add(self, before: bool, after: Verdict) -> tuple[bool, str | None] | None:
        """Count one family; gives (comes in, first reason) for one whose answer changes."""
        self.families += 1
        self.now += before
        if after.allowed:
            self.under += 1
            if before:
                return None
            self.comes_in += 1
            return True, None
        reason = after.reasons[0]
        counted_by = heading(reason)
        self.refused[counted_by] += 1
        if not before:
            return None
        self.falls_out += 1
        self.out_for[counted_by] += 1
        return False, reason.code

    def as_json(self) -> dict[str, Any]:
        return {
            "families": self.families, "now": self.now, "under": self.under, "falls_out": self.falls_out,
            "comes_in": self.comes_in, "refused": dict(self.refused), "out_for": dict(self.out_for),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counts:
    """A finished trial's figures. `now` is under the rule in force, `under` is under the rule tried."""

    families: int
    now: int
    under: int
    falls_out: int
    comes_in: int
    refused: tuple[tuple[str, int], ...]  # first reason and families, most first
    out_for: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Counts":
        def most_first(counted: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
            return tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0])))

        return cls(
            stored["families"], stored["now"], stored["under"], stored["falls_out"], stored["comes_in"],
            most_first(stored["refused"]), most_first(stored["out_for"]),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    id: int
    purpose: TrialPurpose
    programme_id: int
    draft_id: int | None
    digest: str
    on: date
    site_ids: frozenset[int]
    protected: bool
    state: TrialState
    done: int
    total: int
    counts: Counts | None
    started_at: datetime
    started_by: str
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class DraftRow:
    id: int
    programme_id: int
    title: str
    rule: dict[str, Any]
    terms: Terms
    note: str | None
    state: DraftState
    version: int
    changed_at: datetime
    changed_by: str

    @property
    def digest(self) -> str:
        from aidtrack.distribution.rights.terms import terms_to_json

        return digest_of(self.rule, terms_to_json(self.terms) or None)


def digest_of(rule: Mapping[str, Any], terms: Mapping[str, Any] | None) -> str:
    """The same for the same rule: a trial says which one it tried."""
    told = json.dumps([rule, terms or {}], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


def _draft(row: RuleDraft) -> DraftRow:
    return DraftRow(
        row.id, row.programme_id, row.title, dict(row.rule), parse_terms(row.terms), row.note, row.state, row.version,
        row.changed_at, row.changed_by,
    )  # fmt: skip


def draft(session: Session, draft_id: int) -> DraftRow:
    row = session.get(RuleDraft, draft_id)
    if row is None:
        raise NotFound()
    return _draft(row)


def open_drafts(session: Session, programme_id: int) -> list[DraftRow]:
    """Drafts of a programme that may still be changed, the newest first."""
    rows = session.scalars(
        select(RuleDraft)
        .where(RuleDraft.programme_id == programme_id, RuleDraft.state == DraftState.OPEN)
        .order_by(RuleDraft.id.desc())
    )
    return [_draft(row) for row in rows]


def _trial(row: RuleTrial) -> Trial:
    return Trial(
        row.id, row.purpose, row.programme_id, row.draft_id, row.digest, row.on_day, frozenset(row.site_ids),
        row.protected, row.state, row.done, row.total, Counts.of(row.counts) if row.counts else None,
        row.started_at, row.started_by, row.finished_at,
    )  # fmt: skip


def trial(session: Session, trial_id: int, actor: Actor) -> Trial:
    """A trial over sites that are all the actor's; another's answers like a missing one.

    One that saw protected categories is seen only by those who may see them too.
    """
    row = session.get(RuleTrial, trial_id, populate_existing=True)
    if row is None or not set(row.site_ids) <= actor.site_ids or not _may_see(row, actor):
        raise NotFound()
    return _trial(row)


def _may_see(row: RuleTrial, actor: Actor) -> bool:
    from aidtrack.kernel.actor import Permission

    return not row.protected or actor.can(Permission.CATEGORY_PROTECTED)


def newest_trial(
    session: Session, programme_id: int, purpose: TrialPurpose, actor: Actor, *, draft_id: int | None = None
) -> Trial | None:
    """The last trial of this kind over all of the actor's sites."""
    statement = select(RuleTrial).where(
        RuleTrial.programme_id == programme_id, RuleTrial.purpose == purpose, RuleTrial.draft_id == draft_id
    )
    for row in session.scalars(statement.order_by(RuleTrial.id.desc()).limit(20)):
        if set(row.site_ids) == actor.site_ids and _may_see(row, actor):
            return _trial(row)
    return None


def changed_families(
    session: Session, trial_id: int, *, comes_in: bool, actor: Actor, offset: int, limit: int
) -> tuple[list[tuple[int, str | None]], int]:
    """A page of the families that come in or fall out, (id, first reason), and how many there are."""
    where = (
        RuleTrialChange.trial_id == trial_id,
        RuleTrialChange.comes_in.is_(comes_in),
        exists().where(
            Household.id == RuleTrialChange.household_id, Household.site_id.in_(sorted(actor.site_ids))
        ),
    )
    total = session.scalar(select(func.count()).select_from(RuleTrialChange).where(*where)) or 0
    rows = session.execute(
        select(RuleTrialChange.household_id, RuleTrialChange.code)
        .where(*where)
        .order_by(RuleTrialChange.household_id)
        .offset(offset)
        .limit(limit)
    )
    return [(household_id, code) for household_id, code in rows], total


def all_changed(session: Session, trial_id: int, *, comes_in: bool) -> list[int]:
    """Every family of one side of the trial, by id."""
    return list(
        session.scalars(
            select(RuleTrialChange.household_id)
            .where(RuleTrialChange.trial_id == trial_id, RuleTrialChange.comes_in.is_(comes_in))
            .order_by(RuleTrialChange.household_id)
        )
    )


def forget_changes(session: Session, trial_id: int, household_ids: Iterable[int]) -> None:
    """What was settled leaves the work list."""
    from sqlalchemy import delete

    from aidtrack.beneficiaries.queries import portions

    for portion in portions(household_ids):
        session.execute(
            delete(RuleTrialChange).where(
                RuleTrialChange.trial_id == trial_id, among(RuleTrialChange.household_id, portion)
            )
        )
