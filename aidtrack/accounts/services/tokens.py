"""API tokens: made once, shown once, kept as a hash, revoked at once."""

import secrets
from dataclasses import field
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.commands import AddToken
from aidtrack.accounts.errors import LabelTaken, UnknownToken
from aidtrack.accounts.models import ApiToken, TokenDonor, TokenSite
from aidtrack.accounts.queries import secret_hash
from aidtrack.accounts.services.people import _check_reach
from aidtrack.kernel.actor import Actor, Permission, Role
from aidtrack.kernel.errors import InvalidValue, NotFound
from aidtrack.kernel.late import dataclass

PREFIX = "aid_"  # a leaked token is recognised in a log or a repository


@dataclass(frozen=True, slots=True)
class NewToken:
    """A program that may call from now on. The token exists nowhere else: show it once."""

    token_id: int
    label: str
    token: str | None = field(repr=False)  # None when the same command came again: it cannot be shown twice


def add_token(session: Session, command: AddToken, *, actor: Actor, now: datetime) -> NewToken:
    """Make a bearer token with a role at some sites.

    Raises:
        LabelTaken, SiteNeeded, DonorNeeded, UnknownSite
    """
    actor.require(Permission.ACCOUNTS_MANAGE)
    label = command.label.strip()
    if command.command_id is not None:
        before = audit.already_done(
            session, command_id=command.command_id, kind="accounts.add-token", body=command.body()
        )
        if before is not None and before.object_id is not None:
            return NewToken(before.object_id, label, None)
    if not 1 <= len(label) <= 80:
        raise InvalidValue(field="label", value=label[:80])
    if _in_force(session, label) is not None:
        raise LabelTaken(label=label)
    _check_reach(session, command.role, command.site_ids, command.donor_ids, actor=actor)
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        label=label, token_hash=secret_hash(token), role=command.role, created_at=now, revoked_at=None
    )
    session.add(row)
    session.flush()  # for its id
    session.execute(
        insert(TokenSite), [{"token_id": row.id, "site_id": one} for one in sorted(command.site_ids)]
    )
    if command.role is Role.DONOR_LIAISON:
        session.execute(
            insert(TokenDonor), [{"token_id": row.id, "donor_id": one} for one in sorted(command.donor_ids)]
        )
    audit.record(
        session, actor=actor, action="accounts.add-token", object_type="api_token", object_id=row.id,
        facts=command.body(), now=now,
    )  # fmt: skip
    if command.command_id is not None:
        audit.mark_done(
            session, command_id=command.command_id, kind="accounts.add-token", body=command.body(),
            object_id=row.id, actor=actor, now=now,
        )  # fmt: skip
    return NewToken(row.id, label, token)


def revoke_token(session: Session, token_id: int, *, actor: Actor, now: datetime) -> None:
    """End a token: its next request is refused (I18). Revoking twice changes nothing."""
    actor.require(Permission.ACCOUNTS_MANAGE)
    row = session.scalars(select(ApiToken).where(ApiToken.id == token_id).with_for_update()).one_or_none()
    if row is None or not _within_reach(session, token_id, actor):
        raise NotFound()
    if row.revoked_at is not None:
        return
    row.revoked_at = now
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="accounts.revoke-token",
        object_type="api_token",
        object_id=row.id,
        now=now,
    )


def token_id_by_label(session: Session, label: str) -> int:
    """A token in force, by its label or by itself. Raises `UnknownToken`, which repeats no token."""
    label = label.strip()
    if label.startswith(PREFIX):
        found = session.scalar(
            select(ApiToken.id).where(
                ApiToken.token_hash == secret_hash(label), ApiToken.revoked_at.is_(None)
            )
        )
        label = f"{PREFIX}…"
    else:
        found = _in_force(session, label)
    if found is None:
        raise UnknownToken(label=label)
    return found


def _in_force(session: Session, label: str) -> int | None:
    return session.scalar(select(ApiToken.id).where(ApiToken.label == label, ApiToken.revoked_at.is_(None)))


def _within_reach(session: Session, token_id: int, actor: Actor) -> bool:
    if actor.role is None:
        return True
    of_token = set(session.scalars(select(TokenSite.site_id).where(TokenSite.token_id == token_id)))
    return bool(of_token & actor.site_ids)
