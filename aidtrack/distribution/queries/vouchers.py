"""Vouchers as lists, look-ups and printers read them."""

import base64
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Centre
from aidtrack.beneficiaries.models import Household, Person
from aidtrack.distribution import signing
from aidtrack.distribution.models import (
    Entitlement,
    Handout,
    HandoutKind,
    HandoutLine,
    Profile,
    ProfileLine,
    Round,
    Voucher,
)
from aidtrack.distribution.queries.rounds import Named, RoundRow, Rows, round_by_id
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory.models import Item, Place
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.quantity import BaseUnit

STREAMED = 500


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


@dataclass(frozen=True, slots=True)
class PrintRow:
    """Everything of one voucher that goes on paper."""

    id: int
    serial: str
    typed_code: str
    code: str  # what the QR says
    profile_id: int
    head: str | None


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


# -- codes: whoever reads these holds what a family holds ------------------------------------------------


def printable_ids(
    session: Session,
    round_id: int,
    *,
    unprinted_only: bool = False,
    voucher_ids: Collection[int] | None = None,
) -> list[int]:
    """The open vouchers of a round in the order they are printed."""
    statement = select(Voucher.id).where(Voucher.round_id == round_id, Voucher.state == VoucherState.ISSUED)
    if unprinted_only:
        statement = statement.where(Voucher.printed_at.is_(None))
    if voucher_ids is not None:
        statement = statement.where(Voucher.id.in_(voucher_ids))
    return list(session.execute(statement.order_by(Voucher.id)).scalars())


def print_rows(session: Session, round_: RoundRow, voucher_ids: list[int]) -> Iterator[PrintRow]:
    """The vouchers with their codes, in the order of the ids, a few hundred at a time.

    The head's name is there only where the round prints it. Record the reading first
    (`services.mark_printed`).
    """
    tag = _deployment_tag(session)
    for start in range(0, len(voucher_ids), STREAMED):
        yield from _print_portion(session, round_, voucher_ids[start : start + STREAMED], tag)


def _print_portion(session: Session, round_: RoundRow, ids: list[int], tag: int) -> list[PrintRow]:
    statement = (
        select(
            Voucher.id,
            Voucher.serial,
            Voucher.typed_code,
            Voucher.key_id,
            Voucher.public_id,
            Voucher.status_index,
            Voucher.first_day,
            Voucher.last_day,
            Voucher.signature,
            Profile.number,
            Profile.id,
            Entitlement.household_id,
        )
        .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
        .join(Profile, Profile.id == Entitlement.profile_id)
        .where(Voucher.id.in_(ids), Voucher.round_id == round_.id)
        .order_by(Voucher.id)
    )
    found = session.execute(statement).all()
    heads = _heads(session, {row[11] for row in found}) if round_.print_head_name else {}
    return [
        PrintRow(
            id=row[0],
            serial=row[1],
            typed_code=row[2],
            code=_code(row, round_.tag, tag),
            profile_id=row[10],
            head=heads.get(row[11]),
        )
        for row in found
    ]


def open_voucher_codes(session: Session, round_code: str) -> Iterator[str]:
    """The QR texts of a round's open vouchers, for printing elsewhere. The caller scopes and logs it.

    Raises:
        NotFound: no such round; raised at once, not at the first code.
    """
    found = session.execute(select(Round.id, Round.token_id).where(Round.code == round_code)).one_or_none()
    if found is None:
        raise NotFound
    return _open_codes(session, found.id, found.token_id)


def _open_codes(session: Session, round_id: int, round_tag: int) -> Iterator[str]:
    tag = _deployment_tag(session)
    ids = printable_ids(session, round_id)
    for start in range(0, len(ids), STREAMED):
        statement = (
            select(
                Voucher.id,
                Voucher.serial,
                Voucher.typed_code,
                Voucher.key_id,
                Voucher.public_id,
                Voucher.status_index,
                Voucher.first_day,
                Voucher.last_day,
                Voucher.signature,
                Profile.number,
            )
            .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
            .join(Profile, Profile.id == Entitlement.profile_id)
            .where(Voucher.id.in_(ids[start : start + STREAMED]))
            .order_by(Voucher.id)
        )
        for row in session.execute(statement).all():
            yield _code(row, round_tag, tag)


def _code(row: Any, round_tag: int, tag: int) -> str:
    """The QR text, put together again from the voucher's row: claims and stored signature."""
    claims = signing.VoucherClaims(
        key_id=row.key_id,
        deployment_tag=tag,
        round_tag=round_tag,
        voucher_id=UUID(bytes=bytes(row.public_id)),
        status_index=row.status_index,
        profile=row.number,
        first_day=row.first_day,
        last_day=row.last_day,
    )
    return signing.PREFIX + base64.b32encode(claims.to_bytes() + bytes(row.signature)).decode("ascii")


def _heads(session: Session, household_ids: Collection[int]) -> dict[int, str]:
    """Short names of the heads: surname and initials, as papers carry them."""
    statement = select(Person.household_id, Person.surname, Person.given_name, Person.patronymic).where(
        Person.is_head, Person.household_id.in_(household_ids)
    )
    return {
        row.household_id: " ".join(
            [row.surname, *(f"{part[0]}." for part in (row.given_name, row.patronymic) if part)]
        )
        for row in session.execute(statement)
    }


def _deployment_tag(session: Session) -> int:
    tag = session.execute(select(Centre.deployment_tag).order_by(Centre.id).limit(1)).scalar_one()
    return int.from_bytes(bytes(tag), "big")
