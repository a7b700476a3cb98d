"""Tables with a column for each item: which units a column may count in."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from aidtrack.importing.layouts import Context, Things
from aidtrack.inventory.queries import catalogue
from aidtrack.kernel.units import measures

_WORDS = {"uk": ("кг", "т", "г", "л", "мл", "шт"), "en": ("kg", "t", "g", "l", "ml", "pcs")}


def units(session: Session, context: Context) -> Sequence[str]:
    """Words to choose from: the usual units, then the packs of items as they are called."""
    language = context.actor.language
    packs = {pack.name(language) for item in catalogue.items(session) if item.active for pack in item.packs}
    return (*_WORDS.get(language, _WORDS["uk"]), *sorted(packs))


def fits(session: Session, context: Context) -> Callable[[str, str], bool]:
    """A unit fits an item when it leads to one measure of it: two packs of one word are no answer."""
    items = {item.code: item for item in catalogue.items(session)}

    def one_measure(code: str, unit: str) -> bool:
        item = items[code]
        packs = item.packs_for(context.actor.language)
        found = measures(unit, item.base_unit, packs, item.density_g_per_l)
        return len(found) == 1 and found[0][0] is not None

    return one_measure


ITEMS_BESIDE = Things("item", "quantity", "unit", units, fits)
