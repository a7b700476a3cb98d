"""Codes are not to be guessed: wrong ones are logged without the code, and too many are answered by a wait.

The log row of a wrong code is about whoever tried it, so that the count is one look into the index of
objects and costs the same after a year of handouts.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.audit.models import AuditEvent
from aidtrack.distribution.errors import BadSignature, DamagedVoucher, NotAVoucher, UnknownVoucher
from aidtrack.distribution.handouts.presented import is_typed
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.errors import N_, DomainError
from aidtrack.kernel.ids import BadCheckCharacter, NotACode

WRONG_CODES = (UnknownVoucher, BadSignature, NotAVoucher, DamagedVoucher, BadCheckCharacter, NotACode)
GUESSES = 20
GUESSES_WITHIN = timedelta(minutes=10)
ACTION = "voucher.wrong_code"


class TooManyWrongCodes(DomainError):
    """Codes are being guessed, or a scanner is broken. Facts: `minutes` to wait."""

    code = "too_many_wrong_codes"
    status = 429
    text = N_("Too many wrong codes. Wait %(minutes)s minutes, or ask a supervisor.")


def note_wrong_code(session: Session, refusal: DomainError, *, actor: Actor, now: datetime) -> None:
    """Log that a wrong code was tried, never the code itself. In a unit of its own where the act was refused."""
    kind, number = _about(actor)
    site_id = min(actor.site_ids) if len(actor.site_ids) == 1 else None
    audit.record(
        session, actor=actor, action=ACTION, object_type=kind, object_id=number, site_id=site_id,
        facts={"code": refusal.code}, now=now,
    )  # fmt: skip


def slow_down(session: Session, *, actor: Actor, now: datetime) -> None:
    """Refuse whoever tried `GUESSES` wrong codes within `GUESSES_WITHIN`.

    Raises:
        TooManyWrongCodes
    """
    kind, number = _about(actor)
    tried = session.scalar(
        select(func.count())
        .select_from(AuditEvent)
        .where(
            AuditEvent.object_type == kind,
            AuditEvent.object_id == number,
            AuditEvent.action == ACTION,
            AuditEvent.at > now - GUESSES_WITHIN,
        )
    )
    if (tried or 0) >= GUESSES:
        raise TooManyWrongCodes(minutes=int(GUESSES_WITHIN.total_seconds() // 60))


def slow_down_typing(session: Session, code: str, *, actor: Actor, now: datetime) -> None:
    """The same for programs, whose queue of printed codes must not wait: a signature is not guessed."""
    if is_typed(code):
        slow_down(session, actor=actor, now=now)


def _about(actor: Actor) -> tuple[str, int | None]:
    return ("user_account", actor.user_id) if actor.user_id is not None else ("api_token", actor.token_id)
