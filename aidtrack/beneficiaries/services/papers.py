"""The papers of a case: intake, needs assessment, decision. Recorded one by one or by thousands."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site
from aidtrack.audit.models import AuditEvent, CommandReceipt
from aidtrack.audit.services import body_hash
from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.commands import RecordAssessment, RecordDecision, RecordIntake
from aidtrack.beneficiaries.errors import DatesOutOfOrder, DecisionBeforeAct
from aidtrack.beneficiaries.models import EligibilityDecision, Household, Intake, NeedsAssessment
from aidtrack.beneficiaries.services.checking import needed, past_day
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import CommandReused, NotFound

Paper = RecordIntake | RecordAssessment | RecordDecision
_MODELS: dict[type[Any], type[Any]] = {
    RecordIntake: Intake,
    RecordAssessment: NeedsAssessment,
    RecordDecision: EligibilityDecision,
}
_ACTIONS: dict[type[Any], str] = {
    RecordIntake: "record_intake",
    RecordAssessment: "record_assessment",
    RecordDecision: "record_decision",
}


def record_paper(session: Session, command: Paper, *, actor: Actor, now: datetime) -> int:
    """Put one paper into a family's case and give its id; the same command id has one effect."""
    return record_papers(session, [command], actor=actor, now=now)[0]


def record_papers(session: Session, commands: Iterable[Paper], *, actor: Actor, now: datetime) -> list[int]:
    """Put many papers into their families' cases, in order; all or none.

    Raises:
        NotFound: a household is not at the actor's sites.
        DecisionBeforeAct: a decision older than every act of the family, acts of this call included.
    """
    actor.require(Permission.HOUSEHOLD_WRITE)
    papers = list(commands)
    sites = _sites(session, {paper.household_id for paper in papers}, actor)
    done = _already_done(session, papers)
    new = [paper for paper in papers if str(paper.command_id) not in done]
    for kind in (
        RecordIntake,
        RecordAssessment,
        RecordDecision,
    ):  # acts before the decisions that rest on them
        of_kind = [paper for paper in new if isinstance(paper, kind)]
        if kind is RecordDecision:
            _refuse_before_act(session, of_kind)
        rows = [_columns(paper, _today(sites, paper, now), actor) for paper in of_kind]
        ids = queries.insert_returning(session, _MODELS[kind], rows)
        done |= {str(paper.command_id): number for paper, number in zip(of_kind, ids, strict=True)}
    _record(session, new, done, sites, actor=actor, now=now)
    return [done[str(paper.command_id)] for paper in papers]


def _sites(session: Session, household_ids: set[int], actor: Actor) -> dict[int, tuple[int, str]]:
    """Site and time zone by household."""
    found: dict[int, tuple[int, str]] = {}
    for portion in queries.portions(sorted(household_ids)):
        rows = session.execute(
            select(Household.id, Household.site_id, Site.time_zone)
            .join(Site, Site.id == Household.site_id)
            .where(Household.id.in_(portion), Household.site_id.in_(sorted(actor.site_ids)))
        )
        found |= {household_id: (site_id, time_zone) for household_id, site_id, time_zone in rows}
    if len(found) != len(household_ids):
        raise NotFound()
    return found


def _today(sites: dict[int, tuple[int, str]], paper: Paper, now: datetime) -> date:
    return local_date(now, sites[paper.household_id][1])


def _columns(paper: Paper, today: date, actor: Actor) -> dict[str, Any]:
    match paper:
        case RecordIntake():
            return {
                "household_id": paper.household_id,
                "number": needed(paper.number, 40, "number"),
                "channel": paper.channel,
                "received_on": past_day(paper.received_on, today, "received_on"),
            }
        case RecordAssessment():
            if paper.valid_until < paper.made_on:
                raise DatesOutOfOrder(field="valid_until")
            return {
                "household_id": paper.household_id,
                "act_number": needed(paper.act_number, 40, "act_number"),
                "made_on": past_day(paper.made_on, today, "made_on"),
                "valid_until": paper.valid_until,
                "at_home": paper.at_home,
                "recorded_by": actor.label,
            }
        case RecordDecision():
            if paper.valid_until is not None and paper.valid_until < paper.valid_from:
                raise DatesOutOfOrder(field="valid_until")
            return {
                "household_id": paper.household_id,
                "body": paper.body,
                "number": needed(paper.number, 40, "number"),
                "decided_on": past_day(paper.decided_on, today, "decided_on"),
                "valid_from": paper.valid_from,
                "valid_until": paper.valid_until,
                "programme_id": paper.programme_id,
                "recorded_by": actor.label,
            }


def _refuse_before_act(session: Session, decisions: Sequence[Any]) -> None:
    """A decision rests on an act. A family without any act may still be granted aid by an application."""
    if not decisions:
        return
    first: dict[int, date] = {}
    for portion in queries.portions(sorted({decision.household_id for decision in decisions})):
        rows = session.execute(
            select(NeedsAssessment.household_id, func.min(NeedsAssessment.made_on))
            .where(NeedsAssessment.household_id.in_(portion))
            .group_by(NeedsAssessment.household_id)
        )
        first |= dict(rows.all())
    for decision in decisions:
        made_on = first.get(decision.household_id)
        if made_on is not None and decision.decided_on < made_on:
            raise DecisionBeforeAct(made_on=made_on.isoformat())


def _already_done(session: Session, papers: Sequence[Paper]) -> dict[str, int]:
    by_id = {str(paper.command_id): paper for paper in papers}
    if len(by_id) != len(papers):
        raise CommandReused()
    done: dict[str, int] = {}
    for portion in queries.portions(by_id):
        rows = session.execute(select(CommandReceipt).where(CommandReceipt.command_id.in_(portion))).scalars()
        for before in rows:
            paper = by_id[before.command_id]
            same = before.kind == _ACTIONS[type(paper)] and before.body_hash == body_hash(asdict(paper))
            if not same or before.object_id is None:
                raise CommandReused()
            done[before.command_id] = before.object_id
    return done


def _record(
    session: Session,
    papers: Sequence[Paper],
    ids: dict[str, int],
    sites: dict[int, tuple[int, str]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    if not papers:
        return
    events: list[dict[str, Any]] = []
    receipts: list[dict[str, Any]] = []
    for paper in papers:
        action, paper_id = _ACTIONS[type(paper)], ids[str(paper.command_id)]
        events.append(
            {
                "at": now,
                "actor_label": actor.label,
                "user_id": actor.user_id,
                "token_id": actor.token_id,
                "site_id": sites[paper.household_id][0],
                "action": f"beneficiaries.{action}",
                "object_type": "household",
                "object_id": paper.household_id,
                "facts": {"paper_id": paper_id},
            }
        )
        receipts.append(
            {
                "command_id": str(paper.command_id),
                "kind": action,
                "body_hash": body_hash(asdict(paper)),
                "object_id": paper_id,
                "at": now,
                "actor_label": actor.label,
            }
        )
    queries.insert_many(session, AuditEvent, events)
    queries.insert_many(session, CommandReceipt, receipts)
