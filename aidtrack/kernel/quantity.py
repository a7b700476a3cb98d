"""Quantities: whole base units inside, tonnes, kilograms, litres, pieces and packs at the edge.

Inside the product a quantity is an `int` of the item's base unit (gram, millilitre or piece), never a
float. This module is the only place that turns typed text into such a number and back. What was typed
is read exactly or refused by name; where two readings are possible the person is asked.

Source: docs/rules.md#quantities
"""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Context, Decimal
from fractions import Fraction
from typing import Literal

from aidtrack.kernel.errors import N_, DomainError
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.units import BaseUnit, Pack, measures

__all__ = [
    "MAX_UNITS", "AmbiguousQuantity", "BaseUnit", "EmptyQuantity", "NegativeQuantity", "NotANumber", "NotWholeUnits",
    "Pack", "QuantityError", "QuantityTooLarge", "Reading", "UnknownUnit", "WrongUnit", "ZeroQuantity", "base_word",
    "is_unusual", "plain_decimal", "plain_unit", "read_quantity", "show", "show_plain",
]  # fmt: skip

MAX_UNITS = 10**12  # a million tonnes in grams; also the database's CHECK (I1)
LONGEST_INPUT = 64  # characters; nobody types a longer quantity, but a scanner in the wrong field does
UNUSUAL_TIMES = 5

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a typed quantity means. `shown` is put before the person before anything is saved."""

    units: int
    shown: str
    typed: str
    pack: Pack | None = None


class QuantityError(DomainError):
    """A typed quantity is refused; `typed` in the facts says which."""

    code = "quantity_refused"
    field = "quantity"


class EmptyQuantity(QuantityError):
    code = "quantity_empty"
    text = N_("Enter a quantity.")


class NotANumber(QuantityError):
    code = "quantity_not_a_number"
    text = N_("“%(typed)s” is not a quantity. Enter a number and a unit, for example 25 kg.")


class NegativeQuantity(QuantityError):
    code = "quantity_negative"
    text = N_("“%(typed)s” is below zero. A quantity must be more than zero.")


class ZeroQuantity(QuantityError):
    code = "quantity_zero"
    text = N_("“%(typed)s” is zero. A quantity must be more than zero.")


class QuantityTooLarge(QuantityError):
    code = "quantity_too_large"
    text = N_("“%(typed)s” is more than can be recorded (%(largest)s).")


class NotWholeUnits(QuantityError):
    code = "quantity_not_whole"
    text = N_("“%(typed)s” goes below 1 %(base_unit)s, the smallest amount kept of this item.")


class WrongUnit(QuantityError):
    code = "quantity_wrong_unit"
    text = N_("“%(unit)s” does not fit: this item is counted in “%(base_unit)s”.")


class UnknownUnit(QuantityError):
    code = "quantity_unknown_unit"
    text = N_("The unit “%(unit)s” in “%(typed)s” is not known for this item.")


class AmbiguousQuantity(QuantityError):
    """Two readings are possible; `readings` in the facts lists them, the locale's own reading first."""

    code = "quantity_ambiguous"
    text = N_("“%(typed)s” can be read as %(first)s or as %(second)s. Choose the one you mean.")


_SPACES = str.maketrans(dict.fromkeys("\t\u00a0\u2007\u2008\u2009\u202f", " "))
_MINUS_SIGNS = "-\u2212\u2013\u2014"
_SPLIT = re.compile(r"([0-9][0-9 .,]*)(.*)", re.DOTALL)
_HEX = re.compile(r"0[xX][0-9a-fA-F]+")
_SHOWN: dict[BaseUnit, tuple[int, dict[str, tuple[str, str]]]] = {
    # thousand-fold step, then (base, thousand-fold) words by language
    BaseUnit.G: (1_000, {"uk": ("г", "кг"), "en": ("g", "kg")}),
    BaseUnit.ML: (1_000, {"uk": ("мл", "л"), "en": ("ml", "l")}),
    BaseUnit.PIECE: (1, {"uk": ("шт.", "шт."), "en": ("pcs", "pcs")}),
}
_TONNE = {"uk": "т", "en": "t"}


def _language(locale: str) -> str:
    return "uk" if locale.lower().startswith("uk") else "en"


# -- printing ----------------------------------------------------------------------------------------


def _exact(units: int, step: int, *, mark: str, group: str) -> str:
    """`units / step` written out to the last digit; `step` is a power of ten."""
    whole, rest = divmod(abs(units), step)
    text = f"{whole:,}".replace(",", group)
    if rest:
        digits = len(str(step)) - 1
        text += mark + str(rest).zfill(digits).rstrip("0")
    return text


def show(
    units: int,
    unit: BaseUnit,
    locale: str = "uk",
    packs: Sequence[Pack] = (),
    *,
    scale: Literal["auto", "base", "tonne"] = "auto",
) -> str:
    """Write a quantity for people, exactly and without rounding.

    From 1 000 g (ml) on it is written in kg (l), `scale="tonne"` writes t, `scale="base"` never leaves g
    or ml. Thousands are grouped by a no-break space in both languages, because a comma would be doubted
    when it is typed back in. With `packs`, the largest pack that divides the quantity is added in
    brackets. Balances may be zero or negative; these print too.
    """
    language = _language(locale)
    step, words = _SHOWN[unit]
    word = words[language][1] if step > 1 and abs(units) >= step else words[language][0]
    if scale == "base" or word == words[language][0]:
        step, word = 1, words[language][0]
    if scale == "tonne" and unit is BaseUnit.G:
        step, word = 1_000_000, _TONNE[language]
    number = _exact(units, step, mark="," if language == "uk" else ".", group=NO_BREAK_SPACE)
    text = f"{MINUS if units < 0 else ''}{number}{NO_BREAK_SPACE}{word}"
    fitting = [pack for pack in packs if pack.units > 1 and units > 0 and units % pack.units == 0]
    if fitting:
        largest = max(fitting, key=lambda pack: pack.units)
        count = f"{units // largest.units:,}".replace(",", NO_BREAK_SPACE)
        text += f" ({count}{NO_BREAK_SPACE}×{NO_BREAK_SPACE}{largest.name})"
    return text


def show_plain(units: int, unit: BaseUnit, *, mark: str = ".") -> str:
    """Write the bare number in kg, l or pieces for CSV: exact, no grouping, no unit (see `plain_unit`)."""
    return ("-" if units < 0 else "") + _exact(units, _SHOWN[unit][0], mark=mark, group="")


def plain_decimal(units: int, unit: BaseUnit) -> Decimal:
    """The number of `show_plain`, for a spreadsheet cell; exact whatever the ambient decimal context."""
    return Context(prec=40).create_decimal(show_plain(units, unit))


def plain_unit(unit: BaseUnit, locale: str = "uk") -> str:
    """The unit word that belongs to `show_plain` and `plain_decimal`."""
    return _SHOWN[unit][1][_language(locale)][1]


def base_word(unit: BaseUnit, locale: str = "uk") -> str:
    return _SHOWN[unit][1][_language(locale)][0]


def is_unusual(units: int, usual_units: int | None) -> bool:
    """Whether to ask once more: at least five times the item's usual line; no usual line, no question."""
    return usual_units is not None and usual_units > 0 and units >= UNUSUAL_TIMES * usual_units


# -- reading -----------------------------------------------------------------------------------------


def read_quantity(
    text: str,
    unit: BaseUnit,
    *,
    packs: Sequence[Pack] = (),
    locale: str = "uk",
    density_g_per_l: int | None = None,
    default_unit: str | None = None,
    confirmed_units: int | None = None,
) -> Reading:
    """Read what a person typed as a quantity of one item.

    The locale's own decimal mark is trusted (uk: comma, en: dot), spaces group thousands. The other mark
    is read only where one reading is possible; «1.234 т» typed in Ukrainian or "1,234 kg" in English is
    asked about, because a guess would be wrong a thousandfold.

    Args:
        unit: the item's base unit.
        packs: the item's own packs, by code, name or an inflected word («12 мішків»).
        density_g_per_l: lets an item stocked by mass be typed in litres, and the reverse.
        default_unit: unit word or pack code meant when none is typed; else the base unit.
        confirmed_units: the person's answer to an earlier `AmbiguousQuantity`.

    Raises:
        a subclass of `QuantityError`, each with its own code and what was typed.
    """
    typed = _shortened(text)
    cleaned = unicodedata.normalize("NFC", text).translate(_SPACES).strip()
    if not cleaned:
        raise EmptyQuantity(typed="")
    if len(cleaned) > LONGEST_INPUT or any(c not in "0123456789" and c.isnumeric() for c in cleaned):
        raise NotANumber(typed=typed)
    bare = cleaned.lstrip(_MINUS_SIGNS + " ")
    match = _SPLIT.fullmatch(bare)
    if match is None:
        raise NotANumber(typed=typed)
    number, word = match[1].strip(), match[2].strip()
    values = _values(number, locale)
    per_unit = measures(word or default_unit or "", unit, packs, density_g_per_l)
    if not values or (not per_unit and (any(c in "0123456789" for c in word) or _HEX.fullmatch(bare))):
        raise NotANumber(typed=typed)
    if not per_unit:
        raise UnknownUnit(typed=typed, unit=_shortened(word or default_unit or ""))
    if bare != cleaned:
        raise NegativeQuantity(typed=typed)
    candidates: dict[int, Reading] = {}
    refusal: QuantityError | None = None
    for value in values:
        for factor, pack in per_unit:
            if factor is None:
                raise WrongUnit(
                    typed=typed,
                    unit=_shortened(word or default_unit or ""),
                    base_unit=base_word(unit, locale),
                )
            try:
                reading = _reading(value, factor, pack, unit, typed, locale)
            except QuantityError as error:
                refusal = refusal or error
            else:
                candidates.setdefault(reading.units, reading)
    if refusal is not None and not candidates:
        raise refusal
    readings = list(candidates.values())
    if len(readings) == 1:
        return readings[0]
    if confirmed_units in candidates:
        return candidates[confirmed_units]
    raise AmbiguousQuantity(
        typed=typed,
        first=readings[0].shown,
        second=readings[1].shown,
        readings=[{"units": reading.units, "shown": reading.shown} for reading in readings],
    )


def _shortened(text: str) -> str:
    """What was typed, fit for a sentence: one line, 40 characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[:200]).split())
    return line if len(line) <= 40 else line[:39] + "…"


def _grouped(text: str, group: str) -> int | None:
    if text.isdigit():
        return int(text)
    pattern = rf"[1-9][0-9]{{0,2}}(?:{re.escape(group)}[0-9]{{3}})+"
    return int(text.replace(group, "")) if re.fullmatch(pattern, text) else None


def _value(number: str, mark: str) -> Fraction | None:
    """The number under one decimal mark, or None where it is no number under that mark."""
    whole_text, found, digits = number.partition(mark)
    if found and not digits.isdigit():
        return None
    other = "." if mark == "," else ","
    whole = next((w for w in (_grouped(whole_text, " "), _grouped(whole_text, other)) if w is not None), None)
    if whole is None:
        return None
    return whole + (Fraction(int(digits), 10 ** len(digits)) if found else Fraction(0))


def _values(number: str, locale: str) -> list[Fraction]:
    """Every value the digits can have; only one when the locale's own decimal mark stands in them once."""
    own, foreign = (",", ".") if _language(locale) == "uk" else (".", ",")
    as_own, as_foreign = _value(number, own), _value(number, foreign)
    if as_own is not None and own in number:
        return [as_own]
    return list(dict.fromkeys(value for value in (as_own, as_foreign) if value is not None))


def _reading(
    value: Fraction, factor: Fraction, pack: Pack | None, unit: BaseUnit, typed: str, locale: str
) -> Reading:
    exact = value * factor
    if exact == 0:
        raise ZeroQuantity(typed=typed)
    if exact > MAX_UNITS:
        raise QuantityTooLarge(typed=typed, largest=show(MAX_UNITS, unit, locale))
    if exact.denominator != 1:
        raise NotWholeUnits(typed=typed, base_unit=base_word(unit, locale))
    units = exact.numerator
    shown = show(units, unit, locale)
    if pack is not None and value.denominator == 1:
        shown = f"{value.numerator} × {pack.name} = {shown}"
    return Reading(units=units, shown=shown, typed=typed, pack=pack)
