"""The papers of a case: appeal, act, decision. Recorded one by one or by thousands."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site
from aidtrack.audit.models import AuditEvent, CommandReceipt
from aidtrack.audit.services import body_hash
from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.cases.commands import (
    IntakeStatus,
    Outcome,
    RecordAssessment,
    RecordDecision,
    RecordIntake,
)
from aidtrack.beneficiaries.cases.errors import ActExpired, NoActInForce, NotACaseworkerHere
from aidtrack.beneficiaries.cases.queries.lists import caseworkers_of, insert_ticks
from aidtrack.beneficiaries.cases.services.numbers import give_numbers
from aidtrack.beneficiaries.errors import DatesOutOfOrder, DecisionBeforeAct, FamilyEnded
from aidtrack.beneficiaries.identifiers import clean_text
from aidtrack.beneficiaries.models import (
    EligibilityDecision,
    Household,
    HouseholdEnd,
    Intake,
    NeedsAssessment,
)
from aidtrack.beneficiaries.queries.households import NOT_ERASED
from aidtrack.beneficiaries.services.bodies import secret_body
from aidtrack.beneficiaries.services.checking import needed, past_day
from aidtrack.db.among import among
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import CommandReused, NotFound

Paper = RecordIntake | RecordAssessment | RecordDecision
Sites = dict[int, tuple[int, str]]
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
LONGEST_TEXT = 2000


def record_paper(session: Session, command: Paper, *, actor: Actor, now: datetime) -> int:
    """Put one paper into a family's case and give its id; the same command id has one effect."""
    return record_papers(session, [command], actor=actor, now=now)[0]


def record_papers(session: Session, commands: Iterable[Paper], *, actor: Actor, now: datetime) -> list[int]:
    """Put many papers into their families' cases, in order; all or none.

    A decision answers the family's appeals of that day and before.

    Raises:
        NotFound: a household or site is not the actor's.
        NumberTaken: the journal has this number.
        ActExpired, NoActInForce: asked, where a command wants to be.
        DecisionBeforeAct: a decision older than every act of the family, acts of this call included.
    """
    actor.require(Permission.HOUSEHOLD_WRITE)
    papers = list(commands)
    at = _Places(session, papers, actor)
    done = _already_done(session, papers)
    new = [paper for paper in papers if str(paper.command_id) not in done]
    # acts before the decisions that rest on them
    for kind in (RecordIntake, RecordAssessment, RecordDecision):
        of_kind: list[Any] = [paper for paper in new if isinstance(paper, kind)]
        if not of_kind:
            continue
        if kind is RecordDecision:
            _judge_by_acts(session, of_kind)
        rows = [_columns(paper, at.today(paper, now), actor) for paper in of_kind]
        if kind is RecordIntake:
            for paper, row in zip(of_kind, rows, strict=True):
                row["site_id"] = at.site(paper)
            _check_assigned(session, rows)
            give_numbers(session, rows)
        ids = queries.insert_returning(session, _MODELS[kind], rows)
        done |= {str(paper.command_id): number for paper, number in zip(of_kind, ids, strict=True)}
        if kind is RecordAssessment:
            insert_ticks(session, list(zip(ids, of_kind, strict=True)), actor)
        if kind is RecordDecision:
            _answer_appeals(session, of_kind)
    _record(session, new, done, at, actor=actor, now=now)
    return [done[str(paper.command_id)] for paper in papers]


class _Places:
    """Where each paper belongs: the site of its family, or the one it names."""

    def __init__(self, session: Session, papers: Sequence[Paper], actor: Actor) -> None:
        self.of_household = _sites_of_households(
            session, {paper.household_id for paper in papers if paper.household_id is not None}, actor
        )
        free = {self._free_site(paper, actor) for paper in papers if paper.household_id is None}
        zones = (
            session.execute(select(Site.id, Site.time_zone).where(Site.id.in_(free))).all() if free else []
        )
        self.zones: dict[int, str] = dict(zones)
        if len(self.zones) != len(free):
            raise NotFound()

    @staticmethod
    def _free_site(paper: Paper, actor: Actor) -> int:
        site_id = getattr(paper, "site_id", None)
        if site_id is None or site_id not in actor.site_ids:
            raise NotFound()
        return int(site_id)

    def site(self, paper: Paper) -> int:
        if paper.household_id is not None:
            return self.of_household[paper.household_id][0]
        site_id = getattr(paper, "site_id", None)
        assert site_id is not None
        return int(site_id)

    def today(self, paper: Paper, now: datetime) -> date:
        if paper.household_id is not None:
            return local_date(now, self.of_household[paper.household_id][1])
        return local_date(now, self.zones[self.site(paper)])


def _sites_of_households(session: Session, household_ids: set[int], actor: Actor) -> Sites:
    found: Sites = {}
    for portion in queries.portions(sorted(household_ids)):
        rows = session.execute(
            select(Household.id, Household.site_id, Site.time_zone)
            .join(Site, Site.id == Household.site_id)
            .where(Household.id.in_(portion), Household.site_id.in_(sorted(actor.site_ids)), NOT_ERASED)
        )
        ended = select(HouseholdEnd.household_id).where(among(HouseholdEnd.household_id, portion))
        if session.scalar(ended.limit(1)) is not None:
            raise FamilyEnded()
        found |= {household_id: (site_id, time_zone) for household_id, site_id, time_zone in rows}
    if len(found) != len(household_ids):
        raise NotFound()
    return found


def _columns(paper: Paper, today: date, actor: Actor) -> dict[str, Any]:
    match paper:
        case RecordIntake():
            return {
                "household_id": paper.household_id,
                "number": clean_text(paper.number, 40, "number"),
                "kind": paper.kind,
                "channel": paper.channel,
                "sender": paper.sender,
                "received_on": past_day(paper.received_on, today, "received_on"),
                "from_whom": clean_text(paper.from_whom, 200, "from_whom"),
                "contact": clean_text(paper.contact, 200, "contact"),
                "about": clean_text(paper.about, LONGEST_TEXT, "about"),
                "assigned_to_id": paper.assigned_to_id,
                "status": IntakeStatus.OPEN,
                "recorded_by": actor.label,
            }
        case RecordAssessment():
            if paper.valid_until < paper.made_on:
                raise DatesOutOfOrder(field="valid_until")
            past_day(paper.made_on, today, "made_on")
            if paper.valid_until < today and not paper.expired_confirmed:
                raise ActExpired(valid_until=paper.valid_until.isoformat())
            return {
                "household_id": paper.household_id,
                "act_number": needed(paper.act_number, 40, "act_number"),
                "made_on": paper.made_on,
                "valid_until": paper.valid_until,
                "at_home": paper.at_home,
                "living_conditions": paper.living_conditions,
                "notes": clean_text(paper.notes, LONGEST_TEXT, "notes"),
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


def _check_assigned(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """An appeal goes to a caseworker of its own site."""
    for site_id in {row["site_id"] for row in rows if row["assigned_to_id"] is not None}:
        known = {user_id for user_id, _name in caseworkers_of(session, [site_id])}
        asked = {row["assigned_to_id"] for row in rows if row["site_id"] == site_id} - {None}
        if not asked <= known:
            raise NotACaseworkerHere(field="assigned_to_id")


def _judge_by_acts(session: Session, decisions: Sequence[RecordDecision]) -> None:
    """A decision rests on an act. A family without any act may still be granted aid by an application."""
    acts: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for portion in queries.portions(sorted({decision.household_id for decision in decisions})):
        rows = session.execute(
            select(NeedsAssessment.household_id, NeedsAssessment.made_on, NeedsAssessment.valid_until).where(
                among(NeedsAssessment.household_id, portion)
            )
        )
        for household_id, made_on, valid_until in rows:
            acts[household_id].append((made_on, valid_until))
    for decision in decisions:
        known, on = acts[decision.household_id], decision.decided_on
        if not known:
            continue
        first = min(made_on for made_on, _ in known)
        if on < first:
            raise DecisionBeforeAct(made_on=first.isoformat())
        if not decision.without_act_confirmed and not any(start <= on <= end for start, end in known):
            raise NoActInForce(valid_until=max(end for start, end in known if start <= on).isoformat())


def _answer_appeals(session: Session, decisions: Sequence[RecordDecision]) -> None:
    newest: dict[int, date] = {}
    for decision in decisions:
        known = newest.get(decision.household_id)
        if known is None or known < decision.decided_on:
            newest[decision.household_id] = decision.decided_on
    by_day: dict[date, list[int]] = defaultdict(list)
    for household_id, day in newest.items():
        by_day[day].append(household_id)
    for day, household_ids in by_day.items():
        answer_appeals(session, household_ids, day, Outcome.GRANTED)


def answer_appeals(session: Session, household_ids: Iterable[int], day: date, outcome: Outcome) -> None:
    """A decision of that day closes the appeals that had come by then."""
    for portion in queries.portions(sorted(household_ids)):
        session.execute(
            update(Intake)
            .where(
                among(Intake.household_id, portion),
                Intake.status == IntakeStatus.OPEN,
                Intake.received_on <= day,
            )
            .values(status=IntakeStatus.CLOSED, outcome=outcome, closed_on=day)
            .execution_options(synchronize_session=False)
        )


def _already_done(session: Session, papers: Sequence[Paper]) -> dict[str, int]:
    by_id = {str(paper.command_id): paper for paper in papers}
    if len(by_id) != len(papers):
        raise CommandReused()
    done: dict[str, int] = {}
    for portion in queries.portions(by_id):
        rows = session.execute(select(CommandReceipt).where(CommandReceipt.command_id.in_(portion))).scalars()
        for before in rows:
            paper = by_id[before.command_id]
            same = before.kind == _ACTIONS[type(paper)] and before.body_hash == body_hash(secret_body(paper))
            if not same or before.object_id is None:
                raise CommandReused()
            done[before.command_id] = before.object_id
    return done


def _record(
    session: Session,
    papers: Sequence[Paper],
    ids: dict[str, int],
    at: _Places,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    events: list[dict[str, Any]] = []
    receipts: list[dict[str, Any]] = []
    for paper in papers:
        action, paper_id = _ACTIONS[type(paper)], ids[str(paper.command_id)]
        of_family = paper.household_id is not None
        events.append(
            {
                "at": now,
                "actor_label": actor.label,
                "user_id": actor.user_id,
                "token_id": actor.token_id,
                "site_id": at.site(paper),
                "action": f"beneficiaries.{action}",
                "object_type": "household" if of_family else "intake",
                "object_id": paper.household_id if of_family else paper_id,
                "facts": {"paper_id": paper_id},
            }
        )
        receipts.append(
            {
                "command_id": str(paper.command_id),
                "kind": action,
                "body_hash": body_hash(secret_body(paper)),
                "object_id": paper_id,
                "at": now,
                "actor_label": actor.label,
            }
        )
    queries.insert_many(session, AuditEvent, events)
    queries.insert_many(session, CommandReceipt, receipts)
