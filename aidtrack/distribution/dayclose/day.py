"""What happened at a place on a day: who handed out, what, on which rounds' vouchers, and from which phones."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, case, exists, func, select, union
from sqlalchemy.orm import Session, aliased

from aidtrack.accounts.models import UserAccount
from aidtrack.distribution.field.returning import items_back
from aidtrack.distribution.models import (
    Device,
    GoodsReturned,
    Handout,
    HandoutKind,
    HandoutLine,
    ReturnedVoucher,
    Round,
    RoundState,
    Voucher,
)
from aidtrack.distribution.queries.rounds import Named, RoundRow, reconciliations, rounds
from aidtrack.distribution.vouchers import Reconciliation, VoucherState
from aidtrack.inventory.models import Item, StockEntry
from aidtrack.inventory.queries.stock import whole
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit

Rows = Select[*tuple[Any, ...]]
OPEN = (VoucherState.ISSUED, VoucherState.EXPIRED)


@dataclass(frozen=True, slots=True)
class PersonTally:
    """One person's handouts of a place and day. What was undone is part of `given` and stands no more."""

    actor_label: str
    given: int
    partial: int
    undone: int

    @property
    def standing(self) -> int:
        return self.given - self.undone


@dataclass(frozen=True, slots=True)
class GivenItem(Named):
    """What left for families on a day and was not taken back, base units."""

    item_id: int
    item_name_uk: str
    item_name_en: str
    base_unit: BaseUnit
    handouts: int
    units: int


@dataclass(frozen=True, slots=True)
class RoundOfDay:
    """A round of the place on that day, its vouchers, and how many unused ones came back to the office."""

    round: RoundRow
    count: Reconciliation
    returned: int


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone enrolled for one of the day's rounds, by its own last word."""

    id: int
    label: str
    person: str
    last_seen_at: datetime | None
    unsent: int | None
    oldest_at: datetime | None
    revoked: bool


@dataclass(frozen=True, slots=True)
class UnusedVoucher:
    """A printed voucher on which nothing was collected. The family is not named."""

    id: int
    serial: str
    state: VoucherState
    returned: bool


def _undone() -> Any:
    reversal = aliased(Handout)
    return exists().where(reversal.reverses_id == Handout.id)


def tally(session: Session, place_id: int, day: date) -> list[PersonTally]:
    """Handouts by who gave them, at the counter and with however many phones, most first."""
    person = func.coalesce(UserAccount.login, Handout.actor_label).label("actor_label")
    partial = exists().where(HandoutLine.handout_id == Handout.id, HandoutLine.units < HandoutLine.due_units)
    given = (
        select(
            person,
            case((partial, 1), else_=0).label("partial"),
            case((_undone(), 1), else_=0).label("undone"),
        )
        .select_from(Handout)
        .outerjoin(UserAccount, UserAccount.id == Handout.user_id)
        .where(Handout.place_id == place_id, Handout.given_on == day, Handout.kind != HandoutKind.REVERSAL)
        .subquery()
    )
    query = (
        select(
            given.c.actor_label,
            func.count(),
            whole(func.sum(given.c.partial)),
            whole(func.sum(given.c.undone)),
        )
        .group_by(given.c.actor_label)
        .order_by(func.count().desc(), given.c.actor_label)
    )
    return [PersonTally(*row) for row in session.execute(query)]


def given_items(session: Session, place_id: int, day: date) -> list[GivenItem]:
    """What stands as handed out, by item."""
    query = (
        select(
            Item.id, Item.name_uk, Item.name_en, Item.base_unit, func.count(), whole(func.sum(HandoutLine.units)),
            Item.code,
        )
        .join(HandoutLine, HandoutLine.item_id == Item.id)
        .join(Handout, Handout.id == HandoutLine.handout_id)
        .where(
            Handout.place_id == place_id, Handout.given_on == day, Handout.kind != HandoutKind.REVERSAL,
            ~_undone(), HandoutLine.units > 0,
        )
        .group_by(Item.id, Item.name_uk, Item.name_en, Item.base_unit, Item.code)
        .order_by(Item.code)
    )  # fmt: skip
    back = _came_back(session, place_id, day)
    return [GivenItem(*row[:5], row[5] - back.get(row[0], 0)) for row in session.execute(query)]


def _came_back(session: Session, place_id: int, day: date) -> dict[int, int]:
    """What of the day's standing handouts came back since, by item."""
    query = (
        select(GoodsReturned.handout_id)
        .join(Handout, Handout.id == GoodsReturned.handout_id)
        .where(Handout.place_id == place_id, Handout.given_on == day, ~_undone())
    )
    found: dict[int, int] = {}
    for (_handout, item_id), units in items_back(session, list(session.scalars(query))).items():
        found[item_id] = found.get(item_id, 0) + units
    return found


def rounds_of_day(session: Session, place_id: int, day: date, *, actor: Actor) -> list[RoundOfDay]:
    """The rounds that handed out here that day, planned ones left aside.

    A van or a second point serves the round of another place: a phone enrolled here says so, or what was given.
    """
    here = select(Device.round_id).where(Device.place_id == place_id)
    gave = select(Handout.round_id).where(Handout.place_id == place_id, Handout.given_on == day)
    served = set(session.scalars(union(here, gave)))
    found = [
        row
        for row in rounds(session, actor=actor, on=day)
        if (row.place_id == place_id or row.id in served) and row.state is not RoundState.PLANNED
    ]
    counts = reconciliations(session, [row.id for row in found])
    came_back = (
        select(Voucher.round_id, func.count(ReturnedVoucher.voucher_id.distinct()))
        .join(ReturnedVoucher, ReturnedVoucher.voucher_id == Voucher.id)
        .where(Voucher.round_id.in_([row.id for row in found]), Voucher.state.in_(OPEN))
        .group_by(Voucher.round_id)
    )
    returned = {row[0]: row[1] for row in session.execute(came_back)}
    return [RoundOfDay(row, counts[row.id], returned.get(row.id, 0)) for row in found]


def phones(session: Session, place_id: int, day: date) -> list[Phone]:
    """Phones of the day's rounds here; those that hold most come first."""
    query = (
        select(
            Device.id, Device.label, UserAccount.display_name, Device.last_seen_at, Device.unsent_reported,
            Device.unsent_oldest_at, Device.revoked_at,
        )
        .join(UserAccount, UserAccount.id == Device.user_id)
        .join(Round, Round.id == Device.round_id)
        .where(Device.place_id == place_id, Round.first_day <= day, Round.last_day >= day)
        .order_by(func.coalesce(Device.unsent_reported, 0).desc(), Device.id)
    )  # fmt: skip
    return [Phone(*row[:6], revoked=row[6] is not None) for row in session.execute(query)]


def unsent(found: list[Phone]) -> int:
    """Events that the phones themselves said they still hold."""
    return sum(phone.unsent or 0 for phone in found)


def came_later(session: Session, place_id: int, day: date, since: datetime) -> int:
    """Handouts of that day that were recorded after a moment: what a close could not know."""
    query = (
        select(func.count())
        .select_from(Handout)
        .join(StockEntry, StockEntry.id == Handout.entry_id)
        .where(
            Handout.place_id == place_id, Handout.given_on == day, StockEntry.recorded_at > since,
            Handout.kind != HandoutKind.REVERSAL,
        )
    )  # fmt: skip
    return session.execute(query).scalar_one()


def unused_vouchers(
    session: Session, close_id: int, round_ids: list[int], *, limit: int, offset: int = 0
) -> tuple[list[UnusedVoucher], int]:
    """Printed vouchers of these rounds on which nothing was collected, by serial; and how many there are."""
    query: Rows = select(
        Voucher.id,
        Voucher.serial,
        Voucher.state,
        exists().where(ReturnedVoucher.voucher_id == Voucher.id, ReturnedVoucher.close_id == close_id),
    ).where(Voucher.round_id.in_(round_ids), Voucher.state.in_(OPEN), Voucher.printed_at.is_not(None))
    total = session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    page = query.order_by(Voucher.id).limit(limit).offset(offset)
    return [UnusedVoucher(row[0], row[1], row[2], bool(row[3])) for row in session.execute(page)], total
