"""Cycles and rounds as pages and services read them, within the actor's sites."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Site
from aidtrack.distribution.models import Cycle, Entitlement, RationEntry, Round, RoundState, Voucher
from aidtrack.distribution.rations import Basis, RationLine
from aidtrack.distribution.vouchers import Reconciliation, VoucherState, reconcile
from aidtrack.inventory.models import Item, ItemPack, Place, Programme
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit

Rows = Select[*tuple[Any, ...]]


class Named:
    """A row with names in both languages: `row.name_of("place", "uk")`."""

    __slots__ = ()

    def name_of(self, what: str, language: str) -> str:
        return str(getattr(self, f"{what}_name_{'uk' if language == 'uk' else 'en'}"))


@dataclass(frozen=True, slots=True)
class CycleRow(Named):
    id: int
    code: str
    cycle_name_uk: str
    cycle_name_en: str
    starts_on: date
    ends_on: date
    programme_id: int
    programme_code: str
    programme_name_uk: str
    programme_name_en: str


@dataclass(frozen=True, slots=True)
class RoundRow(Named):
    """A round with its cycle, programme, place and site."""

    id: int
    code: str
    tag: int  # the 32 random bits inside its voucher codes
    state: RoundState
    first_day: date
    last_day: date
    hours: str | None
    print_head_name: bool
    cycle_id: int
    cycle_code: str
    cycle_name_uk: str
    cycle_name_en: str
    cycle_starts_on: date
    cycle_ends_on: date
    programme_id: int
    programme_code: str
    programme_name_uk: str
    programme_name_en: str
    place_id: int
    place_code: str
    place_name_uk: str
    place_name_en: str
    place_address_uk: str | None
    site_id: int
    time_zone: str


@dataclass(frozen=True, slots=True)
class SetLineRow(Named):
    """A line of a round's entitlement set."""

    item_id: int
    item_code: str
    item_name_uk: str
    item_name_en: str
    base_unit: BaseUnit
    basis: Basis
    units: int
    age_from: int | None
    age_to: int | None
    pack_id: int | None
    pack_units: int | None
    pack_name_uk: str | None
    pack_name_en: str | None

    def as_rule(self) -> RationLine:
        return RationLine(
            item_id=self.item_id,
            basis=self.basis,
            units=self.units,
            age_from=self.age_from,
            age_to=self.age_to,
            pack_units=self.pack_units,
        )


def _rounds() -> Rows:
    return (
        select(
            Round.id, Round.code, Round.token_id, Round.state, Round.first_day, Round.last_day, Round.hours,
            Round.print_head_name, Cycle.id, Cycle.code, Cycle.name_uk, Cycle.name_en, Cycle.starts_on,
            Cycle.ends_on, Programme.id, Programme.code, Programme.name_uk, Programme.name_en, Place.id,
            Place.code, Place.name_uk, Place.name_en, Place.address_uk, Site.id, Site.time_zone,
        )
        .join(Cycle, Cycle.id == Round.cycle_id)
        .join(Programme, Programme.id == Cycle.programme_id)
        .join(Place, Place.id == Round.place_id)
        .join(Site, Site.id == Place.site_id)
    )  # fmt: skip


def _round(row: Row[*tuple[Any, ...]] | None) -> RoundRow:
    if row is None:
        raise NotFound
    return RoundRow(*row)


def rounds(
    session: Session, *, actor: Actor, state: RoundState | None = None, on: date | None = None
) -> list[RoundRow]:
    """The actor's rounds, newest first; `state` and a day within first and last day narrow them."""
    statement: Rows = _rounds().where(Site.id.in_(actor.site_ids))
    if state is not None:
        statement = statement.where(Round.state == state)
    if on is not None:
        statement = statement.where(Round.first_day <= on, Round.last_day >= on)
    statement = statement.order_by(Round.first_day.desc(), Round.id.desc())
    return [RoundRow(*row) for row in session.execute(statement)]


def round_by_id(session: Session, round_id: int, *, actor: Actor) -> RoundRow:
    """One round; NotFound for a missing one and for another site's alike (I14)."""
    statement = _rounds().where(Round.id == round_id, Site.id.in_(actor.site_ids))
    return _round(session.execute(statement).one_or_none())


def round_by_code(session: Session, code: str, *, actor: Actor) -> RoundRow:
    statement = _rounds().where(Round.code == code, Site.id.in_(actor.site_ids))
    return _round(session.execute(statement).one_or_none())


def _cycles() -> Rows:
    return select(
        Cycle.id, Cycle.code, Cycle.name_uk, Cycle.name_en, Cycle.starts_on, Cycle.ends_on, Programme.id,
        Programme.code, Programme.name_uk, Programme.name_en,
    ).join(Programme, Programme.id == Cycle.programme_id)  # fmt: skip


def cycles(session: Session, *, programme_id: int | None = None) -> list[CycleRow]:
    """Every cycle, newest first. Cycles belong to programmes and so to no site."""
    statement = _cycles().order_by(Cycle.starts_on.desc(), Cycle.id.desc())
    if programme_id is not None:
        statement = statement.where(Programme.id == programme_id)
    return [CycleRow(*row) for row in session.execute(statement)]


def cycle_by_id(session: Session, cycle_id: int) -> CycleRow:
    row = session.execute(_cycles().where(Cycle.id == cycle_id)).one_or_none()
    if row is None:
        raise NotFound
    return CycleRow(*row)


def is_issued(session: Session, cycle_id: int) -> bool:
    """Whether a family was ever entitled in the cycle: then papers speak of it."""
    return bool(session.execute(select(exists().where(Entitlement.cycle_id == cycle_id))).scalar())


def rounds_of_cycle(session: Session, cycle_id: int, *, actor: Actor) -> list[RoundRow]:
    """The actor's own sites' rounds of a cycle, in the order of their days."""
    statement = _rounds().where(Cycle.id == cycle_id, Site.id.in_(actor.site_ids))
    return [_round(row) for row in session.execute(statement.order_by(Round.first_day, Round.id))]


def set_lines(session: Session, round_id: int) -> list[SetLineRow]:
    """The round's entitlement set, in the order it was written."""
    statement: Rows = (
        select(
            Item.id, Item.code, Item.name_uk, Item.name_en, Item.base_unit, RationEntry.basis, RationEntry.units,
            RationEntry.age_from, RationEntry.age_to, ItemPack.id, ItemPack.units, ItemPack.name_uk, ItemPack.name_en,
        )
        .join(Item, Item.id == RationEntry.item_id)
        .outerjoin(ItemPack, ItemPack.id == RationEntry.pack_id)
        .where(RationEntry.round_id == round_id)
        .order_by(RationEntry.id)
    )  # fmt: skip
    return [SetLineRow(*row) for row in session.execute(statement)]


def reconciliations(session: Session, round_ids: Iterable[int]) -> dict[int, Reconciliation]:
    """printed = issued + void for each round.

    What was printed is counted without looking at the vouchers' states: one voucher for each entitlement,
    and one for each reprint.
    """
    wanted = list(round_ids)
    counts: dict[int, dict[VoucherState, int]] = {round_id: {} for round_id in wanted}
    by_state = (
        select(Voucher.round_id, Voucher.state, func.count())
        .where(Voucher.round_id.in_(wanted))
        .group_by(Voucher.round_id, Voucher.state)
    )
    for round_id, state, count in session.execute(by_state):
        counts[round_id][state] = count
    printed = dict.fromkeys(wanted, 0)
    entitlements = (
        select(Entitlement.round_id, func.count())
        .where(Entitlement.round_id.in_(wanted))
        .group_by(Entitlement.round_id)
    )
    reprints = (
        select(Voucher.round_id, func.count())
        .where(Voucher.round_id.in_(wanted), Voucher.replaces_id.is_not(None))
        .group_by(Voucher.round_id)
    )
    for statement in (entitlements, reprints):
        for round_id, count in session.execute(statement):
            printed[round_id] += count
    return {round_id: reconcile(counts[round_id], printed=printed[round_id]) for round_id in wanted}


def reconciliation(session: Session, round_id: int) -> Reconciliation:
    return reconciliations(session, [round_id])[round_id]
