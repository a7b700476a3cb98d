"""Lots leave soonest expiry first, earmarked before free, and never what must not be handed out."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.inventory.allocation import LotOnHand, Pick, available, may_use, plan_picks
from aidtrack.inventory.errors import NotEnoughStock

TODAY = date(2022, 10, 3)
FOOD, WINTER = 1, 2


def lot(
    lot_id: int,
    units: int,
    days_left: int | None = 100,
    *,
    programme: int | None = None,
    usable: bool = True,
    received: date = date(2022, 9, 1),
) -> LotOnHand:
    expires_on = None if days_left is None else TODAY + timedelta(days=days_left)
    return LotOnHand(lot_id, units, expires_on, programme, programme is not None, received, usable)


lots_on_hand = st.lists(
    st.builds(
        lot,
        lot_id=st.integers(1, 10**6),
        units=st.integers(0, 50),
        days_left=st.none() | st.integers(-5, 5),
        programme=st.sampled_from([None, FOOD, WINTER]),
        usable=st.booleans(),
        received=st.dates(date(2022, 9, 1), date(2022, 9, 5)),
    ),
    max_size=12,
    unique_by=lambda one: one.lot_id,
)
wanted_units = st.integers(1, 200)


def test_soonest_expiry_leaves_first_and_a_lot_may_be_split() -> None:
    lots = [lot(1, 5, 29), lot(2, 5, 17)]
    assert plan_picks(lots, units=7, programme_id=FOOD, on=TODAY) == [Pick(2, 5), Pick(1, 2)]


def test_earmarked_lots_leave_before_free_ones_even_when_those_expire_sooner() -> None:
    lots = [lot(1, 5, 1), lot(2, 5, 50, programme=FOOD)]
    assert plan_picks(lots, units=6, programme_id=FOOD, on=TODAY) == [Pick(2, 5), Pick(1, 1)]


def test_another_programmes_earmark_is_never_touched() -> None:
    lots = [lot(1, 5, programme=WINTER), lot(2, 5)]
    assert plan_picks(lots, units=5, programme_id=FOOD, on=TODAY) == [Pick(2, 5)]
    with pytest.raises(NotEnoughStock):
        plan_picks(lots, units=6, programme_id=FOOD, on=TODAY)


def test_a_lot_given_for_a_programme_without_an_earmark_is_free() -> None:
    given_for_winter = LotOnHand(1, 5, None, WINTER, False, TODAY)
    assert plan_picks([given_for_winter], units=5, programme_id=FOOD, on=TODAY) == [Pick(1, 5)]


def test_without_a_programme_only_free_lots_are_used() -> None:
    assert plan_picks([lot(1, 5, programme=FOOD), lot(2, 1)], units=1, programme_id=None, on=TODAY) == [
        Pick(2, 1)
    ]


def test_a_lot_is_good_through_its_expiry_date_and_not_a_day_longer() -> None:
    assert available([lot(1, 5, 0)], programme_id=FOOD, on=TODAY) == 5
    assert available([lot(1, 5, -1)], programme_id=FOOD, on=TODAY) == 0


def test_a_quarantined_lot_stays_where_it_is() -> None:
    assert available([lot(1, 5, usable=False)], programme_id=FOOD, on=TODAY) == 0


def test_goods_that_do_not_expire_wait_behind_those_that_do() -> None:
    lots = [lot(1, 1, None), lot(2, 1, 3650)]
    assert plan_picks(lots, units=2, programme_id=FOOD, on=TODAY) == [Pick(2, 1), Pick(1, 1)]


def test_equal_expiry_is_settled_by_the_day_received_and_then_by_number() -> None:
    lots = [lot(3, 1), lot(2, 1), lot(9, 1, received=date(2022, 8, 31))]
    assert plan_picks(lots, units=3, programme_id=FOOD, on=TODAY) == [Pick(9, 1), Pick(2, 1), Pick(3, 1)]


def test_a_shortage_says_what_was_wanted_what_is_there_and_what_is_missing() -> None:
    with pytest.raises(NotEnoughStock) as refused:
        plan_picks([lot(1, 5), lot(2, 9, -1)], units=7, programme_id=FOOD, on=TODAY)
    assert refused.value.code == "not_enough_stock"
    assert refused.value.facts == {"wanted": 7, "available": 5, "missing": 2}


@pytest.mark.parametrize("units", [0, -1])
def test_planning_nothing_is_a_programming_error(units: int) -> None:
    with pytest.raises(ValueError, match="cannot plan"):
        plan_picks([lot(1, 5)], units=units, programme_id=FOOD, on=TODAY)


@given(lots_on_hand, st.integers(1, 50))
def test_all_that_is_available_can_be_planned_and_not_one_unit_more(lots: list[LotOnHand], more: int) -> None:
    on_hand = available(lots, programme_id=FOOD, on=TODAY)
    with pytest.raises(NotEnoughStock) as refused:
        plan_picks(lots, units=on_hand + more, programme_id=FOOD, on=TODAY)
    assert refused.value.facts["missing"] == more
    everything = [*lots, lot(10**7, 1)]
    picks = plan_picks(everything, units=on_hand + 1, programme_id=FOOD, on=TODAY)
    assert sum(pick.units for pick in picks) == on_hand + 1


@given(lots_on_hand, wanted_units)
def test_a_plan_takes_exactly_what_was_asked_from_usable_lots_once_each(
    lots: list[LotOnHand], units: int
) -> None:
    padded = [*lots, lot(10**7, units)]
    by_id = {one.lot_id: one for one in padded}
    picks = plan_picks(padded, units=units, programme_id=FOOD, on=TODAY)
    assert sum(pick.units for pick in picks) == units
    assert set(Counter(pick.lot_id for pick in picks).values()) == {1}
    assert all(0 < pick.units <= by_id[pick.lot_id].units for pick in picks)
    assert all(may_use(by_id[pick.lot_id], programme_id=FOOD, on=TODAY) for pick in picks)
    assert all(pick.units == by_id[pick.lot_id].units for pick in picks[:-1])


@given(lots_on_hand, wanted_units)
def test_no_lot_left_behind_should_have_gone_before_one_taken(lots: list[LotOnHand], units: int) -> None:
    padded = [*lots, lot(10**7, units)]
    by_id = {one.lot_id: one for one in padded}
    picked = plan_picks(padded, units=units, programme_id=FOOD, on=TODAY)
    last = by_id[picked[-1].lot_id]
    emptied = {pick.lot_id for pick in picked}
    behind = [
        one for one in padded if one.lot_id not in emptied and may_use(one, programme_id=FOOD, on=TODAY)
    ]
    assert all(one.earmarked <= last.earmarked for one in behind)
    rivals = [one for one in behind if one.earmarked == last.earmarked and one.expires_on is not None]
    assert all(
        last.expires_on is not None and one.expires_on >= last.expires_on for one in rivals if one.expires_on
    )


@given(lots_on_hand, wanted_units, st.randoms(use_true_random=False))
def test_the_order_lots_come_in_does_not_matter(lots: list[LotOnHand], units: int, random: Random) -> None:
    padded = [*lots, lot(10**7, units)]
    shuffled = random.sample(padded, len(padded))
    plan = plan_picks(padded, units=units, programme_id=FOOD, on=TODAY)
    assert plan_picks(shuffled, units=units, programme_id=FOOD, on=TODAY) == plan
