"""A family is registered from its appeal: what the caller said stands in the form, and the appeal goes along."""

from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.cases import services
from aidtrack.beneficiaries.cases.commands import LinkIntake, Sender
from aidtrack.beneficiaries.identifiers import clean_phone
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import DomainError


def _asked_for() -> int | None:
    text = request.args.get("intake", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def carried_over(session: Session, actor: Actor, now: datetime) -> dict[str, Any]:
    """What a registration form begins with; empty when it begins from nothing. The reading is logged."""
    intake_id = _asked_for()
    if intake_id is None or not actor.can(Permission.HOUSEHOLD_READ):
        return {}
    file = services.open_intake(session, intake_id, actor=actor, now=now)
    found: dict[str, Any] = {"site_id": str(file.row.site_id)}
    if file.row.sender in (Sender.FAMILY, None) and file.row.from_whom:
        parts = [*file.row.from_whom.split(maxsplit=2), "", "", ""]
        found["members"] = [dict(zip(("surname", "given_name", "patronymic"), parts, strict=False))]
    if file.row.sender in (Sender.FAMILY, None) and file.contact:
        try:
            clean_phone(file.contact)
        except DomainError:
            found["address"] = file.contact
        else:
            found["phone"] = file.contact
    return found


def link_registered(session: Session, household_id: int, actor: Actor, now: datetime) -> None:
    """The appeal belongs to the new family, in the same transaction."""
    intake_id = _asked_for()
    if intake_id is not None:
        services.link_intake(session, LinkIntake(intake_id, household_id), actor=actor, now=now)
