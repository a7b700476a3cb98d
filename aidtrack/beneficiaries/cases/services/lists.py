"""The lists of circumstances and needs: dated entries that a centre edits, and that old acts keep."""

from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.audit.services import already_done, mark_done
from aidtrack.beneficiaries.cases.commands import AddListEntry, EndListEntry, ReplaceListEntry
from aidtrack.beneficiaries.models import AssessmentEntry, CaseListEntry, NeedsAssessment
from aidtrack.db import dated
from aidtrack.kernel.actor import Actor, Permission


def add_entry(session: Session, command: AddListEntry, *, actor: Actor, now: datetime) -> int:
    """A new circumstance or need, from a day on."""
    actor.require(Permission.CATALOGUE_MANAGE)
    body = asdict(command)
    done = already_done(session, command_id=str(command.command_id), kind="case_list_entry", body=body)
    if done is not None and done.object_id is not None:
        return done.object_id
    made = dated.add(session, CaseListEntry(list=command.list, protected=command.protected), command).id
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
    """New words of an entry from a day on; its id, or that of the entry that follows it."""
    actor.require(Permission.CATALOGUE_MANAGE)
    entry = dated.locked(session, CaseListEntry, command.entry_id)
    following = dated.reword(
        session, entry, command, newest=_newest_act(session, entry),
        follower=lambda: CaseListEntry(list=entry.list, protected=entry.protected),
    ).id  # fmt: skip
    audit.record(
        session, actor=actor, action="cases.replace_entry", object_type="case_list_entry", object_id=entry.id,
        now=now, facts={"following": following},
    )  # fmt: skip
    return following


def end_entry(session: Session, command: EndListEntry, *, actor: Actor, now: datetime) -> None:
    """The entry is ticked no longer after a day; or its end is taken back."""
    actor.require(Permission.CATALOGUE_MANAGE)
    entry = dated.locked(session, CaseListEntry, command.entry_id)
    dated.end(session, entry, command.valid_until, newest=_newest_act(session, entry))
    audit.record(
        session, actor=actor, action="cases.end_entry", object_type="case_list_entry", object_id=entry.id, now=now,
        facts={"valid_until": command.valid_until.isoformat() if command.valid_until else None},
    )  # fmt: skip


def _newest_act(session: Session, entry: CaseListEntry) -> date | None:
    """Day of the newest act that carries the entry.

    Ticks of protected entries are unreadable to whoever edits the list, so such an entry counts as used until
    the newest act of all.
    """
    newest = select(func.max(NeedsAssessment.made_on))
    if not entry.protected:
        newest = newest.join(AssessmentEntry, AssessmentEntry.assessment_id == NeedsAssessment.id).where(
            AssessmentEntry.entry_id == entry.id
        )
    return session.scalar(newest)
