"""The form of a rule: rows that come and go by buttons, and a rule that is what the rows say."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.beneficiaries.eligibility import All, AnyMember, AnyOf, Not, Rule, judge
from aidtrack.beneficiaries.household import HouseholdFacts, Sex
from aidtrack.beneficiaries.rule_json import parse_rule, rule_to_json
from aidtrack.distribution.rights.rule_form import (
    DEEPEST,
    FIELDS,
    GROUPS,
    LISTED,
    Row,
    at_path,
    change,
    from_rule,
    read_rows,
    to_json,
)
from tests.beneficiaries.test_eligibility import TODAY, households
from tests.beneficiaries.test_rule_json import rules

number = st.integers(1, 40).map(lambda value: [str(value)])
VALUES: dict[str, st.SearchStrategy[list[str]]] = {
    "categories": st.lists(st.sampled_from(["idp", "disability"]), min_size=1, unique=True).map(sorted),
    "age_from": number | st.just([]),
    "age_to": st.integers(41, 90).map(lambda value: [str(value)]) | st.just([]),
    "sex": st.sampled_from([[], ["female"], ["male"]]),
    "at_least": number,
    "at_most": st.integers(41, 90).map(lambda value: [str(value)]) | st.just([]),
    "prefixes": st.sampled_from([["UA12"], ["UA12, UA1416"]]),
    "districts": st.sampled_from([[], [""], ["starosta-1, starosta-2"]]),
    "days": number,
    "day": st.dates(date(1900, 1, 1)).map(lambda day: [day.isoformat()]),
    "proven": st.sampled_from([[], ["yes"]]),
    "amount": st.sampled_from([["6500"], ["6500,50"], ["0,05"]]),
}
conditions = st.sampled_from(sorted(FIELDS)).flatmap(
    lambda kind: st.builds(
        lambda values: Row(kind, values), st.fixed_dictionaries({name: VALUES[name] for name in FIELDS[kind]})
    )
)


def groups(depth: int) -> st.SearchStrategy[Row]:
    inside = conditions if depth == DEEPEST else st.one_of(conditions, groups(depth + 1))
    return st.builds(
        lambda kind, rows: Row(kind, {}, rows),
        st.sampled_from(GROUPS),
        st.lists(inside, min_size=1, max_size=3),
    )


def posted(row: Row, path: str = "") -> dict[str, list[str]]:
    """The fields a browser sends for the row and all below it."""
    fields = {f"c{path}.kind": [row.kind]}
    fields |= {f"c{path}.{name}": values for name, values in row.values.items() if values or name in LISTED}
    for place, part in enumerate(row.rows):
        fields |= posted(part, f"{path}-{place}")
    return fields


@given(groups(0))
def test_a_form_becomes_a_rule_and_the_same_form_again(form: Row) -> None:
    json, problems = to_json(read_rows(posted(form)))
    assert problems == []
    rule = parse_rule(json)
    again = from_rule(rule)
    assert again is not None
    assert to_json(again)[0] == json
    assert rule_to_json(parse_rule(to_json(again)[0])) == rule_to_json(rule)


@given(rules, households)
def test_a_rule_shown_in_the_form_judges_as_it_did(rule: Rule, facts: HouseholdFacts) -> None:
    shown = from_rule(rule)
    if shown is None:  # deeper than the form
        return
    json, problems = to_json(shown)
    if problems:  # a group that asks for nothing is mended before it is saved
        assert {one.code for one in problems} <= {"empty_group", "one_of_them"}
        return
    assert judge(parse_rule(json), facts, TODAY).allowed == judge(rule, facts, TODAY).allowed


def test_what_is_nested_deeper_is_not_shown_wrongly() -> None:
    rule: Rule = AnyMember(frozenset({"idp"}))
    for _level in range(DEEPEST):
        rule = All((AnyOf((rule, rule)),))
    assert from_rule(All((Not(rule),))) is None


@pytest.mark.parametrize(
    ("kind", "values", "code"),
    [
        ("any_member", {"at_least": ["три"]}, "not_a_number"),
        ("any_member", {"at_least": ["0"]}, "not_a_number"),
        ("any_member", {"age_from": ["18"], "age_to": ["3"]}, "bounds"),
        ("any_member", {"sex": ["other"]}, "not_known"),
        ("all_members", {}, "one_of_them"),
        ("household_category", {}, None),
        ("size_between", {"at_least": ["3"], "at_most": ["2"]}, "bounds"),
        ("resides_in", {}, "one_of_them"),
        ("resides_in", {"prefixes": ["Дніпро"]}, "not_katottg"),
        ("displaced_within", {"days": [""]}, "needed"),
        ("income_at_most", {"amount": ["6.500"]}, "not_money"),
        ("income_at_most", {"amount": ["99999999999"]}, "not_money"),
        ("income_at_most", {"amount": ["99999999"]}, "too_much"),
        ("min_days_since_last_issue", {"days": ["40000"]}, "not_a_number"),
        ("arrived_within", {"days": ["0"]}, "not_a_number"),
        ("last_issue_before", {}, None),
        ("last_issue_before", {"day": ["торік"]}, "not_a_day"),
        ("last_issue_before", {"day": ["31.02.2026"]}, "not_a_day"),
        ("any", {}, "empty_group"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(kind: str, values: dict[str, Any], code: str | None) -> None:
    _json, problems = to_json(Row("all", rows=[Row(kind, values)]))
    assert [one.code for one in problems] == [code or "needed"]
    assert problems[0].name.startswith("c-0.")


def test_a_cyrillic_letter_in_a_code_is_read_and_money_is_read_to_the_kopiyka() -> None:
    rows = [
        Row("resides_in", {"prefixes": ["uА12; UA14"]}),  # the second letter is Cyrillic
        Row("income_at_most", {"amount": ["6\u00a0500,5"]}),
    ]
    json, problems = to_json(Row("all", rows=rows))
    assert problems == []
    assert json is not None
    assert json["of"] == [
        {"is": "resides_in", "prefixes": ["UA12", "UA14"]},
        {"is": "income_at_most", "kopiykas": 650_050},
    ]


def test_buttons_add_move_and_remove_rows_and_lose_nothing_typed() -> None:
    root = read_rows({"c.kind": ["all"]})
    assert change(root, "add:", "displaced_within")
    assert change(root, "add:", "any")
    assert change(root, "add:1", "size_between")
    assert change(root, "add:1", "none")
    assert change(root, "add:1-1", "has_decision")
    assert not change(root, "add:1-1", "any")  # deep enough
    assert not change(root, "add:0", "has_decision")  # a condition is no group
    assert not change(root, "add:7", "has_decision")
    assert not change(root, "burn:1")
    assert not change(root, "remove:")
    root.rows[0].values["days"] = ["60"]
    assert change(root, "down:0")
    assert [row.kind for row in root.rows] == ["any", "displaced_within"]
    assert change(root, "up:1")
    assert change(root, "up:0")  # already the first
    assert root.rows[0].one("days") == "60"
    again = read_rows(posted(root))
    assert posted(again) == posted(root)
    assert at_path(again, "1-1-0") == Row("has_decision")
    assert change(again, "remove:1")
    assert [row.kind for row in again.rows] == ["displaced_within"]


@given(st.dictionaries(st.text(max_size=12) | st.from_regex(r"c(-\d){0,3}\.[a-z_]{1,9}", fullmatch=True),
                       st.lists(st.text(max_size=6), max_size=3), max_size=8))  # fmt: skip
def test_whatever_is_sent_is_a_form_or_left_out(sent: dict[str, list[str]]) -> None:
    json, problems = to_json(read_rows(sent))
    assert (json is None) == bool(problems)
    if json is not None:
        parse_rule(json)


def test_a_day_typed_with_dots_is_shown_again_and_a_proof_of_nothing_is_not_asked() -> None:
    sent = {
        "c.kind": ["all"],
        "c-0.kind": ["last_issue_before"], "c-0.day": ["1.3.2026"],
        "c-1.kind": ["any_member"], "c-1.at_least": ["1"], "c-1.age_to": ["3"], "c-1.proven": ["yes"],
    }  # fmt: skip
    form = read_rows(sent)
    assert form.rows[0].one("day") == "2026-03-01"
    json, problems = to_json(form)
    assert problems == []
    assert json is not None and json["of"] == [
        {"is": "last_issue_before", "day": "2026-03-01"},
        {"is": "any_member", "at_least": 1, "age_to": 3},
    ]


def test_sex_is_among_the_fields() -> None:
    shown = from_rule(AnyMember(sex=Sex.MALE))
    assert shown is not None
    assert shown.rows[0].one("sex") == "male"
