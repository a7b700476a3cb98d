"""Typed quantities: read exactly, asked about, or refused by name; printed without rounding."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtrack.kernel import quantity
from aidtrack.kernel.quantity import (
    MAX_UNITS,
    AmbiguousQuantity,
    BaseUnit,
    NegativeQuantity,
    NotANumber,
    Pack,
    QuantityError,
    is_unusual,
    plain_decimal,
    plain_unit,
    read_quantity,
    show,
    show_plain,
)

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "quantities.json").read_text(encoding="utf-8")
)
BAG = Pack("bag25", "Мішок 25 кг", 25_000)

units_of_stock = st.integers(1, MAX_UNITS)
base_units = st.sampled_from(BaseUnit)
locales = st.sampled_from(["uk", "en"])


def _read(case: dict[str, Any]) -> quantity.Reading:
    return read_quantity(
        case["typed"],
        BaseUnit(case["unit"]),
        packs=[Pack(code, **VECTORS["packs"][code]) for code in case.get("packs", [])],
        locale=case.get("locale", "uk"),
        density_g_per_l=case.get("density_g_per_l"),
        default_unit=case.get("default_unit"),
    )


@pytest.mark.parametrize("case", [c for c in VECTORS["cases"] if "units" in c], ids=lambda c: c["typed"])
def test_a_typed_quantity_is_read_exactly(case: dict[str, Any]) -> None:
    assert _read(case).units == case["units"]


@pytest.mark.parametrize("case", [c for c in VECTORS["cases"] if "code" in c], ids=lambda c: c["typed"][:20])
def test_a_bad_quantity_is_refused_by_its_own_code_and_names_what_was_typed(case: dict[str, Any]) -> None:
    with pytest.raises(QuantityError) as refused:
        _read(case)
    assert refused.value.code == case["code"]
    assert refused.value.field == "quantity"
    assert refused.value.facts["typed"][:10] == " ".join(case["typed"].split())[:10]
    assert [reading["units"] for reading in refused.value.facts.get("readings", [])] == case.get(
        "readings", []
    )
    assert "%(" not in str(refused.value)


@given(units_of_stock, base_units, locales)
def test_every_printed_quantity_reads_back_to_itself(units: int, unit: BaseUnit, locale: str) -> None:
    assert read_quantity(show(units, unit, locale), unit, locale=locale).units == units
    assert read_quantity(show(units, unit, locale, scale="base"), unit, locale=locale).units == units
    assert read_quantity(show(units, unit, locale, scale="tonne"), unit, locale=locale).units == units


@given(units_of_stock, base_units, locales)
def test_the_echo_of_a_reading_reads_back_to_the_same_units(units: int, unit: BaseUnit, locale: str) -> None:
    reading = read_quantity(str(units), unit, locale=locale)
    assert reading.units == units
    assert read_quantity(reading.shown, unit, locale=locale).units == units


@given(units_of_stock, base_units)
def test_the_plain_number_is_exact_and_carries_its_unit_beside_it(units: int, unit: BaseUnit) -> None:
    step = 1 if unit is BaseUnit.PIECE else 1000
    assert plain_decimal(units, unit) * step == units
    assert plain_decimal(units, unit) == Decimal(show_plain(units, unit))
    if units >= 1000:
        text = show_plain(units, unit, mark=",") + " " + plain_unit(unit)
        assert read_quantity(text, unit).units == units


def _outcome(text: str, unit: BaseUnit, locale: str, **how: Any) -> quantity.Reading | QuantityError:
    try:
        return read_quantity(text, unit, locale=locale, **how)
    except QuantityError as refusal:
        return refusal


@given(st.text(max_size=80), base_units, locales)
def test_any_text_is_read_or_refused_and_never_breaks(text: str, unit: BaseUnit, locale: str) -> None:
    outcome = _outcome(text, unit, locale, packs=[BAG], density_g_per_l=920)
    assert isinstance(outcome, QuantityError) or 1 <= outcome.units <= MAX_UNITS


@given(st.text(alphabet="0123456789., ", min_size=1, max_size=12), locales)
def test_only_the_foreign_mark_in_a_thousands_place_is_asked_about(text: str, locale: str) -> None:
    outcome = _outcome(text, BaseUnit.G, locale, default_unit="kg")
    foreign = "." if locale == "uk" else ","
    assert not isinstance(outcome, AmbiguousQuantity) or text.count(foreign) == 1


def test_the_answer_to_a_doubt_settles_it_and_a_third_figure_does_not() -> None:
    assert read_quantity("1.234 т", BaseUnit.G, confirmed_units=1_234_000).units == 1_234_000
    assert read_quantity("1.234 т", BaseUnit.G, confirmed_units=1_234_000_000).units == 1_234_000_000
    with pytest.raises(AmbiguousQuantity):
        read_quantity("1.234 т", BaseUnit.G, confirmed_units=5)


def test_a_confirmation_does_not_replace_what_was_typed_without_doubt() -> None:
    assert read_quantity("5 кг", BaseUnit.G, confirmed_units=9_000).units == 5_000


def test_both_readings_of_a_doubt_are_written_out_for_the_person() -> None:
    with pytest.raises(AmbiguousQuantity, match=r"1\u00a0234\u00a0000\u00a0кг.*1\u00a0234\u00a0кг"):
        read_quantity("1.234 т", BaseUnit.G)


def test_the_echo_of_packs_names_the_pack() -> None:
    reading = read_quantity("12 мішків", BaseUnit.G, packs=[BAG])
    assert reading.shown == "12 × Мішок 25 кг = 300\u00a0кг"
    assert reading.pack == BAG


def test_tonnes_and_kilograms_are_written_the_ukrainian_way() -> None:
    assert show(29_378_000, BaseUnit.G) == "29\u00a0378\u00a0кг"
    assert show(29_378_000, BaseUnit.G, scale="tonne") == "29,378\u00a0т"
    assert show(1_500, BaseUnit.G) == "1,5\u00a0кг"
    assert show(29_378_001, BaseUnit.G, "en") == "29\u00a0378.001\u00a0kg"
    assert show(999, BaseUnit.G) == "999\u00a0г"
    assert show(1_234_567, BaseUnit.PIECE) == "1\u00a0234\u00a0567\u00a0шт."


def test_balances_may_be_zero_or_negative_on_paper() -> None:
    assert show(0, BaseUnit.G) == "0\u00a0г"
    assert show(-1_500, BaseUnit.G) == "\u22121,5\u00a0кг"
    assert show_plain(-1_500, BaseUnit.G) == "-1.5"


def test_packs_that_divide_the_quantity_are_added_in_brackets() -> None:
    assert show(300_000, BaseUnit.G, packs=[BAG]) == "300\u00a0кг (12\u00a0×\u00a0Мішок 25 кг)"
    assert show(300_001, BaseUnit.G, packs=[BAG]) == "300,001\u00a0кг"


def test_five_times_the_usual_line_is_unusual_and_no_usual_line_asks_nothing() -> None:
    assert is_unusual(500, 100)
    assert not is_unusual(499, 100)
    assert not is_unusual(10**9, None)
    assert not is_unusual(10**9, 0)


def test_a_long_or_many_lined_input_is_named_in_one_short_line() -> None:
    with pytest.raises(NotANumber) as refused:
        read_quantity("https://example.org/\n" + "x" * 3_000, BaseUnit.G)
    assert len(refused.value.facts["typed"]) <= 40
    assert "\n" not in refused.value.facts["typed"]


def test_a_minus_before_something_that_is_no_number_is_not_called_negative() -> None:
    with pytest.raises(NotANumber):
        read_quantity("-abc", BaseUnit.G)
    with pytest.raises(NegativeQuantity):
        read_quantity("-5", BaseUnit.G)
