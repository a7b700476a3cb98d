"""Goods of a kept event leave the book on the word of whoever settles its case, once, and come back if undone."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, aliased

from aidtrack.accounts.models import Site
from aidtrack.distribution.field import goods, projection, returning, undoing
from aidtrack.distribution.field.goods import Goods
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.distribution.handouts.extra import hand_out_extra, take_back
from aidtrack.distribution.models import (
    Device,
    FieldEvent,
    FieldEventType,
    FieldOutcome,
    Handout,
    KeptPosting,
    PaperList,
    PaperRow,
    ReviewCase,
    RowState,
    Voucher,
)
from aidtrack.distribution.paper import undone
from aidtrack.distribution.review import kept
from aidtrack.distribution.review.errors import MoreThanGiven, NothingCameBack, NothingToTake, TakenBefore
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


def come_back(
    session: Session, case: ReviewCase, row: CaseRow, back: Mapping[int, int] | None, *, reason: str, actor: Actor,
    now: datetime,
) -> int | None:  # fmt: skip
    """Goods of the handout that a case is about were brought back: all of them, or a part by lot.

    Gives the entry; None where nothing of the case had left the book, or the whole handout is undone.
    """
    if row.event_type is not FieldEventType.HANDOUT or row.handout_id is None:
        return put_back(session, case, reason=reason, actor=actor, now=now)
    parts = judge_back(session, row.handout_id, back)
    if parts is None:
        take_back_extra(session, row, reason=reason, actor=actor, now=now)
        return None
    return returning.bring_back(
        session, row.handout_id, parts, document=document_of(case.id), reason=reason, actor=actor, now=now
    )


def row_comes_back(
    session: Session, row: PaperRow, back: Mapping[int, int] | None, *, actor: Actor, now: datetime
) -> None:
    """The same for the extra of a signed row; nothing where it was undone before. The caller holds the row."""
    assert row.client_id is not None and row.settlement is not None
    undone_by = aliased(Handout)
    handout_id = session.execute(
        select(Handout.id)
        .outerjoin(undone_by, undone_by.reverses_id == Handout.id)
        .where(Handout.client_id == row.client_id, undone_by.id.is_(None))
    ).scalar_one_or_none()
    if handout_id is None:
        return
    parts = judge_back(session, handout_id, back)
    if parts is None:
        take_back(session, row.client_id, reason=row.settlement, actor=actor, now=now)
        return
    number = session.execute(select(PaperList.number).where(PaperList.id == row.list_id)).scalar_one()
    returning.bring_back(
        session,
        handout_id,
        parts,
        document=f"{number}-{row.number}",
        reason=row.settlement,
        actor=actor,
        now=now,
    )


def judge_back(session: Session, handout_id: int, back: Mapping[int, int] | None) -> dict[int, int] | None:
    """What comes back by lot, none where everything does. A lot that is not named came back whole.

    Raises:
        MoreThanGiven: more of a lot than the family still has of this handout, or a lot of another one.
        NothingCameBack
    """
    lots = returning.given_lots(session, handout_id)
    left = {lot.lot_id: lot.left for lot in lots}
    parts = {**left, **(back or {})}
    codes = {lot.lot_id: lot.code for lot in lots}
    for lot_id, units in parts.items():
        if not 0 <= units <= left.get(lot_id, -1):
            raise MoreThanGiven(lot=codes.get(lot_id, "—"), lot_id=lot_id)
    if not any(parts.values()):
        raise NothingCameBack
    return None if parts == left else parts


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
    """The papers and the entitlement behind a case, held before the case itself; balances before the outcomes."""
    found = session.execute(
        select(FieldEvent.entitlement_id, Handout.entry_id)
        .join(ReviewCase, ReviewCase.event_id == FieldEvent.id)
        .join(FieldOutcome, FieldOutcome.event_id == FieldEvent.id)
        .outerjoin(Handout, Handout.id == FieldOutcome.handout_id)
        .where(ReviewCase.id == case_id, FieldEvent.entitlement_id.is_not(None))
    ).one_or_none()
    if found is None:
        return
    if found.entry_id is None:
        projection.hold_and_ask(session, found.entitlement_id)
    else:
        projection.hold(session, found.entitlement_id, entry_id=found.entry_id)


def take_back_extra(session: Session, case: CaseRow, *, reason: str, actor: Actor, now: datetime) -> None:
    """One handout was recorded twice, and this is the second record: its goods stand at their place again."""
    assert case.event_id is not None and case.handout_id is not None
    event = session.get_one(FieldEvent, case.event_id)
    undoing.undo(
        session, case.handout_id, case.event_id, undo_uid=str(uuid.uuid5(uuid.UUID(event.event_id), "taken back")),
        digest=event.body_hash, reason=reason, actor=actor, now=now,
    )  # fmt: skip


def take_row(session: Session, row: PaperRow, *, actor: Actor, now: datetime) -> None:
    """The goods of a signed row, as the paper says them, leave the book as an extra. The caller holds the row."""
    assert row.happened_on is not None
    made = session.get_one(PaperList, row.list_id)
    code = session.execute(select(Voucher.typed_code).where(Voucher.id == row.used_voucher_id)).scalar_one()
    less = {int(item): units for item, units in (row.quantities or {}).items()}
    why = row.note if less else row.settlement
    order = HandOut(
        undone.next_id(session, made, row.number), code, made.place_id, quantities=less,
        reason=(why or row.settlement or "")[:300],
    )  # fmt: skip
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
