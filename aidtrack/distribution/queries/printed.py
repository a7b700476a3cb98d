"""Vouchers as printers read them, codes included: whoever reads these holds what a family holds."""

import base64
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Centre
from aidtrack.beneficiaries.models import Person
from aidtrack.db.among import among
from aidtrack.distribution import signing
from aidtrack.distribution.models import Entitlement, Profile, Round, Voucher
from aidtrack.distribution.queries.rounds import RoundRow
from aidtrack.distribution.slots.queries import booked_for
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass

STREAMED = 500


@dataclass(frozen=True, slots=True)
class PrintRow:
    """Everything of one voucher that goes on paper."""

    id: int
    serial: str
    typed_code: str
    code: str  # what the QR says
    profile_id: int
    head: str | None
    booked: tuple[date, int, int, int] | None = None  # day, from and to in local minutes, number for the day


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
    found = _portion(session, round_.id, ids)
    heads = short_names(session, {row.household_id for row in found}) if round_.print_head_name else {}
    booked = booked_for(session, round_.id, {row.household_id for row in found})
    return [
        PrintRow(
            id=row.id,
            serial=row.serial,
            typed_code=row.typed_code,
            code=_code(row, round_.tag, tag),
            profile_id=row.profile_id,
            head=heads.get(row.household_id),
            booked=booked.get(row.household_id),
        )
        for row in found
    ]


def _portion(session: Session, round_id: int, ids: list[int]) -> Sequence[Any]:
    """Some vouchers of the round with all their codes are made of, in the order of their ids."""
    return session.execute(
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
            Profile.id.label("profile_id"),
            Entitlement.household_id,
        )
        .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
        .join(Profile, Profile.id == Entitlement.profile_id)
        .where(among(Voucher.id, ids), Voucher.round_id == round_id)
        .order_by(Voucher.id)
    ).all()


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
        for row in _portion(session, round_id, ids[start : start + STREAMED]):
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


def short_names(session: Session, household_ids: Collection[int]) -> dict[int, str]:
    """Short names of the heads: surname and initials, as papers carry them."""
    statement = select(Person.household_id, Person.surname, Person.given_name, Person.patronymic).where(
        Person.is_head, among(Person.household_id, household_ids)
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
