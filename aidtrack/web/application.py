"""Flask without the work that no request of this application needs, because a queue of people waits for some.

A request with a bearer token has no cookie to read, to sign or to write; no view is a coroutine.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from aidtrack.web.access import API_PREFIX


class NoCookie(SecureCookieSession):
    """The empty session of a program's request: whatever is put there ends with it."""


class Cookies(SecureCookieSessionInterface):
    """Flask's signed cookie for people; nothing for programs that show a token."""

    null_session_class = NoCookie  # type: ignore[assignment]  # it may be written to, and is never saved

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if "HTTP_AUTHORIZATION" in request.environ and request.path.startswith(API_PREFIX):
            return NoCookie()
        return super().open_session(app, request)


class Application(Flask):
    """The application's class; see the module."""

    session_interface = Cookies()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """As it is: Flask would ask of every function of every request whether it is a coroutine."""
        return func
