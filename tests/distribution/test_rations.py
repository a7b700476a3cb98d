"""What a household is due: never less than a line promises, packs whole."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.beneficiaries.household import Member, Sex
from aidtrack.distribution.errors import EmptyHousehold
from aidtrack.distribution.rations import Basis, RationLine, ration_for

TODAY = date(2022, 10, 3)
RICE, OIL, KIT = 1, 2, 3


def aged(years: int | None, person_id: int = 1, left_on: date | None = None) -> Member:
    born = None if years is None else TODAY - timedelta(days=round(365.25 * years) + 30)
    return Member(person_id, born, Sex.MALE, frozenset(), date(2022, 9, 1), left_on)


families = st.lists(
    st.builds(aged, st.none() | st.integers(0, 90), left_on=st.none() | st.just(TODAY - timedelta(days=1))),
    max_size=8,
)
loose_lines = st.builds(
    RationLine,
    item_id=st.integers(1, 3),
    basis=st.sampled_from([Basis.HOUSEHOLD, Basis.MEMBER]),
    units=st.integers(1, 10**6),
)


def test_a_line_is_per_household_per_member_or_per_member_of_an_age() -> None:
    family = [aged(35), aged(33), aged(2), aged(1)]
    lines = [
        RationLine(RICE, Basis.MEMBER, 5_000),
        RationLine(OIL, Basis.HOUSEHOLD, 920),
        RationLine(KIT, Basis.AGE_BAND, 1, age_from=1, age_to=3),
    ]
    assert ration_for(family, lines, on=TODAY) == {RICE: 20_000, OIL: 920, KIT: 2}


def test_whole_packs_are_rounded_up_and_loose_goods_are_not() -> None:
    family = [aged(35), aged(33), aged(10)]
    assert ration_for(family, [RationLine(RICE, Basis.MEMBER, 9_000, pack_units=25_000)], on=TODAY) == {
        RICE: 50_000
    }
    assert ration_for(family, [RationLine(RICE, Basis.MEMBER, 9_000)], on=TODAY) == {RICE: 27_000}


def test_an_exact_number_of_packs_gets_no_pack_more() -> None:
    assert ration_for([aged(35)], [RationLine(RICE, Basis.MEMBER, 50_000, pack_units=25_000)], on=TODAY) == {
        RICE: 50_000
    }


def test_two_lines_of_one_item_add_up() -> None:
    lines = [RationLine(RICE, Basis.HOUSEHOLD, 1_000), RationLine(RICE, Basis.AGE_BAND, 500, age_to=17)]
    assert ration_for([aged(35), aged(5)], lines, on=TODAY) == {RICE: 1_500}


def test_an_item_nothing_is_due_of_is_left_out() -> None:
    assert ration_for([aged(35)], [RationLine(KIT, Basis.AGE_BAND, 1, age_from=1, age_to=3)], on=TODAY) == {}


def test_a_member_without_a_birth_date_counts_as_a_member_but_in_no_age_band() -> None:
    lines = [RationLine(RICE, Basis.MEMBER, 5_000), RationLine(KIT, Basis.AGE_BAND, 1, age_from=0)]
    assert ration_for([aged(None)], lines, on=TODAY) == {RICE: 5_000}


def test_a_household_of_nobody_is_due_nothing_and_says_so() -> None:
    gone = aged(35, left_on=TODAY - timedelta(days=1))
    with pytest.raises(EmptyHousehold) as refused:
        ration_for([gone], [RationLine(RICE, Basis.MEMBER, 1)], on=TODAY)
    assert refused.value.code == "empty_household"


@pytest.mark.parametrize(
    "wrong",
    [
        {"units": 0},
        {"units": -5},
        {"units": 1, "pack_units": 0},
        {"units": 1, "age_from": 1},
        {"units": 1, "basis": Basis.AGE_BAND},
    ],
    ids=str,
)
def test_a_line_that_means_nothing_cannot_be_made(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"ration line|age band"):
        RationLine(**{"item_id": RICE, "basis": Basis.MEMBER, **wrong})  # type: ignore[arg-type]


@given(families, st.lists(loose_lines, min_size=1, max_size=4), st.integers(1, 10**5))
def test_packs_give_at_least_the_promise_and_less_than_one_pack_a_line_more(
    family: list[Member], lines: list[RationLine], pack: int
) -> None:
    everyone = [*family, aged(40)]
    packed_lines = [RationLine(line.item_id, line.basis, line.units, pack_units=pack) for line in lines]
    loose, packed = ration_for(everyone, lines, on=TODAY), ration_for(everyone, packed_lines, on=TODAY)
    assert loose.keys() == packed.keys()
    for item, units in loose.items():
        assert units <= packed[item] < units + pack * sum(line.item_id == item for line in lines)
        assert packed[item] % pack == 0


@given(families, st.lists(loose_lines, min_size=1, max_size=4))
def test_another_member_never_lowers_what_is_due(family: list[Member], lines: list[RationLine]) -> None:
    smaller = ration_for([*family, aged(40)], lines, on=TODAY)
    larger = ration_for([*family, aged(40), aged(7)], lines, on=TODAY)
    assert all(larger[item] >= units for item, units in smaller.items())
