"""Drafts of a programme's rule: saved, changed, dropped, put in force after a trial."""

from dataclasses import asdict
from datetime import datetime
from uuid import uuid5

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries.errors import Needed
from aidtrack.beneficiaries.identifiers import clean_text
from aidtrack.beneficiaries.rule_json import parse_rule, rule_to_json
from aidtrack.distribution.models import DraftState, RuleDraft, TrialPurpose
from aidtrack.distribution.rights import queries
from aidtrack.distribution.rights.commands import AddRule, PutInForce, SaveDraft
from aidtrack.distribution.rights.errors import (
    AllMeetIt,
    DraftChanged,
    DraftSettled,
    NobodyMeetsIt,
    NotTried,
)
from aidtrack.distribution.rights.services.rules import add_rule
from aidtrack.distribution.rights.terms import parse_terms, terms_to_json
from aidtrack.distribution.rights.trials import digest_of, newest_trial
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound


def save_draft(session: Session, command: SaveDraft, *, actor: Actor, now: datetime) -> int:
    """Keep a draft as it stands; the same command id has one effect.

    Raises:
        RuleRefused: the JSON is no rule, or the terms are none.
        DraftChanged, DraftSettled: it is not what the person saw.
    """
    actor.require(Permission.PROGRAMME_MANAGE)
    body = asdict(command)
    done = audit.already_done(session, command_id=str(command.command_id), kind="save_draft", body=body)
    if done is not None and done.object_id is not None:
        return done.object_id
    title = clean_text(command.title, 120, "title")
    if title is None:
        raise Needed(field="title")
    said: dict[str, object] = {
        "title": title,
        "rule": rule_to_json(parse_rule(command.rule)),
        "terms": terms_to_json(parse_terms(command.terms)) or None,
        "note": clean_text(command.note, 300, "note"),
        "changed_at": now,
        "changed_by": actor.label,
    }
    if command.draft_id is None:
        queries.programme(session, command.programme_id)
        said |= {"programme_id": command.programme_id, "state": DraftState.OPEN, "version": 1}
        said |= {"created_at": now, "created_by": actor.label}
        draft_id = session.scalars(insert(RuleDraft).returning(RuleDraft.id), [said]).one()
    else:
        draft = lock_draft(session, command.draft_id, command.version)
        for name, value in said.items():
            setattr(draft, name, value)
        draft.version += 1
        session.flush()
        draft_id = draft.id
    _record(session, "save_draft", command.programme_id, draft_id, actor=actor, now=now)
    audit.mark_done(
        session, command_id=str(command.command_id), kind="save_draft", body=body, object_id=draft_id,
        actor=actor, now=now,
    )  # fmt: skip
    return draft_id


def lock_draft(session: Session, draft_id: int, version: int | None) -> RuleDraft:
    """The draft, held for a change. Raises NotFound, DraftSettled, DraftChanged."""
    draft = session.scalar(
        select(RuleDraft)
        .where(RuleDraft.id == draft_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if draft is None:
        raise NotFound()
    if draft.state is not DraftState.OPEN:
        raise DraftSettled()
    if version is not None and draft.version != version:
        raise DraftChanged(who=draft.changed_by, when=draft.changed_at.isoformat())
    return draft


def drop_draft(session: Session, draft_id: int, *, actor: Actor, now: datetime) -> None:
    """Give a draft up. It stays on record and can no longer be put in force."""
    actor.require(Permission.PROGRAMME_MANAGE)
    draft = lock_draft(session, draft_id, None)
    draft.state, draft.changed_at, draft.changed_by = DraftState.DROPPED, now, actor.label
    session.flush()
    _record(session, "drop_draft", draft.programme_id, draft.id, actor=actor, now=now)


def put_in_force(session: Session, command: PutInForce, *, actor: Actor, now: datetime) -> int:
    """Make a draft that was tried out the programme's rule from a day on; gives the version's id.

    Raises:
        NotTried: not as it stands now, or not at the actor's sites.
        NobodyMeetsIt, AllMeetIt: asked, unless `sure`.
        RuleNotLater: a version with a later first day exists.
    """
    actor.require(Permission.PROGRAMME_MANAGE)
    body = asdict(command)
    done = audit.already_done(session, command_id=str(command.command_id), kind="put_in_force", body=body)
    if done is not None and done.object_id is not None:
        return done.object_id
    draft = lock_draft(session, command.draft_id, command.version)
    trial = newest_trial(session, draft.programme_id, TrialPurpose.DRAFT, actor, draft_id=draft.id)
    if trial is None or trial.counts is None or trial.digest != digest_of(draft.rule, draft.terms):
        raise NotTried()
    tried, meet = trial.counts.families, trial.counts.under
    if tried and not command.sure:
        if meet == 0:
            raise NobodyMeetsIt(tried=tried)
        if meet == tried:
            raise AllMeetIt(tried=tried)
    rule_id = add_rule(
        session,
        AddRule(
            uuid5(command.command_id, "rule"), draft.programme_id, command.valid_from, dict(draft.rule),
            draft.note, everyone=command.sure or meet < tried, terms=draft.terms,
        ),
        actor=actor,
        now=now,
    )  # fmt: skip
    draft.state, draft.rule_id = DraftState.IN_FORCE, rule_id
    draft.changed_at, draft.changed_by = now, actor.label
    session.flush()
    audit.mark_done(
        session, command_id=str(command.command_id), kind="put_in_force", body=body, object_id=rule_id,
        actor=actor, now=now,
    )  # fmt: skip
    return rule_id


def _record(
    session: Session, verb: str, programme_id: int, draft_id: int, *, actor: Actor, now: datetime
) -> None:
    audit.record(
        session, actor=actor, action=f"rights.{verb}", object_type="programme", object_id=programme_id,
        facts={"draft_id": draft_id}, now=now,
    )  # fmt: skip
