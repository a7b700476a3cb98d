"""Managing the people who sign in. Every change writes its audit row; nothing is ever deleted."""

import re
from collections.abc import Iterable
from dataclasses import field
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts import queries
from aidtrack.accounts.commands import AddPerson, ChangePerson
from aidtrack.accounts.errors import (
    BadLogin,
    DonorNeeded,
    LastAdministrator,
    LoginTaken,
    NotYourself,
    SiteNeeded,
    UnknownSite,
    WorksElsewhereToo,
    WrongPassword,
)
from aidtrack.accounts.models import SignInSession, Site, UserAccount, UserDonor, UserSite
from aidtrack.accounts.passwords import ChangedPassword, NewPassword
from aidtrack.kernel.actor import Actor, Permission, Role
from aidtrack.kernel.errors import Forbidden
from aidtrack.kernel.late import dataclass

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
LANGUAGES = ("uk", "en")


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who can sign in from now on. The password exists nowhere else: show it once."""

    user_id: int
    login: str
    password: str | None = field(
        repr=False
    )  # None when the same command came again: it cannot be shown twice


def create_user(
    session: Session, command: AddPerson, *, password: NewPassword, actor: Actor, now: datetime
) -> NewPerson:
    """Add a person with a generated password, which they change at the first sign-in.

    Raises:
        BadLogin, LoginTaken, SiteNeeded, DonorNeeded, UnknownSite
    """
    actor.require(Permission.ACCOUNTS_MANAGE)
    login = command.login.strip().lower()
    if command.command_id is not None:
        before = audit.already_done(
            session, command_id=command.command_id, kind="accounts.add", body=command.body()
        )
        if before is not None and before.object_id is not None:
            return NewPerson(before.object_id, login, None)
    if not LOGIN.fullmatch(login):
        raise BadLogin()
    if session.scalar(select(UserAccount.id).where(UserAccount.login == login)) is not None:
        raise LoginTaken(login=login)
    _check_reach(session, command.role, command.site_ids, command.donor_ids, actor=actor)
    account = UserAccount(
        login=login,
        display_name=command.display_name.strip() or login,
        role=command.role,
        password_hash=password.hash,
        language=command.language if command.language in LANGUAGES else LANGUAGES[0],
        must_change_password=command.must_change_password,
        created_at=now,
        deactivated_at=None,
    )
    session.add(account)
    session.flush()  # for its id
    _set_reach(session, account.id, command.role, command.site_ids, command.donor_ids)
    _record(session, "accounts.add", account, actor=actor, now=now, facts=command.body())
    if command.command_id is not None:
        audit.mark_done(
            session, command_id=command.command_id, kind="accounts.add", body=command.body(),
            object_id=account.id, actor=actor, now=now,
        )  # fmt: skip
    return NewPerson(account.id, login, password.text)


def change_person(session: Session, command: ChangePerson, *, actor: Actor, now: datetime) -> None:
    """Change a person's name, role, sites and donors. They hold from their next request on.

    Raises:
        NotYourself: nobody changes their own role or sites.
        LastAdministrator: the last one would lose the role.
    """
    account = _for_change(session, command.user_id, actor=actor)
    before = queries.person(session, command.user_id, actor=actor)
    donor_ids = command.donor_ids if command.role is Role.DONOR_LIAISON else frozenset()
    reach_changes = (before.role, before.site_ids, before.donor_ids) != (
        command.role,
        command.site_ids,
        donor_ids,
    )
    if reach_changes and account.id == actor.user_id:
        raise NotYourself(field="role")
    _check_reach(session, command.role, command.site_ids, donor_ids, actor=actor)
    if before.role is Role.ADMINISTRATOR and command.role is not Role.ADMINISTRATOR and before.active:
        _another_administrator_stays(session, account.id)
    account.display_name = command.display_name.strip() or account.login
    account.role = command.role
    session.flush()
    session.execute(delete(UserSite).where(UserSite.user_id == account.id))
    session.execute(delete(UserDonor).where(UserDonor.user_id == account.id))
    _set_reach(session, account.id, command.role, command.site_ids, donor_ids)
    facts = {
        "role": [before.role.value, command.role.value],
        "site_ids": [sorted(before.site_ids), sorted(command.site_ids)],
        "donor_ids": [sorted(before.donor_ids), sorted(donor_ids)],
    }
    _record(session, "accounts.change", account, actor=actor, now=now, facts=facts)


def deactivate_user(session: Session, user_id: int, *, actor: Actor, now: datetime) -> None:
    """Close an account: it signs in no more and its open sessions end at once (I18).

    Raises:
        NotYourself, LastAdministrator
    """
    account = _for_change(session, user_id, actor=actor)
    if account.deactivated_at is not None:
        return
    if account.id == actor.user_id:
        raise NotYourself()
    if account.role is Role.ADMINISTRATOR:
        _another_administrator_stays(session, account.id)
    account.deactivated_at = now
    session.flush()
    _end_sessions(session, account.id)
    _record(session, "accounts.deactivate", account, actor=actor, now=now)


def reactivate_user(
    session: Session, user_id: int, *, password: NewPassword, actor: Actor, now: datetime
) -> NewPerson:
    """Open a closed account again, with a new password: the old one may be known to others by now."""
    account = _for_change(session, user_id, actor=actor)
    account.deactivated_at = None
    _give_password(session, account, password)
    _record(session, "accounts.reactivate", account, actor=actor, now=now)
    return NewPerson(account.id, account.login, password.text)


def reset_password(
    session: Session, user_id: int, *, password: NewPassword, actor: Actor, now: datetime
) -> NewPerson:
    """Give a person a new generated password; their open sessions end.

    Raises:
        NotYourself: one's own is changed on one's own page, with the old one.
    """
    account = _for_change(session, user_id, actor=actor)
    if account.id == actor.user_id:
        raise NotYourself()
    _give_password(session, account, password)
    _record(session, "accounts.reset-password", account, actor=actor, now=now)
    return NewPerson(account.id, account.login, password.text)


def give_trial_password(
    session: Session, user_id: int, *, password: NewPassword, actor: Actor, now: datetime
) -> NewPerson:
    """A new password for one of the demonstration's people, printed at the start of a trial.

    They need not change it, and their open pages stay signed in over a restart.
    """
    account = _for_change(session, user_id, actor=actor)
    account.password_hash = password.hash
    account.must_change_password = False
    session.flush()
    _record(session, "accounts.reset-password", account, actor=actor, now=now)
    return NewPerson(account.id, account.login, password.text)


def change_own_password(
    session: Session,
    changed: ChangedPassword,
    *,
    actor: Actor,
    now: datetime,
    keep_session_id: int | None = None,
) -> None:
    """Set one's own password; every other session of the account ends.

    Raises:
        WrongPassword: it was changed elsewhere since the old one was judged.
    """
    account = _own(session, actor)
    if account.password_hash != changed.old_hash:
        raise WrongPassword()
    account.password_hash = changed.new_hash
    account.must_change_password = False
    session.flush()
    _end_sessions(session, account.id, except_id=keep_session_id)
    _record(session, "accounts.change-password", account, actor=actor, now=now)


def choose_language(session: Session, language: str, *, actor: Actor) -> None:
    """Remember the language for the next sign-in too. A taste, not an act: no audit row."""
    if actor.user_id is not None and language in LANGUAGES:
        _own(session, actor).language = language
        session.flush()


# -- parts -------------------------------------------------------------------------------------------


def _own(session: Session, actor: Actor) -> UserAccount:
    if actor.user_id is None:
        raise Forbidden()
    return session.scalars(select(UserAccount).where(UserAccount.id == actor.user_id).with_for_update()).one()


def _for_change(session: Session, user_id: int, *, actor: Actor) -> UserAccount:
    """Lock an account the actor may manage: one that works at no site but theirs."""
    found = queries.person(session, user_id, actor=actor)  # NotFound outside the actor's sites
    if actor.role is not None and not found.site_ids <= actor.site_ids:
        raise WorksElsewhereToo()
    return session.scalars(select(UserAccount).where(UserAccount.id == user_id).with_for_update()).one()


def _check_reach(
    session: Session, role: Role, site_ids: Iterable[int], donor_ids: Iterable[int], *, actor: Actor
) -> None:
    wanted = frozenset(site_ids)
    if not wanted:
        raise SiteNeeded()
    known = frozenset(session.scalars(select(Site.id).where(Site.id.in_(wanted))))
    allowed = known if actor.role is None else known & actor.site_ids
    for site_id in sorted(wanted - allowed):
        raise UnknownSite(site=site_id)
    if role is Role.DONOR_LIAISON and not frozenset(donor_ids):
        raise DonorNeeded()


def _set_reach(
    session: Session, user_id: int, role: Role, site_ids: Iterable[int], donor_ids: Iterable[int]
) -> None:
    session.execute(insert(UserSite), [{"user_id": user_id, "site_id": one} for one in sorted(site_ids)])
    if role is Role.DONOR_LIAISON:
        session.execute(
            insert(UserDonor), [{"user_id": user_id, "donor_id": one} for one in sorted(donor_ids)]
        )


def _another_administrator_stays(session: Session, user_id: int) -> None:
    """Lock every active administrator before counting, so that two cannot close each other at once."""
    active = session.scalars(
        select(UserAccount.id)
        .where(UserAccount.role == Role.ADMINISTRATOR, UserAccount.deactivated_at.is_(None))
        .order_by(UserAccount.id)
        .with_for_update()
    ).all()
    if not set(active) - {user_id}:
        raise LastAdministrator()


def _give_password(session: Session, account: UserAccount, password: NewPassword) -> None:
    account.password_hash = password.hash
    account.must_change_password = True
    session.flush()
    _end_sessions(session, account.id)


def _end_sessions(session: Session, user_id: int, *, except_id: int | None = None) -> None:
    query = delete(SignInSession).where(SignInSession.user_id == user_id)
    session.execute(query if except_id is None else query.where(SignInSession.id != except_id))


def _record(
    session: Session,
    action: str,
    account: UserAccount,
    *,
    actor: Actor,
    now: datetime,
    facts: dict[str, object] | None = None,
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        object_type="user_account",
        object_id=account.id,
        facts=facts,
        now=now,
    )
