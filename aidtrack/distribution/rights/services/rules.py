"""A programme's rule: dated versions, added and never rewritten."""

from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries.eligibility import All
from aidtrack.beneficiaries.identifiers import clean_text
from aidtrack.beneficiaries.rule_json import parse_rule, rule_to_json
from aidtrack.distribution.models import ProgrammeRule
from aidtrack.distribution.rights.commands import AddRule
from aidtrack.distribution.rights.errors import EveryoneMeetsIt, RuleNotLater
from aidtrack.distribution.rights.terms import parse_terms, terms_to_json
from aidtrack.inventory.models import Programme
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound


def add_rule(session: Session, command: AddRule, *, actor: Actor, now: datetime) -> int:
    """Put a new version of a programme's rule in force from a day on; versions are never rewritten.

    Raises:
        RuleRefused: the JSON is not a rule.
        RuleNotLater: a version with a later first day exists.
        EveryoneMeetsIt: no condition at all, and nobody confirmed it.
    """
    actor.require(Permission.PROGRAMME_MANAGE)
    body = {name: value for name, value in asdict(command).items() if name != "terms" or value}
    done = audit.already_done(session, command_id=str(command.command_id), kind="add_rule", body=body)
    if done is not None and done.object_id is not None:
        return done.object_id
    rule, terms = parse_rule(command.rule), parse_terms(command.terms)
    if rule == All(()) and not command.everyone:
        raise EveryoneMeetsIt()
    programme = select(Programme.id).where(Programme.id == command.programme_id)
    if session.scalar(programme.with_for_update(key_share=True)) is None:
        raise NotFound()
    newest: tuple[int | None, date | None] = session.execute(
        select(func.max(ProgrammeRule.version), func.max(ProgrammeRule.valid_from)).where(
            ProgrammeRule.programme_id == command.programme_id
        )
    ).one()
    version, since = newest
    if since is not None and command.valid_from < since:
        raise RuleNotLater(since=since.isoformat())
    rule_id = session.scalars(
        insert(ProgrammeRule).returning(ProgrammeRule.id),
        [
            {
                "programme_id": command.programme_id,
                "version": (version or 0) + 1,
                "valid_from": command.valid_from,
                "rule": rule_to_json(rule),
                "terms": terms_to_json(terms) or None,
                "note": clean_text(command.note, 300, "note"),
                "created_at": now,
                "created_by": actor.label,
            }
        ],
    ).one()
    audit.record(
        session, actor=actor, action="rights.add_rule", object_type="programme", object_id=command.programme_id,
        facts={"rule_id": rule_id, "version": (version or 0) + 1, "valid_from": command.valid_from.isoformat()},
        now=now,
    )  # fmt: skip
    audit.mark_done(
        session, command_id=str(command.command_id), kind="add_rule", body=body, object_id=rule_id, actor=actor,
        now=now,
    )  # fmt: skip
    return rule_id
