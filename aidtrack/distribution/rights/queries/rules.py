"""Programmes, the versions of their rules and which one is in force."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.eligibility import Rule, Verdict, judge, meets
from aidtrack.beneficiaries.household import HouseholdFacts
from aidtrack.beneficiaries.models import CategoryKind
from aidtrack.beneficiaries.rule_json import parse_rule
from aidtrack.distribution.models import ProgrammeRule
from aidtrack.distribution.rights.terms import Terms, parse_terms
from aidtrack.inventory.models import Programme
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass


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


_PROGRAMMES = (
    select(Programme.id, Programme.code, Programme.name_uk, Programme.name_en)
    .where(Programme.active)
    .order_by(Programme.code)
)


def programmes(session: Session) -> list[ProgrammeRow]:
    return [ProgrammeRow(*row) for row in session.execute(_PROGRAMMES)]


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
