"""Flask without the work that no request of this application needs, because a queue of people waits for some.

A request with a bearer token has no cookie to read, to sign or to write; no view is a coroutine.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from aidtrack.web.access import API_PREFIX
from aidtrack.web.failures import told


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

    def log_exception(self, exc_info: Any) -> None:
        """Where it failed, without the failure's words: they may name somebody. Nor the address, for the same reason."""
        route = request.url_rule.rule if request.url_rule else "no route"
        self.logger.error("failed: %s %s\n%s", request.method, route, told(exc_info[1]))

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """As it is: Flask would ask of every function of every request whether it is a coroutine."""
        return func
