"""On a family's page: what waits for it and what it was given, under every registration it had."""

from collections import defaultdict
from datetime import date
from typing import Any

from flask import render_template
from markupsafe import Markup
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.distribution.field.returning import items_back
from aidtrack.distribution.models import Entitlement, Handout, HandoutKind, HandoutLine, Round, Voucher
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory.models import Item, Place
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.late import dataclass

LATEST = 10


@dataclass(frozen=True, slots=True)
class Waiting:
    voucher_id: int
    serial: str
    round_code: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Given:
    on: date
    name_uk: str  # of the place
    name_en: str
    lines: tuple[tuple[str, str, int, str], ...]  # item in both languages, units, base unit


_HOUSEHOLDS: Any = bindparam("household_ids", expanding=True)
_HANDOUTS: Any = bindparam("handout_ids", expanding=True)
_WAITING = (
    select(Voucher.id, Voucher.serial, Round.code, Voucher.first_day, Voucher.last_day)
    .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
    .join(Round, Round.id == Voucher.round_id)
    .where(Entitlement.household_id.in_(_HOUSEHOLDS), Voucher.state == VoucherState.ISSUED)
    .order_by(Voucher.last_day, Voucher.id)
)
_UNDONE = aliased(Handout)
_GIVEN = (
    select(Handout.id, Handout.given_on, Place.name_uk, Place.name_en)
    .join(Place, Place.id == Handout.place_id)
    .where(
        Handout.household_id.in_(_HOUSEHOLDS),
        Handout.kind != HandoutKind.REVERSAL,
        ~select(_UNDONE.id).where(_UNDONE.reverses_id == Handout.id).exists(),
    )
    .order_by(Handout.given_on.desc(), Handout.id.desc())
    .limit(LATEST)
)
_LINES = (
    select(HandoutLine.handout_id, Item.id, Item.name_uk, Item.name_en, HandoutLine.units, Item.base_unit)
    .join(Item, Item.id == HandoutLine.item_id)
    .where(HandoutLine.handout_id.in_(_HANDOUTS), HandoutLine.units > 0)
    .order_by(Item.code)
)


def section(session: Session, file: HouseholdFile, actor: Actor) -> Markup:
    """The part of the page, for whoever may see the family."""
    ids = [file.key.id, *file.merged]
    page = render_template(
        "distribution/_family.html", waiting=_waiting(session, ids), given=_given(session, ids),
        may_open=actor.can(Permission.ROUND_READ),
    )  # fmt: skip
    return Markup(page)  # noqa: S704  (our own template, escaped by Jinja)


def _waiting(session: Session, household_ids: list[int]) -> list[Waiting]:
    return [Waiting(*row) for row in session.execute(_WAITING, {"household_ids": household_ids})]


def _given(session: Session, household_ids: list[int]) -> list[Given]:
    rows = session.execute(_GIVEN, {"household_ids": household_ids}).all()
    lines: dict[int, list[tuple[str, str, int, str]]] = defaultdict(list)
    if rows:
        found = session.execute(_LINES, {"handout_ids": [row.id for row in rows]})
        back = items_back(session, [row.id for row in rows])
        for handout_id, item_id, name_uk, name_en, units, base_unit in found:
            left = units - back.get((handout_id, item_id), 0)
            if left:
                lines[handout_id].append((name_uk, name_en, left, base_unit))
    return [Given(row.given_on, row.name_uk, row.name_en, tuple(lines[row.id])) for row in rows]
