"""Rules as JSON: read back as written, refused by name and place."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.beneficiaries.eligibility import (
    All,
    AnyMember,
    AnyOf,
    ArrivedWithin,
    HasDecision,
    HouseholdCategory,
    IncomeAtMost,
    LastIssueBefore,
    Not,
    ResidesIn,
    Rule,
    SizeBetween,
)
from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.rule_json import RuleRefused, parse_rule, rule_to_json

CHILD = {"is": "any_member", "categories": ["idp"], "age_from": 1, "age_to": 3, "sex": "female"}
WRITTEN = {
    "is": "all",
    "of": [
        {"is": "has_decision"},
        {"is": "any", "of": [CHILD, {"is": "not", "of": {"is": "size_between", "at_most": 2}}]},
    ],
}

words = st.frozensets(st.sampled_from(["idp", "disability"]), min_size=1)
ages = st.none() | st.integers(0, 40)
leaves: st.SearchStrategy[Rule] = st.one_of(
    st.builds(
        AnyMember,
        words | st.just(frozenset()),
        ages,
        st.none() | st.integers(40, 90),
        st.none() | st.sampled_from(Sex),
        st.integers(1, 5),
    ),
    st.builds(AnyMember, words, proven=st.booleans()),
    st.builds(HouseholdCategory, words, st.booleans()),
    st.builds(ArrivedWithin, st.integers(1, 36_500)),
    st.builds(LastIssueBefore, st.dates()),
    st.builds(SizeBetween, st.integers(0, 3), st.none() | st.integers(3, 9)),
    st.just(ResidesIn(("UA12", "UA1416"))),
    st.just(ResidesIn((), ("starosta-1",))),
    st.builds(IncomeAtMost, st.integers(0, 10**9)),
    st.just(HasDecision()),
)
rules: st.SearchStrategy[Rule] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=8,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["is", "of", "days", "categories", "prefixes", "at_least"]),
            inner | st.sampled_from(["all", "any", "not", "any_member", "resides_in"]),
            max_size=3,
        )
    ),
    max_leaves=6,
)


def test_a_rule_is_read_into_typed_conditions() -> None:
    child = AnyMember(frozenset({"idp"}), 1, 3, Sex.FEMALE)
    assert parse_rule(WRITTEN) == All((HasDecision(), AnyOf((child, Not(SizeBetween(at_most=2))))))


def test_a_rule_is_written_as_it_was_read() -> None:
    assert rule_to_json(parse_rule(WRITTEN)) == WRITTEN


@given(rules)
def test_every_rule_survives_json(rule: Rule) -> None:
    assert parse_rule(json.loads(json.dumps(rule_to_json(rule)))) == rule


@given(json_values)
def test_any_json_is_a_rule_or_refused_by_name(value: Any) -> None:
    try:
        rule = parse_rule(value)
    except RuleRefused as refusal:
        assert set(refusal.facts) == {"problem", "name", "at"}  # noqa: PT017
    else:
        assert parse_rule(rule_to_json(rule)) == rule


@pytest.mark.parametrize(
    ("value", "problem", "name", "at"),
    [
        ({"is": "blood_type"}, "unknown_condition", "blood_type", "rule"),
        (
            {"is": "all", "of": [{"is": "has_decision"}, {"is": "hasdecision"}]},
            "unknown_condition",
            "hasdecision",
            "rule.all[2]",
        ),
        ({}, "unknown_condition", "None", "rule"),
        ([], "not_a_condition", "[]", "rule"),
        ({"is": "not"}, "not_a_condition", "None", "rule.not"),
        ({"is": "has_decision", "number": 5}, "unknown_key", "number", "rule.has_decision"),
        ({"is": "not", "of": {"is": "has_decision"}, "unless": 1}, "unknown_key", "unless", "rule.not"),
        ({"is": "any", "of": []}, "empty", "of", "rule.any"),
        ({"is": "all", "of": {}}, "not_a_list", "of", "rule.all"),
        ({"is": "displaced_within"}, "missing_key", "days", "rule.displaced_within"),
        ({"is": "displaced_within", "days": "60"}, "impossible_value", "days", "rule.displaced_within"),
        ({"is": "displaced_within", "days": True}, "impossible_value", "days", "rule.displaced_within"),
        ({"is": "displaced_within", "days": 1.5}, "impossible_value", "days", "rule.displaced_within"),
        ({"is": "displaced_within", "days": 0}, "impossible_value", "days", "rule.displaced_within"),
        ({"is": "arrived_within"}, "missing_key", "days", "rule.arrived_within"),
        ({"is": "last_issue_before"}, "missing_key", "day", "rule.last_issue_before"),
        *(
            ({"is": "last_issue_before", "day": day}, "impossible_value", "day", "rule.last_issue_before")
            for day in ("2026-02-29", "20260301", "01.03.2026", 20260301, None)
        ),
        ({"is": "any_member", "proven": True}, "missing_key", "categories", "rule.any_member"),
        (
            {"is": "any_member", "categories": ["idp"], "proven": "yes"},
            "impossible_value",
            "proven",
            "rule.any_member",
        ),
        ({"is": "any_member", "sex": "x"}, "impossible_value", "sex", "rule.any_member"),
        ({"is": "any_member", "categories": "idp"}, "impossible_value", "categories", "rule.any_member"),
        (
            {"is": "household_category", "categories": []},
            "impossible_value",
            "categories",
            "rule.household_category",
        ),
        ({"is": "resides_in", "prefixes": ["UА12"]}, "impossible_value", "prefixes", "rule.resides_in"),
        ({"is": "any_member", "age_from": 4, "age_to": 3}, "bounds_reversed", "age_to", "rule.any_member"),
        (
            {"is": "size_between", "at_least": 4, "at_most": 3},
            "bounds_reversed",
            "at_most",
            "rule.size_between",
        ),
    ],
    ids=str,
)
def test_a_refusal_names_the_problem_and_where_it_is(value: Any, problem: str, name: str, at: str) -> None:
    with pytest.raises(RuleRefused) as refused:
        parse_rule(value)
    assert refused.value.facts == {"problem": problem, "name": name, "at": at}


def test_a_bottomless_or_endless_rule_is_refused() -> None:
    deep: dict[str, Any] = {"is": "has_decision"}
    for _ in range(1_000):
        deep = {"is": "not", "of": deep}
    wide = {"is": "all", "of": [{"is": "has_decision"}] * 1_000}
    for value in (deep, wide):
        with pytest.raises(RuleRefused) as refused:
            parse_rule(value)
        assert refused.value.facts["problem"] == "too_large"
