"""The words people type for units and packs, and what one of each is in an item's base units."""

import re
from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction

from aidtrack.kernel.errors import N_
from aidtrack.kernel.late import dataclass


class BaseUnit(StrEnum):
    """What one unit of an item's stock is."""

    G = "g"
    ML = "ml"
    PIECE = "piece"

    @property
    def label(self) -> str:
        return {BaseUnit.G: N_("gram"), BaseUnit.ML: N_("millilitre"), BaseUnit.PIECE: N_("piece")}[self]


@dataclass(frozen=True, slots=True)
class Pack:
    """How an item is packed: `units` base units in one pack of that name."""

    code: str
    name: str
    units: int


_UNIT_WORDS: dict[str, tuple[BaseUnit, int]] = {
    word: (base, factor)
    for base, factor, words in (
        (BaseUnit.G, 1, "г гр грам грама грами грамів g gr gram grams"),
        (BaseUnit.G, 1_000, "кг кілограм кілограма кілограми кілограмів kg kgs kilogram kilograms"),
        (BaseUnit.G, 100_000, "ц центнер центнера центнери центнерів"),
        (BaseUnit.G, 1_000_000, "т тонна тонни тонн t mt tonne tonnes"),
        (BaseUnit.ML, 1, "мл мілілітр мілілітра мілілітри мілілітрів ml millilitre millilitres"),
        (BaseUnit.ML, 1_000, "л літр літра літри літрів l litre litres liter liters"),
        (BaseUnit.PIECE, 1, "шт штука штуки штук одиниця одиниці одиниць од pc pcs piece pieces"),
    )
    for word in words.split()
}

# every form of a pack's word leads to the item's packs whose code or name carries a form of the same word
_PACK_WORDS: tuple[frozenset[str], ...] = tuple(
    frozenset(words.split())
    for words in (
        "мішок мішки мішків мішка міш bag bags sack sacks",
        "ящик ящики ящиків ящика ящ carton cartons ctn коробка коробки коробок кор box boxes",
        "пляшка пляшки пляшок пл bottle bottles",
        "упаковка упаковки упаковок упак уп пачка пачки пачок pack packs packet packets",
        "банка банки банок бан can cans tin tins jar jars",
        "набір набори наборів набору комплект комплекти комплектів комплекту kit kits set sets",
        "палета палети палет піддон піддони піддонів pallet pallets",
        "каністра каністри каністр canister canisters",
    )
)

_LATIN_TO_CYRILLIC = str.maketrans("aceikmoptxy", "асеікмортху")
_TIMES = re.compile(r"[x\u0445\u00d7*]\s*(?=\S)", re.IGNORECASE)


def measures(
    word: str, unit: BaseUnit, packs: Sequence[Pack], density_g_per_l: int | None
) -> list[tuple[Fraction | None, Pack | None]]:
    """What one of the typed unit is in base units: none known, one, or several packs; None = wrong kind."""
    for candidate in (word, _TIMES.sub("", word, count=1) if _TIMES.match(word) else word):
        if not candidate:
            return [(Fraction(1), None)]
        known = _UNIT_WORDS.get(_fold(candidate))
        if known is not None:
            return [(_converted(*known, unit, density_g_per_l), None)]
        named = _named_packs(candidate, packs)
        if named:
            return [(Fraction(pack.units), pack) for pack in named]
    return []


def _converted(
    typed_base: BaseUnit, factor: int, unit: BaseUnit, density_g_per_l: int | None
) -> Fraction | None:
    if typed_base is unit:
        return Fraction(factor)
    if density_g_per_l and (typed_base, unit) == (BaseUnit.ML, BaseUnit.G):
        return Fraction(factor * density_g_per_l, 1000)
    if density_g_per_l and (typed_base, unit) == (BaseUnit.G, BaseUnit.ML):
        return Fraction(factor * 1000, density_g_per_l)
    return None


def _fold(word: str) -> str:
    """A word for comparing; one that mixes scripts («kг») is read as Cyrillic."""
    word = " ".join(word.casefold().rstrip(".").split())
    return word.translate(_LATIN_TO_CYRILLIC) if any("\u0400" <= c <= "\u04ff" for c in word) else word


def _named_packs(word: str, packs: Sequence[Pack]) -> list[Pack]:
    """The item's packs a word can mean: exact code or name first, then forms of one word, then a prefix."""
    folded = _fold(word)
    exact = [pack for pack in packs if folded in (_fold(pack.code), _fold(pack.name))]
    if exact:
        return exact[:1]
    forms = frozenset().union(*(family for family in _PACK_WORDS if folded in family))
    kin = [pack for pack in packs if forms & _words(pack)]
    if kin or len(folded) < 2:
        return kin
    return [pack for pack in packs if any(part.startswith(folded) for part in _words(pack))]


def _words(pack: Pack) -> frozenset[str]:
    """The words of a pack's code and name, digits cut off: «bag25» is a bag."""
    return frozenset(_fold(part) for part in re.findall(r"[^\W\d_]+", f"{pack.code} {pack.name}"))
