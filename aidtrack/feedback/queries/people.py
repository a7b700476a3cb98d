"""Who may handle an entry, whom one may concern, and who is named for sensitive ones."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from aidtrack.accounts.models import UserAccount, UserSite
from aidtrack.feedback.models import (
    Feedback,
    FeedbackGrant,
)
from aidtrack.feedback.queries.register import OPEN, Rows
from aidtrack.kernel.actor import Actor, Role
from aidtrack.kernel.late import dataclass

HANDLERS = (Role.CASEWORKER,)


def colleagues(session: Session, site_ids: Collection[int]) -> list[tuple[int, str]]:
    """Everybody who works at these sites: whom a complaint may concern."""
    statement = (
        select(UserAccount.id, UserAccount.display_name)
        .join(UserSite, UserSite.user_id == UserAccount.id)
        .where(UserSite.site_id.in_(site_ids), UserAccount.role != Role.DONOR_LIAISON)
        .distinct()
        .order_by(UserAccount.display_name, UserAccount.id)
    )
    return [(row.id, row.display_name) for row in session.execute(statement)]


def handlers(
    session: Session, site_id: int, *, sensitive: bool, but: int | None, now: datetime
) -> list[tuple[int, str]]:
    """Who may handle such an entry at the site, never its subject."""
    statement = (
        select(UserAccount.id, UserAccount.display_name)
        .join(UserSite, UserSite.user_id == UserAccount.id)
        .where(
            UserSite.site_id == site_id,
            UserAccount.role.in_(HANDLERS),
            UserAccount.deactivated_at.is_(None),
            UserAccount.id != (but or 0),
        )
        .order_by(UserAccount.display_name, UserAccount.id)
    )
    if sensitive:
        statement = statement.where(UserAccount.id.in_(_granted(now)))
    return [(row.id, row.display_name) for row in session.execute(statement)]


def _granted(now: datetime) -> Rows:
    return select(FeedbackGrant.user_id).where(
        FeedbackGrant.valid_from <= now, FeedbackGrant.valid_until > now
    )


@dataclass(frozen=True, slots=True)
class GrantRow:
    id: int
    person: str
    granted_by: str
    reason: str
    valid_until: datetime


def grants(session: Session, actor: Actor, now: datetime) -> list[GrantRow]:
    granter = aliased(UserAccount)
    at_site = select(UserSite.user_id).where(UserSite.site_id.in_(actor.site_ids))
    statement = (
        select(
            FeedbackGrant.id,
            UserAccount.display_name,
            granter.display_name,
            FeedbackGrant.reason,
            FeedbackGrant.valid_until,
        )
        .join(UserAccount, UserAccount.id == FeedbackGrant.user_id)
        .join(granter, granter.id == FeedbackGrant.granted_by_id)
        .where(FeedbackGrant.valid_until > now, FeedbackGrant.user_id.in_(at_site))
        .order_by(FeedbackGrant.valid_until, FeedbackGrant.id)
    )
    return [GrantRow(*row) for row in session.execute(statement)]


def nobody_reads_sensitive(session: Session, actor: Actor, now: datetime) -> bool:
    """Whether open sensitive entries of the actor's sites wait where nobody named may read them."""
    able = (
        select(UserSite.site_id)
        .join(UserAccount, UserAccount.id == UserSite.user_id)
        .where(UserAccount.deactivated_at.is_(None), UserAccount.id.in_(_granted(now)))
        .where(
            UserSite.site_id == Feedback.site_id,
            or_(Feedback.about_user_id.is_(None), Feedback.about_user_id != UserAccount.id),
        )
    )
    statement = select(Feedback.id).where(
        Feedback.sensitive, Feedback.state.in_(OPEN), Feedback.site_id.in_(actor.site_ids), ~able.exists()
    )
    return session.execute(statement.limit(1)).first() is not None
