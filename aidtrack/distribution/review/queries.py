"""Cases to be read, with what each is about, within the actor's sites."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from aidtrack.accounts.models import UserAccount
from aidtrack.db import read_session
from aidtrack.distribution.errors import AlreadyCollected
from aidtrack.distribution.field import returning
from aidtrack.distribution.models import (
    CaseKind,
    Choice,
    Device,
    Entitlement,
    FieldEvent,
    FieldOutcome,
    FieldQuarantine,
    Handout,
    HandoutKind,
    HandoutLine,
    PaperList,
    PaperRow,
    ProfileLine,
    ReviewCase,
    ReviewChoice,
    RowState,
    Settlement,
    Voucher,
)
from aidtrack.distribution.models.field import FieldEventType
from aidtrack.distribution.queries.rounds import Named
from aidtrack.inventory.models import Item, Place
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass
from aidtrack.kernel.quantity import BaseUnit

Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class CaseRow(Named):
    """A case: what it is about, from which phone, where. The family is named by its voucher's serial alone."""

    id: int
    kind: CaseKind
    site_id: int
    happened_on: date
    opened_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    how: Settlement | None
    reason: str | None
    choice: Choice | None
    event_id: int | None
    event_type: FieldEventType | None
    est_at: datetime | None
    received_at: datetime | None
    notes: list[str] | None
    handout_id: int | None
    entitlement_id: int | None
    voucher_id: int | None
    serial: str | None
    kept_reason: str | None
    device_id: int | None
    device_label: str | None
    person: str | None
    person_id: int | None
    place_id: int | None
    place_name_uk: str | None
    place_name_en: str | None


@dataclass(frozen=True, slots=True)
class Goods(Named):
    item_name_uk: str
    item_name_en: str
    base_unit: BaseUnit
    units: int
    back: int = 0  # of them came back


@dataclass(frozen=True, slots=True)
class FamilyHandout(Named):
    """Something handed out to the family of a case in this cycle, here or elsewhere."""

    id: int
    given_on: date
    at: datetime
    actor_label: str
    place_id: int
    place_name_uk: str
    place_name_en: str
    device_label: str | None
    undone: bool
    goods: tuple[Goods, ...]


def says_all(row: "NotedRow | PaperRow") -> bool:
    """Whether a row that was not posted says what was given, on a voucher that had been collected before.

    Rows of before quantities were kept say it only where all was given: of less there is a reason in the note's place.
    """
    refused = row.refusal == AlreadyCollected.code and row.state is RowState.NOTED
    known = row.quantities is not None or row.note == row.refusal
    return refused and row.used_voucher_id is not None and known


@dataclass(frozen=True, slots=True)
class NotedRow(Named):
    """A signed row of a paper list that a rule or the paper spoke against."""

    list_id: int
    list_number: str
    row: int
    serial: str | None
    happened_on: date | None
    refusal: str | None
    note: str | None
    entered_by: str | None
    settled_at: datetime | None
    settled_by: str | None
    settlement: str | None
    place_id: int
    place_name_uk: str
    place_name_en: str
    entitlement_id: int | None
    extra_id: int | None  # the handout by which its goods left the book
    used_voucher_id: int | None
    state: RowState
    quantities: dict[str, int] | None


def _cases(actor: Actor) -> Rows:
    actor.require(Permission.REVIEW_SETTLE)
    return (
        select(
            ReviewCase.id, ReviewCase.kind, ReviewCase.site_id, ReviewCase.happened_on, ReviewCase.opened_at,
            ReviewCase.settled_at, ReviewCase.settled_by, ReviewCase.how, ReviewCase.reason, ReviewChoice.choice,
            FieldEvent.id, FieldEvent.type, FieldEvent.est_at,
            func.coalesce(FieldEvent.received_at, FieldQuarantine.received_at), FieldOutcome.notes,
            FieldOutcome.handout_id, FieldEvent.entitlement_id, Voucher.id, Voucher.serial, FieldQuarantine.reason,
            Device.id, Device.label, UserAccount.display_name, UserAccount.id, Place.id, Place.name_uk, Place.name_en,
        )
        .outerjoin(ReviewChoice, ReviewChoice.case_id == ReviewCase.id)
        .outerjoin(FieldEvent, FieldEvent.id == ReviewCase.event_id)
        .outerjoin(FieldOutcome, FieldOutcome.event_id == FieldEvent.id)
        .outerjoin(FieldQuarantine, FieldQuarantine.id == ReviewCase.quarantine_id)
        .outerjoin(Voucher, Voucher.id == FieldEvent.voucher_id)
        .outerjoin(
            Device,
            Device.id == func.coalesce(FieldEvent.device_id, FieldQuarantine.device_id, ReviewCase.device_id),
        )
        .outerjoin(UserAccount, UserAccount.id == Device.user_id)
        .outerjoin(Place, Place.id == func.coalesce(FieldEvent.place_id, Device.place_id))
        .where(ReviewCase.site_id.in_(actor.site_ids))
    )  # fmt: skip


def cases(
    session: Session, *, actor: Actor, open_only: bool = True, kind: CaseKind | None = None, limit: int,
    offset: int = 0,
) -> tuple[list[CaseRow], int]:  # fmt: skip
    """A page of cases and how many there are: open ones oldest first, else the latest settled first."""
    query = _cases(actor)
    query = query.where(ReviewCase.settled_at.is_(None) if open_only else ReviewCase.settled_at.is_not(None))
    if kind is not None:
        query = query.where(ReviewCase.kind == kind)
    total = session.execute(
        select(func.count()).select_from(query.with_only_columns(ReviewCase.id).subquery())
    )
    order = ReviewCase.id if open_only else ReviewCase.settled_at.desc()
    page = query.order_by(order, ReviewCase.id).limit(limit).offset(offset)
    return [CaseRow(*row) for row in session.execute(page)], total.scalar_one()


def case_by_id(session: Session, case_id: int, *, actor: Actor) -> CaseRow:
    row = session.execute(_cases(actor).where(ReviewCase.id == case_id)).one_or_none()
    if row is None:
        raise NotFound
    return CaseRow(*row)


def open_counts(session: Session, *, actor: Actor) -> dict[CaseKind, int]:
    """Open cases by kind at the actor's sites."""
    query = (
        select(ReviewCase.kind, func.count())
        .where(ReviewCase.site_id.in_(actor.site_ids), ReviewCase.settled_at.is_(None))
        .group_by(ReviewCase.kind)
    )
    return {row[0]: row[1] for row in session.execute(query)}


# noted, or posted as an extra although a rule spoke against it
TO_READ = or_(
    PaperRow.state == RowState.NOTED,
    and_(PaperRow.state == RowState.HANDED_OUT, PaperRow.refusal.is_not(None)),
)
_SITES: Any = bindparam("site_ids", expanding=True)
_HOW_MANY_NOTED = (
    select(func.count())
    .select_from(PaperRow)
    .join(PaperList, PaperList.id == PaperRow.list_id)
    .where(TO_READ, PaperRow.settled_at.is_(None), PaperList.site_id.in_(_SITES))
)
_HOW_MANY_OPEN = select(func.count()).where(ReviewCase.site_id.in_(_SITES), ReviewCase.settled_at.is_(None))
# in one question, since every page asks it
_HOW_MANY = select(_HOW_MANY_OPEN.scalar_subquery() + _HOW_MANY_NOTED.scalar_subquery())


def number_for(actor: Actor) -> int:
    """How many cases and rows of paper wait, for the navigation."""
    return int(read_session().execute(_HOW_MANY, {"site_ids": sorted(actor.site_ids)}).scalar_one())


def family_handouts(session: Session, entitlement_id: int) -> list[FamilyHandout]:
    """Everything handed out on one entitlement, oldest first: at whichever point, on whichever voucher."""
    reversal = aliased(Handout)
    query = (
        select(
            Handout.id, Handout.given_on, Handout.at, Handout.actor_label, Place.id, Place.name_uk, Place.name_en,
            Device.label, exists().where(reversal.reverses_id == Handout.id),
        )
        .join(Place, Place.id == Handout.place_id)
        .outerjoin(FieldEvent, FieldEvent.event_id == Handout.client_id)
        .outerjoin(Device, Device.id == FieldEvent.device_id)
        .where(Handout.entitlement_id == entitlement_id, Handout.kind != HandoutKind.REVERSAL)
        .order_by(Handout.at, Handout.id)
    )  # fmt: skip
    found = session.execute(query).all()
    goods = _goods(session, [row[0] for row in found])
    return [FamilyHandout(*row[:8], undone=bool(row[8]), goods=tuple(goods.get(row[0], ()))) for row in found]


def probably_the_same(
    handouts: Iterable[FamilyHandout], *, place_id: int | None, on: date | None, but: int | None
) -> FamilyHandout | None:
    """A standing handout of the same day at the same place: most likely the very one, written down twice."""
    return next(
        (
            one
            for one in handouts
            if (one.place_id, one.given_on) == (place_id, on) and one.id != but and not one.undone
        ),
        None,
    )


def _goods(session: Session, handout_ids: Collection[int]) -> dict[int, list[Goods]]:
    goods: dict[int, list[Goods]] = {}
    back = returning.items_back(session, list(handout_ids))
    query = (
        select(HandoutLine.handout_id, Item.id, Item.name_uk, Item.name_en, Item.base_unit, HandoutLine.units)
        .join(Item, Item.id == HandoutLine.item_id)
        .where(HandoutLine.handout_id.in_(list(handout_ids)), HandoutLine.units > 0)
        .order_by(Item.code)
    )
    for row in session.execute(query):
        goods.setdefault(row[0], []).append(Goods(*row[2:], back=back.get((row[0], row[1]), 0)))
    return goods


# -- rows of paper lists -----------------------------------------------------------------------------


def _noted(actor: Actor) -> Rows:
    actor.require(Permission.REVIEW_SETTLE)
    return (
        select(
            PaperList.id, PaperList.number, PaperRow.number, Voucher.serial, PaperRow.happened_on,
            PaperRow.refusal, PaperRow.note, PaperRow.entered_by, PaperRow.settled_at, PaperRow.settled_by,
            PaperRow.settlement, Place.id, Place.name_uk, Place.name_en, Voucher.entitlement_id, Handout.id,
            PaperRow.used_voucher_id, PaperRow.state, PaperRow.quantities,
        )
        .join(PaperList, PaperList.id == PaperRow.list_id)
        .join(Place, Place.id == PaperList.place_id)
        .outerjoin(Handout, Handout.client_id == PaperRow.client_id)
        .outerjoin(Voucher, Voucher.id == func.coalesce(PaperRow.used_voucher_id, PaperRow.voucher_id))
        .where(TO_READ, PaperList.site_id.in_(actor.site_ids))
    )  # fmt: skip


def noted_rows(session: Session, *, actor: Actor) -> list[NotedRow]:
    """Signed rows that wait for a person, oldest list first."""
    query = _noted(actor).where(PaperRow.settled_at.is_(None)).order_by(PaperList.id, PaperRow.number)
    return [NotedRow(*row) for row in session.execute(query)]


def noted_row(session: Session, list_id: int, row: int, *, actor: Actor) -> NotedRow:
    found = session.execute(
        _noted(actor).where(PaperList.id == list_id, PaperRow.number == row)
    ).one_or_none()
    if found is None:
        raise NotFound
    return NotedRow(*found)


@dataclass(frozen=True, slots=True)
class SaidGoods(Named):
    """What a signed row says was given of an item, and what was due, base units."""

    item_name_uk: str
    item_name_en: str
    base_unit: BaseUnit
    due: int
    units: int


def said_goods(session: Session, row: NotedRow) -> list[SaidGoods]:
    """What a row says was given; nothing where its voucher or its quantities are not known."""
    if row.used_voucher_id is None or (row.quantities is None and row.note != row.refusal):
        return []
    less = row.quantities or {}
    query = (
        select(Item.id, Item.name_uk, Item.name_en, Item.base_unit, ProfileLine.units)
        .join(ProfileLine, ProfileLine.item_id == Item.id)
        .join(Entitlement, Entitlement.profile_id == ProfileLine.profile_id)
        .join(Voucher, Voucher.entitlement_id == Entitlement.id)
        .where(Voucher.id == row.used_voucher_id)
        .order_by(Item.code)
    )
    found = session.execute(query)
    return [SaidGoods(*line[1:], units=less.get(str(line[0]), line[4])) for line in found]


def noted_count(session: Session, *, actor: Actor) -> int:
    return session.execute(_HOW_MANY_NOTED, {"site_ids": sorted(actor.site_ids)}).scalar_one()
