"""What every HTML or JSON adapter shares: access, problems, forms, words, headers, the layout."""

from pathlib import Path

from flask import Blueprint, Flask, g
from flask_wtf.csrf import CSRFProtect

from aidtrack.web import (
    access,
    api,
    assets,
    compiled,
    filters,
    headers,
    held,
    i18n,
    jobs,
    layout,
    problems,
    registry,
    wellformed,
)
from aidtrack.web.access import (
    actor_or_none,
    api_actor,
    check_routes,
    current_actor,
    enrolled_phone,
    forget_actor,
    public,
    requires,
    requires_any,
    safe_next,
    signed_in,
)
from aidtrack.web.api import api_blueprint, register_api
from aidtrack.web.headers import allow_wasm
from aidtrack.web.i18n import language, speak
from aidtrack.web.paging import Page, bounds, download, page_number
from aidtrack.web.problems import translate
from aidtrack.web.registry import CardLink, HomeCard, NavItem, add_home_cards, add_nav

CSRF = "aidtrack_csrf"
LARGEST_REQUEST = 16 * 1024 * 1024

__all__ = [
    "CardLink",
    "HomeCard",
    "NavItem",
    "Page",
    "actor_or_none",
    "add_home_cards",
    "add_nav",
    "allow_wasm",
    "api_actor",
    "api_blueprint",
    "bounds",
    "check_routes",
    "csrf_exempt",
    "current_actor",
    "download",
    "enrolled_phone",
    "forget_actor",
    "init_app",
    "language",
    "page_number",
    "public",
    "register_api",
    "requires",
    "requires_any",
    "safe_next",
    "signed_in",
    "speak",
    "translate",
]


def csrf_exempt(app: Flask, blueprint: Blueprint) -> None:
    """Take an API blueprint out of the form check: its requests carry a bearer token.

    A request there without a token but with a sign-in cookie must bring the token of our own pages in
    `X-CSRFToken`; `access` sees to that.
    """
    app.extensions[CSRF].exempt(blueprint)


def init_app(app: Flask) -> None:
    """Everything shared, before the rooms add their routes."""
    config = app.config.get("AIDTRACK")
    production = bool(config is not None and config.production)
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_NAME="aidtrack",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=production,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a long form must not expire under the typing hand
        WTF_I18N_ENABLED=True,
    )
    Path(app.instance_path).mkdir(parents=True, exist_ok=True)
    app.url_map.converters["int"] = wellformed.RowNumber
    registry.prepare(app)
    i18n.init_app(app)
    # first of all requests' steps, so that a signed-out form is held before its token is judged
    app.before_request(access.enforce)
    app.extensions[CSRF] = CSRFProtect(app)
    app.before_request(_form_checked)
    assets.init_app(app)
    jobs.init_app(app)
    headers.init_app(app)
    filters.init_app(app)
    layout.init_app(app)
    compiled.init_app(app)
    problems.init_app(app)
    api.init_app(app)
    app.register_blueprint(held.bp)


def _form_checked() -> None:
    """Reached only by requests whose form token was right or is not needed."""
    g.aidtrack_form_checked = True
    wellformed.check()
