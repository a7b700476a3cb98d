"""One voucher: withdrawn, printed anew, marked as printed."""

import random
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, time

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.approvals import services as approvals
from aidtrack.accounts.approvals.rules import reprint_needs_two
from aidtrack.audit.models import AuditEvent
from aidtrack.db import seal_words
from aidtrack.distribution.commands import ReprintVoucher, VoidVoucher
from aidtrack.distribution.errors import ReasonMissing, RoundClosed, RoundIsOver
from aidtrack.distribution.models import Entitlement, FieldOutcome, Profile, Round, RoundState, Voucher
from aidtrack.distribution.queries.rounds import RoundRow
from aidtrack.distribution.services.limits import REFUSALS, left_for_a_withdrawn_one
from aidtrack.distribution.services.press import press_for
from aidtrack.distribution.services.rounds import SYSTEM_RANDOM, locked_round
from aidtrack.distribution.vouchers import VoucherEvent, VoucherState, next_state
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, zone
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass

CHUNK = 500
REPRINT = "voucher.reprint"
REPRINT_OF_TWO = "reprint"  # as it waits for a second person


@dataclass(frozen=True, slots=True)
class _Held:
    id: int
    state: VoucherState
    entitlement_id: int
    profile_number: int
    household_id: int


def void_voucher(session: Session, command: VoidVoucher, *, actor: Actor, now: datetime) -> None:
    """Withdraw a voucher: its paper is worth nothing from the commit on.

    Raises:
        NotPossibleNow: it was collected, or is void already.
    """
    round_, held = _hold(session, command.voucher_id, actor)
    reason = _reason(command.reason)
    _void(session, held, reason, now)
    audit.record(
        session, actor=actor, action="voucher.void", object_type="voucher", object_id=held.id,
        site_id=round_.site_id, reason=seal_words(session, held.household_id, reason), now=now,
    )  # fmt: skip


def reprint_voucher(
    session: Session,
    command: ReprintVoucher,
    *,
    actor: Actor,
    now: datetime,
    rng: random.Random = SYSTEM_RANDOM,
) -> int:
    """Print a voucher anew, as `press_anew` does; beyond so many a day not on one person's word (I17).

    Raises:
        SecondPersonNeeded: it is one too many of this person today, and nobody else approved it.
        NotPossibleNow, RoundClosed, RoundIsOver.
    """
    round_, held = _hold(session, command.voucher_id, actor)
    before = _remembered(session, command)
    if before is not None:
        return before
    threshold = approvals.threshold_of(session, round_.site_id)
    if reprint_needs_two(threshold, made_today=_reprinted_today(session, round_, actor=actor, now=now)):
        approvals.require_approved(session, REPRINT_OF_TWO, asdict(command))
    return _press_anew(session, command, round_, held, actor=actor, now=now, rng=rng)


def _reprinted_today(session: Session, round_: RoundRow, *, actor: Actor, now: datetime) -> int:
    begins = datetime.combine(local_date(now, round_.time_zone), time.min, tzinfo=zone(round_.time_zone))
    return session.execute(
        select(func.count()).where(
            AuditEvent.action == REPRINT, AuditEvent.actor_label == actor.label,
            AuditEvent.site_id == round_.site_id, AuditEvent.at >= begins,
        )
    ).scalar_one()  # fmt: skip


def _remembered(session: Session, command: ReprintVoucher) -> int | None:
    before = audit.already_done(session, command_id=command.command_id, kind=REPRINT, body=asdict(command))
    return before.object_id if before is not None else None


def press_anew(
    session: Session,
    command: ReprintVoucher,
    *,
    actor: Actor,
    now: datetime,
    rng: random.Random = SYSTEM_RANDOM,
) -> int:
    """Give a family a new code for a lost or damaged paper; the old one dies in the same transaction.

    For acts that asked their own second person; everybody else calls `reprint_voucher`.

    A voucher that was withdrawn before can be given anew in the same way. Returns the new voucher's id.

    Raises:
        NotPossibleNow: it was collected, or another voucher of the family is open.
        CapReached, OthersCameFirst: it was withdrawn, and the rule leaves the family nothing any more.
        RoundClosed, RoundIsOver: nothing can be collected in the round any more.
    """
    round_, held = _hold(session, command.voucher_id, actor)
    before = _remembered(session, command)
    if before is not None:
        return before
    return _press_anew(session, command, round_, held, actor=actor, now=now, rng=rng)


def _press_anew(
    session: Session, command: ReprintVoucher, round_: RoundRow, held: _Held, *, actor: Actor, now: datetime,
    rng: random.Random,
) -> int:  # fmt: skip
    reason = _reason(command.reason)
    if round_.state is RoundState.CLOSED:
        raise RoundClosed
    if local_date(now, round_.time_zone) > round_.last_day:
        raise RoundIsOver(last_day=round_.last_day.isoformat())
    if held.state is VoucherState.VOID:
        _require_last(session, held)
        on = max(local_date(now, round_.time_zone), round_.first_day)
        left = left_for_a_withdrawn_one(session, round_, held.entitlement_id, on=on)
        if left is not None:
            raise REFUSALS[left]
    else:
        _void(session, held, reason, now)
    new_id = press_for(session, round_, actor=actor, now=now, rng=rng)(
        held.entitlement_id, held.profile_number, held.id
    )
    audit.record(
        session, actor=actor, action=REPRINT, object_type="voucher", object_id=new_id, site_id=round_.site_id,
        reason=seal_words(session, held.household_id, reason), now=now, facts={"replaces": held.id},
    )  # fmt: skip
    audit.mark_done(
        session, command_id=command.command_id, kind=REPRINT, body=asdict(command), object_id=new_id, actor=actor,
        now=now,
    )  # fmt: skip
    return new_id


def mark_printed(
    session: Session, round_: RoundRow, voucher_ids: Sequence[int], *, actor: Actor, now: datetime, form: str
) -> None:
    """Note that vouchers went to paper (`form` says on which). Record it before the codes are read."""
    for start in range(0, len(voucher_ids), CHUNK):
        session.execute(
            update(Voucher)
            .where(Voucher.id.in_(voucher_ids[start : start + CHUNK]), Voucher.printed_at.is_(None))
            .values(printed_at=now)
            .execution_options(synchronize_session=False)
        )
    record_reading(session, round_, len(voucher_ids), actor=actor, now=now, form=form)


def record_reading(
    session: Session, round_: RoundRow, vouchers: int, *, actor: Actor, now: datetime, form: str
) -> None:
    """Log that codes of open vouchers were read out: whoever holds one can collect."""
    actor.require(Permission.VOUCHER_ISSUE, site_id=round_.site_id)
    audit.record(
        session, actor=actor, action="read.voucher_codes", object_type="round", object_id=round_.id,
        site_id=round_.site_id, now=now, facts={"vouchers": vouchers, "form": form},
    )  # fmt: skip


def _hold(session: Session, voucher_id: int, actor: Actor) -> tuple[RoundRow, _Held]:
    """The voucher with its row held, after its round's: issuing and closing take the same order."""
    round_id = session.execute(select(Voucher.round_id).where(Voucher.id == voucher_id)).scalar()
    if round_id is None:
        raise NotFound
    round_ = locked_round(session, round_id, actor=actor)
    actor.require(Permission.VOUCHER_ISSUE, site_id=round_.site_id)
    session.execute(select(Voucher.id).where(Voucher.id == voucher_id).with_for_update(key_share=True))
    row = session.execute(
        select(Voucher.id, Voucher.state, Voucher.entitlement_id, Profile.number, Entitlement.household_id)
        .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
        .join(Profile, Profile.id == Entitlement.profile_id)
        .join(Round, Round.id == Voucher.round_id)
        .where(Voucher.id == voucher_id)
    ).one()
    return round_, _Held(*row)


def _void(session: Session, held: _Held, reason: str, now: datetime) -> None:
    session.execute(
        update(Voucher)
        .where(Voucher.id == held.id)
        .values(state=next_state(held.state, VoucherEvent.VOID), void_reason=reason, voided_at=now)
    )


def _require_last(session: Session, held: _Held) -> None:
    """A withdrawn paper is replaced only if nothing replaced it before and nobody collected on it since.

    A phone that did not know of the withdrawal may have handed out on it.
    """
    served = session.execute(
        select(FieldOutcome.event_id).where(
            FieldOutcome.entitlement_id == held.entitlement_id, FieldOutcome.first
        )
    ).first()
    if served is not None:
        next_state(VoucherState.REDEEMED, VoucherEvent.VOID)  # refuses
    newer = session.execute(
        select(Voucher.state).where(Voucher.entitlement_id == held.entitlement_id, Voucher.id > held.id)
    ).scalars().first()  # fmt: skip
    if newer is not None:
        next_state(VoucherState.VOID, VoucherEvent.VOID)  # refuses


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not reason:
        raise ReasonMissing
    return reason[:300]
