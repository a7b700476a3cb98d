"""Goods of a kept event leave the book on the word of whoever settles its case, once, and come back if undone."""

import uuid
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, aliased

from aidtrack.accounts.models import Site
from aidtrack.distribution.field import goods, projection, undoing
from aidtrack.distribution.field.goods import Goods
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.distribution.handouts.extra import hand_out_extra
from aidtrack.distribution.models import (
    Device,
    FieldEvent,
    FieldEventType,
    KeptPosting,
    PaperList,
    PaperRow,
    ReviewCase,
    RowState,
    Voucher,
)
from aidtrack.distribution.paper import undone
from aidtrack.distribution.review import kept
from aidtrack.distribution.review.errors import NothingToTake, TakenBefore
from aidtrack.distribution.review.queries import CaseRow
from aidtrack.inventory import ledger
from aidtrack.inventory.models import StockEntry
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date


def document_of(case_id: int) -> str:
    """The document that a case's entry stands under in the ledger."""
    return f"REVIEW-{case_id}"


def take_from_book(session: Session, case: ReviewCase, *, actor: Actor, now: datetime) -> int:
    """Post what a kept text names: whole lots' units, what the book lacks as the place's debt. Gives the entry.

    What names no lot that is known cannot be attributed to a donor and stays in the text alone. The caller has
    locked the case.

    Raises:
        NothingToTake: no line names a known lot, or no place of this site.
        TakenBefore: the goods of this very event left the book already.
    """
    found = kept.story(session, case, site_ids=frozenset({case.site_id}))
    if found is None or not found.takes or found.place_id is None:
        raise NothingToTake
    uid = kept.uid_of(session, case)
    if found.came_true or _taken(session, case.id, uid):
        raise TakenBefore
    on = _day(session, case, found)
    given = Goods((), found.takes, {}, frozenset())
    short = goods.owe_what_is_missing(
        session, given, place_id=found.place_id, on=on, site_id=case.site_id, actor=actor, now=now
    )
    entry_id = goods.post(
        session, given, document=document_of(case.id), place_id=found.place_id, on=on, site_id=case.site_id,
        actor=actor, now=now, entry_id=None,
    )  # fmt: skip
    for lot_id in sorted(short):  # the place owes more: the latest handouts carry that, whoever they are
        projection.when_paid(session, lot_id, found.place_id, actor, now)
    session.execute(insert(KeptPosting).values(case_id=case.id, entry_id=entry_id, event_uid=uid))
    return entry_id


def put_back(session: Session, case: ReviewCase, *, reason: str, actor: Actor, now: datetime) -> int | None:
    """The goods behind the undo that a case speaks of stand at their place again; None where none had left so."""
    undo = session.get(FieldEvent, case.event_id) if case.event_id is not None else None
    if undo is None or undo.type is not FieldEventType.UNDO or undo.of_event is None:
        return None
    return _take_back(session, undo.of_event, reason=reason, actor=actor, now=now)


def take_back_by_hand(
    session: Session, case: ReviewCase, *, reason: str, actor: Actor, now: datetime
) -> int | None:
    """The event of a case came after its goods had been posted by hand for a copy of it: that posting is undone.

    None where it was undone before.
    """
    event = session.get(FieldEvent, case.event_id) if case.event_id is not None else None
    return _take_back(session, event.event_id, reason=reason, actor=actor, now=now) if event else None


def _take_back(session: Session, uid: str, *, reason: str, actor: Actor, now: datetime) -> int | None:
    entry_id = by_hand(session, uid)
    if entry_id is None:
        return None
    return ledger.reverse(session, entry_id, reason=reason, actor=actor, now=now)


def hold_family(session: Session, case_id: int) -> None:
    """The papers and the entitlement behind a case, held before the case itself."""
    entitlement_id = session.execute(
        select(FieldEvent.entitlement_id)
        .join(ReviewCase, ReviewCase.event_id == FieldEvent.id)
        .where(ReviewCase.id == case_id)
    ).scalar()
    if entitlement_id is not None:
        projection.hold_and_ask(session, entitlement_id)


def take_back_extra(session: Session, case: CaseRow, *, reason: str, actor: Actor, now: datetime) -> None:
    """One handout was recorded twice, and this is the second record: its goods stand at their place again."""
    assert case.event_id is not None and case.handout_id is not None
    event = session.get_one(FieldEvent, case.event_id)
    undoing.undo(
        session, case.handout_id, case.event_id, undo_uid=str(uuid.uuid5(uuid.UUID(event.event_id), "taken back")),
        digest=event.body_hash, reason=reason[:300], actor=actor, now=now,
    )  # fmt: skip


def take_row(session: Session, row: PaperRow, *, actor: Actor, now: datetime) -> None:
    """The goods of a signed row leave the book as an extra. The caller holds the row."""
    assert row.happened_on is not None
    made = session.get_one(PaperList, row.list_id)
    code = session.execute(select(Voucher.typed_code).where(Voucher.id == row.used_voucher_id)).scalar_one()
    order = HandOut(undone.next_id(session, made, row.number), code, made.place_id, reason=row.settlement)
    giver = replace(
        actor, permissions=actor.permissions | {Permission.HANDOUT_GIVE}
    )  # it was given: this records it
    row.client_id = hand_out_extra(session, order, actor=giver, now=now, happened_on=row.happened_on)
    row.state = RowState.HANDED_OUT


def by_hand(session: Session, uid: str) -> int | None:
    """The entry by which goods left the book on a person's word for a copy of that event, where it stands."""
    back = aliased(StockEntry)
    return session.execute(
        select(KeptPosting.entry_id)
        .outerjoin(back, back.reverses_id == KeptPosting.entry_id)
        .where(KeptPosting.event_uid == uid, back.id.is_(None))
    ).scalar_one_or_none()


def _taken(session: Session, case_id: int, uid: str | None) -> bool:
    same = KeptPosting.case_id == case_id
    if uid is not None:
        same |= KeptPosting.event_uid == uid
    return session.execute(select(KeptPosting.case_id).where(same)).first() is not None


def _day(session: Session, case: ReviewCase, found: kept.KeptStory) -> date:
    """The day the goods left: the phone's, not before it was enrolled and not after the text came."""
    if (
        case.quarantine_id is None
        or found.said is None
        or found.said.est is None
        or found.said.device is None
    ):
        return case.happened_on
    row = session.execute(
        select(Device.enrolled_at, Site.time_zone)
        .join(Site, Site.id == Device.site_id)
        .where(Device.public_id == found.said.device, Device.site_id == case.site_id)
    ).one_or_none()
    if row is None:
        return case.happened_on
    return min(max(local_date(found.said.est, row[1]), local_date(row[0], row[1])), case.happened_on)
