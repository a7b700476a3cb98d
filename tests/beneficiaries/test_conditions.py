"""Each condition against an answer worked out in another way: birthdays and days are counted one by one.

The properties in test_eligibility.py are about the tree; here it is the leaves, and whether what a refusal says is so.
"""

from datetime import date, timedelta
from itertools import count, product

from hypothesis import given, settings
from hypothesis import strategies as st

from aidtrack.beneficiaries.conditions import (
    AllMembers,
    AnyMember,
    ArrivedWithin,
    Criteria,
    DisplacedWithin,
    HasAssessment,
    HasDecision,
    HouseholdCategory,
    IncomeAtMost,
    LastIssueBefore,
    Leaf,
    MinDaysSinceLastIssue,
    ResidesIn,
    SizeBetween,
)
from aidtrack.beneficiaries.eligibility import judge
from aidtrack.beneficiaries.household import (
    AssessmentFact,
    DecisionFact,
    HouseholdFacts,
    IncomeFact,
    Member,
    Sex,
)

DAY = timedelta(days=1)
# All days, limits and ages lie so close together that many examples stand at an edge.
TODAY = date(2022, 10, 3)
limits = st.integers(1, 4)
ages = st.none() | st.sampled_from([0, 1, 2, 17, 18])
kinds = st.frozensets(st.sampled_from(["idp", "disability"]), max_size=2)
sexes = st.none() | st.sampled_from(Sex)


def near(on: date) -> st.SearchStrategy[date]:
    return st.integers(-5, 5).map(lambda ago: on + ago * DAY)


def born_near(on: date) -> st.SearchStrategy[date]:
    """A day before, on or after a birthday."""
    return st.builds(
        lambda years, off: date(on.year - years, on.month, min(on.day, 28)) + off * DAY,
        st.sampled_from([0, 1, 2, 3, 17, 18, 19]), st.integers(-1, 2),
    ) | st.sampled_from([date(2004, 2, 29), date(2020, 2, 29)])  # fmt: skip


def leaves_near(on: date) -> st.SearchStrategy[Leaf]:
    return st.one_of(
        st.builds(AnyMember, kinds, ages, ages, sexes, st.integers(1, 3), proven=st.booleans()),
        st.builds(AllMembers, kinds, ages, ages, sexes, proven=st.booleans()),
        st.builds(HouseholdCategory, kinds, st.booleans()),
        st.builds(SizeBetween, st.integers(0, 3), st.none() | st.integers(0, 4)),
        st.builds(MinDaysSinceLastIssue, limits),
        st.builds(LastIssueBefore, near(on)),
        st.builds(ResidesIn, st.sampled_from([(), ("UA12",)]), st.sampled_from([(), ("starosta-1",)])),
        st.builds(IncomeAtMost, st.sampled_from([100, 150, 200])),
        st.builds(DisplacedWithin, limits),
        st.builds(ArrivedWithin, limits),
        st.just(HasDecision()),
        st.just(HasAssessment()),
    )


def families_near(on: date) -> st.SearchStrategy[HouseholdFacts]:
    day, maybe = near(on), st.none() | near(on)
    member = st.builds(
        Member, st.just(1), st.none() | born_near(on), st.sampled_from(Sex), kinds, day, maybe, kinds
    )
    return st.builds(
        HouseholdFacts,
        members=st.lists(member, max_size=3).map(tuple),
        categories=kinds,
        katottg=st.sampled_from([None, "UA12020010000033698", "UA63"]),
        displaced_on=maybe,
        last_issue_on=maybe,
        decisions=st.lists(
            st.builds(DecisionFact, day, maybe, st.sampled_from([None, 1, 2])), max_size=2
        ).map(tuple),
        assessments=st.lists(st.builds(AssessmentFact, day, day), max_size=2).map(tuple),
        programme_id=st.just(1),
        district=st.sampled_from([None, "starosta-1", "starosta-2"]),
        incomes=st.lists(
            st.builds(IncomeFact, st.sampled_from([100, 200, 201, 300, 400]), day, maybe), max_size=2
        ).map(tuple),
        arrived_on=maybe,
        proven=kinds,
    )


cases = st.tuples(leaves_near(TODAY), families_near(TODAY))


def birthdays(born: date, on: date) -> int:
    """How many have been, the day of birth left out; -1 before birth."""
    if born > on:
        return -1
    for years in count(1):
        try:
            one = born.replace(year=born.year + years)
        except ValueError:  # 29 February in a common year
            one = date(born.year + years, 3, 1)
        if one > on:
            return years - 1
    raise AssertionError


def last_days(on: date, how_many: int) -> set[date]:
    """That day and those before it."""
    return {on - ago * DAY for ago in range(how_many + 1)}


def here(facts: HouseholdFacts, on: date) -> list[Member]:
    return [
        one for one in facts.members if one.joined_on <= on and (one.left_on is None or one.left_on >= on)
    ]  # fmt: skip


def fits(asked: Criteria, member: Member, on: date) -> bool:
    shown = member.proven if asked.proven else member.categories
    answers = [any(kind in shown for kind in asked.categories)] if asked.categories else []
    if asked.sex is not None:
        answers.append(member.sex == asked.sex)
    if (asked.age_from, asked.age_to) != (None, None):
        lowest = 0 if asked.age_from is None else asked.age_from
        highest = 200 if asked.age_to is None else asked.age_to
        born = member.birth_date
        answers.append(born is not None and birthdays(born, on) in range(lowest, highest + 1))
    return all(answers)


def true_of(leaf: Leaf, facts: HouseholdFacts, on: date) -> bool:
    present = here(facts, on)
    match leaf:
        case AnyMember():
            return len([one for one in present if fits(leaf, one, on)]) >= leaf.at_least
        case AllMembers():
            return present != [] and [one for one in present if not fits(leaf, one, on)] == []
        case HouseholdCategory(categories):
            return any(kind in categories for kind in (facts.proven if leaf.proven else facts.categories))
        case SizeBetween(lowest, highest):
            return len(present) in range(lowest, (100 if highest is None else highest) + 1)
        case MinDaysSinceLastIssue(wait):
            last = facts.last_issue_on
            return last is None or last not in last_days(on, wait - 1) | {
                on + ahead * DAY for ahead in range(100)
            }
        case LastIssueBefore(day):
            return facts.last_issue_on is None or facts.last_issue_on <= day - DAY
        case ResidesIn(prefixes, districts):
            code = facts.katottg or ""
            return any(code[: len(one)] == one for one in prefixes) or facts.district in districts
        case DisplacedWithin(limit):
            return facts.displaced_on in last_days(on, limit)
        case ArrivedWithin(limit):
            return facts.arrived_on in last_days(on, limit)
        case IncomeAtMost(ceiling):
            papers = [one for one in facts.incomes if one.as_of <= on and (one.valid_until or on) >= on]
            return present != [] and papers != [] and papers[-1].total / len(present) <= ceiling
        case HasDecision():
            return any(
                one.valid_from <= on and (one.valid_until or on) >= on
                and (one.programme_id is None or one.programme_id == facts.programme_id)
                for one in facts.decisions
            )  # fmt: skip
        case HasAssessment():
            return any(on in last_days(one.valid_until, (one.valid_until - one.made_on).days) for one in facts.assessments)  # fmt: skip
    raise AssertionError(leaf)


@settings(max_examples=200)
@given(cases)
def test_a_condition_holds_exactly_when_it_is_true(case: tuple[Leaf, HouseholdFacts]) -> None:
    leaf, facts = case
    assert judge(leaf, facts, TODAY).allowed is true_of(leaf, facts, TODAY)


def test_ages_at_every_edge() -> None:
    """Birthdays today, yesterday and tomorrow, also of those born on 29 February, against every band."""
    for on in (TODAY, date(2022, 2, 28), date(2022, 3, 1), date(2024, 2, 29), date(2024, 3, 1)):
        births = [
            date(on.year - years, on.month, min(on.day, 28)) + off * DAY
            for years in (0, 1, 3, 18)
            for off in (-1, 0, 1, 2)
        ]
        for born in (None, date(2004, 2, 29), date(2020, 2, 29), *births):
            one = HouseholdFacts((Member(1, born, Sex.FEMALE, frozenset(), date(1900, 1, 1)),))
            for low, high in product((None, 0, 1, 3, 17, 18), repeat=2):
                for leaf in (AnyMember(age_from=low, age_to=high), AllMembers(age_from=low, age_to=high)):
                    assert judge(leaf, one, on).allowed is true_of(leaf, one, on), (leaf, born, on)


def test_days_at_every_edge() -> None:
    """Limits of days, last and first days, each a day before, on and after."""
    for ago, limit in product(range(-3, 8), range(1, 5)):
        day = TODAY - ago * DAY
        facts = HouseholdFacts(
            (Member(1, None, Sex.MALE, frozenset(), day), Member(2, None, Sex.MALE, frozenset(), date(2020, 1, 1), day)),
            displaced_on=day, arrived_on=day, last_issue_on=day,
            assessments=(AssessmentFact(day - limit * DAY, day),), decisions=(DecisionFact(day, day + limit * DAY),),
            incomes=(IncomeFact(100, day, day + limit * DAY),),
        )  # fmt: skip
        for leaf in (
            DisplacedWithin(limit), ArrivedWithin(limit), MinDaysSinceLastIssue(limit), LastIssueBefore(TODAY - limit * DAY),
            HasAssessment(), HasDecision(), IncomeAtMost(100), IncomeAtMost(50), SizeBetween(2, 2), SizeBetween(1, 1),
        ):  # fmt: skip
            assert judge(leaf, facts, TODAY).allowed is true_of(leaf, facts, TODAY), (leaf, ago)


@settings(max_examples=200)
@given(cases)
def test_what_a_refusal_says_is_so(case: tuple[Leaf, HouseholdFacts]) -> None:
    (leaf, facts), on = case, TODAY
    for reason in judge(leaf, facts, on).reasons:
        said = reason.facts
        match reason.code, leaf:
            case "no_fitting_member", AnyMember():
                fitting = [one for one in here(facts, on) if fits(leaf, one, on)]
                assert said["found"] == len(fitting) < said["at_least"] == leaf.at_least
            case "not_every_member_fits", AllMembers():
                assert said["unfit"] == len([one for one in here(facts, on) if not fits(leaf, one, on)]) > 0
            case "size_outside", _:
                assert said["size"] == len(here(facts, on))
            case "issued_too_recently", _:
                first = date.fromisoformat(said["next_on"])
                assert first == on + said["days_left"] * DAY > on
                assert true_of(leaf, facts, first) and not true_of(leaf, facts, first - DAY)
            case ("displaced_too_long_ago", _) | ("arrived_too_long_ago", _):
                since = facts.displaced_on if isinstance(leaf, DisplacedWithin) else facts.arrived_on
                assert since == on - said["ago"] * DAY
            case "not_arrived_yet", _:
                assert facts.arrived_on == on + said["days_left"] * DAY
            case "served_since", _:
                assert (
                    facts.last_issue_on
                    == date.fromisoformat(said["last_on"])
                    >= date.fromisoformat(said["day"])
                )
            case "nobody_present", _:
                assert here(facts, on) == []
            case "category_unproven", AnyMember() | AllMembers() | HouseholdCategory():
                assert leaf.proven
