"""Reprints that wait for a second person: so many a day one person makes alone (DESIGN I17)."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, time
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack.accounts.approvals import services as approvals
from aidtrack.accounts.approvals.acts import Act
from aidtrack.accounts.approvals.rules import reprint_needs_two
from aidtrack.accounts.models import Site
from aidtrack.audit.models import AuditEvent
from aidtrack.distribution import services
from aidtrack.distribution.commands import ReprintVoucher
from aidtrack.distribution.models import Round, Voucher
from aidtrack.distribution.queries.vouchers import voucher_by_id
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, zone

REPRINT = "reprint"


def ask_reprint(session: Session, command: ReprintVoucher, *, actor: Actor, now: datetime) -> int | None:
    """Reprint a voucher, or put it before a second person; None where it waits and the old paper is still good."""
    _voucher, round_ = voucher_by_id(session, command.voucher_id, actor=actor)
    threshold = approvals.threshold_of(session, round_.site_id)
    if reprint_needs_two(threshold, made_today=_made_today(session, round_.site_id, actor=actor, now=now)):
        approvals.ask(
            session,
            REPRINT,
            asdict(command),
            site_id=round_.site_id,
            reason=command.reason,
            actor=actor,
            now=now,
        )
        return None
    return services.reprint_voucher(session, command, actor=actor, now=now)


def _made_today(session: Session, site_id: int, *, actor: Actor, now: datetime) -> int:
    name = session.execute(select(Site.time_zone).where(Site.id == site_id)).scalar_one()
    begins = datetime.combine(local_date(now, name), time.min, tzinfo=zone(name))
    return session.execute(
        select(func.count()).where(
            AuditEvent.action == "voucher.reprint", AuditEvent.actor_label == actor.label,
            AuditEvent.site_id == site_id, AuditEvent.at >= begins,
        )
    ).scalar_one()  # fmt: skip


def _tell(session: Session, command: Mapping[str, Any]) -> list[tuple[Any, str]]:
    serial, code = session.execute(
        select(Voucher.serial, Round.code)
        .join(Round, Round.id == Voucher.round_id)
        .where(Voucher.id == command["voucher_id"])
    ).one()
    return [(_l("Voucher"), serial), (_l("Round"), code)]


def _carry_out(session: Session, command: Mapping[str, Any], maker: Actor, now: datetime) -> int:
    return services.reprint_voucher(session, ReprintVoucher(**command), actor=maker, now=now)


def _url(voucher_id: int) -> str:
    return url_for("rounds.show_voucher", voucher_id=voucher_id)


ACT = Act(REPRINT, _l("Reprint of a voucher"), Permission.VOUCHER_ISSUE, _carry_out, _tell, _url)
