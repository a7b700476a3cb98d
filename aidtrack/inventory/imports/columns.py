"""Columns of receipts and opening stock; in which units a column that counts one item may count."""

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy.orm import Session

from aidtrack.importing.cells import read_date, read_month, read_yes_no
from aidtrack.importing.layouts import Column, Context, Option, Things
from aidtrack.inventory.queries import catalogue
from aidtrack.kernel.errors import N_
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
MONTH_END = "month_end"


def _date(text: str, _context: Context) -> date:
    return read_date(text)


def _arrival(text: str, context: Context) -> date:
    """A day; where only a month stands, its last day if the person said so."""
    month = read_month(text) if context.options.get(MONTH_END) else None
    return month or read_date(text)


def _yes(text: str, _context: Context) -> bool:
    return read_yes_no(text)


CONDITIONS = {
    "нове": "new", "новий": "new", "нова": "new", "new": "new", "вживане": "used", "б/в": "used", "бв": "used", "used": "used",
    "пошкоджене": "damaged", "damaged": "damaged",
}  # fmt: skip

LINES = (
    Column("item", N_("Item"), ("товар", "назва", "найменування", "назва товару", "commodity", "item name", "key", "#item", "#item+name"),
          needed=True, instead=("amount",), repeats=True, words="item"),
    Column("quantity", N_("Quantity"), ("кількість", "к-сть", "кіл-ть", "залишок", "обсяг", "qty", "amount", "#item+quantity", "#output"),
          needed=True, instead=("amount",), repeats=True,
          hint=N_("With its unit, like «29,378 т», or the unit in a column of its own.")),
    Column("unit", N_("Unit"), ("одиниця", "одиниця виміру", "од. вим.", "од.", "unit of measure", "uom", "#item+unit"), repeats=True),
    Column("announced", N_("Announced quantity"), ("заявлено", "за документом", "announced", "ordered"), repeats=True),
    Column("batch", N_("Batch"), ("партія", "серія", "lot", "batch no"), repeats=True),
    Column("expires_on", N_("Expiry date"), ("термін придатності", "придатний до", "вжити до", "expiry", "best before", "expiration date",
          "#date+expiry"), repeats=True, read=_date),
    Column("condition", N_("Condition"), ("стан",), repeats=True, words="condition"),
    Column("amount", N_("Quantity of one item"), repeats=True, things=ITEMS_BESIDE),
)  # fmt: skip
HEAD = (
    Column("place", N_("Place"), ("склад", "місце", "місце зберігання", "пункт", "storage location", "warehouse", "#loc+name"),
          needed=True, words="place"),
    Column("donor", N_("Donor"), ("донор", "благодійник", "від кого", "постачальник", "source", "organization", "purchases from",
          "#org", "#org+funder"), needed=True, words="donor"),
    Column("back_donor", N_("Back donor"), ("кінцевий донор", "back donor", "#org+back"), words="donor"),
    Column("channel", N_("Channel"), ("через кого", "канал", "#org+channel"), words="donor"),
    Column("agreement", N_("Agreement"), ("угода", "договір", "меморандум", "№ угоди", "agreement no", "contract")),
    Column("programme", N_("Programme"), ("програма", "проєкт", "project", "#activity+programme"), words="programme"),
    Column("earmarked", N_("Only for this programme"), ("цільове", "earmarked"), read=_yes),
    Column("waybill", N_("Waybill"), ("накладна", "№ накладної", "ттн", "№ документа", "документ", "document", "waybill no")),
    Column("arrived_on", N_("Arrived on"), ("дата", "дата надходження", "дата отримання", "purchased date", "arrival date", "date",
          "#date+arrived", "#date"), needed=True, read=_arrival),
    Column("aid_code", N_("Unique aid code"), ("унікальний код", "код гуманітарної допомоги", "aid code")),
    Column("declaration_no", N_("Aid declaration no."), ("декларація", "№ декларації", "declaration")),
    Column("note", N_("Note"), ("примітка", "коментар", "comments", "comment", "details")),
    Column("another", N_("Another receipt"), ("інше надходження",), read=_yes),
)  # fmt: skip
OPTIONS = (
    Option(
        MONTH_END,
        N_("Where only a month stands (09.2022, «вересень 2022»), take its last day"),
        N_("For tables with one row for each month."),
    ),
)
