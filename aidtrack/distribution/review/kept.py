"""A kept event in plain words: its text opened for whoever settles its case. The caller logs the reading."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import UserAccount
from aidtrack.distribution import signing
from aidtrack.distribution.field.reading import Readable, legible, shown_raw
from aidtrack.distribution.models import (
    Device,
    FieldEvent,
    FieldEventType,
    FieldQuarantine,
    KeptPosting,
    ReviewCase,
    Round,
    Voucher,
)
from aidtrack.distribution.models.field import CaseKind
from aidtrack.distribution.queries.rounds import Named
from aidtrack.inventory.models import Item, Place, StockEntry, StockLot
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit


@dataclass(frozen=True, slots=True)
class KeptLine:
    """Units as written; the names are None where the catalogue or the stock does not know the code."""

    item: str
    lot: str | None
    units: int
    lot_id: int | None
    base_unit: BaseUnit | None
    item_name_uk: str | None
    item_name_en: str | None


@dataclass(frozen=True, slots=True)
class KeptStory(Named):
    """What a kept text says. `raw` stands where nothing can be parsed, and for those who may read households."""

    said: Readable | None
    lines: tuple[KeptLine, ...]
    place_id: int | None
    place_name_uk: str | None
    place_name_en: str | None
    person: str | None
    person_id: int | None
    supervisor: str | None
    serial: str | None
    raw: str
    came_true: bool  # an event under the same id was recorded as well
    posted: str | None  # the document by which its goods left the book

    @property
    def takes(self) -> dict[int, int]:
        """Units by lot that can leave the book."""
        found: dict[int, int] = {}
        for line in self.lines:
            if line.lot_id is not None:
                found[line.lot_id] = found.get(line.lot_id, 0) + line.units
        return found


def may_read_family(actor: Actor) -> bool:
    """Who may read what a family says of itself (DESIGN §6): caseworkers, and reviewers as a logged sample."""
    return actor.can(Permission.HOUSEHOLD_READ) or actor.can(Permission.VOUCHER_INSPECT)


def story(session: Session, case: ReviewCase, *, site_ids: Collection[int]) -> KeptStory | None:
    """The text behind a case: a kept one, or goods given without a voucher. None for every other case."""
    found = _text(session, case)
    if found is None:
        return None
    body, device_id, place_id, uid = found
    said = legible(body)
    device = _device(session, device_id, said, site_ids)
    place = _place(session, place_id, said, device, site_ids)
    return KeptStory(
        said=said,
        lines=_lines(session, said),
        place_id=place[0] if place else None,
        place_name_uk=place[1] if place else None,
        place_name_en=place[2] if place else None,
        person=device[2] if device else None,
        person_id=device[1] if device else None,
        supervisor=_name(session, said.supervisor) if said else None,
        serial=_serial(session, said.token, site_ids) if said and said.token else None,
        raw=shown_raw(body),
        came_true=case.quarantine_id is not None and _is_recorded(session, uid),
        posted=session.execute(
            select(StockEntry.document)
            .join(KeptPosting, KeptPosting.entry_id == StockEntry.id)
            .where(KeptPosting.case_id == case.id)
        ).scalar_one_or_none(),
    )


def uid_of(session: Session, case: ReviewCase) -> str | None:
    """The phone's own id of the event behind a case."""
    if case.quarantine_id is not None:
        return session.execute(
            select(FieldQuarantine.event_id).where(FieldQuarantine.id == case.quarantine_id)
        ).scalar_one()
    return session.execute(select(FieldEvent.event_id).where(FieldEvent.id == case.event_id)).scalar()


def _text(session: Session, case: ReviewCase) -> tuple[str, int | None, int | None, str | None] | None:
    """Body, device, place and id of what is kept."""
    if case.quarantine_id is not None:
        kept = session.get_one(FieldQuarantine, case.quarantine_id)
        return kept.raw, kept.device_id, None, kept.event_id
    if case.event_id is None or case.kind is not CaseKind.KEPT:
        return None
    event = session.get_one(FieldEvent, case.event_id)
    if event.type is not FieldEventType.WITHOUT_VOUCHER:
        return None
    return event.body, event.device_id, event.place_id, event.event_id


_Phone = tuple[int, int, str, int, datetime]  # id, person's id and name, place, enrolled


def _device(
    session: Session, device_id: int | None, said: Readable | None, site_ids: Collection[int]
) -> _Phone | None:
    """The phone that made it, else the one it claims: whoever that is does not settle it."""
    query = (
        select(Device.id, UserAccount.id, UserAccount.display_name, Device.place_id, Device.enrolled_at)
        .join(UserAccount, UserAccount.id == Device.user_id)
        .where(Device.site_id.in_(site_ids))
    )
    if device_id is not None:
        query = query.where(Device.id == device_id)
    elif said is not None and said.device is not None:
        query = query.where(Device.public_id == said.device)
    else:
        return None
    row = session.execute(query).one_or_none()
    return (row[0], row[1], row[2], row[3], row[4]) if row is not None else None


def _place(
    session: Session,
    place_id: int | None,
    said: Readable | None,
    device: _Phone | None,
    site_ids: Collection[int],
) -> tuple[int, str, str] | None:
    """Where the goods were: as the text says, if that is a place here, else the phone's place."""
    for wanted in (place_id, said.place if said else None, device[3] if device else None):
        if wanted is None:
            continue
        row = session.execute(
            select(Place.id, Place.name_uk, Place.name_en).where(
                Place.id == wanted, Place.site_id.in_(site_ids)
            )
        ).one_or_none()
        if row is not None:
            return row[0], row[1], row[2]
    return None


def _lines(session: Session, said: Readable | None) -> tuple[KeptLine, ...]:
    if said is None:
        return ()
    lots = {
        row[0]: row
        for row in session.execute(
            select(StockLot.code, StockLot.id, Item.base_unit, Item.name_uk, Item.name_en)
            .join(Item, Item.id == StockLot.item_id)
            .where(StockLot.code.in_({part.lot for part in said.parts if part.lot}))
        )
    }
    items = {
        row[0]: row
        for row in session.execute(
            select(Item.code, Item.base_unit, Item.name_uk, Item.name_en).where(
                Item.code.in_({part.item for part in said.parts})
            )
        )
    }
    found: list[KeptLine] = []
    for part in said.parts:
        lot = lots.get(part.lot) if part.lot else None
        item = items.get(part.item)
        names = lot[2:5] if lot is not None else item[1:4] if item is not None else (None, None, None)
        found.append(KeptLine(part.item, part.lot, part.units, lot[1] if lot is not None else None, *names))
    return tuple(found)


def _serial(session: Session, token: str, site_ids: Collection[int]) -> str | None:
    try:
        code = signing.DecodedCode.of(token)
    except DomainError:
        return None
    return session.execute(
        select(Voucher.serial)
        .join(Round, Round.id == Voucher.round_id)
        .join(Place, Place.id == Round.place_id)
        .where(Voucher.public_id == code.claims.voucher_id.bytes, Place.site_id.in_(site_ids))
    ).scalar_one_or_none()


def _name(session: Session, user_id: int | None) -> str | None:
    if user_id is None:
        return None
    return session.execute(select(UserAccount.display_name).where(UserAccount.id == user_id)).scalar()


def _is_recorded(session: Session, uid: str | None) -> bool:
    if uid is None:
        return False
    return session.execute(select(FieldEvent.id).where(FieldEvent.event_id == uid)).first() is not None
