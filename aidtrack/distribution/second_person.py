"""Reprints that wait for a second person: so many a day one person makes alone (DESIGN I17)."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.accounts.approvals import services as approvals
from aidtrack.accounts.approvals.acts import Act
from aidtrack.accounts.approvals.errors import SecondPersonNeeded
from aidtrack.distribution import services
from aidtrack.distribution.commands import ReprintVoucher
from aidtrack.distribution.models import Round, Voucher
from aidtrack.distribution.queries.vouchers import household_with, voucher_by_id
from aidtrack.distribution.services.vouchers import REPRINT_OF_TWO
from aidtrack.kernel.actor import Actor, Permission

REPRINT = REPRINT_OF_TWO


def ask_reprint(session: Session, command: ReprintVoucher, *, actor: Actor, now: datetime) -> int | None:
    """Reprint a voucher, or put it before a second person; None where it waits and the old paper is still good."""
    try:
        return services.reprint_voucher(session, command, actor=actor, now=now)
    except SecondPersonNeeded:  # before anything was written
        _voucher, round_ = voucher_by_id(session, command.voucher_id, actor=actor)
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


def _tell(session: Session, command: Mapping[str, Any]) -> list[tuple[Any, str]]:
    serial, code = session.execute(
        select(Voucher.serial, Round.code)
        .join(Round, Round.id == Voucher.round_id)
        .where(Voucher.id == command["voucher_id"])
    ).one()
    return [(_l("Voucher"), serial), (_l("Round"), code)]


def _household(session: Session, command: Mapping[str, Any]) -> int | None:
    return household_with(session, command["voucher_id"])


def _carry_out(session: Session, command: Mapping[str, Any], maker: Actor, now: datetime) -> int:
    return services.reprint_voucher(session, ReprintVoucher(**command), actor=maker, now=now)


def _url(voucher_id: int) -> str:
    return url_for("rounds.show_voucher", voucher_id=voucher_id)


ACT = Act(
    REPRINT,
    _l("Reprint of a voucher"),
    Permission.VOUCHER_ISSUE,
    _carry_out,
    _tell,
    _url,
    Permission.VOUCHER_INSPECT,
    _household,
)
