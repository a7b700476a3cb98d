"""Vouchers as lists and look-ups read them."""

from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.models import Household
from aidtrack.distribution.models import (
    Entitlement,
    Handout,
    HandoutKind,
    HandoutLine,
    Profile,
    ProfileLine,
    Voucher,
)
from aidtrack.distribution.queries.rounds import Named, RoundRow, Rows, round_by_id
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory.models import Item, Place
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit


@dataclass(frozen=True, slots=True)
class DueLine(Named):
    """One item a profile stands for, base units."""

    item_id: int
    item_code: str
    item_name_uk: str
    item_name_en: str
    base_unit: BaseUnit
    units: int


@dataclass(frozen=True, slots=True)
class VoucherRow:
    """A line of the round's list. The family is named by its registration number only."""

    id: int
    serial: str
    state: VoucherState
    household_id: int
    registration_no: str
    persons: int
    profile_id: int
    issued_at: datetime
    printed_at: datetime | None
    replaces_id: int | None
    void_reason: str | None
    round_id: int
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class GivenLine(Named):
    item_name_uk: str
    item_name_en: str
    base_unit: BaseUnit
    due_units: int
    units: int


@dataclass(frozen=True, slots=True)
class HandoutRow(Named):
    """A handout on a voucher, or the undoing of one."""

    id: int
    kind: HandoutKind
    at: datetime
    actor_label: str
    reason: str | None
    place_name_uk: str
    place_name_en: str
    lines: tuple[GivenLine, ...]


def _listed() -> Rows:
    return (
        select(
            Voucher.id,
            Voucher.serial,
            Voucher.state,
            Entitlement.household_id,
            Household.registration_no,
            Entitlement.persons,
            Entitlement.profile_id,
            Voucher.issued_at,
            Voucher.printed_at,
            Voucher.replaces_id,
            Voucher.void_reason,
            Voucher.round_id,
            Voucher.first_day,
            Voucher.last_day,
        )
        .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
        .join(Household, Household.id == Entitlement.household_id)
    )


def vouchers(
    session: Session,
    round_id: int,
    *,
    state: VoucherState | None = None,
    search: str = "",
    limit: int,
    offset: int = 0,
) -> tuple[list[VoucherRow], int]:
    """A page of a round's vouchers by serial, and how many there are in all.

    Args:
        search: the beginning of a serial or of a registration number.
    """
    statement = _listed().where(Voucher.round_id == round_id)
    if state is not None:
        statement = statement.where(Voucher.state == state)
    if search:
        start = search.upper()
        statement = statement.where(
            or_(
                func.upper(Voucher.serial).startswith(start, autoescape=True),
                func.upper(Household.registration_no).startswith(start, autoescape=True),
            )
        )
    total = session.execute(select(func.count()).select_from(statement.subquery())).scalar_one()
    page = statement.order_by(Voucher.id).limit(limit).offset(offset)
    return [VoucherRow(*row) for row in session.execute(page)], total


def voucher_by_id(session: Session, voucher_id: int, *, actor: Actor) -> tuple[VoucherRow, RoundRow]:
    """A voucher with its round; NotFound for another site's."""
    row = session.execute(_listed().where(Voucher.id == voucher_id)).one_or_none()
    if row is None:
        raise NotFound
    voucher = VoucherRow(*row)
    return voucher, round_by_id(session, voucher.round_id, actor=actor)


def voucher_by_serial(session: Session, serial: str, *, actor: Actor) -> tuple[VoucherRow, RoundRow]:
    """For the reviewer, who has the paper in hand and no list."""
    statement = select(Voucher.id).where(func.upper(Voucher.serial) == serial.strip().upper())
    voucher_id = session.execute(statement).scalar()
    if voucher_id is None:
        raise NotFound
    return voucher_by_id(session, voucher_id, actor=actor)


def household_with(session: Session, voucher_id: int | None) -> int | None:
    """Whose voucher it is."""
    return session.scalar(
        select(Entitlement.household_id)
        .join(Voucher, Voucher.entitlement_id == Entitlement.id)
        .where(Voucher.id == voucher_id)
    )


def profile_lines(session: Session, round_id: int) -> dict[int, tuple[DueLine, ...]]:
    """What each profile of a round stands for, by profile id."""
    statement = (
        select(
            Profile.id,
            Item.id,
            Item.code,
            Item.name_uk,
            Item.name_en,
            Item.base_unit,
            ProfileLine.units,
        )
        .join(ProfileLine, ProfileLine.profile_id == Profile.id)
        .join(Item, Item.id == ProfileLine.item_id)
        .where(Profile.round_id == round_id)
        .order_by(Profile.id, Item.id)
    )
    lines: dict[int, list[DueLine]] = defaultdict(list)
    for row in session.execute(statement):
        lines[row[0]].append(DueLine(*row[1:]))
    return {profile_id: tuple(found) for profile_id, found in lines.items()}


def handouts_on(session: Session, voucher_id: int) -> list[HandoutRow]:
    """Everything that happened on a voucher, oldest first."""
    statement = (
        select(
            Handout.id,
            Handout.kind,
            Handout.at,
            Handout.actor_label,
            Handout.reason,
            Place.name_uk,
            Place.name_en,
        )
        .join(Place, Place.id == Handout.place_id)
        .where(Handout.voucher_id == voucher_id)
        .order_by(Handout.id)
    )
    found = session.execute(statement).all()
    lines: Rows = select(
        HandoutLine.handout_id,
        Item.name_uk,
        Item.name_en,
        Item.base_unit,
        HandoutLine.due_units,
        HandoutLine.units,
    ).join(Item, Item.id == HandoutLine.item_id)
    given: dict[int, list[GivenLine]] = defaultdict(list)
    for handout_id, *line in session.execute(
        lines.where(HandoutLine.handout_id.in_([row[0] for row in found]))
    ):
        given[handout_id].append(GivenLine(*line))
    return [HandoutRow(*row, tuple(given[row[0]])) for row in found]
