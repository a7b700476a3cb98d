"""Periods, small cells and what a movement counts as: rules without a database."""

from datetime import date

import pytest

from aidtrack.inventory.kinds import PlaceKind
from aidtrack.reports.errors import PeriodBackwards, PeriodTooLong
from aidtrack.reports.figures import NOTHING, Figure, Flow, Reach, Side, add_up, balance
from aidtrack.reports.periods import Period, Pieces, pieces, usual_periods
from aidtrack.reports.suppression import Reached, withheld

SEPTEMBER, OCTOBER, NOVEMBER = date(2022, 9, 1), date(2022, 10, 1), date(2022, 11, 1)


def people(households: int) -> Reached:
    return Reached(households, households * 3, households)


def test_whole_closed_months_are_taken_and_the_ends_are_read() -> None:
    found = pieces(Period(date(2022, 9, 15), date(2022, 11, 30)), {SEPTEMBER, OCTOBER, NOVEMBER})
    assert found == Pieces((OCTOBER, NOVEMBER), (Period(date(2022, 9, 15), date(2022, 9, 30)),), ())


def test_a_month_that_is_not_closed_is_read() -> None:
    found = pieces(Period(SEPTEMBER, date(2022, 10, 31)), {SEPTEMBER})
    assert found == Pieces((SEPTEMBER,), (), (Period(OCTOBER, date(2022, 10, 31)),))


def test_a_period_backwards_is_refused() -> None:
    with pytest.raises(PeriodBackwards):
        Period.checked(OCTOBER, SEPTEMBER)


def test_a_period_of_a_lifetime_is_refused() -> None:
    with pytest.raises(PeriodTooLong):
        Period.checked(date(1990, 1, 1), SEPTEMBER)


def test_usual_periods_end_today_or_before() -> None:
    usual = usual_periods(date(2022, 1, 31))
    assert usual["last_month"] == Period(date(2021, 12, 1), date(2021, 12, 31))
    assert usual["last_year"] == Period(date(2021, 1, 1), date(2021, 12, 31))
    assert (
        usual["quarter"]
        == usual["year"]
        == usual["this_month"]
        == Period(date(2022, 1, 1), date(2022, 1, 31))
    )


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([8, 3], [True, True]),
        ([20, 9, 3], [False, True, True]),
        ([20, 9, 3, 2], [False, False, True, True]),
        ([20, 9, 1, 1], [False, True, True, True]),
        ([20, 9, 0], [False, False, False]),
        ([20, 0, 3], [True, False, True]),
        ([3], [True]),
        ([], []),
    ],
)
def test_small_cells_are_withheld_with_their_complements(counts: list[int], hidden: list[bool]) -> None:
    assert withheld([people(count) for count in counts]) == hidden


def test_few_new_families_or_few_old_ones_are_withheld() -> None:
    few_new = Reached(9, 30, 9, new_persons=10, new_households=3)
    few_old = Reached(9, 30, 9, new_persons=28, new_households=9)
    assert few_new.without_small_newness().new_households is None
    assert few_old.without_small_newness().new_persons is None
    assert Reached(9, 30, 9, 30, 9).without_small_newness().new_persons == 30


def flow(source: Side, target: Side, units: int, *, own: bool = True) -> Flow:
    return Flow(1, 1, source, target, units, "", own)


def test_transit_is_held_by_all_sites_together_and_elsewhere_for_some() -> None:
    assert Reach(frozenset({1, 2}), whole=True).side(PlaceKind.IN_TRANSIT, None) is Side.TRANSIT
    assert Reach(frozenset({1}), whole=False).side(PlaceKind.IN_TRANSIT, None) is Side.ELSEWHERE


def test_every_way_in_and_out_closes() -> None:
    flows = [
        flow(Side.SUPPLIER, Side.HELD, 100),
        flow(Side.HELD, Side.TRANSIT, 40),
        flow(Side.TRANSIT, Side.HELD, 30),
        flow(Side.TRANSIT, Side.LOSS, 4),
        flow(Side.HELD, Side.HANDED_OUT, 20),
        flow(Side.HANDED_OUT, Side.HELD, 5),
        flow(Side.SUSPENSE, Side.HANDED_OUT, 3),
        flow(Side.HELD, Side.AWAY, 10),
        flow(Side.HELD, Side.ELSEWHERE, 6),
        flow(Side.ELSEWHERE, Side.HELD, 1),
    ]
    found = balance(NOTHING, add_up(flows)[1, 1], None)
    assert [found.of(figure) for figure in Figure] == [0, 100, 1, 6, 10, 18, 4, -3, 66, 60, 6]
    assert found.difference == 0


def test_shelves_that_disagree_do_not_close() -> None:
    sums = add_up([flow(Side.SUPPLIER, Side.HELD, 100)])[1, 1]
    assert balance(NOTHING, sums, 99).difference == 1


def test_other_sites_movements_are_not_ours() -> None:
    assert (
        add_up([flow(Side.SUPPLIER, Side.ELSEWHERE, 5), flow(Side.SUSPENSE, Side.LOSS, 5, own=False)]) == {}
    )
