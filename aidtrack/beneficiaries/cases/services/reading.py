"""Reads that name people: each writes its audit row in the same transaction (I16)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries.cases.queries.due import DueRow, due_rows
from aidtrack.beneficiaries.cases.queries.journal import (
    IntakeFile,
    JournalFilter,
    JournalRow,
    find_intake,
    journal,
    whole_journal,
)
from aidtrack.beneficiaries.cases.queries.parts import JournalPart, journal_parts
from aidtrack.beneficiaries.cases.rules import Due
from aidtrack.beneficiaries.privacy import budget
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.late import dataclass
from aidtrack.web.paging import PER_PAGE, bounds

MOST_ON_PAPER = 1500  # entries of one printed journal: some 60 sheets, drawn in memory


def open_journal(
    session: Session, asked: JournalFilter, page: int, *, actor: Actor, now: datetime
) -> tuple[list[JournalRow], int]:
    """A page of the journal, at most 25 names."""
    actor.require(Permission.HOUSEHOLD_READ)
    limit, offset = bounds(page, PER_PAGE)
    rows, total = journal(session, actor, asked, limit=limit, offset=offset)
    budget.spend(session, listing=[_whom(row) for row in rows], actor=actor, now=now)
    _log(session, "read.journal", rows, {"purpose": "page"}, name_families=True, actor=actor, now=now)
    return rows, total


@dataclass(frozen=True, slots=True)
class PartsOfJournal:
    """How a journal can be printed: in parts, as far as the hour's looks at lists go."""

    parts: tuple[JournalPart, ...]
    families: int  # at most, in lists, by one person in an hour
    room: int  # how many more now

    @property
    def at_once(self) -> bool:
        return len(self.parts) <= 1

    def part(self, first_id: int | None) -> JournalPart | None:
        return next((one for one in self.parts if one.first_id == first_id), None)


def parts_of_journal(
    session: Session, asked: JournalFilter, *, actor: Actor, now: datetime
) -> PartsOfJournal:
    """The journal cut so that each part can be printed by one person within an hour, and on one paper.

    What goes into one paper stays whole. A part holds a third of the hour's families less two pages of the list, so
    that three can be printed in an hour, as long as somebody says why.
    """
    actor.require(Permission.HOUSEHOLD_READ)
    hard, seen = budget.limits(session).listed_hard, budget.spent(session, actor, now).listed
    for most in (hard, max(1, hard // 4, hard // 3 - 2 * PER_PAGE)):
        found = journal_parts(session, actor, asked, families=most, entries=MOST_ON_PAPER, seen=seen)
        if len(found) <= 1 and sum(one.unseen for one in found) <= hard - len(seen):
            break
    return PartsOfJournal(tuple(found), hard, max(0, hard - len(seen)))


def open_whole_journal(
    session: Session,
    asked: JournalFilter,
    purpose: str,
    *,
    part: JournalPart | None = None,
    actor: Actor,
    now: datetime,
) -> list[JournalRow]:
    """All entries a filter finds, to be printed or taken away. What is printed has names and counts as looks.

    Args:
        purpose: print, xlsx, csv.
        part: of `parts_of_journal`, for a journal too long for one paper.

    Raises:
        AskedForReason, NoMoreNow: more families than may be looked at in an hour; a shorter period has fewer.
    """
    actor.require(Permission.HOUSEHOLD_READ)
    rows = list(whole_journal(session, actor, asked, *([part.holds()] if part else [])))
    with_names = purpose == "print"
    if with_names:
        budget.spend(session, listing=[_whom(row) for row in rows], actor=actor, now=now)
    period = {
        name: day.isoformat() for name in ("first", "last") if (day := getattr(asked, name)) is not None
    }
    facts = {"purpose": purpose, **period, **({"part": part.place} if part else {})}
    _log(session, "read.journal", rows, facts, name_families=with_names, actor=actor, now=now)
    return rows


def open_intake(session: Session, intake_id: int, *, actor: Actor, now: datetime) -> IntakeFile:
    """One entry with what was said."""
    actor.require(Permission.HOUSEHOLD_READ)
    file = find_intake(session, intake_id, actor)
    of_family = file.row.household_id is not None
    budget.spend(session, opening=[_whom(file.row)], actor=actor, now=now)
    audit.record(
        session, actor=actor, action="read.intake", object_type="household" if of_family else "intake",
        object_id=file.row.household_id if of_family else intake_id, site_id=file.row.site_id,
        facts={"intake_id": intake_id}, now=now,
    )  # fmt: skip
    return file


def _whom(row: JournalRow) -> int:
    """Of whom an entry speaks, as looks are counted."""
    return budget.unnamed(row.id) if row.household_id is None else row.household_id


def open_due(
    session: Session,
    wanted: Due | None,
    page: int,
    on: date,
    *,
    actor: Actor,
    now: datetime,
    counts: Mapping[Due, int] | None = None,
) -> tuple[list[DueRow], int]:
    """A page of the work list of acts that are due. `counts`: how many of each, where they are known."""
    actor.require(Permission.HOUSEHOLD_READ)
    limit, offset = bounds(page, PER_PAGE)
    rows, total = due_rows(session, actor, on, wanted, limit=limit, offset=offset, counts=counts)
    budget.spend(session, listing=[row.household_id for row in rows], actor=actor, now=now)
    at_sites: dict[int, list[int]] = {}
    for row in rows:
        at_sites.setdefault(row.site_id, []).append(row.household_id)
    for site_id, ids in sorted(at_sites.items()):
        audit.record(
            session, actor=actor, action="read.household_list", object_type="household", site_id=site_id,
            facts={"by": "due", "households": ids}, now=now,
        )  # fmt: skip
    return rows, total


def _log(
    session: Session,
    action: str,
    rows: Iterable[JournalRow],
    facts: dict[str, Any],
    *,
    name_families: bool = False,
    actor: Actor,
    now: datetime,
) -> None:
    # a row for each site, so that no reader of the log sees another site's entries counted
    at_sites: dict[int, int] = dict.fromkeys(actor.site_ids, 0)
    families: dict[int, set[int]] = {site_id: set() for site_id in actor.site_ids}
    unnamed: dict[int, list[int]] = {site_id: [] for site_id in actor.site_ids}
    for row in rows:
        at_sites[row.site_id] += 1
        if name_families and row.household_id is not None:
            families[row.site_id].add(row.household_id)
        elif name_families:
            unnamed[row.site_id].append(row.id)
    for site_id, count in sorted(at_sites.items()):
        named = {"households": sorted(families[site_id])} if families[site_id] else {}
        if unnamed[site_id]:
            named["unnamed"] = sorted(unnamed[site_id])
        audit.record(
            session, actor=actor, action=action, object_type="intake", site_id=site_id,
            facts={**facts, "entries": count, **named}, now=now,
        )  # fmt: skip
