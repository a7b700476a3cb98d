"""Signing in: count the attempt, judge the password outside the transaction, open a session.

An adapter does three things in turn: `begin_attempt` in a unit of work of its own (so that a failed try
is counted whatever follows), `credentials` and `passwords.matches` with no transaction open (hashing is
slow on purpose, and SQLite has one writer), and `open_session` in a second unit of work.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from aidtrack import audit
from aidtrack.accounts.errors import TooManyAttempts, WrongSignIn
from aidtrack.accounts.models import SignInAttempt, SignInSession, UserAccount
from aidtrack.accounts.queries import SignedInPerson, secret_hash
from aidtrack.db.vault import current_vault
from aidtrack.kernel.actor import PERMISSIONS, Actor
from aidtrack.kernel.late import dataclass

LIVES = timedelta(hours=12)  # a working day
TOUCH = timedelta(minutes=1)  # how exactly we know when somebody was last seen

# Failed tries within this time are counted. A person at one address is stopped soon; a login tried from
# everywhere later, so that a stranger cannot easily lock a colleague out.
WINDOW = timedelta(minutes=15)
MOST_PER_LOGIN_AND_ADDRESS = 5
MOST_PER_LOGIN = 25
MOST_PER_ADDRESS = 50


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a typed password is compared with. `password_hash` None: nobody signs in like that."""

    user_id: int | None
    password_hash: str | None


def _subjects(login: str, address: str) -> dict[bytes, int]:
    """What is counted, as keyed hashes (an address tells who was where), and how often it may fail."""
    digest = current_vault().digest
    return {
        digest(f"{login}\0{address}", "sign_in.login_and_address"): MOST_PER_LOGIN_AND_ADDRESS,
        digest(login, "sign_in.login"): MOST_PER_LOGIN,
        digest(address, "sign_in.address"): MOST_PER_ADDRESS,
    }


def begin_attempt(session: Session, *, login: str, address: str, now: datetime) -> None:
    """Count one try before it is judged, so that tries made at the same moment all count.

    Raises:
        TooManyAttempts: with the seconds to wait. Such a try is not counted: waiting always ends.
    """
    wait = count_try(session, _subjects(login.strip().lower(), address), now=now)
    if wait > 0:
        raise TooManyAttempts(retry_after_s=wait)


def count_try(session: Session, subjects: Mapping[bytes, int], *, now: datetime) -> int:
    """Count one try against each subject (a keyed hash, and how many tries it has); the seconds to wait, or 0.

    A try that must wait is not counted: waiting always ends. Public pages are slowed down by it too.
    """
    session.execute(delete(SignInAttempt).where(SignInAttempt.at <= now - WINDOW))
    if session.get_bind().dialect.name == "postgresql":
        for subject in sorted(subjects):  # SQLite has one writer anyway
            key = int.from_bytes(subject[:8], signed=True)
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
    wait = max(_seconds_to_wait(session, subject, most, now) for subject, most in subjects.items())
    if wait > 0:
        return wait
    session.execute(insert(SignInAttempt), [{"subject_hash": subject, "at": now} for subject in subjects])
    return 0


def _seconds_to_wait(session: Session, subject: bytes, most: int, now: datetime) -> int:
    """Until the oldest of the last `most` tries has left the window; 0 when there are fewer."""
    oldest = session.scalar(
        select(SignInAttempt.at)
        .where(SignInAttempt.subject_hash == subject)
        .order_by(SignInAttempt.at.desc())
        .offset(most - 1)
        .limit(1)
    )
    return 0 if oldest is None else max(1, int((oldest + WINDOW - now).total_seconds()))


def credentials(session: Session, login: str) -> Credentials:
    """The hash to compare with; a closed account looks like one that never was."""
    row = session.execute(
        select(UserAccount.id, UserAccount.password_hash).where(
            UserAccount.login == login.strip().lower(), UserAccount.deactivated_at.is_(None)
        )
    ).one_or_none()
    return Credentials(None, None) if row is None else Credentials(row[0], row[1])


def open_session(
    session: Session,
    found: Credentials,
    *,
    address: str,
    now: datetime,
    new_hash: str | None = None,
) -> str:
    """Open a session for somebody whose password has just been found right; gives its secret.

    Args:
        new_hash: the same password hashed at today's cost, where the stored hash is older.

    Raises:
        WrongSignIn: the account was closed or its password changed since the comparison.
    """
    account = session.scalars(
        select(UserAccount).where(UserAccount.id == found.user_id).with_for_update()
    ).one_or_none()
    if account is None or account.deactivated_at is not None or account.password_hash != found.password_hash:
        raise WrongSignIn()
    if new_hash is not None:
        account.password_hash = new_hash
        session.flush()  # the unit of work does not flush before the statements below
    # A colleague's right password says nothing about the address's other tries: only their own are forgotten.
    digest = current_vault().digest
    mine = (
        digest(f"{account.login}\0{address}", "sign_in.login_and_address"),
        digest(account.login, "sign_in.login"),
    )
    session.execute(delete(SignInAttempt).where(SignInAttempt.subject_hash.in_(mine)))
    session.execute(delete(SignInSession).where(SignInSession.expires_at <= now))
    secret = secrets.token_urlsafe(32)
    session.execute(
        insert(SignInSession).values(
            token_hash=secret_hash(secret),
            user_id=account.id,
            created_at=now,
            seen_at=now,
            expires_at=now + LIVES,
        )
    )
    actor = Actor(
        label=account.login, role=account.role, site_ids=frozenset(), user_id=account.id,
        permissions=PERMISSIONS[account.role],
    )  # fmt: skip
    audit.record(
        session,
        actor=actor,
        action="accounts.sign-in",
        object_type="user_account",
        object_id=account.id,
        now=now,
    )
    return secret


def end_session(session: Session, secret: str, *, actor: Actor, now: datetime) -> None:
    """Sign out: the cookie's secret opens nothing any more, wherever a copy of it lies."""
    session.execute(delete(SignInSession).where(SignInSession.token_hash == secret_hash(secret)))
    audit.record(
        session,
        actor=actor,
        action="accounts.sign-out",
        object_type="user_account",
        object_id=actor.user_id,
        now=now,
    )


def is_stale(person: SignedInPerson, now: datetime) -> bool:
    """Whether it is time to write down that this session is in use."""
    return now - person.seen_at >= TOUCH


def keep_session_alive(session: Session, person: SignedInPerson, *, now: datetime) -> None:
    session.execute(update(SignInSession).where(SignInSession.id == person.session_id).values(seen_at=now))


def live_sessions(session: Session, user_id: int) -> int:
    return session.scalar(select(func.count()).where(SignInSession.user_id == user_id)) or 0
