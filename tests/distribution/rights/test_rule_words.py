"""Every condition and every term has words; what differs between two versions is said."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date

import pytest
from flask import Flask
from flask_babel import Babel, force_locale
from hypothesis import HealthCheck, given, settings

from aidtrack.beneficiaries.eligibility import (
    REASON_TEXTS,
    All,
    AllMembers,
    AnyMember,
    AnyOf,
    ArrivedWithin,
    DisplacedWithin,
    HasAssessment,
    HasDecision,
    HouseholdCategory,
    IncomeAtMost,
    LastIssueBefore,
    MinDaysSinceLastIssue,
    Not,
    ResidesIn,
    Rule,
    Scope,
    SizeBetween,
)
from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.rule_json import RuleRefused
from aidtrack.distribution.rights.rule_form import FIELDS, GROUPS
from aidtrack.distribution.rights.rule_words import GROUP_WORDS, KIND_WORDS, REASON_TITLES
from aidtrack.distribution.rights.terms import Terms, parse_terms, terms_to_json
from aidtrack.distribution.rights.words import differences, rule_lines, terms_lines
from tests.beneficiaries.test_rule_json import rules

NAMES = {"idp": "ВПО", "disability": "інвалідність"}
EVERY: list[Rule] = [
    AnyMember(frozenset({"idp"}), 1, 3, Sex.FEMALE, 2),
    AllMembers(age_from=60),
    HouseholdCategory(frozenset({"szho"})),
    SizeBetween(2, 4),
    SizeBetween(3),
    SizeBetween(1, 1),
    ResidesIn(("UA12",)),
    ResidesIn((), ("starosta-1",)),
    ResidesIn(("UA12",), ("starosta-1",)),
    HouseholdCategory(frozenset({"szho"}), proven=True),
    AnyMember(frozenset({"idp"}), proven=True),
    DisplacedWithin(60),
    ArrivedWithin(60),
    LastIssueBefore(date(2026, 3, 1)),
    IncomeAtMost(650_050),
    MinDaysSinceLastIssue(30),
    HasDecision(),
    HasAssessment(),
]


@pytest.fixture(scope="module", autouse=True)
def words() -> Iterator[None]:
    app = Flask("aidtrack")
    Babel(app, default_locale="en")
    with app.test_request_context(), force_locale("en"):
        yield


@pytest.mark.parametrize("leaf", EVERY, ids=lambda leaf: type(leaf).__name__)
def test_each_condition_is_one_sentence_of_its_own(leaf: Rule) -> None:
    [(depth, sentence)] = rule_lines(leaf, NAMES)
    assert (depth, "%" in sentence) == (0, False)
    others = [rule_lines(other, NAMES)[0][1] for other in EVERY if other != leaf]
    assert sentence not in others


@given(rules)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_rule_can_be_read_and_differs_from_itself_in_nothing(rule: Rule) -> None:
    assert rule_lines(rule, NAMES)
    assert differences((rule, Terms()), (rule, Terms()), NAMES) == []


def test_a_difference_is_said_where_it_stands() -> None:
    old = All((AnyMember(frozenset({"idp"})), MinDaysSinceLastIssue(30)))
    new = All((AnyMember(frozenset({"idp"})), AnyOf((MinDaysSinceLastIssue(60), HasDecision()))))
    [wait, group, decision] = differences((old, Terms()), (new, Terms()), NAMES)
    assert (wait.before, wait.after) == ("At least 30 days since the last issue", "Any one of these")
    assert group.after == "Any one of these › At least 60 days since the last issue"
    assert decision.after == "Any one of these › A decision in force"
    moved = differences(
        (All((Not(AnyOf((HasDecision(),))),)), Terms()), (All((HasDecision(),)), Terms()), NAMES
    )
    assert moved[0].before == "None of these"


def test_terms_are_read_and_differ() -> None:
    told = Terms(Scope.PERSON, 1, 2, 30, 150, 500, proxy_allowed=False)
    lines = terms_lines(told)
    assert len(lines) == 6
    assert "A family is served at most 1 time within 30 days." in lines
    assert "At most 150 families are invited for one day; each is given its day." in lines
    assert len(terms_lines(Terms())) == 1
    found = differences((All(()), Terms(quota_per_day=100)), (All(()), Terms(quota_per_day=150)), NAMES)
    assert len(found) == 1


def test_terms_are_written_and_read_back_and_nonsense_is_refused_by_name() -> None:
    told = Terms(Scope.PERSON, 1, 2, 30, 150, 500, proxy_allowed=False)
    assert parse_terms(terms_to_json(told)) == told
    assert terms_to_json(Terms()) == {}
    assert parse_terms(None) == Terms()
    for wrong, problem in (
        ({"speed": 1}, "unknown_key"),
        ({"quota_per_day": 0}, "impossible_value"),
        ({"quota_per_day": True}, "impossible_value"),
        ({"scope": "village"}, "impossible_value"),
        ({"proxy_allowed": "yes"}, "impossible_value"),
        ({"cap_days": 30}, "nothing_to_count"),
    ):
        with pytest.raises(RuleRefused) as refused:
            parse_terms(wrong)
        assert refused.value.facts["problem"] == problem
    assert {one.name for one in fields(Terms)} == set(terms_to_json(told))


def test_every_kind_group_and_reason_has_its_words() -> None:
    assert set(KIND_WORDS) == set(FIELDS)
    assert set(GROUP_WORDS) == set(GROUPS)
    assert set(REASON_TITLES) == set(REASON_TEXTS)
