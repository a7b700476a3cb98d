"""Paper for a power cut: a list made beforehand, its rows entered afterwards, once, on the day they speak of."""

import uuid
from datetime import date, datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.db import seal_words
from aidtrack.distribution.errors import AlreadyCollected, ReasonMissing, UnknownVoucher, VoucherRefused
from aidtrack.distribution.handouts import presented
from aidtrack.distribution.handouts.commands import HandOut
from aidtrack.distribution.handouts.presented import FoundVoucher
from aidtrack.distribution.handouts.receipts import Receipt
from aidtrack.distribution.handouts.services import hand_out
from aidtrack.distribution.models import PaperList, PaperRow, Round, RoundState, RowState, Voucher
from aidtrack.distribution.paper import refused, undone
from aidtrack.distribution.paper.commands import EnterRow, MakeList, NoteRow
from aidtrack.distribution.paper.errors import (
    ListClosed,
    NoSuchRow,
    NothingToList,
    NotOnTheList,
    OwnRowIsThere,
    RoundNotOpen,
    RowOfAnother,
    RowOrCode,
    RowsOpen,
    RowTaken,
    SpareNeedsVoucher,
    WrongPaperDay,
)
from aidtrack.distribution.queries.rounds import round_by_id
from aidtrack.distribution.queries.vouchers import household_with
from aidtrack.distribution.vouchers import VoucherEvent, VoucherState, next_state
from aidtrack.inventory.errors import NotEnoughStock
from aidtrack.inventory.services.documents import earlier, next_number, open_place, remember
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.errors import CommandReused, DomainError, NotFound
from aidtrack.kernel.late import dataclass

MAKE = "paper.make"
LETTER = "L"
MOST_SPARE = 200
DAYS_BACK = 31


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a row. `refusal` is the rule that spoke against recording it: the row waits for a person."""

    row: int
    state: RowState
    refusal: DomainError | None = None
    receipt: Receipt | None = None


def make_list(session: Session, command: MakeList, *, actor: Actor, now: datetime) -> int:
    """Number a list for a round: a row for every open voucher in the order of serials, then spare ones.

    Raises:
        RoundNotOpen, NothingToList, CommandReused, NotFound.
    """
    actor.require(Permission.PAPER_PRINT)
    round_ = round_by_id(session, command.round_id, actor=actor)
    place, today = open_place(session, round_.place_id, Permission.PAPER_PRINT, actor=actor, now=now)
    before = earlier(session, command, MAKE)
    if before is not None:
        return before
    if round_.state is not RoundState.OPEN:
        raise RoundNotOpen
    vouchers = session.execute(
        select(Voucher.id)
        .where(Voucher.round_id == round_.id, Voucher.state == VoucherState.ISSUED)
        .order_by(Voucher.id)
    ).scalars()
    wanted: list[int | None] = [*vouchers, *[None] * min(max(command.spare, 0), MOST_SPARE)]
    if not wanted:
        raise NothingToList
    made = PaperList(
        number=next_number(session, PaperList.number, place.site_code, LETTER, today), uid=str(uuid.uuid4()),
        round_id=round_.id, place_id=place.id, site_id=place.site_id, made_on=today, made_at=now,
        made_by=actor.label,
    )  # fmt: skip
    session.add(made)
    session.flush()  # its id
    session.execute(
        insert(PaperRow),
        [
            {"list_id": made.id, "number": number, "voucher_id": voucher_id, "state": RowState.OPEN}
            for number, voucher_id in enumerate(wanted, start=1)
        ],
    )
    audit.record(
        session, actor=actor, action="paper.make", object_type="paper_list", object_id=made.id,
        site_id=place.site_id, facts={"number": made.number, "rows": len(wanted), "spare": command.spare}, now=now,
    )  # fmt: skip
    remember(session, command, MAKE, made.id, actor=actor, now=now)
    return made.id


def enter_row(session: Session, command: EnterRow, *, actor: Actor, now: datetime) -> Entered:
    """Enter a signed row under the counter's once-only rules, on the day the paper says.

    The row is held before anything is judged, so that of two people with one sheet one enters it and the
    other sees that. A row whose handout was undone is free again: a new handout, for another day or voucher
    too. What a rule speaks against (collected elsewhere, withdrawn, no stock in the book) stays
    on the row with that rule and what the paper says was given, for a person to read: it happened, whatever the
    rule says.

    Raises:
        ListClosed, NoSuchRow, RowTaken, RowOfAnother, OwnRowIsThere, NotOnTheList, SpareNeedsVoucher, RowOrCode,
        WrongPaperDay, UnknownVoucher and what else a code can be, NotFound.
    """
    made = _open_list(session, command.list_id, actor, Permission.HANDOUT_GIVE)
    _require_day(session, made, command.happened_on, now=now)
    voucher = _presented(session, made, command.code) if command.code.strip() else None
    row = _row_for(session, made, command.row, voucher)
    if voucher is None:
        if row.voucher_id is None:
            raise SpareNeedsVoucher(row=row.number)
        voucher = presented.find(session, _typed_code(session, row.voucher_id), locked=False)
    if undone.free(session, row):
        undone.reset(session, row)
    if row.state is RowState.HANDED_OUT and (
        row.used_voucher_id != voucher.id or row.happened_on != command.happened_on
    ):
        raise RowTaken(row=row.number, serial=_serial(session, row.used_voucher_id))
    revived = command.happened_on <= voucher.last_day and _revive(session, voucher)
    order = HandOut(
        client_id=undone.next_id(session, made, row.number), code=_typed_code(session, voucher.id),
        place_id=made.place_id, quantities=command.quantities, reason=command.reason, collector=command.collector,
    )  # fmt: skip
    refusal: DomainError | None = None
    receipt: Receipt | None = None
    extra_id: str | None = None
    less: dict[str, int] | None = None
    try:
        receipt = hand_out(session, order, actor=actor, now=now, happened_on=command.happened_on)
    except (VoucherRefused, NotEnoughStock) as error:
        refusal, less = error, refused.less(session, order, voucher)
        if revived:
            _set_state(session, voucher, VoucherState.ISSUED, VoucherEvent.EXPIRE)
        if isinstance(error, AlreadyCollected):
            extra_id = refused.post_extra(
                session, order, voucher, actor=actor, now=now, on=command.happened_on
            )
    except CommandReused:
        raise RowTaken(row=row.number, serial=_serial(session, row.used_voucher_id)) from None
    if receipt is not None and receipt.repeated:
        if revived:  # the row had its effect before: nothing opens the paper again
            _set_state(session, voucher, VoucherState.ISSUED, VoucherEvent.EXPIRE)
        return Entered(row.number, row.state, receipt=receipt)
    row.client_id = receipt.client_id if receipt is not None else extra_id
    row.state = RowState.HANDED_OUT if row.client_id is not None else RowState.NOTED
    row.refusal = refusal.code if refusal is not None else None
    row.note = (command.reason or refusal.code)[:500] if refusal is not None else None
    row.quantities = less
    row.used_voucher_id, row.happened_on = voucher.id, command.happened_on
    row.entered_at, row.entered_by = now, actor.label
    row.settled_at = row.settled_by = row.settlement = None
    session.flush()
    _log(
        session,
        made,
        "paper.enter",
        {
            "row": row.number,
            "state": row.state.value,
            "rule": row.refusal,
            **({"extra": True} if extra_id else {}),
        },
        actor=actor,
        now=now,
    )
    return Entered(row.number, row.state, refusal, receipt)


def note_row(session: Session, command: NoteRow, *, actor: Actor, now: datetime) -> None:
    """Keep a signed row that no voucher can be entered for, in words, for a person to read."""
    made = _open_list(session, command.list_id, actor, Permission.HANDOUT_GIVE)
    _require_day(session, made, command.happened_on, now=now)
    row = _held_row(session, made, command.row)
    if row.state is RowState.HANDED_OUT and not undone.free(session, row):
        raise RowTaken(row=row.number, serial=_serial(session, row.used_voucher_id))
    note = command.note.strip()
    if len(note) < 3:
        raise ReasonMissing(field="note")
    row.state, row.client_id, row.note, row.refusal = RowState.NOTED, None, note[:500], None
    row.quantities = None
    row.happened_on, row.entered_at, row.entered_by = command.happened_on, now, actor.label
    session.flush()
    family = household_with(session, row.used_voucher_id or row.voucher_id)
    _log(
        session,
        made,
        "paper.note",
        {"row": row.number},
        actor=actor,
        now=now,
        reason=seal_words(session, family, note[:300]),
    )


def mark_empty(session: Session, list_id: int, *, row: int | None, actor: Actor, now: datetime) -> int:
    """Say that nobody signed: one row, or every row nothing is said of yet. Gives how many."""
    made = _open_list(session, list_id, actor, Permission.HANDOUT_GIVE)
    wanted = update(PaperRow).where(PaperRow.list_id == made.id, PaperRow.state == RowState.OPEN)
    if row is not None:
        held = _held_row(session, made, row)
        if undone.free(session, held):
            undone.reset(session, held)
        if held.state is RowState.HANDED_OUT:
            raise RowTaken(row=row, serial=_serial(session, held.used_voucher_id))
        wanted = wanted.where(PaperRow.number == row)
    changed = session.execute(
        wanted.values(state=RowState.EMPTY, entered_at=now, entered_by=actor.label).returning(PaperRow.number)
    ).scalars()
    count = len(list(changed))
    _log(session, made, "paper.empty", {"rows": count}, actor=actor, now=now)
    return count


def close_list(session: Session, list_id: int, *, actor: Actor, now: datetime) -> None:
    """Close a list of which every row is accounted for.

    Raises:
        RowsOpen
    """
    made = _open_list(session, list_id, actor, Permission.HANDOUT_GIVE)
    left = session.execute(
        select(func.count())
        .select_from(PaperRow)
        .where(PaperRow.list_id == made.id, PaperRow.state == RowState.OPEN)
    ).scalar_one()
    if left:
        raise RowsOpen(rows=left)
    made.closed_at, made.closed_by = now, actor.label
    session.flush()
    _log(session, made, "paper.close", {}, actor=actor, now=now)


# -- what they share ---------------------------------------------------------------------------------


def _open_list(session: Session, list_id: int, actor: Actor, permission: Permission) -> PaperList:
    actor.require(permission)
    made = session.get(PaperList, list_id)
    if made is None or made.site_id not in actor.site_ids:
        raise NotFound
    if made.closed_at is not None:
        raise ListClosed(number=made.number)
    return made


def _require_day(session: Session, made: PaperList, day: date, *, now: datetime) -> None:
    """A row speaks of a day on which the list lay on the table and its round ran."""
    first_day, last_day = session.execute(
        select(Round.first_day, Round.last_day).where(Round.id == made.round_id)
    ).one()
    today = local_date(now)
    first = max(made.made_on, first_day, today - timedelta(days=DAYS_BACK))
    last = min(today, last_day)
    if not first <= day <= last:
        raise WrongPaperDay(first=first.isoformat(), last=last.isoformat())


def _presented(session: Session, made: PaperList, text: str) -> FoundVoucher:
    """The voucher that was scanned, or whose serial or short code was typed."""
    typed = text.strip()
    by_serial = session.execute(
        select(Voucher.id).where(Voucher.serial == typed.upper(), Voucher.round_id == made.round_id)
    ).scalar()
    if by_serial is not None:
        return presented.find(session, _typed_code(session, by_serial), locked=False)
    # not held yet: the row comes first for everybody, so that nobody waits in a ring
    voucher = presented.find(session, typed, locked=False)
    # another round's voucher of the same site is a row for a person; another site's is none at all
    if voucher.site_id != made.site_id:
        raise UnknownVoucher
    return voucher


def _row_for(session: Session, made: PaperList, number: int | None, voucher: FoundVoucher | None) -> PaperRow:
    """The row meant, held until the unit ends."""
    own = None
    if voucher is not None:
        own = session.execute(
            select(PaperRow.number).where(PaperRow.list_id == made.id, PaperRow.voucher_id == voucher.id)
        ).scalar()
    if number is None:
        if voucher is None:
            raise RowOrCode
        if own is None:
            raise NotOnTheList(serial=voucher.serial)
        number = own
    row = _held_row(session, made, number)
    if voucher is not None and row.voucher_id != voucher.id:
        if row.voucher_id is not None:
            raise RowOfAnother(row=number, serial=_serial(session, row.voucher_id))
        if own is not None:
            raise OwnRowIsThere(row=own, serial=voucher.serial)
    return row


def _held_row(session: Session, made: PaperList, number: int) -> PaperRow:
    row = session.execute(
        select(PaperRow)
        .where(PaperRow.list_id == made.id, PaperRow.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None:
        raise NoSuchRow(row=number)
    return row


def _revive(session: Session, voucher: FoundVoucher) -> bool:
    """Open a voucher that lapsed before its paper came in, for on that day it was good; whether it had."""
    return _set_state(session, voucher, VoucherState.EXPIRED, VoucherEvent.REVIVE)


def _set_state(session: Session, voucher: FoundVoucher, state: VoucherState, event: VoucherEvent) -> bool:
    changed = session.execute(
        update(Voucher)
        .where(Voucher.id == voucher.id, Voucher.state == state)
        .values(state=next_state(state, event))
        .returning(Voucher.id)
    )
    return changed.first() is not None


def _serial(session: Session, voucher_id: int | None) -> str:
    return session.execute(select(Voucher.serial).where(Voucher.id == voucher_id)).scalar() or "—"


def _typed_code(session: Session, voucher_id: int) -> str:
    return session.execute(select(Voucher.typed_code).where(Voucher.id == voucher_id)).scalar_one()


def _log(
    session: Session, made: PaperList, action: str, facts: dict[str, object], *, actor: Actor, now: datetime,
    reason: str | None = None,
) -> None:  # fmt: skip
    audit.record(
        session, actor=actor, action=action, object_type="paper_list", object_id=made.id, site_id=made.site_id,
        reason=reason, facts={"number": made.number, **facts}, now=now,
    )  # fmt: skip
