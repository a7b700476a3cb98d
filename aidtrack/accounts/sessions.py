"""Flask-Login on sessions that live in the database: the cookie holds a secret, the server the session."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Flask, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy.exc import OperationalError

from aidtrack.accounts import queries, services
from aidtrack.accounts.services.signing_in import is_stale
from aidtrack.db import read_session, unit_of_work
from aidtrack.db.session import end_reading
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import utc_now
from aidtrack.web.access import LOAD_ACTOR, LOAD_TOKEN_ACTOR, forget_actor, is_sync, known_actor
from aidtrack.web.i18n import SET_LANGUAGE

# Rooms to the right add rights that are granted to one person, such as seeing protected categories:
# callables (session, user_id, now) -> set of permissions.
EXTRA_PERMISSIONS = "aidtrack_extra_permissions"
READING_FOR = "reading_for"  # in the cookie: what personal data are read for during this session
STILL_OPEN = frozenset({"accounts.password", "accounts.sign_out", "language.choose", "static"})


class SessionUser(UserMixin):
    """What Flask-Login carries: its id is the session's secret, not the person's number."""

    def __init__(self, person: queries.SignedInPerson, secret: str) -> None:
        self.person = person
        self.secret = secret

    def get_id(self) -> str:
        return self.secret


def _load_user(secret: str) -> SessionUser | None:
    person = queries.person_of_session(read_session(), secret, now=utc_now())
    return SessionUser(person, secret) if person is not None else None


def present_user() -> SessionUser | None:
    """Whose live session the request carries, looked up once per request."""
    user = current_user._get_current_object() if current_user else None
    return user if isinstance(user, SessionUser) else None


def load_actor() -> Actor | None:
    """The signed-in person as an actor, with the rights granted to them alone."""
    user = present_user()
    if user is None:
        return None
    reading = read_session()
    grants: list[Callable[..., set[Any]]] = current_app.extensions[EXTRA_PERMISSIONS]
    now = utc_now()
    extra = frozenset().union(*(grant(reading, user.person.user_id, now) for grant in grants))
    actor = queries.actor_of_person(reading, user.person, extra=extra)
    # else a page that first asks whether a run has ended would read what was there before it ended
    end_reading()
    chosen = session.get(READING_FOR)
    return replace(actor, reading_for=chosen) if isinstance(chosen, str) else actor


def remember_language(actor: Actor, code: str) -> None:
    with unit_of_work() as writing:
        services.choose_language(writing, code, actor=actor)
    forget_actor()


def sign_in_with(secret: str) -> None:
    """Carry a session just opened. What an earlier visitor left in the cookie is dropped with it."""
    session.clear()
    user = _load_user(secret)
    if user is not None:
        login_user(user)
    forget_actor()


def sign_out() -> None:
    logout_user()
    session.clear()
    forget_actor()


def _mind_the_session() -> ResponseReturnValue | None:
    """Before a signed-in request: note that the session is used; a generated password is changed first."""
    actor = known_actor()
    if actor is None or actor.user_id is None or is_sync():
        return None
    user = present_user()
    if user is None:
        return None
    now = utc_now()
    if is_stale(user.person, now):
        try:
            with unit_of_work() as writing:
                services.keep_session_alive(writing, user.person, now=now)
        except OperationalError:
            # reading goes on while the database takes no changes
            current_app.logger.warning("the session's last use could not be written down")
    if user.person.must_change_password and request.endpoint not in STILL_OPEN:
        return redirect(url_for("accounts.password"), code=303)
    return None


def init_app(app: Flask) -> None:
    # Phones change addresses all day, so a session is not bound to one ("basic" would only mark it stale).
    app.config.setdefault("SESSION_PROTECTION", None)
    manager = LoginManager()
    manager.user_loader(_load_user)
    manager.init_app(app, add_context_processor=False)
    app.extensions[EXTRA_PERMISSIONS] = []
    app.extensions[LOAD_ACTOR] = load_actor
    app.extensions[LOAD_TOKEN_ACTOR] = services.actor_for_token
    app.extensions[SET_LANGUAGE] = remember_language
    app.before_request(_mind_the_session)
