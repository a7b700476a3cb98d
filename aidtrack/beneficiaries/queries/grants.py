"""Who has the right to see protected categories, at the actor's sites."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from aidtrack.accounts.models import UserAccount, UserSite
from aidtrack.beneficiaries.models import ProtectionGrant
from aidtrack.kernel.actor import Actor, Role
from aidtrack.kernel.late import dataclass


@dataclass(frozen=True, slots=True)
class GrantRow:
    id: int
    caseworker: str
    granted_by: str
    reason: str
    valid_from: datetime
    valid_until: datetime


def caseworkers(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Active caseworkers at the actor's sites, by name; never the actor."""
    rows = session.execute(
        select(UserAccount.id, UserAccount.display_name, UserAccount.login)
        .join(UserSite, UserSite.user_id == UserAccount.id)
        .where(
            UserAccount.role == Role.CASEWORKER,
            UserAccount.deactivated_at.is_(None),
            UserAccount.id != (actor.user_id or 0),
            UserSite.site_id.in_(sorted(actor.site_ids)),
        )
        .distinct()
        .order_by(UserAccount.display_name, UserAccount.id)
    )
    return [(user_id, f"{display_name} ({login})") for user_id, display_name, login in rows]


def live_grants(session: Session, actor: Actor, now: datetime) -> list[GrantRow]:
    """Grants that count now, those that end first first."""
    granter = aliased(UserAccount)
    at_site = select(UserSite.user_id).where(UserSite.site_id.in_(sorted(actor.site_ids)))
    rows = session.execute(
        select(
            ProtectionGrant.id,
            UserAccount.login,
            granter.login,
            ProtectionGrant.reason,
            ProtectionGrant.valid_from,
            ProtectionGrant.valid_until,
        )
        .join(UserAccount, UserAccount.id == ProtectionGrant.user_id)
        .join(granter, granter.id == ProtectionGrant.granted_by_id)
        .where(ProtectionGrant.valid_until > now, ProtectionGrant.user_id.in_(at_site))
        .order_by(ProtectionGrant.valid_until, ProtectionGrant.id)
    )
    return [GrantRow(*row) for row in rows]
