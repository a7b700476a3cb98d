"""Who may see protected categories: a personal, dated right that nobody grants to themselves."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.models import UserAccount, UserSite
from aidtrack.beneficiaries.commands import GrantProtection
from aidtrack.beneficiaries.errors import GrantTooLong, NotACaseworker, OwnGrant
from aidtrack.beneficiaries.models import ProtectionGrant
from aidtrack.beneficiaries.services.checking import needed
from aidtrack.db.prepared import Prepared
from aidtrack.kernel.actor import Actor, Permission, Role
from aidtrack.kernel.errors import NotFound

LONGEST_DAYS = 180


def grant_protection(session: Session, command: GrantProtection, *, actor: Actor, now: datetime) -> int:
    """Let a caseworker at one of the actor's sites see protected categories for some days.

    Raises:
        OwnGrant: the actor is that caseworker, or is nobody who could be named as the granter.
    """
    actor.require(Permission.ACCOUNTS_MANAGE)
    if actor.user_id is None or actor.user_id == command.user_id:
        raise OwnGrant()
    if not 1 <= command.days <= LONGEST_DAYS:
        raise GrantTooLong(field="days", days=LONGEST_DAYS)
    site_id = session.scalar(
        select(UserSite.site_id)
        .select_from(UserAccount)
        .join(UserSite, UserSite.user_id == UserAccount.id)
        .where(
            UserAccount.id == command.user_id,
            UserAccount.role == Role.CASEWORKER,
            UserAccount.deactivated_at.is_(None),
            UserSite.site_id.in_(sorted(actor.site_ids)),
        )
        .limit(1)
    )
    if site_id is None:
        raise NotACaseworker()
    reason = needed(command.reason, 300, "reason")
    until = now + timedelta(days=command.days)
    grant_id = session.scalars(
        insert(ProtectionGrant).returning(ProtectionGrant.id),
        [
            {
                "user_id": command.user_id,
                "granted_by_id": actor.user_id,
                "reason": reason,
                "valid_from": now,
                "valid_until": until,
            }
        ],
    ).one()
    audit.record(
        session, actor=actor, action="beneficiaries.grant_protection", object_type="user",
        object_id=command.user_id, site_id=site_id, reason=reason,
        facts={"grant_id": grant_id, "valid_until": until.isoformat()}, now=now,
    )  # fmt: skip
    return grant_id


def end_grant(session: Session, grant_id: int, *, actor: Actor, now: datetime) -> None:
    """Take the right back at once. Ending one's own right needs nobody else."""
    actor.require(Permission.ACCOUNTS_MANAGE)
    found = session.execute(
        select(ProtectionGrant.user_id, UserSite.site_id)
        .join(UserSite, UserSite.user_id == ProtectionGrant.user_id)
        .where(
            ProtectionGrant.id == grant_id,
            ProtectionGrant.valid_until > now,
            UserSite.site_id.in_(sorted(actor.site_ids)),
        )
        .limit(1)
    ).one_or_none()
    if found is None:
        raise NotFound()
    session.execute(
        update(ProtectionGrant)
        .where(ProtectionGrant.id == grant_id)
        .values(valid_until=now)
        .execution_options(synchronize_session=False)
    )
    audit.record(
        session, actor=actor, action="beneficiaries.end_grant", object_type="user", object_id=found.user_id,
        site_id=found.site_id, facts={"grant_id": grant_id}, now=now,
    )  # fmt: skip


_LIVE = Prepared(
    select(ProtectionGrant.id).where(
        ProtectionGrant.user_id == bindparam("user_id"),
        ProtectionGrant.valid_from <= bindparam("now"),
        ProtectionGrant.valid_until > bindparam("now"),
    )
)


def extra_permissions(session: Session, user_id: int, now: datetime) -> set[Permission]:
    """What a live grant adds to a person's role; asked by `accounts` at every request."""
    live = _LIVE.row(session, user_id=user_id, now=now)
    return set() if live is None else {Permission.CATEGORY_PROTECTED}
