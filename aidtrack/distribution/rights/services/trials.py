"""Try a rule over all families of some sites: begin, count a portion, finish."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import delete, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.beneficiaries.eligibility import Reason, Verdict
from aidtrack.beneficiaries.models import Household, HouseholdEnd
from aidtrack.beneficiaries.queries import insert_many
from aidtrack.beneficiaries.queries.households import NOT_ERASED
from aidtrack.beneficiaries.rule_json import parse_rule
from aidtrack.distribution.models import (
    Eligibility,
    EligibilityStatus,
    RuleTrial,
    RuleTrialChange,
    TrialPurpose,
    TrialState,
)
from aidtrack.distribution.rights import queries, trials
from aidtrack.distribution.rights.commands import StartTrial
from aidtrack.distribution.rights.errors import NoRule
from aidtrack.distribution.rights.queries import RuleRow
from aidtrack.distribution.rights.terms import terms_to_json
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import Forbidden
from aidtrack.kernel.late import dataclass

MET = Verdict()
Change = tuple[int, bool, str | None]  # family, comes in, first reason


@dataclass(frozen=True, slots=True)
class Plan:
    """What a walk compares: the version in force, if any, and the rule tried."""

    trial_id: int
    purpose: TrialPurpose
    programme_id: int
    on: date
    protected: bool
    in_force: RuleRow | None
    tried: RuleRow


def start_trial(session: Session, command: StartTrial, *, actor: Actor, now: datetime) -> Plan:
    """Note that a rule is being tried over the actor's sites, by what the actor may see.

    Raises:
        NoRule: standing marks or unmarked families are judged by a rule in force, and there is none.
    """
    drafting = command.purpose is TrialPurpose.DRAFT
    if not (
        actor.can(Permission.ELIGIBILITY_DECIDE) or (drafting and actor.can(Permission.PROGRAMME_MANAGE))
    ):
        raise Forbidden(permission=Permission.ELIGIBILITY_DECIDE.value)
    queries.programme(session, command.programme_id)
    in_force = queries.rule_on(session, command.programme_id, command.on)
    tried = in_force
    if drafting:
        assert command.draft_id is not None
        tried = _as_version(trials.draft(session, command.draft_id), now)
    if tried is None:
        raise NoRule(on=command.on.isoformat())
    protected = actor.can(Permission.CATEGORY_PROTECTED)
    earlier = select(RuleTrial.id).where(
        RuleTrial.programme_id == command.programme_id,
        RuleTrial.purpose == command.purpose,
        RuleTrial.draft_id == command.draft_id,
        RuleTrial.started_by == actor.label,
        RuleTrial.state != TrialState.RUNNING,
    )
    # who was concerned is kept for the newest trial alone; its figures stay
    session.execute(delete(RuleTrialChange).where(RuleTrialChange.trial_id.in_(earlier)))
    trial_id = session.scalars(
        insert(RuleTrial).returning(RuleTrial.id),
        [
            {
                "purpose": command.purpose, "programme_id": command.programme_id, "draft_id": command.draft_id,
                "digest": trials.digest_of(tried.json, terms_to_json(tried.terms) or None),
                "on_day": command.on, "site_ids": sorted(actor.site_ids), "protected": protected,
                "state": TrialState.RUNNING, "done": 0, "total": 0, "started_at": now, "started_by": actor.label,
            }
        ],
    ).one()  # fmt: skip
    audit.record(
        session, actor=actor, action="rights.try_rule", object_type="programme", object_id=command.programme_id,
        facts={"trial_id": trial_id, "purpose": command.purpose.value}, now=now,
    )  # fmt: skip
    return Plan(trial_id, command.purpose, command.programme_id, command.on, protected, in_force, tried)


def _as_version(draft: trials.DraftRow, now: datetime) -> RuleRow:
    return RuleRow(
        0, draft.programme_id, 0, now.date(), parse_rule(draft.rule), draft.rule, draft.note, draft.changed_at,
        draft.changed_by, draft.terms,
    )  # fmt: skip


def families_to_try(session: Session, plan: Plan, actor: Actor) -> list[int]:
    """Every family the trial looks at, by id: of the actor's sites, and no family that has ended or was erased."""
    statement = (
        select(Household.id)
        .where(
            Household.site_id.in_(sorted(actor.site_ids)),
            NOT_ERASED,
            ~exists().where(HouseholdEnd.household_id == Household.id),
        )
        .order_by(Household.id)
    )
    marked = exists().where(
        Eligibility.household_id == Household.id,
        Eligibility.programme_id == plan.programme_id,
        Eligibility.status == EligibilityStatus.ELIGIBLE,
        or_(Eligibility.valid_until.is_(None), Eligibility.valid_until >= plan.on),
    )
    if plan.purpose is TrialPurpose.MARKS:
        # an approved exception stands against the rule by a decision of two people
        approved = exists().where(
            Eligibility.household_id == Household.id,
            Eligibility.programme_id == plan.programme_id,
            Eligibility.status == EligibilityStatus.ELIGIBLE,
            Eligibility.approved_by_id.is_not(None),
        )
        statement = statement.where(marked, ~approved)
    elif plan.purpose is TrialPurpose.QUALIFY:
        statement = statement.where(~marked)
    return list(session.scalars(statement))


def try_portion(
    session: Session, plan: Plan, household_ids: Sequence[int], tally: trials.Tally
) -> list[Change]:
    """Judge some families and count them; gives those whose answer changes. Writes nothing."""
    rules = [plan.tried.rule] + ([plan.in_force.rule] if plan.in_force is not None else [])
    facts = queries.facts_for(
        session, household_ids, plan.on, programme_id=plan.programme_id, protected=plan.protected, rules=rules
    )
    changes: list[Change] = []
    for household_id, one in facts.items():
        after = MET if plan.tried.is_met(one, plan.on) else plan.tried.judge(one, plan.on)
        if plan.purpose is TrialPurpose.MARKS:
            before = True
        elif plan.purpose is TrialPurpose.QUALIFY or plan.in_force is None:
            before = False
        else:
            before = plan.in_force.is_met(one, plan.on)
        change = tally.add(before, after)
        if change is not None:
            changes.append((household_id, *change))
    return changes


def first_reasons(session: Session, trial: trials.Trial, household_ids: Sequence[int]) -> dict[int, Reason]:
    """Why these few families fall out, as they are now; nothing once the rule is another than was tried."""
    tried = (
        _as_version(trials.draft(session, trial.draft_id), trial.started_at)
        if trial.draft_id is not None
        else queries.rule_on(session, trial.programme_id, trial.on)
    )
    if tried is None or trials.digest_of(tried.json, terms_to_json(tried.terms) or None) != trial.digest:
        return {}
    facts = queries.facts_for(
        session, household_ids, trial.on, programme_id=trial.programme_id, protected=trial.protected,
        rules=[tried.rule],
    )  # fmt: skip
    verdicts = {household_id: tried.judge(one, trial.on) for household_id, one in facts.items()}
    return {household_id: one.reasons[0] for household_id, one in verdicts.items() if one.reasons}


def keep_portion(session: Session, plan: Plan, changes: Iterable[Change], *, done: int, total: int) -> None:
    """Keep what a portion found, and how far the walk is."""
    rows = [
        {"trial_id": plan.trial_id, "household_id": household_id, "comes_in": comes_in, "code": code}
        for household_id, comes_in, code in changes
    ]
    insert_many(session, RuleTrialChange, rows)
    _set(session, plan, done=done, total=total)


def finish_trial(session: Session, plan: Plan, tally: trials.Tally | None, *, now: datetime) -> None:
    """The walk is over: with its figures, or without them when it failed."""
    state = TrialState.FAILED if tally is None else TrialState.FINISHED
    _set(session, plan, state=state, counts=tally.as_json() if tally else None, finished_at=now)


def _set(session: Session, plan: Plan, **values: object) -> None:
    session.execute(
        update(RuleTrial)
        .where(RuleTrial.id == plan.trial_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
