"""Unused printed vouchers that came back to the office, ticked or scanned."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.distribution.dayclose import day
from aidtrack.distribution.dayclose.commands import ReturnVouchers
from aidtrack.distribution.dayclose.errors import NotInThisState, NotThisRoundsVoucher, VoucherWasUsed
from aidtrack.distribution.handouts import presented
from aidtrack.distribution.models import DayClose, DayState, ReturnedVoucher, Voucher
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import DomainError, NotFound

COLLECTED = (VoucherState.REDEEMED, VoucherState.PARTLY_REDEEMED)
FINISHED = (DayState.CLOSED, DayState.REOPENED)


def return_vouchers(
    session: Session, command: ReturnVouchers, *, shown: frozenset[int], actor: Actor, now: datetime
) -> int:
    """Note the vouchers that came back; gives how many the close counts now.

    Args:
        shown: the vouchers that stood on the page with their boxes: a box without its tick takes the note back.

    Raises:
        NotThisRoundsVoucher, VoucherWasUsed, NotInThisState, NotFound.
    """
    actor.require(Permission.DAY_CLOSE)
    close = session.execute(
        select(DayClose).where(DayClose.id == command.close_id).with_for_update()
    ).scalar_one_or_none()
    if close is None or close.site_id not in actor.site_ids:
        raise NotFound
    if close.state in FINISHED:
        raise NotInThisState(state=close.state.value)
    rounds = [row.round.id for row in day.rounds_of_day(session, close.place_id, close.day, actor=actor)]
    wanted = _of_rounds(session, rounds, shown & command.voucher_ids)
    wanted |= {_named(session, text, rounds) for text in command.texts if text.strip()}
    before = set(
        session.execute(
            select(ReturnedVoucher.voucher_id).where(ReturnedVoucher.close_id == close.id)
        ).scalars()
    )
    gone = (before & shown) - wanted
    if gone:
        session.execute(
            delete(ReturnedVoucher).where(
                ReturnedVoucher.close_id == close.id, ReturnedVoucher.voucher_id.in_(gone)
            )
        )
    new = sorted(wanted - before)
    if new:
        session.execute(
            insert(ReturnedVoucher),
            [
                {"close_id": close.id, "voucher_id": voucher_id, "noted_at": now, "noted_by": actor.label}
                for voucher_id in new
            ],
        )
    if new or gone:
        audit.record(
            session, actor=actor, action="day.vouchers", object_type="day_close", object_id=close.id,
            site_id=close.site_id, facts={"returned": len(new), "taken_off": len(gone)}, now=now,
        )  # fmt: skip
    return len((before | set(new)) - gone)


def _of_rounds(session: Session, rounds: list[int], ids: frozenset[int]) -> set[int]:
    if not ids:
        return set()
    query = select(Voucher.id).where(Voucher.id.in_(ids), Voucher.round_id.in_(rounds))
    found = set(session.execute(query.where(Voucher.state.in_(day.OPEN))).scalars())
    if found != set(ids):
        raise NotFound
    return found


def _named(session: Session, text: str, rounds: list[int]) -> int:
    """The voucher of a printed serial or a scanned code. Codes typed by hand are for the counter, where guessing is slowed."""
    typed = text.strip()
    row = session.execute(
        select(Voucher.id, Voucher.serial, Voucher.state, Voucher.round_id).where(
            Voucher.serial == typed.upper()
        )
    ).one_or_none()
    if row is None and not presented.is_typed(typed):
        try:
            found = presented.find(session, typed, locked=False)
        except DomainError:
            raise NotThisRoundsVoucher(typed=typed[:24]) from None
        row = session.execute(
            select(Voucher.id, Voucher.serial, Voucher.state, Voucher.round_id).where(Voucher.id == found.id)
        ).one_or_none()
    if row is None or row.round_id not in rounds:
        raise NotThisRoundsVoucher(typed=typed[:24])
    if row.state in COLLECTED:
        raise VoucherWasUsed(serial=row.serial)
    return int(row.id)
