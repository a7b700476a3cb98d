"""Vouchers nobody came with."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.models import Site
from aidtrack.distribution.models import Round, Voucher
from aidtrack.distribution.queries.rounds import RoundRow
from aidtrack.distribution.vouchers import VoucherEvent, VoucherState, next_state
from aidtrack.inventory.models import Place
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date


def expire_round(session: Session, round_: RoundRow, *, actor: Actor, now: datetime) -> int:
    """Expire every open voucher of a round that is being closed, whatever its last day."""
    result = session.execute(
        update(Voucher)
        .where(Voucher.round_id == round_.id, Voucher.state == VoucherState.ISSUED)
        .values(state=next_state(VoucherState.ISSUED, VoucherEvent.EXPIRE))
    )
    assert isinstance(result, CursorResult)
    return result.rowcount


def expire_past_vouchers(session: Session, *, actor: Actor, now: datetime) -> int:
    """Expire the open vouchers of the actor's sites whose last day is over at their site."""
    actor.require(Permission.ROUND_PLAN)
    expired = 0
    zones = session.execute(select(Site.id, Site.time_zone).where(Site.id.in_(actor.site_ids))).all()
    for site_id, time_zone in zones:
        today = local_date(now, time_zone)
        of_site = (
            select(Round.id)
            .join(Place, Place.id == Round.place_id)
            .where(Place.site_id == site_id)
            .scalar_subquery()
        )
        result = session.execute(
            update(Voucher)
            .where(
                Voucher.state == VoucherState.ISSUED, Voucher.last_day < today, Voucher.round_id.in_(of_site)
            )
            .values(state=next_state(VoucherState.ISSUED, VoucherEvent.EXPIRE))
            .execution_options(synchronize_session=False)
        )
        assert isinstance(result, CursorResult)
        if result.rowcount:
            audit.record(
                session, actor=actor, action="voucher.expire", object_type="site", object_id=site_id,
                site_id=site_id, now=now, facts={"vouchers": result.rowcount},
            )  # fmt: skip
        expired += result.rowcount
    return expired
