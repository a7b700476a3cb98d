"""Ages, presence and bands of a household's members."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.beneficiaries.household import (
    AgeBand,
    AssessmentFact,
    DecisionFact,
    HouseholdFacts,
    Member,
    Sex,
    age_on,
    count_in_band,
    facts_from_json,
    facts_to_json,
    present_members,
    report_band,
)

TODAY = date(2022, 10, 3)
days = st.dates(date(1910, 1, 1), date(2040, 12, 31))
members = st.builds(
    Member,
    person_id=st.integers(1, 100),
    birth_date=st.none() | days,
    sex=st.sampled_from(Sex),
    categories=st.frozensets(st.sampled_from(["idp", "disability", "large_family"])),
    joined_on=days,
    left_on=st.none() | days,
)
facts = st.builds(
    HouseholdFacts,
    members=st.lists(members, max_size=4).map(tuple),
    categories=st.frozensets(st.sampled_from(["foster_family", "large_family"])),
    katottg=st.none() | st.just("UA12020010000033698"),
    displaced_on=st.none() | days,
    last_issue_on=st.none() | days,
    decisions=st.lists(
        st.builds(DecisionFact, days, st.none() | days, st.none() | st.integers(1, 5)), max_size=2
    ).map(tuple),
    assessments=st.lists(st.builds(AssessmentFact, days, days), max_size=2).map(tuple),
    programme_id=st.none() | st.integers(1, 5),
)


def member(
    birth_date: date | None, joined_on: date = date(2022, 9, 1), left_on: date | None = None
) -> Member:
    return Member(1, birth_date, Sex.FEMALE, frozenset(), joined_on, left_on)


def test_a_year_is_completed_on_the_birthday() -> None:
    assert age_on(date(2019, 10, 4), TODAY) == 2
    assert age_on(date(2019, 10, 3), TODAY) == 3


def test_who_was_born_on_29_february_is_a_year_older_from_1_march() -> None:
    born = date(2020, 2, 29)
    assert age_on(born, date(2023, 2, 28)) == 2
    assert age_on(born, date(2023, 3, 1)) == 3
    assert age_on(born, date(2024, 2, 29)) == 4


def test_an_unknown_birth_date_gives_no_age_and_no_band() -> None:
    assert age_on(None, TODAY) is None
    assert report_band(None, TODAY) is None
    assert not AgeBand(0, None).holds(None)
    assert AgeBand().holds(None)


@given(days, days)
def test_age_grows_by_one_at_most_from_day_to_day_and_only_on_the_birthday(born: date, on: date) -> None:
    before, after = age_on(born, on), age_on(born, on + timedelta(days=1))
    assert before is not None
    assert after is not None
    assert after - before in (0, 1)
    assert after == before or (on + timedelta(days=1)).day in (born.day, 1)


def test_a_member_counts_from_the_first_through_the_last_day() -> None:
    here = member(None, joined_on=TODAY, left_on=TODAY)
    assert present_members([here], TODAY) == [here]
    assert present_members([here], TODAY - timedelta(days=1)) == []
    assert present_members([here], TODAY + timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("age", "inside"), [(0, False), (1, True), (3, True), (4, False), (-1, False), (None, False)]
)
def test_a_band_includes_both_its_ends(age: int | None, inside: bool) -> None:
    assert AgeBand(1, 3).holds(age) is inside


def test_an_unborn_child_is_in_no_bounded_band() -> None:
    assert not AgeBand(None, 3).holds(-1)


def test_only_present_members_of_the_age_are_counted() -> None:
    children = [member(date(2020, 1, 1)), member(date(2020, 1, 1), left_on=date(2022, 9, 30)), member(None)]
    assert count_in_band(children, AgeBand(1, 3), TODAY) == 1


@given(days, st.integers(0, 120))
def test_every_known_age_is_in_exactly_one_reported_band(born: date, years: int) -> None:
    on = born + timedelta(days=366 * years)
    band = report_band(born, on)
    assert band is not None
    assert band.holds(age_on(born, on))


@given(facts)
def test_stored_facts_come_back_as_they_were(given_facts: HouseholdFacts) -> None:
    assert facts_from_json(facts_to_json(given_facts)) == given_facts
