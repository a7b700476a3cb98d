"""The distribution rules seen in practice (FIELD §7), each by name: written in the form, met, missed, explained."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from flask import Flask
from flask_babel import Babel, force_locale
from werkzeug.datastructures import MultiDict

from aidtrack.beneficiaries.eligibility import Rule, judge, meets
from aidtrack.beneficiaries.household import HouseholdFacts, Member
from aidtrack.beneficiaries.rule_json import parse_rule
from aidtrack.distribution.rights.forms import DraftForm
from aidtrack.distribution.rights.rule_form import from_rule, read_rows, to_json
from aidtrack.distribution.rights.terms import Terms, parse_terms
from aidtrack.distribution.rights.words import reason_lines, rule_lines
from tests.beneficiaries.test_eligibility import TODAY, aged, family

Posted = Mapping[str, str | list[str]]
NAMES = {
    "idp": "displaced", "disability": "disability", "older_person": "older person", "large_family": "large family",
    "single_parent": "single parent", "low_income": "low income", "unemployed": "jobless", "szho": "SZhO",
}  # fmt: skip
FULL, PARTIAL, ELSEWHERE = "UA23060070010069526", "UA23060190010042516", "UA12020010010037010"
ROOT: Posted = {"c.kind": "all", "title": "Чернетка", "scope": "household", "proxy_allowed": "y"}


@pytest.fixture(scope="module", autouse=True)
def pages() -> Iterator[None]:
    app = Flask("aidtrack")
    app.config.update(SECRET_KEY="for tests", WTF_CSRF_ENABLED=False)
    Babel(app, default_locale="en")
    with app.app_context(), force_locale("en"):
        yield


@dataclass(frozen=True)
class Written:
    """What the form makes of the fields a browser sends."""

    rule: Rule
    terms: Terms

    def meets(self, facts: HouseholdFacts, on: date = TODAY) -> bool:
        verdict = judge(self.rule, facts, on, scope=self.terms.scope)
        assert verdict.allowed == meets(self.rule, facts, on, scope=self.terms.scope)
        return verdict.allowed

    def against(self, facts: HouseholdFacts, on: date = TODAY) -> list[str]:
        """The sentences a family is told, nearest mend first; alternatives are indented."""
        reasons = judge(self.rule, facts, on, scope=self.terms.scope).reasons
        return ["  " * depth + sentence for depth, sentence in reason_lines(reasons, NAMES)]


def written(*posted: Posted) -> Written:
    """The form as it is sent, judged as the page judges it, shown again and read a second time."""
    sent = MultiDict[str, str]({name: value for part in (ROOT, *posted) for name, value in part.items()})
    json, problems = to_json(read_rows(sent.to_dict(flat=False)))
    assert problems == []
    rule = parse_rule(json)
    shown = from_rule(rule)
    assert shown is not None and to_json(shown)[0] == json
    assert rule_lines(rule, NAMES)
    app = Flask("aidtrack")
    app.config.update(SECRET_KEY="for tests", WTF_CSRF_ENABLED=False)
    Babel(app, default_locale="en")
    with app.test_request_context(method="POST", data=sent):
        form = DraftForm()
        assert form.validate(), form.errors
        return Written(rule, parse_terms(form.terms()))


def without(facts: HouseholdFacts, **changed: object) -> HouseholdFacts:
    return replace(facts, **changed)  # type: ignore[arg-type]


def proven(member: Member) -> Member:
    return replace(member, proven=member.categories)


def test_wfp_with_posmishka_ua_in_zaporizhzhia_2025() -> None:
    """Everybody where coverage is full; where it is partial one vulnerable member entitles the household."""
    rule = written(
        {
            "c.kind": "any",
            "c-0.kind": "resides_in", "c-0.prefixes": FULL[:9],
            "c-1.kind": "all",
            "c-1-0.kind": "resides_in", "c-1-0.prefixes": PARTIAL[:9],
            "c-1-1.kind": "any_member", "c-1-1.at_least": "1",
            "c-1-1.categories": ["disability", "older_person", "idp"],
        }
    )  # fmt: skip
    young, old = aged(30), aged(71, "older_person")
    assert rule.meets(family(young, katottg=FULL))
    assert rule.meets(family(young, old, katottg=PARTIAL))
    assert rule.against(family(young, katottg=PARTIAL)) == [
        "None of these alternatives is met; any one of them would do.",
        "  Too few members of the family meet the condition: 0, and 1 needed. (disability, displaced, older person)",
        f"  The place of residence lies outside the programme's area. ({FULL[:9]})",
    ]
    assert not rule.meets(family(young, old, katottg=ELSEWHERE))


def test_chuhuiv_with_wfp_asks_for_a_paper_for_each_category() -> None:
    """Single parent, jobless, low income, disability, large family, displaced: each proven by its document."""
    of_person = ["single_parent", "unemployed", "low_income", "disability", "idp"]
    rule = written(
        {
            "c-0.kind": "any",
            "c-0-0.kind": "any_member", "c-0-0.at_least": "1", "c-0-0.categories": of_person, "c-0-0.proven": "yes",
            "c-0-1.kind": "household_category", "c-0-1.categories": ["large_family"], "c-0-1.proven": "yes",
        }
    )  # fmt: skip
    large = frozenset({"large_family"})
    assert rule.meets(family(proven(aged(40, "disability"))))
    assert rule.meets(family(aged(40), categories=large, proven=large))
    assert rule.against(family(aged(40, "disability"))) == [
        "None of these alternatives is met; any one of them would do.",
        "  The category is recorded, but no paper that proves it was seen."
        " (disability, displaced, low income, single parent, jobless)",
        "  The family has none of the categories asked for. (large family)",
    ]
    assert not rule.meets(family(aged(40), categories=large))


def test_kryvyi_rih_serves_150_families_a_day_who_come_themselves_and_were_not_served_since_a_day() -> None:
    rule = written(
        {
            "c-0.kind": "last_issue_before", "c-0.day": "2022-08-01",
            "c-1.kind": "resides_in", "c-1.prefixes": "UA12060170",
            "quota_per_day": "150", "proxy_allowed": "",
        }
    )  # fmt: skip
    here = family(aged(40), katottg="UA12060170010079867")
    assert rule.terms == Terms(quota_per_day=150, proxy_allowed=False)
    assert rule.meets(here)
    assert rule.meets(without(here, last_issue_on=date(2022, 7, 31)))
    assert rule.against(without(here, last_issue_on=date(2022, 8, 1))) == [
        "Served on 01.08.2022 already; only families never served, or last before 01.08.2022, are served now."
    ]


def test_myrhorod_2022_gives_one_kit_for_each_person_once_and_one_parent_collects() -> None:
    rule = written({"c-0.kind": "resides_in", "c-0.prefixes": "UA53060130", "cap_member": "1"})
    assert rule.terms == Terms(cap_member=1)
    assert rule.meets(family(aged(30), aged(5), katottg="UA53060130010098243"))
    assert rule.against(family(aged(30))) == ["The place of residence has no KATOTTG code. (UA53060130)"]


def test_poltava_caritas_serves_the_displaced_60_days_after_arrival_with_one_more_need() -> None:
    rule = written(
        {
            "c-0.kind": "any_member", "c-0.at_least": "1", "c-0.categories": ["idp"],
            "c-1.kind": "arrived_within", "c-1.days": "60",
            "c-2.kind": "any",
            "c-2-0.kind": "any_member", "c-2-0.at_least": "1", "c-2-0.categories": ["disability"],
            "c-2-1.kind": "any_member", "c-2-1.at_least": "1", "c-2-1.age_from": "60",
            "c-2-2.kind": "any_member", "c-2-2.at_least": "3", "c-2-2.age_to": "17",
        }
    )  # fmt: skip
    long_displaced = TODAY - timedelta(days=220)
    grandmother = family(aged(66, "idp"), displaced_on=long_displaced, arrived_on=TODAY - timedelta(days=60))
    assert rule.meets(grandmother)
    assert rule.against(without(grandmother, arrived_on=TODAY - timedelta(days=61))) == [
        "Arrived in the hromada too long ago; days since then: 61, limit: 60."
    ]
    assert rule.against(without(grandmother, arrived_on=None)) == [
        "The day of arrival in the hromada is not recorded."
    ]
    assert rule.against(without(grandmother, members=(aged(30, "idp"), aged(5), aged(3))))[0] == (
        "None of these alternatives is met; any one of them would do."
    )
    assert not rule.meets(without(grandmother, members=(aged(66),)))


def test_the_red_cross_in_ternivka_gives_one_kitchen_set_to_each_large_displaced_family_while_there_are_any() -> (
    None
):
    rule = written(
        {
            "c-0.kind": "any_member", "c-0.at_least": "1", "c-0.categories": ["idp"],
            "c-1.kind": "any_member", "c-1.at_least": "3", "c-1.age_to": "17",
            "cap_household": "1", "first_come": "40",
        }
    )  # fmt: skip
    mother = aged(35, "idp")
    assert rule.terms == Terms(cap_household=1, first_come=40)
    assert rule.meets(family(mother, aged(2), aged(9), aged(17)))
    assert rule.against(family(mother, aged(2), aged(9), aged(18))) == [
        "Too few members of the family meet the condition: 2, and 3 needed. (aged 17 or less)"
    ]


def test_wfp_ukraine_2026_gives_a_kit_a_month() -> None:
    rule = written({"c-0.kind": "min_days_since_last_issue", "c-0.days": "30"})
    assert rule.meets(family(aged(30), last_issue_on=TODAY - timedelta(days=30)))
    assert rule.against(family(aged(30), last_issue_on=TODAY - timedelta(days=20))) == [
        "Too soon after the last issue: days between issues: 30; possible again from 13.10.2022."
    ]


def test_wfp_ukraine_2026_gives_a_five_day_kit_once_on_evacuation() -> None:
    rule = written({"c-0.kind": "displaced_within", "c-0.days": "5", "cap_household": "1"})
    assert rule.terms == Terms(cap_household=1)
    assert rule.meets(family(aged(30), displaced_on=TODAY - timedelta(days=5)))
    assert rule.against(family(aged(30), displaced_on=TODAY - timedelta(days=6))) == [
        "Displaced too long ago; days since then: 6, limit: 5."
    ]


def test_a_winter_kit_goes_to_each_displaced_child_of_one_to_three() -> None:
    """FIELD §1, row 5: served by person."""
    rule = written(
        {
            "c-0.kind": "any_member", "c-0.at_least": "1", "c-0.categories": ["idp"], "c-0.age_from": "1",
            "c-0.age_to": "3", "scope": "person", "cap_member": "1",
        }
    )  # fmt: skip
    assert rule.meets(family(aged(30, "idp"), aged(3, "idp")))
    assert not rule.meets(family(aged(30, "idp"), aged(4, "idp")))
