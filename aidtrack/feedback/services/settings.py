"""Terms, the centre's working days, the short address, and who may read sensitive entries."""

from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.models import UserAccount, UserSite
from aidtrack.db.prepared import Prepared
from aidtrack.feedback import queries
from aidtrack.feedback.commands import Grant, SetTerm, SetWeek
from aidtrack.feedback.errors import (
    CannotHandle,
    GrantOutOfBounds,
    KindMissing,
    NotToOneself,
    TermOutOfBounds,
    TermThereAlready,
    WeekEmpty,
)
from aidtrack.feedback.models import (
    FeedbackGrant,
    FeedbackSettings,
    FeedbackTerm,
    SpecialDay,
    WorkingWeek,
)
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import NotFound

LONGEST_DAYS = 366


def set_term(session: Session, command: SetTerm, *, actor: Actor, now: datetime) -> None:
    """From a day on entries of a kind are due after so many working days. Entries there are keep their day.

    Raises:
        KindMissing, TermOutOfBounds, TermThereAlready.
    """
    actor.require(Permission.CATALOGUE_MANAGE)
    if command.kind not in queries.kinds(session):
        raise KindMissing
    if not 0 <= command.working_days <= 250:
        raise TermOutOfBounds
    if any(begins == command.valid_from for begins, _days in queries.terms(session, command.kind)):
        raise TermThereAlready
    session.execute(
        insert(FeedbackTerm).values(
            kind=command.kind, valid_from=command.valid_from, working_days=command.working_days, set_by=actor.label
        )
    )  # fmt: skip
    _log(session, "feedback.set_term", {"kind": command.kind, "days": command.working_days}, actor, now)


def set_week(session: Session, command: SetWeek, *, actor: Actor, now: datetime) -> None:
    """Which days of the week are worked, from a day on.

    Raises:
        WeekEmpty, TermThereAlready.
    """
    actor.require(Permission.CATALOGUE_MANAGE)
    days = "".join(sorted(set(command.weekdays) & set("1234567")))
    if not days:
        raise WeekEmpty
    if any(begins == command.valid_from for begins, _week in queries.weeks(session)):
        raise TermThereAlready
    session.execute(
        insert(WorkingWeek).values(valid_from=command.valid_from, weekdays=days, set_by=actor.label)
    )
    _log(session, "feedback.set_week", {"from": command.valid_from.isoformat(), "days": days}, actor, now)


def set_special_day(session: Session, day: date, works: bool, *, actor: Actor, now: datetime) -> None:
    """A holiday, or a day off that is worked; said again, the last word counts."""
    actor.require(Permission.CATALOGUE_MANAGE)
    found = session.get(SpecialDay, day)
    if found is None:
        session.add(SpecialDay(day=day, works=works, set_by=actor.label))
    else:
        found.works, found.set_by = works, actor.label
    session.flush()
    _log(session, "feedback.set_day", {"day": day.isoformat(), "works": works}, actor, now)


def set_address(session: Session, address: str | None, *, actor: Actor, now: datetime) -> None:
    """The short address printed on vouchers; none: nothing is printed."""
    actor.require(Permission.CATALOGUE_MANAGE)
    shown = (address or "").strip()[:60] or None
    found = session.get(FeedbackSettings, 1)
    if found is None:
        session.add(FeedbackSettings(id=1, short_address=shown))
    else:
        found.short_address = shown
    session.flush()
    _log(session, "feedback.set_address", {"set": shown is not None}, actor, now)


def grant(session: Session, command: Grant, *, actor: Actor, now: datetime) -> int:
    """Name a colleague who may read and handle sensitive entries for some days.

    Raises:
        NotToOneself, GrantOutOfBounds, CannotHandle.
    """
    actor.require(Permission.ACCOUNTS_MANAGE)
    if actor.user_id is None or actor.user_id == command.user_id:
        raise NotToOneself
    if not 1 <= command.days <= LONGEST_DAYS:
        raise GrantOutOfBounds(days=LONGEST_DAYS)
    site_id = session.scalar(
        select(UserSite.site_id)
        .join(UserAccount, UserAccount.id == UserSite.user_id)
        .where(
            UserAccount.id == command.user_id,
            UserAccount.role.in_(queries.HANDLERS),
            UserAccount.deactivated_at.is_(None),
            UserSite.site_id.in_(actor.site_ids),
        )
        .limit(1)
    )
    if site_id is None:
        raise CannotHandle
    made = session.execute(
        insert(FeedbackGrant)
        .values(
            user_id=command.user_id, granted_by_id=actor.user_id, reason=command.reason.strip()[:300], valid_from=now,
            valid_until=now + timedelta(days=command.days),
        )
        .returning(FeedbackGrant.id)
    ).scalar_one()  # fmt: skip
    audit.record(
        session, actor=actor, action="feedback.grant", object_type="user", object_id=command.user_id, site_id=site_id,
        reason=command.reason.strip()[:300], facts={"grant_id": made, "days": command.days}, now=now,
    )  # fmt: skip
    return made


def end_grant(session: Session, grant_id: int, *, actor: Actor, now: datetime) -> None:
    """Take the right back at once."""
    actor.require(Permission.ACCOUNTS_MANAGE)
    found = session.execute(
        select(FeedbackGrant.user_id, UserSite.site_id)
        .join(UserSite, UserSite.user_id == FeedbackGrant.user_id)
        .where(
            FeedbackGrant.id == grant_id,
            FeedbackGrant.valid_until > now,
            UserSite.site_id.in_(actor.site_ids),
        )
        .limit(1)
    ).one_or_none()
    if found is None:
        raise NotFound
    session.execute(update(FeedbackGrant).where(FeedbackGrant.id == grant_id).values(valid_until=now))
    audit.record(
        session, actor=actor, action="feedback.end_grant", object_type="user", object_id=found.user_id,
        site_id=found.site_id, facts={"grant_id": grant_id}, now=now,
    )  # fmt: skip


_LIVE = Prepared(
    select(FeedbackGrant.id).where(
        FeedbackGrant.user_id == bindparam("user_id"),
        FeedbackGrant.valid_from <= bindparam("now"),
        FeedbackGrant.valid_until > bindparam("now"),
    )
)


def extra_permissions(session: Session, user_id: int, now: datetime) -> set[Permission]:
    """What a live grant adds to a person's role; asked by `accounts` at every request."""
    live = _LIVE.row(session, user_id=user_id, now=now)
    return set() if live is None else {Permission.FEEDBACK_SENSITIVE}


def _log(session: Session, action: str, facts: dict[str, object], actor: Actor, now: datetime) -> None:
    audit.record(session, actor=actor, action=action, object_type="feedback_settings", facts=facts, now=now)
