"""What must hold of events that phones brought home (DESIGN §2, I5, I10, I12, I13).

Outcomes are a projection; here each is judged anew from the set of events, so that a mend of the rules, a
restored dump or a hand at the console cannot leave one that the set does not say.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from aidtrack.distribution.field import events, reviews
from aidtrack.distribution.field.outcomes import FieldHandout, Taken, judge, short_ones
from aidtrack.distribution.models import (
    Entitlement,
    FieldEvent,
    FieldEventType,
    FieldOutcome,
    FieldTake,
    GoodsReturned,
    Handout,
    HandoutKind,
    PaperRow,
    ReviewCase,
    SigningKey,
    Voucher,
)
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory.models import StockEntry, StockMove, StockShortage
from aidtrack.kernel.invariants import Breach

Rows = Select[*tuple[Any, ...]]
AT_ONCE = 1_000  # bodies that are opened at a time


def one_outcome_each(session: Session) -> Iterator[Breach]:
    """I12: every event that was taken has its outcome, and every handout from the field its event or row of a paper."""
    bare: Rows = (
        select(FieldEvent.id)
        .outerjoin(FieldOutcome, FieldOutcome.event_id == FieldEvent.id)
        .where(FieldOutcome.event_id.is_(None))
        .order_by(FieldEvent.id)
    )
    for (event_id,) in session.execute(bare):
        yield Breach("I12", f"field event {event_id} has no outcome")
    back = aliased(Handout)
    strays: Rows = (
        select(Handout.id)
        .outerjoin(
            FieldEvent,
            and_(FieldEvent.event_id == Handout.client_id, FieldEvent.type == FieldEventType.HANDOUT),
        )
        .where(
            Handout.kind == HandoutKind.FIELD,
            FieldEvent.id.is_(None),
            ~exists().where(PaperRow.client_id == Handout.client_id),
            # taken back at a desk, and the row was entered anew; what a phone took back has its event still
            ~exists().where(
                back.reverses_id == Handout.id, back.client_id.not_in(select(FieldEvent.event_id))
            ),
        )
        .order_by(Handout.id)
    )
    for (handout_id,) in session.execute(strays):
        yield Breach(
            "I12", f"handout {handout_id} was made in the field, but neither its event nor its paper is here"
        )


def bodies_are_what_was_signed(session: Session) -> Iterator[Breach]:
    """I10: the text kept of an event is the text whose hash its receipts named."""
    last = 0
    while True:
        query: Rows = (
            select(FieldEvent.id, FieldEvent.body, FieldEvent.body_hash)
            .where(FieldEvent.id > last)
            .order_by(FieldEvent.id)
            .limit(AT_ONCE)
        )
        rows = session.execute(query).all()
        for event_id, body, digest in rows:
            if events.body_hash(body) != bytes(digest):
                yield Breach("I10", f"field event {event_id}: its text is not the one that was signed")
        if len(rows) < AT_ONCE:
            return
        last = rows[-1][0]


def outcomes_are_the_sets(session: Session) -> Iterator[Breach]:
    """I13 and I5: outcome, order and papers' validity of every handout event, judged anew."""
    facts: dict[int, list[FieldHandout]] = defaultdict(list)
    kept: dict[str, tuple[int, Any]] = {}
    for row in session.execute(_handouts()):
        fact = FieldHandout(
            id=row.uid,
            est=row.est_at,
            undone=row.back is not None,
            # a trusted time ahead of ours may pass a withdrawal that nobody had made when the event came
            withdrawn=row.withdrawn
            if row.est_at > row.received_at
            else _withdrawn(row.state, row.voided_at, row.withdrawn_at, row.est_at),
            late=row.late,
            short=row.short,
            online=row.kind is HandoutKind.REGULAR,
        )
        facts[row.entitlement_id].append(fact)
        kept[fact.id] = (row.id, row)
    online: set[int] = set(session.scalars(_standing_online()))
    for entitlement_id, handouts in facts.items():
        judged = judge(handouts, online_stands=entitlement_id in online)
        for fact in handouts:
            event_id, row = kept[fact.id]
            found = (row.outcome, row.first, row.undone, row.withdrawn)
            said = (judged[fact.id].outcome, judged[fact.id].first, fact.undone, fact.withdrawn)
            if found != said:
                yield Breach(
                    "I13",
                    f"field event {event_id} is “{row.outcome.value}”, its set says “{said[0].value}”",
                )


def _handouts() -> Rows:
    back = aliased(Handout)
    return (
        select(
            FieldEvent.id, FieldEvent.event_id.label("uid"), FieldEvent.est_at, FieldEvent.received_at,
            FieldOutcome.entitlement_id,
            FieldOutcome.outcome, FieldOutcome.first, FieldOutcome.undone, FieldOutcome.late,
            FieldOutcome.withdrawn, FieldOutcome.short, Handout.kind, back.id.label("back"), Voucher.state,
            Voucher.voided_at, SigningKey.withdrawn_at,
        )
        .join(FieldOutcome, FieldOutcome.event_id == FieldEvent.id)
        .join(Handout, Handout.id == FieldOutcome.handout_id)
        .join(Voucher, Voucher.id == FieldEvent.voucher_id)
        .join(SigningKey, SigningKey.id == Voucher.key_id)
        .outerjoin(back, back.reverses_id == Handout.id)
        .order_by(FieldEvent.id)
    )  # fmt: skip


def _withdrawn(
    state: VoucherState, voided_at: datetime | None, key_withdrawn_at: datetime | None, est: datetime
) -> bool:
    if state is VoucherState.VOID and (voided_at is None or voided_at <= est):
        return True
    return key_withdrawn_at is not None and key_withdrawn_at <= est


def _standing_online() -> Any:
    back = aliased(Handout)
    return (
        select(Handout.entitlement_id)
        .join(Entitlement, Entitlement.id == Handout.entitlement_id)
        .outerjoin(back, back.reverses_id == Handout.id)
        .where(
            Handout.kind == HandoutKind.REGULAR, Handout.turn == Entitlement.turn, back.id.is_(None),
            Handout.entitlement_id.in_(select(FieldOutcome.entitlement_id)),
        )
    )  # fmt: skip


def shortages_are_carried(session: Session) -> Iterator[Breach]:
    """I13: of the handouts on a lot and place the latest carry its shortage, and nobody else does."""
    owed: dict[tuple[int, int], int] = {
        (lot_id, place_id): units
        for lot_id, place_id, units in session.execute(
            select(StockShortage.lot_id, StockShortage.place_id, StockShortage.units)
        )
    }
    takes: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for take in session.scalars(select(FieldTake)):
        key = (take.lot_id, take.place_id)
        if owed.get(key) or take.short:
            takes[key].append(take)
    for key, found in takes.items():
        standing = [Taken(take.uid, take.est_at, take.units) for take in found if take.standing]
        carrying = short_ones(standing, shortage=owed.get(key, 0))
        if {take.uid for take in found if take.short} != carrying:
            yield Breach("I13", f"lot {key[0]} at place {key[1]}: others carry its shortage than should")


def what_needs_reading_is_listed(session: Session) -> Iterator[Breach]:
    """An event that a person should read has its case."""
    query: Rows = (
        select(FieldEvent.id, FieldOutcome.outcome, FieldOutcome.notes)
        .join(FieldOutcome, FieldOutcome.event_id == FieldEvent.id)
        .outerjoin(ReviewCase, ReviewCase.event_id == FieldEvent.id)
        .where(ReviewCase.id.is_(None))
        .order_by(FieldEvent.id)
    )
    for event_id, outcome, notes in session.execute(query):
        if reviews.kind_of(outcome, notes) is not None:
            yield Breach("I12", f"field event {event_id} should be read by a person, and no case says so")


def no_more_came_back_than_was_given(session: Session) -> Iterator[Breach]:
    """I6: of each lot at most what a standing handout took came back to its place; of an undone one nothing apart."""
    reversal, back = aliased(StockEntry), aliased(Handout)
    returns = (
        select(GoodsReturned.entry_id, GoodsReturned.handout_id)
        .outerjoin(reversal, reversal.reverses_id == GoodsReturned.entry_id)
        .where(reversal.id.is_(None))
        .subquery()
    )
    came = (
        select(returns.c.handout_id, StockMove.lot_id, StockMove.target_id, func.sum(StockMove.units).label("units"))
        .join(StockMove, StockMove.entry_id == returns.c.entry_id)
        .group_by(returns.c.handout_id, StockMove.lot_id, StockMove.target_id)
        .subquery()
    )  # fmt: skip
    query: Rows = (
        select(Handout.id, came.c.lot_id)
        .join(came, came.c.handout_id == Handout.id)
        .outerjoin(StockMove, and_(StockMove.entry_id == Handout.entry_id, StockMove.lot_id == came.c.lot_id))
        .outerjoin(back, back.reverses_id == Handout.id)
        .group_by(Handout.id, Handout.place_id, came.c.lot_id, came.c.target_id, came.c.units, back.id)
        .having(
            or_(
                func.coalesce(func.sum(StockMove.units), 0) < came.c.units,
                came.c.target_id != Handout.place_id,
                back.id.is_not(None),
            )
        )
        .order_by(Handout.id, came.c.lot_id)
    )
    for handout_id, lot_id in session.execute(query):
        yield Breach("I6", f"handout {handout_id}: more of lot {lot_id} came back than it gave")


CHECKS: tuple[Callable[[Session], Iterator[Breach]], ...] = (
    one_outcome_each,
    bodies_are_what_was_signed,
    outcomes_are_the_sets,
    shortages_are_carried,
    what_needs_reading_is_listed,
    no_more_came_back_than_was_given,
)
