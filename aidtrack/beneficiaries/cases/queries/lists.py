"""Lists that acts are ticked from, what was ticked, and who may be given an appeal."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import bindparam, insert, or_, select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import UserAccount, UserSite
from aidtrack.beneficiaries.cases.commands import ListKind, RecordAssessment
from aidtrack.beneficiaries.cases.errors import UnknownEntry
from aidtrack.beneficiaries.models import AssessmentEntry, CaseListEntry, ProtectedEntry
from aidtrack.db.dated import Dated
from aidtrack.kernel.actor import Actor, Permission, Role
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class EntryRow(Dated):
    id: int
    list: ListKind
    name_uk: str
    name_en: str
    protected: bool
    source: str | None
    valid_from: date
    valid_until: date | None


_ENTRY = (
    CaseListEntry.id, CaseListEntry.list, CaseListEntry.name_uk, CaseListEntry.name_en, CaseListEntry.protected,
    CaseListEntry.source, CaseListEntry.valid_from, CaseListEntry.valid_until,
)  # fmt: skip


def entries(session: Session, *, on: date | None = None, protected: bool = True) -> list[EntryRow]:
    """Entries of both lists in their order; with `on` those that can be ticked in an act of that day."""
    statement = select(*_ENTRY).order_by(CaseListEntry.list, CaseListEntry.position, CaseListEntry.id)
    if on is not None:
        statement = statement.where(
            CaseListEntry.valid_from <= on,
            or_(CaseListEntry.valid_until.is_(None), CaseListEntry.valid_until >= on),
        )
    if not protected:
        statement = statement.where(CaseListEntry.protected.is_(False))
    return [EntryRow(*row) for row in session.execute(statement)]


def entries_in_use(session: Session) -> set[int]:
    """Ordinary entries that acts carry. Of protected ones nobody is told by a list whether any act has them."""
    return set(session.scalars(select(AssessmentEntry.entry_id).distinct()))


_TICKED = (
    select(AssessmentEntry.assessment_id, *_ENTRY)
    .join(CaseListEntry, CaseListEntry.id == AssessmentEntry.entry_id)
    .where(AssessmentEntry.assessment_id.in_(bindparam("act_ids", expanding=True)))
    .order_by(CaseListEntry.list, CaseListEntry.position, CaseListEntry.id)
)


def ticked(session: Session, assessment_ids: Collection[int], actor: Actor) -> dict[int, list[EntryRow]]:
    """What acts carry, by act, in the order of the lists; protected ticks only under a live grant."""
    found: dict[int, list[EntryRow]] = defaultdict(list)
    ids = sorted(assessment_ids)
    if not ids:
        return found
    for row in session.execute(_TICKED, {"act_ids": ids}):
        found[row[0]].append(EntryRow(*row[1:]))
    if actor.can(Permission.CATEGORY_PROTECTED):
        known = {entry.id: entry for entry in entries(session)}
        closed = select(ProtectedEntry.assessment_id, ProtectedEntry.entry).where(
            ProtectedEntry.assessment_id.in_(ids)
        )
        for act, text in session.execute(closed):
            entry = known.get(int(text)) if text.isdigit() else None
            if entry is not None:
                found[act].append(entry)
    return found


def insert_ticks(session: Session, acts: Sequence[tuple[int, RecordAssessment]], actor: Actor) -> None:
    """Keep what acts tick: each entry must be in its list on the day the act was made.

    Raises:
        UnknownEntry: it is not, or it is protected and the actor holds no grant.
    """
    if not any(command.entry_ids for _, command in acts):
        return
    known = {
        entry.id: entry for entry in entries(session, protected=actor.can(Permission.CATEGORY_PROTECTED))
    }
    for act, command in acts:
        for entry_id in sorted(set(command.entry_ids)):
            entry = known.get(entry_id)
            if entry is None or not entry.holds_on(command.made_on):
                raise UnknownEntry(entry_id=entry_id)
            if entry.protected:
                session.execute(
                    insert(ProtectedEntry).values(
                        assessment_id=act, household_id=command.household_id, entry=str(entry_id)
                    )
                )
            else:
                session.execute(insert(AssessmentEntry).values(assessment_id=act, entry_id=entry_id))


def caseworkers_of(session: Session, site_ids: Collection[int]) -> list[tuple[int, str]]:
    """Active caseworkers of these sites, by name."""
    rows = session.execute(
        select(UserAccount.id, UserAccount.display_name)
        .join(UserSite, UserSite.user_id == UserAccount.id)
        .where(
            UserAccount.role == Role.CASEWORKER,
            UserAccount.deactivated_at.is_(None),
            UserSite.site_id.in_(sorted(site_ids)),
        )
        .distinct()
        .order_by(UserAccount.display_name, UserAccount.id)
    )
    return [(user_id, name) for user_id, name in rows]
