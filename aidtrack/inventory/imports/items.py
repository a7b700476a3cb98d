"""The list of items as a table."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from aidtrack.importing.cells import read_whole
from aidtrack.importing.errors import TextTooLong
from aidtrack.importing.layouts import (
    Applied,
    Column,
    Context,
    Difference,
    Finding,
    Layout,
    Option,
    Record,
    Verdict,
    Words,
)
from aidtrack.inventory import services
from aidtrack.inventory.commands import SaveItem
from aidtrack.inventory.errors import UnitIsFixed
from aidtrack.inventory.imports.errors import CodeTwice, ItemCalledAlike, UnitUnknown
from aidtrack.inventory.queries import catalogue
from aidtrack.inventory.queries.catalogue import ItemRow
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.errors import N_, DomainError
from aidtrack.kernel.likeness import folded
from aidtrack.kernel.quantity import BaseUnit
from aidtrack.kernel.units import measures

TAKE_CHANGES = "take_changes"
LONGEST_NAME = 200


def read_unit(text: str, _context: Context) -> BaseUnit:
    """The base unit that a unit's word belongs to: «кг» and «т» are kept in grams."""
    for unit in BaseUnit:
        if text.strip().casefold() == unit.value or any(
            found is not None for found, _p in measures(text, unit, (), None)
        ):
            return unit
    raise UnitUnknown


def _whole(text: str, _context: Context) -> int:
    return read_whole(text)


FIELDS = (
    Column("code", N_("Code"), ("код", "код товару", "артикул", "commodity_id", "item code", "sku", "key", "#item+code"), needed=True),
    Column("name_uk", N_("Name in Ukrainian"), ("назва", "найменування", "назва товару", "товар", "назва українською"),
          needed=True, instead=("name_en",)),
    Column("name_en", N_("Name in English"), ("commodity", "name", "item", "item name", "description", "назва англійською", "#item+name")),
    Column("base_unit", N_("Counted in"), ("одиниця", "одиниця виміру", "од. вим.", "од.", "unit", "unit of measure", "uom", "#item+unit"),
          needed=True, read=read_unit,
          hint=N_("g, kg or t: kept in grams; ml or l: in millilitres; pieces.")),
    Column("density_g_per_l", N_("Grams in a litre"), ("густина", "density"), read=_whole),
    Column("kcal_per_100g", N_("Kilocalories in 100 g"), ("ккал", "калорійність", "kcal"), read=_whole),
)  # fmt: skip


def _known(session: Session, context: Context) -> tuple[dict[str, ItemRow], dict[str, str]]:
    items = {item.code: item for item in catalogue.items(session)}
    return items, {
        folded(name): item.code for item in items.values() for name in (item.name_uk, item.name_en)
    }


def check(session: Session, context: Context, records: Sequence[Record]) -> list[Verdict]:
    items, names = _known(session, context)
    rows: dict[str, int] = context.state.setdefault("codes", {})
    verdicts: list[Verdict] = []
    for record in records:
        values = record.values
        verdict = Verdict(record.number, record.rows, "new")
        verdicts.append(verdict)
        code = values["code"].strip().upper()
        name_uk, name_en = values.get("name_uk"), values.get("name_en")
        there = items.get(code)
        command = SaveItem(
            code=code,
            name_uk=name_uk or (there.name_uk if there else None) or name_en or "",
            name_en=name_en or (there.name_en if there else None) or name_uk or "",
            base_unit=values["base_unit"],
            density_g_per_l=values.get("density_g_per_l", there.density_g_per_l if there else None),
            kcal_per_100g=values.get("kcal_per_100g", there.kcal_per_100g if there else None),
            active=there.active if there else True,
        )
        verdict.command = (command, there.id if there else None)
        try:
            _judge(code, command, there, names, rows, record)
        except DomainError as error:
            verdict.outcome = "double" if isinstance(error, ItemCalledAlike | CodeTwice) else "bad"
            verdict.findings.append(
                Finding.of(error, record.cell_of(error.field or "code"), error.field or "code")
            )
            continue
        if there is not None:
            verdict.known = there.code
            verdict.known_url = ("inventory.edit_entry", {"kind": "items", "row_id": there.id})
            verdict.differences = [
                Difference(label, str(getattr(there, name) or ""), str(getattr(command, name) or ""))
                for name, label in LABELS.items()
                if getattr(there, name) != getattr(command, name)
            ]
            verdict.outcome = "changed" if verdict.differences else "same"
    return verdicts


LABELS: Mapping[str, str] = {
    field.name: field.label for field in FIELDS if field.name not in ("code", "base_unit")
}


def _judge(
    code: str,
    command: SaveItem,
    there: ItemRow | None,
    names: Mapping[str, str],
    rows: dict[str, int],
    record: Record,
) -> None:
    if rows.setdefault(code, record.rows[0]) != record.rows[0]:
        raise CodeTwice(row=rows[code])
    services.catalogue_code(code)
    for name in ("name_uk", "name_en"):
        if len(getattr(command, name)) > LONGEST_NAME:
            raise TextTooLong(field=name, most=LONGEST_NAME)
    services.item_bounds(command)
    if there is not None:
        if there.base_unit is not command.base_unit:
            raise UnitIsFixed(field="base_unit")
        return
    for name in ("name_uk", "name_en"):
        other = names.get(folded(getattr(command, name)))
        if other is not None and other != code:
            raise ItemCalledAlike(field=name, known=other)


def apply(session: Session, context: Context, verdicts: Sequence[Verdict]) -> Applied:
    made: list[int] = []
    changed = 0
    for verdict in verdicts:
        command, item_id = verdict.command
        saved = services.save_item(session, command, actor=context.actor, now=context.now, item_id=item_id)
        if item_id is None:
            made.append(saved)
        elif verdict.outcome == "changed":
            changed += 1
    return Applied(tuple(made), changed)


def no_words(_session: Session, _context: Context) -> Mapping[str, Words]:
    return {}


ITEMS = Layout(
    code="items",
    label=N_("List of items"),
    hint=N_("One row for each item: code, name and what it is counted in."),
    permission=Permission.CATALOGUE_MANAGE,
    fields=FIELDS,
    check=check,
    apply=apply,
    options=(
        Option(
            TAKE_CHANGES,
            N_("Also change items that are there already"),
            N_("The unit of an item never changes."),
        ),
    ),
    words=no_words,
    order=20,
)
