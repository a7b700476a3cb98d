"""The lists of circumstances and needs: dated entries that a centre edits, and that old acts keep."""

from dataclasses import asdict
from datetime import date, datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.audit.services import already_done, mark_done
from aidtrack.beneficiaries.cases.commands import AddListEntry, EndListEntry, ListKind, ReplaceListEntry
from aidtrack.beneficiaries.cases.errors import EntryExists, EntryInUse
from aidtrack.beneficiaries.errors import DatesOutOfOrder
from aidtrack.beneficiaries.identifiers import clean_text
from aidtrack.beneficiaries.models import AssessmentEntry, CaseListEntry, NeedsAssessment
from aidtrack.beneficiaries.services.checking import needed
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound


def add_entry(session: Session, command: AddListEntry, *, actor: Actor, now: datetime) -> int:
    """A new circumstance or need, from a day on."""
    actor.require(Permission.CATALOGUE_MANAGE)
    body = asdict(command)
    done = already_done(session, command_id=str(command.command_id), kind="case_list_entry", body=body)
    if done is not None and done.object_id is not None:
        return done.object_id
    made = _insert(
        session, command.list, command.name_uk, command.name_en, command.valid_from, command.protected,
        command.source,
    )  # fmt: skip
    audit.record(
        session, actor=actor, action="cases.add_entry", object_type="case_list_entry", object_id=made, now=now,
        facts={"list": command.list.value},
    )  # fmt: skip
    mark_done(
        session, command_id=str(command.command_id), kind="case_list_entry", body=body, object_id=made,
        actor=actor, now=now,
    )  # fmt: skip
    return made


def replace_entry(session: Session, command: ReplaceListEntry, *, actor: Actor, now: datetime) -> int:
    """Give an entry new words from a day on; its id, or that of the entry that follows it.

    The old entry ends the day before, and acts made by then keep its words. Words that begin on the same day
    are a correction, which only an entry without acts may have.

    Raises:
        EntryInUse: an act carries the words on that day or after it.
    """
    actor.require(Permission.CATALOGUE_MANAGE)
    entry = _locked(session, command.entry_id)
    name_uk = needed(command.name_uk, 200, "name_uk")
    name_en = needed(command.name_en, 200, "name_en")
    source = clean_text(command.source, 120, "source")
    first = _first_free_day(session, entry)
    if command.valid_from < max(entry.valid_from, first):
        raise EntryInUse(valid_from=max(entry.valid_from, first).isoformat())
    following = entry.id
    if command.valid_from == entry.valid_from:
        entry.name_uk, entry.name_en, entry.source = name_uk, name_en, source
        session.flush()
    else:
        if entry.valid_until is not None and entry.valid_until < command.valid_from:
            raise DatesOutOfOrder(field="valid_from")
        until = entry.valid_until
        entry.valid_until = command.valid_from - timedelta(days=1)
        session.flush()
        following = _insert(
            session, entry.list, name_uk, name_en, command.valid_from, entry.protected, source,
            position=entry.position,
        )  # fmt: skip
        if until is not None:
            session.get_one(CaseListEntry, following).valid_until = until
            session.flush()
    audit.record(
        session, actor=actor, action="cases.replace_entry", object_type="case_list_entry", object_id=entry.id,
        now=now, facts={"following": following},
    )  # fmt: skip
    return following


def end_entry(session: Session, command: EndListEntry, *, actor: Actor, now: datetime) -> None:
    """The entry is ticked no longer after a day; or its end is taken back."""
    actor.require(Permission.CATALOGUE_MANAGE)
    entry = _locked(session, command.entry_id)
    if command.valid_until is not None:
        if command.valid_until < entry.valid_from:
            raise DatesOutOfOrder(field="valid_until")
        first = _first_free_day(session, entry)
        if command.valid_until + timedelta(days=1) < first:
            raise EntryInUse(field="valid_until", valid_from=first.isoformat())
    entry.valid_until = command.valid_until
    session.flush()
    audit.record(
        session, actor=actor, action="cases.end_entry", object_type="case_list_entry", object_id=entry.id, now=now,
        facts={"valid_until": command.valid_until.isoformat() if command.valid_until else None},
    )  # fmt: skip


def _insert(
    session: Session,
    kind: ListKind,
    name_uk: str,
    name_en: str,
    valid_from: date,
    protected: bool,
    source: str | None,
    position: int | None = None,
) -> int:
    name_uk = needed(name_uk, 200, "name_uk")
    name_en = needed(name_en, 200, "name_en")
    of_list = CaseListEntry.list == kind
    same = select(CaseListEntry.id).where(
        of_list, CaseListEntry.name_uk == name_uk, CaseListEntry.valid_until.is_(None)
    )
    if session.scalar(same.limit(1)) is not None:
        raise EntryExists()
    last = session.scalar(select(func.max(CaseListEntry.position)).where(of_list)) or 0
    made = session.execute(
        insert(CaseListEntry)
        .values(
            list=kind, name_uk=name_uk, name_en=name_en, protected=protected,
            source=clean_text(source, 120, "source"), position=position or last + 1, valid_from=valid_from,
        )
        .returning(CaseListEntry.id)
    ).scalar_one()  # fmt: skip
    return int(made)


def _locked(session: Session, entry_id: int) -> CaseListEntry:
    entry = session.scalar(
        select(CaseListEntry)
        .where(CaseListEntry.id == entry_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if entry is None:
        raise NotFound()
    return entry


def _first_free_day(session: Session, entry: CaseListEntry) -> date:
    """The first day on which no act carries the entry's words any more.

    Ticks of protected entries are unreadable to whoever edits the list, so such an entry counts as used until
    the newest act of all.
    """
    newest = select(func.max(NeedsAssessment.made_on))
    if not entry.protected:
        newest = newest.join(AssessmentEntry, AssessmentEntry.assessment_id == NeedsAssessment.id).where(
            AssessmentEntry.entry_id == entry.id
        )
    day = session.scalar(newest)
    return day + timedelta(days=1) if day is not None else entry.valid_from
