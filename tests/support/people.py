"""Somebody signed in, for tests of any room: a person with a role, and clients that act as them."""

import itertools
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aidtrack.accounts import passwords, services
from aidtrack.accounts.commands import AddPerson, AddSite, AddToken, SetUpCentre
from aidtrack.accounts.models import Centre, SignInSession, Site
from aidtrack.accounts.queries import secret_hash
from aidtrack.beneficiaries.models import Collector
from aidtrack.db import unit_of_work
from aidtrack.kernel.actor import PERMISSIONS, Actor, Role, system_actor
from aidtrack.kernel.clock import utc_now

OPERATOR = system_actor("test")
NO_DONOR = frozenset({999_999})
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Somebody:
    """A person who can sign in, and the actor they are."""

    user_id: int
    login: str
    password: str
    actor: Actor


def add_site(session: Session, code: str = "DN") -> int:
    """The site of that code; made, with the centre, when it is not there."""
    found = session.scalar(select(Site.id).where(Site.code == code))
    if found is not None:
        return found
    now = datetime.now(UTC)
    if session.scalar(select(Centre.id)) is None:
        services.set_up_centre(session, SetUpCentre("Центр", "Centre"), actor=OPERATOR, now=now)
    command = AddSite(code=code, name_uk=f"Майданчик {code}", name_en=f"Site {code}")
    return services.add_site(session, command, actor=OPERATOR, now=now).id


def add_person(
    session: Session,
    role: Role,
    *,
    site_ids: Iterable[int],
    donor_ids: Iterable[int] = (),
    login: str | None = None,
    must_change_password: bool = False,
) -> Somebody:
    """A person of that role. They need not change their password unless the test is about it.

    A liaison for whom no donor is named serves one that gave nothing.
    """
    sites, donors = frozenset(site_ids), frozenset(donor_ids)
    if role is Role.DONOR_LIAISON and not donors:
        donors = NO_DONOR
    made = services.create_user(
        session,
        AddPerson(
            login=login or f"{role.value}-{next(_numbers)}",
            display_name=f"Test {role.value}",
            role=role,
            site_ids=sites,
            donor_ids=donors,
            must_change_password=must_change_password,
        ),
        password=passwords.new_password(),
        actor=OPERATOR,
        now=datetime.now(UTC),
    )
    assert made.password is not None
    actor = Actor(
        label=made.login, role=role, site_ids=sites, user_id=made.user_id,
        donor_ids=donors if role is Role.DONOR_LIAISON else None, permissions=PERMISSIONS[role],
    )  # fmt: skip
    return Somebody(made.user_id, made.login, made.password, actor)


def sign_in(app: Flask, who: Somebody) -> FlaskClient:
    """A client with a live session of this person: what signing in leaves behind, without its cost."""
    secret = secrets.token_urlsafe(32)
    now = utc_now()  # the product's own: a test may have set it on another hour
    with app.app_context(), unit_of_work() as session:
        session.execute(
            insert(SignInSession).values(
                token_hash=secret_hash(secret), user_id=who.user_id, created_at=now, seen_at=now,
                expires_at=now + timedelta(hours=12),
            )
        )  # fmt: skip
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = secret
        cookie["_fresh"] = True
        cookie["who"] = who.login
    return client


def client_as(
    app: Flask, role: Role, *, site: str = "DN", donor_ids: Iterable[int] = ()
) -> tuple[FlaskClient, Somebody]:
    """A new person of that role at that site (made when it is not there), already signed in."""
    with app.app_context(), unit_of_work() as session:
        who = add_person(session, role, site_ids=[add_site(session, site)], donor_ids=donor_ids)
    return sign_in(app, who), who


def bearer(app: Flask, role: Role, *, site: str = "DN", donor_ids: Iterable[int] = ()) -> dict[str, str]:
    """Headers of a program with a token of that role at that site."""
    with app.app_context(), unit_of_work() as session:
        made = services.add_token(
            session,
            AddToken(
                label=f"{role.value}-{next(_numbers)}",
                role=role,
                site_ids=frozenset({add_site(session, site)}),
                donor_ids=frozenset(donor_ids) or (NO_DONOR if role is Role.DONOR_LIAISON else frozenset()),
            ),
            actor=OPERATOR,
            now=datetime.now(UTC),
        )
    return {"Authorization": f"Bearer {made.token}"}


def may_collect(session: Session, household_id: int, name: str, *, since: date = date(2022, 1, 1)) -> None:
    """Name somebody besides the head, as a bare row."""
    now = datetime.now(UTC)
    row = {"household_id": household_id, "name": name, "valid_from": since, "added_at": now, "added_by": "x"}
    session.execute(insert(Collector).values(row))
