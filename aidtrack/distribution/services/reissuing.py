"""New papers for families whose vouchers were signed with a withdrawn key, a few hundred in one unit of work."""

import random
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.distribution.models import Entitlement, Profile, Round, RoundState, SigningKey, Voucher
from aidtrack.distribution.services.press import Press
from aidtrack.distribution.services.rounds import SYSTEM_RANDOM, locked_round
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date
from aidtrack.kernel.late import dataclass

BATCH = 500
REASON = "signing key withdrawn"


@dataclass(frozen=True, slots=True)
class WaitingRound:
    """A round with open vouchers that a withdrawn key signed. `over`: nobody can collect there any more."""

    round_id: int
    code: str
    vouchers: int
    over: bool


def waiting_rounds(
    session: Session, *, actor: Actor, now: datetime, key_id: int | None = None
) -> list[WaitingRound]:
    """Where new papers are needed, oldest round first; `key_id` looks at one withdrawn key only."""
    actor.require(Permission.VOUCHER_ISSUE)
    asked = (
        select(Round.id, Round.code, Round.last_day, Round.state, func.count())
        .join(Voucher, Voucher.round_id == Round.id)
        .join(SigningKey, SigningKey.id == Voucher.key_id)
        .where(Voucher.state == VoucherState.ISSUED, SigningKey.withdrawn_at.is_not(None))
        .group_by(Round.id, Round.code, Round.last_day, Round.state)
        .order_by(Round.id)
    )
    if key_id is not None:
        asked = asked.where(SigningKey.id == key_id)
    today = local_date(now)
    return [
        WaitingRound(id_, code, count, over=state is RoundState.CLOSED or last_day < today)
        for id_, code, last_day, state, count in session.execute(asked)
    ]


def reissue_batch(
    session: Session,
    round_id: int,
    *,
    actor: Actor,
    now: datetime,
    limit: int = BATCH,
    rng: random.Random = SYSTEM_RANDOM,
) -> list[int]:
    """Withdraw the next open vouchers of the round under withdrawn keys and print each family a new one.

    Ids of the new vouchers; empty when nobody is left. Killed between two batches and run again it goes on
    where it stopped: what it looks for is what is still open under a withdrawn key.
    """
    round_ = locked_round(session, round_id, actor=actor)
    actor.require(Permission.VOUCHER_ISSUE, site_id=round_.site_id)
    found: Sequence[tuple[int, int, int]] = [
        (row[0], row[1], row[2])
        for row in session.execute(
            select(Voucher.id, Voucher.entitlement_id, Profile.number)
            .join(SigningKey, SigningKey.id == Voucher.key_id)
            .join(Entitlement, Entitlement.id == Voucher.entitlement_id)
            .join(Profile, Profile.id == Entitlement.profile_id)
            .where(
                Voucher.round_id == round_id,
                Voucher.state == VoucherState.ISSUED,
                SigningKey.withdrawn_at.is_not(None),
            )
            .order_by(Voucher.id)
            .limit(limit)
            .with_for_update(of=Voucher)
        )
    ]
    if not found:
        return []
    session.execute(
        update(Voucher)
        .where(Voucher.id.in_([voucher_id for voucher_id, _, _ in found]))
        .values(state=VoucherState.VOID, void_reason=REASON, voided_at=now)
        .execution_options(synchronize_session=False)
    )
    press = Press.open(session, round_, actor=actor, now=now, rng=rng)
    new_ids = press.print_for([(entitlement, number, old) for old, entitlement, number in found])
    audit.record(
        session, actor=actor, action="voucher.reissue", object_type="round", object_id=round_id,
        site_id=round_.site_id, reason=REASON, now=now, facts={"vouchers": len(new_ids)},
    )  # fmt: skip
    return new_ids
