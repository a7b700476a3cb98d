"""What a merge of two registrations means for vouchers and marks: one family is served once in a cycle.

Handouts stay where they were recorded. Of two open vouchers in one cycle one stays open; if the family was served
there already, none does. Marks of programmes for which only the ending registration had one go over.
"""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.consequences import Consequence, Effects
from aidtrack.beneficiaries.happenings import EndedAs
from aidtrack.beneficiaries.models import HouseholdEnd
from aidtrack.distribution.commands import ReprintVoucher, VoidVoucher
from aidtrack.distribution.models import (
    Cycle,
    Eligibility,
    EligibilityStatus,
    Entitlement,
    FieldOutcome,
    Voucher,
)
from aidtrack.distribution.services.vouchers import press_anew, void_voucher
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import DomainError

REASON = "registrations merged"
COLLECTED = (VoucherState.REDEEMED, VoucherState.PARTLY_REDEEMED)


def merged(session: Session, staying_id: int, ending_id: int, actor: Actor, now: datetime) -> Effects:
    """Withdraw vouchers that would serve the one family twice, and move its marks."""
    # issuing holds the cycle: what it is about to give either registration is seen here, or sees the merge
    session.execute(select(Cycle.id).order_by(Cycle.id).with_for_update(key_share=True)).all()
    voided = []
    for voucher_id in _too_many(session, staying_id, ending_id):
        void_voucher(session, VoidVoucher(voucher_id, REASON), actor=actor, now=now)
        voided.append(voucher_id)
    return {"voided": voided, "marks": _move_marks(session, ending_id, staying_id)}


def undone(
    session: Session, staying_id: int, ending_id: int, effects: Effects, actor: Actor, now: datetime
) -> None:
    """New papers for what was withdrawn, where the round still goes on; marks go back if they still stand."""
    session.execute(
        update(Eligibility)
        .where(
            Eligibility.id.in_(effects.get("marks", [])), Eligibility.household_id == staying_id
        )
        .values(household_id=ending_id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    for voucher_id in effects.get("voided", []):
        command = ReprintVoucher(f"undo-merge-{voucher_id}", voucher_id, REASON)
        try:
            press_anew(session, command, actor=actor, now=now)
        except DomainError:
            continue  # the round is over, or the family has another paper by now


def _too_many(session: Session, staying_id: int, ending_id: int) -> list[int]:
    """Open vouchers that are to be withdrawn, of both registrations and those merged into them before."""
    before = session.scalars(
        select(HouseholdEnd.household_id).where(
            HouseholdEnd.successor_id.in_((staying_id, ending_id)), HouseholdEnd.ended_as == EndedAs.MERGED
        )
    ).all()
    family = [staying_id, ending_id, *before]
    ids = select(Voucher.id).join(Entitlement, Entitlement.id == Voucher.entitlement_id)
    held = session.scalars(
        ids.where(Entitlement.household_id.in_(family))
        .order_by(Voucher.id)
        .with_for_update(of=Voucher, key_share=True)
    ).all()  # nobody collects on them while they are judged
    rows = session.execute(
        select(Entitlement.cycle_id, Entitlement.id, Entitlement.household_id, Voucher.id, Voucher.state)
        .join(Voucher, Voucher.entitlement_id == Entitlement.id)
        .where(Voucher.id.in_(held))
        .order_by(Voucher.id)
    ).all()
    served_offline = set(
        session.scalars(
            select(FieldOutcome.entitlement_id).where(
                FieldOutcome.first, FieldOutcome.entitlement_id.in_({row[1] for row in rows})
            )
        )
    )
    open_ones: dict[int, list[tuple[bool, int]]] = defaultdict(list)
    served: set[int] = set()
    for cycle_id, entitlement_id, household_id, voucher_id, state in rows:
        if state in COLLECTED or entitlement_id in served_offline:
            served.add(cycle_id)
        elif state is VoucherState.ISSUED:
            open_ones[cycle_id].append((household_id != staying_id, voucher_id))
    found: list[int] = []
    for cycle_id, vouchers in open_ones.items():
        keep = 0 if cycle_id in served else 1  # that of the registration that goes on, if it has one
        found += [voucher_id for _, voucher_id in sorted(vouchers)[keep:]]
    return found


def _move_marks(session: Session, from_id: int, to_id: int) -> list[int]:
    live = Eligibility.status == EligibilityStatus.ELIGIBLE
    known = select(Eligibility.programme_id).where(Eligibility.household_id == to_id, live)
    marks = list(
        session.scalars(
            select(Eligibility.id).where(
                Eligibility.household_id == from_id, live, Eligibility.programme_id.not_in(known)
            )
        )
    )
    session.execute(
        update(Eligibility)
        .where(Eligibility.id.in_(marks))
        .values(household_id=to_id)
        .execution_options(synchronize_session=False)
    )
    return marks


CONSEQUENCE = Consequence("distribution", merged, undone)
