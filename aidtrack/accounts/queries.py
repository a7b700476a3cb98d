"""Reads of the accounts room. Everything but sign-in itself is bounded by the actor's sites."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from aidtrack.accounts.errors import UnknownPerson, UnknownSite
from aidtrack.accounts.models import (
    ApiToken,
    Centre,
    SignInSession,
    Site,
    TokenDonor,
    TokenSite,
    UserAccount,
    UserDonor,
    UserSite,
)
from aidtrack.db import db
from aidtrack.db.prepared import Prepared, as_moment, glance
from aidtrack.kernel.actor import PERMISSIONS, Actor, Permission, Role
from aidtrack.kernel.errors import NotFound
from aidtrack.kernel.late import dataclass

IDLE = timedelta(hours=2)  # a counter stands still over lunch; longer and the phone was put away


def secret_hash(secret: str) -> bytes:
    """How a session's or token's secret is kept. It has 256 random bits: a plain hash cannot be reversed."""
    return sha256(secret.encode()).digest()


@dataclass(frozen=True, slots=True)
class SignedInPerson:
    """What a live session says about its person."""

    user_id: int
    session_id: int
    login: str
    display_name: str
    role: Role
    language: str
    must_change_password: bool
    seen_at: datetime


# Asked before every page, so they are compiled once.
_SESSION = Prepared(
    select(
        UserAccount.id, SignInSession.id, UserAccount.login, UserAccount.display_name, UserAccount.role,
        UserAccount.language, UserAccount.must_change_password, SignInSession.seen_at,
    )
    .join(UserAccount, UserAccount.id == SignInSession.user_id)
    .where(
        SignInSession.token_hash == bindparam("hash"),
        SignInSession.expires_at > bindparam("now"),
        SignInSession.seen_at > bindparam("idle_since"),
        UserAccount.deactivated_at.is_(None),
    )
)  # fmt: skip
_SITES = Prepared(select(UserSite.site_id).where(UserSite.user_id == bindparam("user_id")))
_DONORS = Prepared(select(UserDonor.donor_id).where(UserDonor.user_id == bindparam("user_id")))


def person_of_session(session: Session, secret: str, *, now: datetime) -> SignedInPerson | None:
    """Whose session this is; None when it ended, idled out, or its person was deactivated (I18)."""
    row = _SESSION.row(session, hash=secret_hash(secret), now=now, idle_since=now - IDLE)
    if row is None:
        return None
    user_id, session_id, login, display_name, role, language, must_change, seen_at = row
    return SignedInPerson(
        user_id, session_id, login, display_name, Role(role), language, bool(must_change), as_moment(seen_at)
    )


def actor_of_person(session: Session, person: SignedInPerson, *, extra: Iterable[Permission] = ()) -> Actor:
    """The signed-in person as everything else knows them; a liaison without donors sees none."""
    donors = None
    if person.role is Role.DONOR_LIAISON:
        donors = frozenset(row[0] for row in _DONORS.rows(session, user_id=person.user_id))
    return Actor(
        label=person.login,
        role=person.role,
        site_ids=frozenset(row[0] for row in _SITES.rows(session, user_id=person.user_id)),
        user_id=person.user_id,
        donor_ids=donors,
        language=person.language,
        permissions=PERMISSIONS[person.role] | frozenset(extra),
    )


_TOKEN = Prepared(
    select(ApiToken.id, ApiToken.label, ApiToken.role, TokenSite.site_id)
    .outerjoin(TokenSite, TokenSite.token_id == ApiToken.id)
    .where(ApiToken.token_hash == bindparam("hash"), ApiToken.revoked_at.is_(None))
)
_TOKEN_DONORS = Prepared(select(TokenDonor.donor_id).where(TokenDonor.token_id == bindparam("token_id")))


def actor_for_token(token: str) -> Actor | None:
    """Whom a bearer token stands for; None when it is unknown or revoked.

    In the path of every handout, and looked up each time (I18), so it is one indexed query in one message;
    only a liaison's token, which hands nothing out, costs a second one for its donors.
    """
    rows = glance(db.engine, _TOKEN, hash=secret_hash(token))
    if not rows:
        return None
    token_id, label, role = rows[0][0], rows[0][1], Role(rows[0][2])
    donors = None
    if role is Role.DONOR_LIAISON:
        donors = frozenset(row[0] for row in glance(db.engine, _TOKEN_DONORS, token_id=token_id))
    return Actor(
        label=token_label(label),
        role=role,
        site_ids=frozenset(row[3] for row in rows) - {None},
        token_id=token_id,
        donor_ids=donors,
        permissions=PERMISSIONS[role],
    )


def token_label(label: str) -> str:
    """How a token signs what it did. No login has a colon in it, so nobody is taken for a token."""
    return f"api:{label}"


# -- centre and sites --------------------------------------------------------------------------------


def centre(session: Session) -> Centre | None:
    return session.scalars(select(Centre).order_by(Centre.id).limit(1)).one_or_none()


def sites(session: Session, *, actor: Actor | None = None) -> list[Site]:
    """The sites of this actor in order of their codes; every site when nobody is named."""
    query = select(Site).order_by(Site.code)
    if actor is not None:
        query = query.where(Site.id.in_(actor.site_ids))
    return list(session.scalars(query))


def site_ids_by_code(session: Session, codes: Iterable[str]) -> frozenset[int]:
    """Codes in any case. Raises `UnknownSite` for the first one that no site has."""
    known = {code.upper(): number for code, number in session.execute(select(Site.code, Site.id))}
    wanted = [code.strip().upper() for code in codes]
    for code in wanted:
        if code not in known:
            raise UnknownSite(site=code)
    return frozenset(known[code] for code in wanted)


# -- people ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """One account as the list of people shows it."""

    user_id: int
    login: str
    display_name: str
    role: Role
    language: str
    must_change_password: bool
    created_at: datetime
    deactivated_at: datetime | None
    site_ids: frozenset[int]
    donor_ids: frozenset[int]
    last_seen_at: datetime | None

    @property
    def active(self) -> bool:
        return self.deactivated_at is None


def _shares_a_site(actor: Actor) -> ColumnElement[bool]:
    """People of the actor's sites, and people who have no site (yet)."""
    of_person = UserSite.user_id == UserAccount.id
    return or_(
        exists().where(and_(of_person, UserSite.site_id.in_(actor.site_ids))),
        ~exists().where(of_person),
    )


def _people_query() -> Select[UserAccount, datetime | None]:
    last_seen = (
        select(func.max(SignInSession.seen_at))
        .where(SignInSession.user_id == UserAccount.id)
        .scalar_subquery()
    )
    return select(UserAccount, last_seen)


def _as_people(session: Session, query: Select[UserAccount, datetime | None]) -> list[Person]:
    rows = session.execute(query).all()
    ids = [account.id for account, _ in rows]
    of_sites: dict[int, set[int]] = {}
    for user_id, site_id in session.execute(
        select(UserSite.user_id, UserSite.site_id).where(UserSite.user_id.in_(ids))
    ):
        of_sites.setdefault(user_id, set()).add(site_id)
    of_donors: dict[int, set[int]] = {}
    for user_id, donor_id in session.execute(
        select(UserDonor.user_id, UserDonor.donor_id).where(UserDonor.user_id.in_(ids))
    ):
        of_donors.setdefault(user_id, set()).add(donor_id)
    return [
        Person(
            user_id=account.id, login=account.login, display_name=account.display_name, role=account.role,
            language=account.language, must_change_password=account.must_change_password,
            created_at=account.created_at, deactivated_at=account.deactivated_at,
            site_ids=frozenset(of_sites.get(account.id, ())),
            donor_ids=frozenset(of_donors.get(account.id, ())), last_seen_at=seen,
        )
        for account, seen in rows
    ]  # fmt: skip


def people(session: Session, *, actor: Actor) -> list[Person]:
    """Everybody an administrator may see: those who share a site with them; active people first."""
    actor.require(Permission.ACCOUNTS_MANAGE)
    query = _people_query().order_by(UserAccount.deactivated_at.is_not(None), UserAccount.login)
    return _as_people(session, query if actor.role is None else query.where(_shares_a_site(actor)))


def person(session: Session, user_id: int, *, actor: Actor) -> Person:
    """One of the people above. Raises `NotFound` for anybody else."""
    actor.require(Permission.ACCOUNTS_MANAGE)
    query = _people_query().where(UserAccount.id == user_id)
    found = _as_people(session, query if actor.role is None else query.where(_shares_a_site(actor)))
    if not found:
        raise NotFound()
    return found[0]


def user_id_by_login(session: Session, login: str) -> int:
    """Raises `UnknownPerson`."""
    found = session.scalar(select(UserAccount.id).where(UserAccount.login == login.strip().lower()))
    if found is None:
        raise UnknownPerson(login=login)
    return found


def names_of(session: Session, user_ids: Iterable[int]) -> dict[int, str]:
    """The display names of colleagues, for pages that say who did something."""
    rows = session.execute(
        select(UserAccount.id, UserAccount.display_name).where(UserAccount.id.in_(set(user_ids)))
    )
    return dict(rows.all())


# -- tokens ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Token:
    """One API token as lists show it; the token itself is not kept."""

    token_id: int
    label: str
    role: Role
    created_at: datetime
    revoked_at: datetime | None
    site_ids: frozenset[int]


def tokens(session: Session, *, actor: Actor) -> list[Token]:
    """The tokens of the actor's sites, those in force first."""
    actor.require(Permission.ACCOUNTS_MANAGE)
    query = select(ApiToken).order_by(ApiToken.revoked_at.is_not(None), ApiToken.label, ApiToken.id)
    if actor.role is not None:
        of_token = TokenSite.token_id == ApiToken.id
        query = query.where(exists().where(and_(of_token, TokenSite.site_id.in_(actor.site_ids))))
    found = list(session.scalars(query))
    of_sites: dict[int, set[int]] = {}
    for token_id, site_id in session.execute(
        select(TokenSite.token_id, TokenSite.site_id).where(TokenSite.token_id.in_([one.id for one in found]))
    ):
        of_sites.setdefault(token_id, set()).add(site_id)
    return [
        Token(
            one.id, one.label, one.role, one.created_at, one.revoked_at, frozenset(of_sites.get(one.id, ()))
        )
        for one in found
    ]


def organisation(session: Session, site_id: int, language: str) -> str:
    """The centre and its site, as an official paper names whose it is."""
    centre = session.execute(select(Centre.name_uk, Centre.name_en).order_by(Centre.id).limit(1)).one()
    site = session.execute(select(Site.name_uk, Site.name_en).where(Site.id == site_id)).one()
    names = [row.name_uk if language == "uk" else row.name_en for row in (centre, site)]
    return names[0] if names[0] == names[1] else ", ".join(names)
