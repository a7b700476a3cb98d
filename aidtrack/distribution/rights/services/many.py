"""Mark everybody who qualifies, thousands at once, by the same rule."""

from dataclasses import field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.audit.models import AuditEvent
from aidtrack.beneficiaries.eligibility import Verdict
from aidtrack.beneficiaries.models import Household, HouseholdEnd
from aidtrack.beneficiaries.queries import insert_many, insert_returning, portions
from aidtrack.beneficiaries.queries.households import NOT_ERASED
from aidtrack.db.among import among
from aidtrack.distribution.models import Eligibility, EligibilityStatus, Ground
from aidtrack.distribution.rights import queries
from aidtrack.distribution.rights.commands import MarkMany
from aidtrack.distribution.rights.errors import DaysReversed
from aidtrack.distribution.rights.services.judging import rule_in_force
from aidtrack.distribution.rights.services.marking import end_marks, mark_columns
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class MarkedMany:
    """`marked`: eligibility ids by household; `already`: marked before; `refused`: with reasons."""

    marked: dict[int, int] = field(default_factory=dict)
    already: tuple[int, ...] = ()
    refused: dict[int, Verdict] = field(default_factory=dict)
    without_paper: tuple[int, ...] = ()  # the rule is met, the paper that the ground names is missing


def mark_many(session: Session, command: MarkMany, *, actor: Actor, now: datetime) -> MarkedMany:
    """Mark those of the households that meet the rule; refusals are given back and not stored.

    An actor without a protection grant marks only by what they may see, as at the desk.

    Raises:
        NotFound: one of the households is not at the actor's sites; nothing is marked then.
    """
    actor.require(Permission.ELIGIBILITY_DECIDE)
    if command.valid_until is not None and command.valid_until < command.valid_from:
        raise DaysReversed()
    rule = rule_in_force(session, command.programme_id, command.valid_from)
    sites = _locked_sites(session, command.household_ids, actor)
    live = queries.live_marks(session, command.programme_id, command.household_ids)
    ran_out = [
        mark
        for mark in live.values()
        if mark.valid_until is not None and mark.valid_until < command.valid_from
    ]
    end_marks(session, [mark.id for mark in ran_out])
    already = set(live) - {mark.household_id for mark in ran_out}
    gone = _gone(session, command.household_ids)
    to_judge = [one for one in command.household_ids if one not in already and one not in gone]
    judged = queries.judge_many(
        session, to_judge, rule, command.valid_from, protected=actor.can(Permission.CATEGORY_PROTECTED)
    )
    papers = queries.papers_of(session, to_judge, command.valid_from, command.programme_id)
    refused = {household_id: verdict for household_id, (verdict, _) in judged.items() if not verdict.allowed}
    rows = []
    for household_id, (verdict, facts) in judged.items():
        held = papers.get(household_id, queries.Papers())
        if not verdict.allowed or not _carried(command.ground, held):
            continue
        rows.append(
            mark_columns(
                household_id, rule, facts, EligibilityStatus.ELIGIBLE, command.ground, held, command.valid_from,
                command.valid_until, actor, now,
            )
        )  # fmt: skip
    ids = insert_returning(session, Eligibility, rows)
    marked = {row["household_id"]: number for row, number in zip(rows, ids, strict=True)}
    _record(session, rule, marked, sites, actor=actor, now=now)
    without_paper = tuple(number for number in judged if number not in marked and number not in refused)
    return MarkedMany(marked, tuple(sorted(already)), refused, without_paper)


def _carried(ground: Ground, papers: queries.Papers) -> bool:
    """Whether the paper that the ground names is there."""
    if ground is Ground.NEEDS_ASSESSMENT:
        return papers.assessment_id is not None
    return ground is not Ground.DEPARTMENT_DECISION or papers.decision_id is not None


def _locked_sites(session: Session, household_ids: tuple[int, ...], actor: Actor) -> dict[int, int]:
    sites: dict[int, int] = {}
    for portion in portions(sorted(set(household_ids))):
        rows = session.execute(
            select(Household.id, Household.site_id)
            .where(among(Household.id, portion), Household.site_id.in_(sorted(actor.site_ids)))
            .order_by(Household.id)
            .with_for_update(key_share=True)
        )
        sites |= dict(rows.all())
    if len(sites) != len(set(household_ids)):
        raise NotFound()
    return sites


def _gone(session: Session, household_ids: tuple[int, ...]) -> set[int]:
    """Those that became a part of another family, or were erased, since they were listed."""
    found: set[int] = set()
    for portion in portions(sorted(set(household_ids))):
        of_these = among(Household.id, portion)
        found |= set(session.scalars(select(Household.id).where(of_these, ~NOT_ERASED)))
        found |= set(
            session.scalars(
                select(HouseholdEnd.household_id).where(among(HouseholdEnd.household_id, portion))
            )
        )
    return found


def _record(
    session: Session,
    rule: queries.RuleRow,
    marked: dict[int, int],
    sites: dict[int, int],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    rows = [
        {
            "at": now,
            "actor_label": actor.label,
            "user_id": actor.user_id,
            "token_id": actor.token_id,
            "site_id": sites[household_id],
            "action": "rights.mark",
            "object_type": "household",
            "object_id": household_id,
            "facts": {
                "eligibility_id": mark_id,
                "programme_id": rule.programme_id,
                "rule_version": rule.version,
                "reasons": [],
            },
        }
        for household_id, mark_id in marked.items()
    ]
    insert_many(session, AuditEvent, rows)
