"""The issue sheet (відомість видачі) of a round and day: who was given what, and how they signed."""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, delete, exists, func, insert, select
from sqlalchemy.orm import Session, aliased

from aidtrack import audit
from aidtrack.distribution.models import (
    Collector,
    Entitlement,
    FieldEvent,
    FieldOutcome,
    Handout,
    HandoutKind,
    HandoutLine,
    PaperRow,
    PaperSignature,
    Voucher,
)
from aidtrack.distribution.paper.errors import NotOnThatSheet
from aidtrack.distribution.queries.printed import short_names
from aidtrack.distribution.queries.rounds import Named, RoundRow
from aidtrack.inventory.models import Item
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit

Rows = Select[*tuple[Any, ...]]


class Signed(StrEnum):
    """How a family signed for its goods, as far as it is known."""

    SCREEN = "screen"  # drawn on the phone
    LIST = "list"  # on a numbered list, entered row by row
    SHEET = "sheet"  # on the printed sheet, ticked afterwards


@dataclass(frozen=True, slots=True)
class SheetItem(Named):
    """A column of the sheet, with what stands of it in all, base units."""

    item_id: int
    item_code: str
    item_name_uk: str
    item_name_en: str
    base_unit: BaseUnit
    units: int


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row: numbered in the order of the ledger, so that a number never changes. One that was undone keeps it."""

    number: int
    handout_id: int
    serial: str
    household_id: int
    persons: int
    collector: Collector
    undone: bool
    units: dict[int, int]  # by item
    signed: Signed | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A round's sheet of one day."""

    day: date
    items: tuple[SheetItem, ...]
    rows: tuple[SheetRow, ...]

    @property
    def standing(self) -> list[SheetRow]:
        return [row for row in self.rows if not row.undone]

    @property
    def unsigned(self) -> int:
        return sum(row.signed is None for row in self.standing)


@dataclass(frozen=True, slots=True)
class SheetDay:
    """A day on which a round handed out."""

    day: date
    handouts: int


def _undone() -> Any:
    reversal = aliased(Handout)
    return exists().where(reversal.reverses_id == Handout.id)


def days(session: Session, round_id: int) -> list[SheetDay]:
    """The days of a round that have a sheet, newest first."""
    query = (
        select(Handout.given_on, func.count())
        .where(Handout.round_id == round_id, Handout.kind != HandoutKind.REVERSAL)
        .group_by(Handout.given_on)
        .order_by(Handout.given_on.desc())
    )
    return [SheetDay(*row) for row in session.execute(query)]


def sheet(session: Session, round_id: int, day: date) -> Sheet:
    """Every handout of a round on a day. No name is read."""
    query: Rows = (
        select(
            Handout.id, Voucher.serial, Handout.household_id, Entitlement.persons, Handout.collector, _undone(),
            Handout.client_id,
        )
        .join(Voucher, Voucher.id == Handout.voucher_id)
        .join(Entitlement, Entitlement.id == Handout.entitlement_id)
        .where(
            Handout.round_id == round_id, Handout.given_on == day, Handout.kind != HandoutKind.REVERSAL
        )
        .order_by(Handout.id)
    )  # fmt: skip
    found = session.execute(query).all()
    ids = [row[0] for row in found]
    given = _given(session, round_id, day)
    signed = _signed(session, round_id, day)
    rows = tuple(
        SheetRow(
            number, row[0], row[1], row[2], row[3], row[4], bool(row[5]), given[row[0]], signed.get(row[0])
        )
        for number, row in enumerate(found, start=1)
    )
    totals: dict[int, int] = defaultdict(int)
    for row in rows:
        for item_id, units in row.units.items():
            totals[item_id] += 0 if row.undone else units
    items = (
        select(Item.id, Item.code, Item.name_uk, Item.name_en, Item.base_unit)
        .where(Item.id.in_(totals))
        .order_by(Item.code)
    )
    columns = tuple(SheetItem(*item, units=totals[item[0]]) for item in session.execute(items)) if ids else ()
    return Sheet(day, columns, rows)


def _of_day(round_id: int, day: date) -> Any:
    return (
        select(Handout.id)
        .where(Handout.round_id == round_id, Handout.given_on == day, Handout.kind != HandoutKind.REVERSAL)
        .scalar_subquery()
    )


def _given(session: Session, round_id: int, day: date) -> defaultdict[int, dict[int, int]]:
    given: defaultdict[int, dict[int, int]] = defaultdict(dict)
    query = select(HandoutLine.handout_id, HandoutLine.item_id, HandoutLine.units).where(
        HandoutLine.handout_id.in_(_of_day(round_id, day))
    )
    for handout_id, item_id, units in session.execute(query):
        given[handout_id][item_id] = units
    return given


def _signed(session: Session, round_id: int, day: date) -> dict[int, Signed]:
    """How each handout was signed for; a drawn signature counts before a paper one."""
    found: dict[int, Signed] = {}
    ticked = select(PaperSignature.handout_id).where(PaperSignature.handout_id.in_(_of_day(round_id, day)))
    found |= dict.fromkeys(session.execute(ticked).scalars(), Signed.SHEET)
    listed = (
        select(Handout.id)
        .join(PaperRow, PaperRow.client_id == Handout.client_id)
        .where(Handout.id.in_(_of_day(round_id, day)))
    )
    found |= dict.fromkeys(session.execute(listed).scalars(), Signed.LIST)
    drawn = (
        select(FieldOutcome.handout_id, FieldEvent.body)
        .join(FieldEvent, FieldEvent.id == FieldOutcome.event_id)
        .where(FieldOutcome.handout_id.in_(_of_day(round_id, day)))
    )
    for handout_id, body in session.execute(drawn):
        if handout_id is not None and json.loads(body).get("ink"):
            found[handout_id] = Signed.SCREEN
    return found


def names(session: Session, found: Sheet, round_: RoundRow, *, actor: Actor, now: datetime) -> dict[int, str]:
    """The heads' short names by household, and the reading in the log: the sheet is a list of families."""
    actor.require(Permission.PAPER_PRINT, site_id=round_.site_id)
    audit.record(
        session, actor=actor, action="read.issue_sheet", object_type="round", object_id=round_.id,
        site_id=round_.site_id, now=now, facts={"day": found.day.isoformat(), "rows": len(found.rows)},
    )  # fmt: skip
    return short_names(session, {row.household_id for row in found.rows})


def sign(
    session: Session, round_: RoundRow, day: date, *, shown: frozenset[int], ticked: frozenset[int],
    texts: tuple[str, ...] = (), actor: Actor, now: datetime,
) -> int:  # fmt: skip
    """Note who signed the printed sheet: rows ticked, or their numbers and serials typed. Gives how many are noted.

    Args:
        shown: handouts whose boxes stood on the page; a box without its tick takes the note back.

    Raises:
        NotOnThatSheet: with what was typed.
    """
    if not actor.can(Permission.PAPER_PRINT):
        actor.require(Permission.HANDOUT_GIVE)
    # the round's site was looked at when the round was found
    rows = sheet(session, round_.id, day).standing
    known = {row.handout_id for row in rows}
    wanted = set(ticked & shown & known)
    by_text = {str(row.number): row.handout_id for row in rows} | {row.serial: row.handout_id for row in rows}
    for text in texts:
        typed = text.strip().upper()
        if not typed:
            continue
        if typed not in by_text:
            raise NotOnThatSheet(typed=text.strip()[:24])
        wanted.add(by_text[typed])
    noted = set(
        session.execute(
            select(PaperSignature.handout_id).where(PaperSignature.handout_id.in_(known))
        ).scalars()
    )
    gone, new = (noted & shown) - wanted, sorted(wanted - noted)
    if gone:
        session.execute(delete(PaperSignature).where(PaperSignature.handout_id.in_(gone)))
    if new:
        session.execute(
            insert(PaperSignature),
            [{"handout_id": handout_id, "noted_at": now, "noted_by": actor.label} for handout_id in new],
        )
    if new or gone:
        audit.record(
            session, actor=actor, action="paper.sign", object_type="round", object_id=round_.id,
            site_id=round_.site_id, now=now,
            facts={"day": day.isoformat(), "signed": len(new), "taken_off": len(gone)},
        )  # fmt: skip
    return len((noted | set(new)) - gone)


def voucher_names(session: Session, voucher_ids: Collection[int]) -> dict[int, str]:
    """The heads' short names by voucher. The caller has logged the reading."""
    households = session.execute(
        select(Voucher.id, Entitlement.household_id)
        .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
        .where(Voucher.id.in_(voucher_ids))
    ).all()
    heads = short_names(session, {row[1] for row in households})
    return {row[0]: heads[row[1]] for row in households if row[1] in heads}
