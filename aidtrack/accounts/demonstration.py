"""The trial's people: who they are is read from the audit log, so that no list of logins is kept."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.accounts.forms import ROLES
from aidtrack.accounts.models import UserAccount
from aidtrack.audit.models import AuditEvent


def people_added_by(session: Session, label: str) -> list[UserAccount]:
    """The first active person of each role whom an actor of that label added."""
    added = select(AuditEvent.object_id).where(
        AuditEvent.action == "accounts.add", AuditEvent.actor_label == label
    )
    found = session.scalars(
        select(UserAccount)
        .where(UserAccount.id.in_(added), UserAccount.deactivated_at.is_(None))
        .order_by(UserAccount.id)
    )
    first: dict[str, UserAccount] = {}
    for account in found:
        first.setdefault(account.role.value, account)
    return [first[role.value] for role in ROLES if role.value in first]
