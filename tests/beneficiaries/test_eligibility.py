"""Who is entitled and why not: the verdict and its reasons are one thing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    Reason,
    ResidesIn,
    Rule,
    Scope,
    SizeBetween,
    entitled_members,
    explain,
    judge,
    meets,
    reason_from_json,
    reason_to_json,
)
from aidtrack.beneficiaries.household import (
    AssessmentFact,
    DecisionFact,
    HouseholdFacts,
    IncomeFact,
    Member,
    Sex,
    facts_from_json,
    facts_to_json,
)

TODAY = date(2022, 10, 3)
FOOD, WINTER = 1, 2
NOBODY = HouseholdFacts(members=())


def aged(years: int | None, *categories: str, sex: Sex = Sex.FEMALE) -> Member:
    born = None if years is None else TODAY.replace(year=TODAY.year - years)
    return Member(1, born, sex, frozenset(categories), date(2022, 1, 1))


def family(*members: Member, **other: object) -> HouseholdFacts:
    return replace(HouseholdFacts(members=members, programme_id=FOOD), **other)  # type: ignore[arg-type]


def codes(rule: Rule, facts: HouseholdFacts) -> list[str]:
    return [reason.code for reason in judge(rule, facts, TODAY).reasons]


def test_one_vulnerable_member_entitles_the_whole_household() -> None:
    rule = AnyMember(frozenset({"idp", "disability"}))
    assert judge(rule, family(aged(40), aged(70, "disability")), TODAY).allowed
    assert codes(rule, family(aged(40, "large_family"))) == ["no_fitting_member"]


def test_all_marks_of_a_condition_must_be_on_one_member() -> None:
    rule = AnyMember(frozenset({"idp"}), age_from=1, age_to=3)
    assert judge(rule, family(aged(2, "idp")), TODAY).allowed
    assert codes(rule, family(aged(2), aged(30, "idp"))) == ["no_fitting_member"]


def test_three_children_make_a_large_family_and_the_reason_says_how_many_there_are() -> None:
    rule = AnyMember(age_to=17, at_least=3)
    assert judge(rule, family(aged(1), aged(5), aged(17)), TODAY).allowed
    (reason,) = judge(rule, family(aged(1), aged(5), aged(18)), TODAY).reasons
    assert (reason.facts["at_least"], reason.facts["found"]) == (3, 2)


def test_a_member_who_left_no_longer_entitles() -> None:
    gone = replace(aged(2, "idp"), left_on=TODAY - timedelta(days=1))
    assert codes(AnyMember(frozenset({"idp"})), family(aged(30), gone)) == ["no_fitting_member"]


def test_a_condition_on_everyone_needs_somebody() -> None:
    rule = AllMembers(age_from=60)
    assert judge(rule, family(aged(60), aged(71)), TODAY).allowed
    assert codes(rule, family(aged(60), aged(59), aged(None))) == ["not_every_member_fits"]
    assert codes(rule, NOBODY) == ["nobody_present"]


def test_the_sex_of_a_member_can_be_asked() -> None:
    rule = AnyMember(age_from=18, sex=Sex.MALE)
    assert judge(rule, family(aged(40, sex=Sex.MALE)), TODAY).allowed
    assert not judge(rule, family(aged(40), aged(5, sex=Sex.MALE)), TODAY).allowed


@pytest.mark.parametrize(("size", "allowed"), [(1, False), (2, True), (4, True), (5, False)])
def test_the_number_of_members_has_two_included_ends(size: int, allowed: bool) -> None:
    assert judge(SizeBetween(2, 4), family(*[aged(30)] * size), TODAY).allowed is allowed


def test_the_wait_after_an_issue_ends_on_a_named_day() -> None:
    rule = MinDaysSinceLastIssue(30)
    assert judge(rule, NOBODY, TODAY).allowed
    assert judge(rule, replace(NOBODY, last_issue_on=TODAY - timedelta(days=30)), TODAY).allowed
    (reason,) = judge(rule, replace(NOBODY, last_issue_on=TODAY - timedelta(days=29)), TODAY).reasons
    assert reason == Reason("issued_too_recently", {"days": 30, "days_left": 1, "next_on": "2022-10-04"})


def test_residence_is_a_prefix_of_the_code_and_an_unknown_one_is_said_to_be_unknown() -> None:
    rule = ResidesIn(("UA1202001", "UA14"))
    assert judge(rule, replace(NOBODY, katottg="UA12020010000033698"), TODAY).allowed
    assert codes(rule, replace(NOBODY, katottg="UA18040190000029215")) == ["resides_elsewhere"]
    assert codes(rule, NOBODY) == ["residence_unknown"]


def test_a_starosta_district_is_enough_where_the_rule_names_one() -> None:
    rule = ResidesIn(("UA12",), ("starosta-1",))
    assert judge(rule, replace(NOBODY, katottg="UA63", district="starosta-1"), TODAY).allowed
    assert judge(rule, replace(NOBODY, katottg="UA12020010000033698"), TODAY).allowed
    assert codes(rule, replace(NOBODY, katottg="UA63", district="starosta-2")) == ["resides_elsewhere"]
    assert codes(ResidesIn((), ("starosta-1",)), NOBODY) == ["district_unknown"]


@pytest.mark.parametrize(("total", "allowed"), [(600_000, True), (600_001, False), (0, True)])
def test_income_is_shared_among_those_present_to_the_kopiyka(total: int, allowed: bool) -> None:
    gone = replace(aged(30), left_on=TODAY - timedelta(days=1))
    facts = family(aged(30), aged(5), gone, incomes=(IncomeFact(total, TODAY),))
    assert judge(IncomeAtMost(300_000), facts, TODAY).allowed is allowed


def test_income_needs_a_paper_of_that_time_and_the_newest_counts() -> None:
    rule, yesterday = IncomeAtMost(100), TODAY - timedelta(days=1)
    assert codes(rule, family(aged(30))) == ["income_unknown"]
    assert codes(rule, family(aged(30), incomes=(IncomeFact(1, TODAY + timedelta(days=1)),))) == [
        "income_unknown"
    ]
    (old,) = judge(rule, family(aged(30), incomes=(IncomeFact(1, yesterday, yesterday),)), TODAY).reasons
    assert (old.code, old.facts["as_of"]) == ("income_outdated", yesterday.isoformat())
    both = family(aged(30), incomes=(IncomeFact(100, yesterday), IncomeFact(101, TODAY)))
    (above,) = judge(rule, both, TODAY).reasons
    assert (above.code, above.facts["ceiling"]) == ("income_above", "1.00")


def test_served_by_person_only_the_children_of_that_age_count() -> None:
    rule = All((AnyMember(age_from=1, age_to=3), SizeBetween(at_most=4)))
    baby, child, mother = aged(1), aged(4), aged(30)
    facts = family(mother, child, baby)
    assert entitled_members(rule, facts, TODAY, scope=Scope.PERSON) == (baby,)
    assert entitled_members(rule, facts, TODAY) == (mother, child, baby)
    (reason,) = judge(rule, family(mother, child), TODAY, scope=Scope.PERSON).reasons
    assert reason.code == "no_fitting_member"
    assert judge(rule, NOBODY, TODAY, scope=Scope.PERSON).reasons == (Reason("nobody_present"),)


@pytest.mark.parametrize(("ago", "allowed"), [(0, True), (60, True), (61, False), (-1, False)])
def test_displacement_has_a_limit_in_days(ago: int, allowed: bool) -> None:
    displaced = replace(NOBODY, displaced_on=TODAY - timedelta(days=ago))
    assert judge(DisplacedWithin(60), displaced, TODAY).allowed is allowed


@pytest.mark.parametrize(
    ("ago", "code"),
    [(0, None), (60, None), (61, "arrived_too_long_ago"), (-1, "not_arrived_yet"), (None, "arrival_unknown")],
)
def test_arrival_is_counted_apart_from_displacement(ago: int | None, code: str | None) -> None:
    arrived = None if ago is None else TODAY - timedelta(days=ago)
    facts = replace(NOBODY, arrived_on=arrived, displaced_on=TODAY - timedelta(days=400))
    assert codes(ArrivedWithin(60), facts) == ([] if code is None else [code])
    assert codes(Not(ArrivedWithin(60)), facts) == (["arrival_excludes"] if code is None else [])


@pytest.mark.parametrize(
    ("last", "code"),
    [(None, None), (-400, None), (-1, None), (0, "served_since"), (1, "served_since")],
)
def test_served_before_a_set_day_is_as_if_never_and_on_the_day_is_too_late(
    last: int | None, code: str | None
) -> None:
    day = TODAY - timedelta(days=10)
    facts = replace(NOBODY, last_issue_on=None if last is None else day + timedelta(days=last))
    assert codes(LastIssueBefore(day), facts) == ([] if code is None else [code])
    assert codes(Not(LastIssueBefore(day)), facts) == (["not_served_since"] if code is None else [])


def test_a_category_without_a_paper_has_a_nearer_mend_than_no_category() -> None:
    disabled = frozenset({"disability"})
    unproven, proven = aged(40, "disability"), replace(aged(40, "disability"), proven=disabled)
    for rule in (AnyMember(disabled, proven=True), AllMembers(disabled, proven=True)):
        assert judge(rule, family(proven), TODAY).allowed
        assert codes(rule, family(unproven)) == ["category_unproven"]
        assert codes(rule, family(aged(40))) != ["category_unproven"]
    whole = HouseholdCategory(disabled, proven=True)
    assert judge(whole, family(categories=disabled, proven=disabled), TODAY).allowed
    assert codes(whole, family(categories=disabled)) == ["category_unproven"]
    assert codes(whole, family()) == ["household_category_missing"]


def test_a_decision_counts_while_in_force_and_for_its_programme() -> None:
    def facts(*decisions: DecisionFact) -> HouseholdFacts:
        return family(decisions=decisions)

    yesterday, tomorrow = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    assert judge(HasDecision(), facts(DecisionFact(TODAY, TODAY, FOOD)), TODAY).allowed
    assert judge(HasDecision(), facts(DecisionFact(yesterday)), TODAY).allowed
    assert codes(HasDecision(), facts(DecisionFact(yesterday, None, WINTER))) == ["decision_missing"]
    assert codes(HasDecision(), facts(DecisionFact(tomorrow), DecisionFact(yesterday, yesterday))) == [
        "decision_missing"
    ]


def test_an_assessment_counts_through_its_last_valid_day() -> None:
    valid = family(assessments=(AssessmentFact(date(2022, 9, 1), TODAY),))
    assert judge(HasAssessment(), valid, TODAY).allowed
    assert not judge(HasAssessment(), valid, TODAY + timedelta(days=1)).allowed


def test_the_nearest_mend_comes_first() -> None:
    rule = All(
        (
            SizeBetween(2),
            ResidesIn(("UA12",)),
            MinDaysSinceLastIssue(30),
            AnyMember(frozenset({"idp"})),
            HasAssessment(),
        )
    )
    facts = family(aged(30), katottg="UA63", last_issue_on=TODAY)
    assert codes(rule, facts) == [
        "assessment_missing", "issued_too_recently", "no_fitting_member", "resides_elsewhere", "size_outside"
    ]  # fmt: skip


def test_of_two_waits_the_shorter_one_comes_first() -> None:
    rule = All((MinDaysSinceLastIssue(90), MinDaysSinceLastIssue(30)))
    reasons = judge(rule, replace(NOBODY, last_issue_on=TODAY), TODAY).reasons
    assert [reason.facts["days_left"] for reason in reasons] == [30, 90]


def test_alternatives_are_listed_with_the_nearest_first_and_as_alternatives() -> None:
    rule = AnyOf((SizeBetween(5), All((HasDecision(), ResidesIn(("UA12",)))), HasAssessment()))
    (reason,) = judge(rule, family(aged(30)), TODAY).reasons
    assert reason.code == "no_alternative"
    assert [[one.code for one in option] for option in reason.options] == [
        ["assessment_missing"], ["decision_missing", "residence_unknown"], ["size_outside"]
    ]  # fmt: skip
    assert [depth for depth, _ in explain(judge(rule, family(aged(30)), TODAY))] == [0, 1, 1, 1, 1]


def test_alternatives_stand_where_the_nearest_of_them_does() -> None:
    rule = All((ArrivedWithin(60), AnyOf((SizeBetween(5), HasAssessment()))))
    assert codes(rule, family(aged(30))) == ["no_alternative", "arrival_unknown"]
    farther = All((ArrivedWithin(60), AnyOf((SizeBetween(5), ResidesIn(("UA12",))))))
    assert codes(farther, family(aged(30), katottg="UA63")) == ["arrival_unknown", "no_alternative"]


def test_an_exclusion_says_what_excludes() -> None:
    rule = Not(AnyOf((HouseholdCategory(frozenset({"foster_family"})), HasDecision())))
    excluded = family(categories=frozenset({"foster_family"}), decisions=(DecisionFact(TODAY),))
    assert codes(rule, excluded) == ["decision_excludes", "household_category_excludes"]
    assert judge(rule, family(), TODAY).allowed


def test_no_condition_at_all_admits_everyone_and_no_alternative_nobody() -> None:
    assert judge(All(()), NOBODY, TODAY).allowed
    assert codes(AnyOf(()), NOBODY) == ["no_alternative"]
    assert codes(Not(All(())), NOBODY) == ["no_alternative"]


# -- properties --------------------------------------------------------------------------------------

category_sets = st.frozensets(st.sampled_from(["idp", "disability", "large_family"]), max_size=2)
ages = st.none() | st.integers(0, 80)
near_days = st.integers(-40, 40).map(lambda days: TODAY + timedelta(days=days))
leaves: st.SearchStrategy[Rule] = st.one_of(
    st.builds(
        AnyMember,
        category_sets,
        ages,
        ages,
        st.none() | st.sampled_from(Sex),
        st.integers(1, 3),
        proven=st.booleans(),
    ),
    st.builds(AllMembers, category_sets, ages, ages, st.none() | st.sampled_from(Sex), proven=st.booleans()),
    st.builds(HouseholdCategory, category_sets, st.booleans()),
    st.builds(SizeBetween, st.integers(0, 3), st.none() | st.integers(0, 4)),
    st.builds(MinDaysSinceLastIssue, st.integers(1, 40)),
    st.builds(
        ResidesIn, st.sampled_from([(), ("UA12",)]), st.sampled_from([("starosta-1",), ("starosta-2",)])
    ),
    st.builds(IncomeAtMost, st.integers(0, 400_000)),
    st.builds(DisplacedWithin, st.integers(1, 40)),
    st.builds(ArrivedWithin, st.integers(1, 40)),
    st.builds(LastIssueBefore, near_days),
    st.just(HasDecision()),
    st.just(HasAssessment()),
)
rules: st.SearchStrategy[Rule] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=8,
)
households = st.builds(
    HouseholdFacts,
    members=st.lists(
        st.builds(
            Member,
            person_id=st.just(1),
            birth_date=st.none() | st.dates(date(1930, 1, 1), TODAY),
            sex=st.sampled_from(Sex),
            categories=category_sets,
            joined_on=near_days,
            left_on=st.none() | near_days,
            proven=category_sets,
        ),
        max_size=4,
    ).map(tuple),
    categories=category_sets,
    katottg=st.sampled_from([None, "UA12020010000033698", "UA63"]),
    displaced_on=st.none() | near_days,
    arrived_on=st.none() | near_days,
    proven=category_sets,
    last_issue_on=st.none() | near_days,
    decisions=st.lists(
        st.builds(DecisionFact, near_days, st.none() | near_days, st.sampled_from([None, 1, 2])), max_size=2
    ).map(tuple),
    assessments=st.lists(st.builds(AssessmentFact, near_days, near_days), max_size=2).map(tuple),
    programme_id=st.just(FOOD),
    district=st.sampled_from([None, "starosta-1", "starosta-3"]),
    incomes=st.lists(
        st.builds(IncomeFact, st.integers(0, 900_000), near_days, st.none() | near_days), max_size=2
    ).map(tuple),
)


def holds(rule: Rule, facts: HouseholdFacts) -> bool:
    """The plain meaning of the tree, leaf verdicts aside: what `judge` must agree with."""
    match rule:
        case All(of):
            return all(holds(part, facts) for part in of)
        case AnyOf(of):
            return any(holds(part, facts) for part in of)
        case Not(of):
            return not holds(of, facts)
        case leaf:
            return not judge(leaf, facts, TODAY).reasons


@given(rules, households)
@settings(max_examples=300)
def test_a_verdict_means_what_the_tree_means_and_has_reasons_exactly_when_it_refuses(
    rule: Rule, facts: HouseholdFacts
) -> None:
    verdict = judge(rule, facts, TODAY)
    assert verdict.allowed == holds(rule, facts) == meets(rule, facts, TODAY)
    assert verdict.allowed == (explain(verdict) == [])


@given(rules, households)
def test_of_persons_those_are_served_for_whom_the_rule_holds_and_the_family_is_entitled_through_them(
    rule: Rule, facts: HouseholdFacts
) -> None:
    served = entitled_members(rule, facts, TODAY, scope=Scope.PERSON)
    assert judge(rule, facts, TODAY, scope=Scope.PERSON).allowed == bool(served)
    assert meets(rule, facts, TODAY, scope=Scope.PERSON) == bool(served)
    assert all(member.is_present(TODAY) for member in served)
    whole = entitled_members(rule, facts, TODAY)
    assert set(whole) <= set(facts.members)
    assert judge(rule, facts, TODAY).allowed or not whole


@given(households)
def test_facts_are_kept_as_they_were_judged(facts: HouseholdFacts) -> None:
    assert facts_from_json(facts_to_json(facts)) == facts


@given(rules, households)
def test_a_rule_and_its_opposite_never_agree(rule: Rule, facts: HouseholdFacts) -> None:
    assert judge(rule, facts, TODAY).allowed != judge(Not(rule), facts, TODAY).allowed


@given(rules, households)
def test_every_reason_renders_in_full_and_survives_being_stored(rule: Rule, facts: HouseholdFacts) -> None:
    for _, reason in explain(judge(rule, facts, TODAY)):
        assert "%" not in reason.text % reason.facts
        assert reason_from_json(reason_to_json(reason)) == reason


@given(rules, households)
def test_reasons_stand_in_the_order_of_mending(rule: Rule, facts: HouseholdFacts) -> None:
    order = list(REASON_TEXTS)

    def far(reason: Reason) -> int:
        """Of alternatives the nearest way, and of a way what is farthest on it."""
        ways = [max(map(far, option)) for option in reason.options]
        return min(ways, default=order.index(reason.code))

    ranks = [far(reason) for reason in judge(rule, facts, TODAY).reasons]
    assert ranks == sorted(ranks)
