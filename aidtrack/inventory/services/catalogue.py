"""The catalogue: who gives, under which paper, for what, which goods, and where they may stand.

Each `save_…` makes a new row, or changes the one whose id is given; nothing is ever deleted, because lots
and papers refer to it: what is no longer used is made inactive.
"""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.db import Base
from aidtrack.inventory.commands import (
    SaveAgreement,
    SaveDonor,
    SaveItem,
    SavePack,
    SavePlace,
    SaveProgramme,
)
from aidtrack.inventory.errors import (
    CodeTaken,
    NotACatalogueCode,
    NotAnEdrpou,
    NotAPlaceForGoods,
    PlaceHoldsGoods,
    UnitIsFixed,
    WrongOrderOfDays,
)
from aidtrack.inventory.kinds import REAL_PLACES
from aidtrack.inventory.models import (
    Agreement,
    Donor,
    Item,
    ItemPack,
    Place,
    Programme,
    ProgrammeAgreement,
)
from aidtrack.inventory.queries.catalogue import place_holds_goods
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import InvalidValue, NotFound
from aidtrack.kernel.quantity import MAX_UNITS

_CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,22}")


def save_donor(
    session: Session, command: SaveDonor, *, actor: Actor, now: datetime, donor_id: int | None = None
) -> int:
    """Raises: NotACatalogueCode, CodeTaken, NotAnEdrpou, NotFound."""
    actor.require(Permission.CATALOGUE_MANAGE)
    if command.edrpou is not None:
        from stdnum.ua import edrpou  # a start does not wait for it: donors are entered now and then

        if not edrpou.is_valid(command.edrpou):
            raise NotAnEdrpou
    values = _coded(command)
    return _save(session, Donor, donor_id, values, unique={"code": values["code"]}, actor=actor, now=now)


def save_agreement(
    session: Session, command: SaveAgreement, *, actor: Actor, now: datetime, agreement_id: int | None = None
) -> int:
    """Raises: CodeTaken (the donor has an agreement of that number), WrongOrderOfDays, NotFound."""
    actor.require(Permission.CATALOGUE_MANAGE)
    if session.get(Donor, command.donor_id) is None:
        raise NotFound(field="donor_id")
    if command.valid_until is not None and command.valid_until < command.signed_on:
        raise WrongOrderOfDays(field="valid_until")
    values = _values(command)
    unique = {"donor_id": command.donor_id, "number": command.number}
    return _save(session, Agreement, agreement_id, values, unique=unique, actor=actor, now=now)


def save_programme(
    session: Session, command: SaveProgramme, *, actor: Actor, now: datetime, programme_id: int | None = None
) -> int:
    """Raises: NotACatalogueCode, CodeTaken, NotFound."""
    actor.require(Permission.CATALOGUE_MANAGE)
    values = _coded(command)
    wanted = set(values.pop("agreement_ids"))
    known = set(session.scalars(select(Agreement.id).where(Agreement.id.in_(wanted))))
    if known != wanted:
        raise NotFound(field="agreement_ids")
    unique = {"code": values["code"]}
    saved = _save(session, Programme, programme_id, values, unique=unique, actor=actor, now=now)
    session.execute(delete(ProgrammeAgreement).where(ProgrammeAgreement.programme_id == saved))
    session.add_all(ProgrammeAgreement(programme_id=saved, agreement_id=id_) for id_ in sorted(wanted))
    session.flush()
    return saved


def save_item(
    session: Session, command: SaveItem, *, actor: Actor, now: datetime, item_id: int | None = None
) -> int:
    """Raises: NotACatalogueCode, CodeTaken, UnitIsFixed, InvalidValue, NotFound."""
    actor.require(Permission.CATALOGUE_MANAGE)
    if item_id is not None:
        item = session.get(Item, item_id)
        if item is not None and item.base_unit is not command.base_unit:
            raise UnitIsFixed
    item_bounds(command)
    values = _coded(command)
    return _save(session, Item, item_id, values, unique={"code": values["code"]}, actor=actor, now=now)


def item_bounds(command: SaveItem) -> None:
    """Raises InvalidValue, naming the field."""
    _within("density_g_per_l", command.density_g_per_l, 1, 30_000)
    _within("kcal_per_100g", command.kcal_per_100g, 0, 900)


def save_pack(
    session: Session, command: SavePack, *, actor: Actor, now: datetime, pack_id: int | None = None
) -> int:
    """Raises: CodeTaken (the item has a pack of that code), InvalidValue, NotFound."""
    actor.require(Permission.CATALOGUE_MANAGE)
    if session.get(Item, command.item_id) is None:
        raise NotFound(field="item_id")
    _within("units", command.units, 1, MAX_UNITS)
    unique = {"item_id": command.item_id, "code": command.code}
    return _save(session, ItemPack, pack_id, _values(command), unique=unique, actor=actor, now=now)


def save_place(
    session: Session, command: SavePlace, *, actor: Actor, now: datetime, place_id: int | None = None
) -> int:
    """Raises: NotAPlaceForGoods, PlaceHoldsGoods, NotACatalogueCode, CodeTaken, NotFound."""
    actor.require(Permission.CATALOGUE_MANAGE, site_id=command.site_id)
    if command.kind not in REAL_PLACES:
        raise NotAPlaceForGoods
    if place_id is not None:
        place = session.get(Place, place_id)
        if place is None or place.site_id not in actor.site_ids:
            raise NotFound
        if not command.active and place_holds_goods(session, place_id):
            raise PlaceHoldsGoods
        if place.site_id != command.site_id and place_holds_goods(session, place_id):
            raise PlaceHoldsGoods(field="site_id")
    values = _coded(command)
    return _save(session, Place, place_id, values, unique={"code": values["code"]}, actor=actor, now=now)


def _values(command: Any) -> dict[str, Any]:
    return {name: getattr(command, name) for name in command.__dataclass_fields__}


def _coded(command: Any) -> dict[str, Any]:
    """The command's values with a code in capitals, as papers and files show it."""
    values = _values(command)
    values["code"] = catalogue_code(values["code"])
    return values


def catalogue_code(text: str) -> str:
    """A code as papers and files show it. Raises NotACatalogueCode."""
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        raise NotACatalogueCode
    return code


def _within(field: str, value: int | None, low: int, high: int) -> None:
    if value is not None and not low <= value <= high:
        raise InvalidValue(field=field, value=value)


def _save(
    session: Session,
    kind: type[Base],
    row_id: int | None,
    values: dict[str, Any],
    *,
    unique: dict[str, Any],
    actor: Actor,
    now: datetime,
) -> int:
    mapping: Any = kind
    twin = session.execute(select(mapping.id).filter_by(**unique)).scalar_one_or_none()
    if twin is not None and twin != row_id:
        field = "number" if "number" in unique else "code"
        raise CodeTaken(field=field, taken=unique[field])
    table = kind.__tablename__
    if row_id is None:
        row: Any = mapping(**values)
        session.add(row)
        session.flush()  # its id goes into the audit row
        changed: list[str] = []
    else:
        row = session.get(mapping, row_id)
        if row is None:
            raise NotFound
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        for name, value in values.items():
            setattr(row, name, value)
        session.flush()
    audit.record(
        session, actor=actor, action=f"catalogue.{'change' if row_id else 'add'}", object_type=table,
        object_id=row.id, site_id=getattr(row, "site_id", None), facts={"changed": changed} if changed else None,
        now=now,
    )  # fmt: skip
    return int(row.id)
