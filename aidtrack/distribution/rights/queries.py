"""Rules in force, facts in bulk, marks and who waits for a second person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from aidtrack.beneficiaries.eligibility import (
    MinDaysSinceLastIssue,
    Reason,
    Rule,
    Verdict,
    judge,
    leaves,
    meets,
    reason_from_json,
)
from aidtrack.beneficiaries.household import HouseholdFacts
from aidtrack.beneficiaries.models import CategoryKind, EligibilityDecision, Household, NeedsAssessment
from aidtrack.beneficiaries.queries import Asked, household_facts, merged_into, portions
from aidtrack.beneficiaries.queries.facts import still_counts
from aidtrack.beneficiaries.rule_json import parse_rule
from aidtrack.distribution.models import (
    Cycle,
    Eligibility,
    EligibilityStatus,
    FieldOutcome,
    Ground,
    Handout,
    HandoutKind,
    ProgrammeRule,
    Round,
)
from aidtrack.distribution.rights.terms import Terms, parse_terms
from aidtrack.inventory.models import Programme
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A version of a programme's rule."""

    id: int
    programme_id: int
    version: int
    valid_from: date
    rule: Rule
    json: dict[str, Any]
    note: str | None
    created_at: datetime
    created_by: str
    terms: Terms

    def judge(self, facts: HouseholdFacts, on: date) -> Verdict:
        """The verdict of this version, by its scope."""
        return judge(self.rule, facts, on, scope=self.terms.scope)

    def is_met(self, facts: HouseholdFacts, on: date) -> bool:
        """The same answer, without its reasons."""
        return meets(self.rule, facts, on, scope=self.terms.scope)


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    id: int
    code: str
    name_uk: str
    name_en: str

    def name(self, language: str) -> str:
        return self.name_en if language == "en" else self.name_uk


@dataclass(frozen=True, slots=True)
class MarkRow:
    """A mark as shown. `facts` and `reasons` stay in the database until they are asked for."""

    id: int
    household_id: int
    programme_id: int
    status: EligibilityStatus
    rule_id: int
    rule_version: int
    ground: Ground
    valid_from: date
    valid_until: date | None
    marked_at: datetime
    marked_by_id: int | None
    override_reason: str | None
    approved_by_id: int | None

    @property
    def waits(self) -> bool:
        """Whether it waits for a second person's approval."""
        return self.status is EligibilityStatus.REFUSED and self.override_reason is not None


@dataclass(frozen=True, slots=True)
class Papers:
    """The newest act and decision of a household in force on a day."""

    assessment_id: int | None = None
    decision_id: int | None = None


# -- programmes and rules ----------------------------------------------------------------------------


def programmes(session: Session) -> list[ProgrammeRow]:
    rows = session.execute(
        select(Programme.id, Programme.code, Programme.name_uk, Programme.name_en)
        .where(Programme.active)
        .order_by(Programme.code)
    )
    return [ProgrammeRow(*row) for row in rows]


def programme(session: Session, programme_id: int) -> ProgrammeRow:
    row = session.execute(
        select(Programme.id, Programme.code, Programme.name_uk, Programme.name_en).where(
            Programme.id == programme_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    return ProgrammeRow(*row)


def categories_in(rule: Any) -> set[str]:
    """Every category a rule's JSON names."""
    if isinstance(rule, list):
        return set().union(*map(categories_in, rule))
    if not isinstance(rule, dict):
        return set()
    return set(rule.get("categories", ())) | categories_in(rule.get("of"))


def names_protected(session: Session, *rules: Any) -> bool:
    """Whether one of the rules' JSON names a category that only a live grant lets a person see."""
    named = categories_in(list(rules))
    protected = select(CategoryKind.code).where(CategoryKind.protected, CategoryKind.code.in_(named))
    return bool(named) and session.scalar(protected.limit(1)) is not None


def _rule_row(rule: ProgrammeRule) -> RuleRow:
    return RuleRow(
        rule.id, rule.programme_id, rule.version, rule.valid_from, parse_rule(rule.rule), rule.rule, rule.note,
        rule.created_at, rule.created_by, parse_terms(rule.terms),
    )  # fmt: skip


def rule_versions(session: Session, programme_id: int) -> list[RuleRow]:
    """Newest first."""
    rules = session.scalars(
        select(ProgrammeRule)
        .where(ProgrammeRule.programme_id == programme_id)
        .order_by(ProgrammeRule.version.desc())
    )
    return [_rule_row(rule) for rule in rules]


def rule_on(session: Session, programme_id: int, on: date) -> RuleRow | None:
    """The version in force on a day: of those that have begun, the one that began last."""
    rule = session.scalar(
        select(ProgrammeRule)
        .where(ProgrammeRule.programme_id == programme_id, ProgrammeRule.valid_from <= on)
        .order_by(ProgrammeRule.valid_from.desc(), ProgrammeRule.version.desc())
        .limit(1)
    )
    return None if rule is None else _rule_row(rule)


def proxy_allowed(session: Session, programme_id: int, on: date) -> bool:
    """Whether somebody besides the family may collect, by the rule in force; without a rule anybody named may."""
    rule = rule_on(session, programme_id, on)
    return rule is None or rule.terms.proxy_allowed


# -- facts -------------------------------------------------------------------------------------------


def facts_for(
    session: Session,
    household_ids: Iterable[int],
    on: date,
    *,
    programme_id: int | None = None,
    protected: bool = True,
    rules: Sequence[Rule] | None = None,
) -> dict[int, HouseholdFacts]:
    """Facts of many households for a programme and a day, one query per table and 5,000 households.

    Args:
        programme_id: whose last issue counts; None leaves the last issue out.
        protected: with protected categories. A person may only read a verdict over facts with them under
            a live protection grant; the system's own recomputing may use them.
        rules: only what these rules ask for is gathered; None gathers everything, as a mark keeps it.
    """
    ids = list(household_ids)
    asked = Asked() if rules is None else Asked.by(*rules)
    waits = rules is None or any(
        isinstance(leaf, MinDaysSinceLastIssue) for rule in rules for leaf in leaves(rule)
    )
    last = last_issues(session, ids, programme_id) if programme_id is not None and waits else {}
    return household_facts(
        session, ids, on, protected=protected, asked=asked, programme_id=programme_id, last_issues=last
    )


def last_issues(session: Session, household_ids: Iterable[int], programme_id: int) -> dict[int, date]:
    """The day of the last handout under the programme that was not undone, by household."""
    undone = aliased(Handout)
    statement = (
        select(Handout.household_id, func.max(Handout.given_on))
        .join(Round, Round.id == Handout.round_id)
        .join(Cycle, Cycle.id == Round.cycle_id)
        .where(
            Cycle.programme_id == programme_id,
            # an extra handout in the field makes no family wait for its next round
            or_(
                Handout.kind == HandoutKind.REGULAR,
                Handout.id.in_(select(FieldOutcome.handout_id).where(FieldOutcome.first)),
            ),
            ~select(undone.id).where(undone.reverses_id == Handout.id).exists(),
        )
        .group_by(Handout.household_id)
    )
    last: dict[int, date] = {}
    for portion in portions(household_ids):
        rows = session.execute(statement.where(Handout.household_id.in_(portion)))
        last |= dict(rows.all())
        merged = merged_into(session, portion)
        for alias, day in session.execute(statement.where(Handout.household_id.in_(merged))):
            last[merged[alias]] = max(day, last.get(merged[alias], day))
    return last


def judge_many(
    session: Session, household_ids: Iterable[int], rule: RuleRow, on: date, *, protected: bool = True
) -> dict[int, tuple[Verdict, HouseholdFacts]]:
    """Every household judged by one version of a rule."""
    facts = facts_for(session, household_ids, on, programme_id=rule.programme_id, protected=protected)
    return {household_id: (rule.judge(one, on), one) for household_id, one in facts.items()}


def papers_of(
    session: Session, household_ids: Iterable[int], on: date, programme_id: int
) -> dict[int, Papers]:
    """The newest act and the newest decision for the programme in force on a day, by household."""
    acts: dict[int, int] = {}
    decisions: dict[int, int] = {}
    for portion in portions(household_ids):
        valid_acts = (
            select(NeedsAssessment.household_id, NeedsAssessment.id)
            .where(
                NeedsAssessment.household_id.in_(portion),
                NeedsAssessment.made_on <= on,
                NeedsAssessment.valid_until >= on,
            )
            .order_by(NeedsAssessment.made_on, NeedsAssessment.id)
        )
        acts |= dict(session.execute(valid_acts).all())
        in_force = (
            select(EligibilityDecision.household_id, EligibilityDecision.id)
            .where(
                EligibilityDecision.household_id.in_(portion),
                still_counts(),
                EligibilityDecision.valid_from <= on,
                or_(EligibilityDecision.valid_until.is_(None), EligibilityDecision.valid_until >= on),
                or_(
                    EligibilityDecision.programme_id.is_(None),
                    EligibilityDecision.programme_id == programme_id,
                ),
            )
            .order_by(EligibilityDecision.decided_on, EligibilityDecision.id)
        )
        decisions |= dict(session.execute(in_force).all())
    return {
        household_id: Papers(acts.get(household_id), decisions.get(household_id))
        for household_id in acts.keys() | decisions.keys()
    }


# -- marks -------------------------------------------------------------------------------------------

_MARK = (
    Eligibility.id,
    Eligibility.household_id,
    Eligibility.programme_id,
    Eligibility.status,
    Eligibility.rule_id,
    ProgrammeRule.version,
    Eligibility.ground,
    Eligibility.valid_from,
    Eligibility.valid_until,
    Eligibility.marked_at,
    Eligibility.marked_by_id,
    Eligibility.override_reason,
    Eligibility.approved_by_id,
)


def _marks(*where: Any) -> Any:
    return select(*_MARK).join(ProgrammeRule, ProgrammeRule.id == Eligibility.rule_id).where(*where)


def marks_of(session: Session, household_id: int) -> list[MarkRow]:
    """All marks of a household, newest first."""
    rows = session.execute(_marks(Eligibility.household_id == household_id).order_by(Eligibility.id.desc()))
    return [MarkRow(*row) for row in rows]


def mark_at_sites(session: Session, eligibility_id: int, actor: Actor) -> MarkRow | None:
    """The mark, if its household belongs to one of the actor's sites."""
    row = session.execute(
        _marks(Eligibility.id == eligibility_id)
        .join(Household, Household.id == Eligibility.household_id)
        .where(Household.site_id.in_(sorted(actor.site_ids)))
    ).one_or_none()
    return None if row is None else MarkRow(*row)


def stored_reasons(session: Session, eligibility_id: int) -> tuple[Reason, ...]:
    """Why the mark was refused, as it was judged then."""
    stored = session.scalar(select(Eligibility.reasons).where(Eligibility.id == eligibility_id))
    return tuple(reason_from_json(one) for one in stored or () if isinstance(one, dict))


def live_marks(session: Session, programme_id: int, household_ids: Iterable[int]) -> dict[int, MarkRow]:
    """The standing mark of each household for the programme."""
    found: dict[int, MarkRow] = {}
    for portion in portions(household_ids):
        rows = session.execute(
            _marks(
                Eligibility.programme_id == programme_id,
                Eligibility.status == EligibilityStatus.ELIGIBLE,
                Eligibility.household_id.in_(portion),
            )
        )
        found |= {mark.household_id: mark for mark in (MarkRow(*row) for row in rows)}
    return found


def lock_mark(session: Session, eligibility_id: int, actor: Actor) -> Eligibility:
    """The mark's row, locked; NotFound outside the actor's sites."""
    mark = session.scalar(
        select(Eligibility)
        .join(Household, Household.id == Eligibility.household_id)
        .where(Eligibility.id == eligibility_id, Household.site_id.in_(sorted(actor.site_ids)))
        .with_for_update(of=Eligibility)
        .execution_options(populate_existing=True)
    )
    if mark is None:
        raise NotFound()
    return mark


def waiting_overrides(session: Session, site_ids: Sequence[int]) -> list[tuple[MarkRow, str]]:
    """Wishes for an exception that wait for a second person, oldest first, with registration numbers."""
    rows = session.execute(
        _marks(
            Eligibility.status == EligibilityStatus.REFUSED,
            Eligibility.override_reason.is_not(None),
            Eligibility.approved_by_id.is_(None),
        )
        .join(Household, Household.id == Eligibility.household_id)
        .where(Household.site_id.in_(site_ids))
        .add_columns(Household.registration_no)
        .order_by(Eligibility.id)
    )
    return [(MarkRow(*row[:-1]), row[-1]) for row in rows]
