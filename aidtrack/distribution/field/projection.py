"""What the events of an entitlement mean now: outcomes, the papers' states, and what a person should read.

Called whenever the set changes: an event came, a handout was undone, a paper was withdrawn, goods that were
owed arrived. The rules are in `outcomes`; this brings the tables along.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.db.prepared import Prepared, Row, as_date, as_moment, rows_of
from aidtrack.distribution.field import reviews, statements
from aidtrack.distribution.field.outcomes import FieldHandout, Judged, Outcome, Taken, judge, short_ones
from aidtrack.distribution.handouts.statements import SET_VOUCHER_STATE
from aidtrack.distribution.models import HandoutKind
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.inventory import ledger
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.late import dataclass

OPEN_OR_COLLECTED = (VoucherState.ISSUED, VoucherState.REDEEMED, VoucherState.PARTLY_REDEEMED)


@dataclass(frozen=True, slots=True)
class Paper:
    """One voucher of an entitlement as it is while its row is held."""

    id: int
    state: VoucherState
    last_day: Any
    voided_at: datetime | None

    def withdrawn(self, est: datetime, key_withdrawn_at: datetime | None) -> bool:
        """Whether it was worth nothing any more when the goods were handed out."""
        if self.state is VoucherState.VOID and (self.voided_at is None or self.voided_at <= est):
            return True
        return key_withdrawn_at is not None and key_withdrawn_at <= est


@dataclass(frozen=True, slots=True)
class Known:
    """A handout event on the entitlement, as it was judged before and as it is."""

    event_id: int
    fact: FieldHandout
    partial: bool
    before: Judged | None  # None: it came just now
    withdrawn_before: bool
    undone_before: bool
    site_id: int
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """An entitlement with everything held that decides about it."""

    entitlement_id: int
    turn: int
    papers: tuple[Paper, ...]
    online: bool
    known: tuple[Known, ...]


def hold(session: Session, entitlement_id: int, *, entry_id: int) -> Standing:
    """Lock what decides about an entitlement of which an entry will be reversed, and read what stands."""
    return hold_and_ask(
        session, entitlement_id, (statements.BALANCES_OF_ENTRY_LOCKED, {"entry_id": entry_id})
    )[0]


def hold_and_ask(
    session: Session, entitlement_id: int, *asked: tuple[Prepared, Mapping[str, Any]]
) -> tuple[Standing, list[list[Row]]]:
    """Lock the papers and the entitlement, ask what is asked, and lock the outcomes last; all in one message.

    Among what is asked are the balances that will be taken from, to be locked. They come before the outcomes
    for everybody, because whoever holds a lot's balance relabels the outcomes of other families when a shortage
    grows or is paid: with an outcome held while waiting for a balance, two phones would wait in a ring.
    """
    of = {"entitlement_id": entitlement_id}
    papers, held, *answers, online, events = rows_of(
        session,
        (statements.PAPERS_LOCKED, of),
        (statements.ENTITLEMENT_LOCKED, of),
        *asked,
        (statements.ONLINE, of),
        (statements.HANDOUTS, of),
    )
    on_paper = tuple(
        Paper(row[0], VoucherState(row[1]), as_date(row[2]), as_moment(row[3]) if row[3] else None)
        for row in papers
    )
    known = tuple(_known(row, on_paper) for row in events)
    return Standing(entitlement_id, held[0][0], on_paper, bool(online), known), answers


def _known(row: Any, papers: tuple[Paper, ...]) -> Known:
    est = as_moment(row[2])
    paper = next(paper for paper in papers if paper.id == row[3])
    fact = FieldHandout(
        id=row[1],
        est=est,
        undone=row[14] is not None,
        withdrawn=paper.withdrawn(est, as_moment(row[15]) if row[15] else None),
        late=bool(row[9]),
        short=bool(row[10]),
        online=row[13] == HandoutKind.REGULAR.value,
    )
    return Known(
        event_id=row[0],
        fact=fact,
        partial=bool(row[11]),
        before=Judged(Outcome(row[5]), bool(row[6])),
        withdrawn_before=bool(row[8]),
        undone_before=bool(row[7]),
        site_id=row[4],
        notes=notes_of(row[12]),
    )


def notes_of(stored: Any) -> list[str]:
    """SQLite's driver gives JSON as text, PostgreSQL's as a list."""
    return list(json.loads(stored)) if isinstance(stored, str) else list(stored)


def reconsider(session: Session, entitlement_id: int, *, actor: Actor, now: datetime) -> None:
    """Judge an entitlement's events anew, where there are any; the balances that changed are held already."""
    standing, _ = hold_and_ask(session, entitlement_id)
    if standing.known:
        project(session, standing, None, actor=actor, now=now)


def project(
    session: Session, standing: Standing, new: Known | None, *, actor: Actor, now: datetime
) -> dict[str, Judged]:
    """Write what has changed. Gives every event's outcome; that of `new` is its caller's to write."""
    known = [*standing.known, new] if new is not None else list(standing.known)
    judged = judge((one.fact for one in known), online_stands=standing.online)
    # first the one that is first no more: at most one may be at any moment
    for one in sorted(standing.known, key=lambda one: judged[one.fact.id].first):
        _bring_along(session, one, judged[one.fact.id], actor=actor, now=now)
    if not standing.online:
        first = next((one for one in known if judged[one.fact.id].first), None)
        _set_paper(session, standing.papers, first, now=now)
    return judged


def _bring_along(session: Session, one: Known, now_is: Judged, *, actor: Actor, now: datetime) -> None:
    if (one.before, one.withdrawn_before, one.undone_before) == (now_is, one.fact.withdrawn, one.fact.undone):
        return
    statements.SET_OUTCOME.run(
        session, of_id=one.event_id, new_outcome=now_is.outcome.value, is_first=now_is.first,
        is_undone=one.fact.undone, is_withdrawn=one.fact.withdrawn, at=now,
    )  # fmt: skip
    assert one.before is not None
    if one.before.outcome is not now_is.outcome:
        _outcome_changed(
            session, one.event_id, one.before.outcome, now_is.outcome, one.notes, site_id=one.site_id,
            est=one.fact.est, actor=actor, now=now,
        )  # fmt: skip


def _outcome_changed(
    session: Session, event_id: int, before: Outcome, after: Outcome, notes: list[str], *, site_id: int, est: datetime,
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    reviews.of_event(
        session, event_id, reviews.kind_of(after, notes), site_id=site_id, on=local_date(est), now=now
    )
    audit.record(
        session, actor=actor, action="field.outcome", object_type="field_event", object_id=event_id,
        site_id=site_id, facts={"before": before.value, "after": after.value}, now=now,
    )  # fmt: skip


def _set_paper(session: Session, papers: tuple[Paper, ...], first: Known | None, *, now: datetime) -> None:
    """The family's valid paper is collected when the family was served, also under an older paper."""
    live = next((paper for paper in papers if paper.state in OPEN_OR_COLLECTED), None)
    if live is None:
        live = next((paper for paper in reversed(papers) if paper.state is VoucherState.EXPIRED), None)
    if live is None:
        return
    if first is not None:
        state = VoucherState.PARTLY_REDEEMED if first.partial else VoucherState.REDEEMED
    elif live.state in (VoucherState.REDEEMED, VoucherState.PARTLY_REDEEMED):
        state = VoucherState.ISSUED if local_date(now) <= live.last_day else VoucherState.EXPIRED
    else:
        state = live.state
    if state is not live.state:
        SET_VOUCHER_STATE.run(session, voucher_id=live.id, new_state=state.value)


# -- who carries a shortage ------------------------------------------------------------------------------


def carry(
    session: Session, lot_id: int, place_id: int, *, event_id: int, actor: Actor, now: datetime
) -> bool:
    """A new handout took more of a lot than the book held there: who carries that? True: the new one does."""
    if not _is_latest_carrier(session, lot_id, place_id, event_id):
        shortage = ledger.shortage(session, lot_id=lot_id, place_id=place_id)
        return event_id in _relabel(
            session, lot_id, place_id, shortage, new_id=event_id, actor=actor, now=now
        )
    statements.TAKE_SHORT.run(session, of_id=event_id, of_lot=lot_id, is_short=True)
    return True


def _is_latest_carrier(session: Session, lot_id: int, place_id: int, event_id: int) -> bool:
    """Whether others carried a shortage already and the new handout lies among them or after them.

    Then the shortage grew by exactly what it took, and nothing changes for anybody else.
    """
    edge = statements.EDGE.row(session, lot_id=lot_id, place_id=place_id)
    if edge is None:
        return False
    own = statements.TAKE.row(session, of_id=event_id, of_lot=lot_id)
    assert own is not None
    return (as_moment(own[0]), own[1]) > (as_moment(edge[0]), edge[1])


def when_paid(session: Session, lot_id: int, place_id: int, actor: Actor, now: datetime) -> None:
    """Goods that were owed arrived, or came back: fewer handouts carry the shortage."""
    shortage = ledger.shortage(session, lot_id=lot_id, place_id=place_id)
    _relabel(session, lot_id, place_id, shortage, new_id=None, actor=actor, now=now)


def _relabel(
    session: Session,
    lot_id: int,
    place_id: int,
    shortage: int,
    *,
    new_id: int | None,
    actor: Actor,
    now: datetime,
) -> set[int]:
    """Set the flags as `short_ones` says; gives the ids of the events that carry the shortage."""
    rows = statements.TAKES.rows(session, lot_id=lot_id, place_id=place_id)
    carrying = short_ones((Taken(row[1], as_moment(row[2]), row[3]) for row in rows), shortage=shortage)
    for event_id, uid, _est, _units, short in rows:
        if bool(short) is (uid in carrying):
            continue
        statements.TAKE_SHORT.run(session, of_id=event_id, of_lot=lot_id, is_short=uid in carrying)
        if event_id != new_id:
            _short_changed(session, event_id, actor=actor, now=now)
    return {row[0] for row in rows if row[1] in carrying}


def _short_changed(session: Session, event_id: int, *, actor: Actor, now: datetime) -> None:
    row = statements.SHORT_EVENT.row(session, of_id=event_id)
    assert row is not None
    before, was_short = Outcome(row[0]), bool(row[1])
    short = statements.ANY_SHORT.row(session, of_id=event_id) is not None
    if short is was_short:
        return
    after = before
    if before in (Outcome.RECORDED, Outcome.COUNT_NEEDED):
        after = Outcome.COUNT_NEEDED if short else Outcome.RECORDED
    statements.SET_SHORT.run(session, of_id=event_id, new_outcome=after.value, is_short=short, at=now)
    if after is not before:
        _outcome_changed(
            session, event_id, before, after, notes_of(row[4]), site_id=row[2], est=as_moment(row[3]), actor=actor,
            now=now,
        )  # fmt: skip


if when_paid not in ledger.WHEN_PAID:
    ledger.WHEN_PAID.append(when_paid)
