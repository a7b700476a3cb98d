"""Every route declares who may use it; one function before the request enforces the declaration.

The decorators only mark a view; `enforce` judges before anything of the request is read. So the order of
decorators does not matter, and `check_routes` refuses to start with a view that declares nothing.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from flask import Flask, current_app, has_request_context, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import validate_csrf
from wtforms.validators import ValidationError

from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.errors import N_, DomainError, Forbidden
from aidtrack.kernel.late import dataclass

LOAD_ACTOR = "aidtrack_load_actor"
LOAD_TOKEN_ACTOR = "aidtrack_load_token_actor"  # noqa: S105  (the name of a hook)
LOAD_DEVICE_ACTOR = "aidtrack_load_device_actor"
API_PREFIX = "/api/"
SYNC_PREFIX = "/sync/"  # what enrolled phones speak (docs/sync.md)
SIGN_IN = "/sign-in"
MARK = "aidtrack_access"
ACTOR = "actor"
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

View = TypeVar("View", bound=Callable[..., Any])
Found = TypeVar("Found")


class SignInNeeded(DomainError):
    """Nobody is signed in, or the token is unknown or revoked."""

    code = "sign_in_needed"
    status = 401
    text = N_("Sign in first.")


class NotFromOurPage(DomainError):
    """A writing request to the API came with a sign-in cookie and without our pages' token."""

    code = "form_not_verified"
    status = 400
    text = N_("The form could not be checked. Go back, reload the page and send it again.")


class Rule(Enum):
    PUBLIC = "public"
    SIGNED_IN = "signed in"
    DEVICE = "enrolled phone"
    ALL = "all of"
    ANY = "any of"


@dataclass(frozen=True, slots=True)
class Access:
    """What a route asks of the person: kept on the view, read by `enforce` and by the tests."""

    rule: Rule
    permissions: tuple[Permission, ...] = ()

    def allows(self, actor: Actor) -> bool:
        if self.rule is Rule.ALL:
            return all(actor.can(permission) for permission in self.permissions)
        if self.rule is Rule.ANY:
            return any(actor.can(permission) for permission in self.permissions)
        return self.rule is not Rule.DEVICE  # no role makes a phone of anybody


def _marks(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, MARK, access)
        return view

    return mark


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Only for people who hold all of these permissions. The site is judged by the service."""
    assert permissions, "requires() without a permission: say @signed_in"
    return _marks(Access(Rule.ALL, permissions))


def requires_any(*permissions: Permission) -> Callable[[View], View]:
    """Only for people who hold at least one of these permissions."""
    assert permissions, "requires_any() without a permission: say @signed_in"
    return _marks(Access(Rule.ANY, permissions))


def public(view: View) -> View:
    """For everybody, signed in or not."""
    return _marks(Access(Rule.PUBLIC))(view)


def signed_in(view: View) -> View:
    """For everybody who is signed in, whatever their role."""
    return _marks(Access(Rule.SIGNED_IN))(view)


def enrolled_phone(view: View) -> View:
    """For an enrolled phone that signed the request (docs/sync.md), and for nobody who signed in."""
    return _marks(Access(Rule.DEVICE))(view)


# -- who asks ----------------------------------------------------------------------------------------


def is_api() -> bool:
    return request.path.startswith(API_PREFIX)


def is_sync() -> bool:
    return request.path.startswith(SYNC_PREFIX)


def api_actor() -> Actor | None:
    """Whom the bearer token stands for; None without one, or when it is unknown or revoked."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    load: Callable[[str], Actor | None] | None = current_app.extensions.get(LOAD_TOKEN_ACTOR)
    if scheme.lower() != "bearer" or not token.strip() or load is None:
        return None
    return load(token.strip())


def _session_actor() -> Actor | None:
    load: Callable[[], Actor | None] | None = current_app.extensions.get(LOAD_ACTOR)
    return load() if load is not None else None


def of_this_request() -> dict[str, Any]:
    """What is looked up once per request. Not `g`: that is shared by all requests inside one app context."""
    kept: dict[str, Any] = request.environ.setdefault("aidtrack", {})
    return kept


def once(name: str, find: Callable[[], Found]) -> Found:
    """What several parts of one page ask for, looked up once: lists and names that nobody changes meanwhile."""
    if not has_request_context():
        return find()  # printed in the background
    kept = of_this_request()
    if name not in kept:
        kept[name] = find()
    found: Found = kept[name]
    return found


def actor_or_none() -> Actor | None:
    """Who asks, looked up once per request: a token's actor or the person signed in."""
    kept = of_this_request()
    if ACTOR not in kept:
        kept[ACTOR] = _find_actor()
    actor: Actor | None = kept[ACTOR]
    return actor


def _find_actor() -> Actor | None:
    if is_sync():
        return None  # a cookie of the phone's browser says nothing here; `enforce` sets who signed
    if not is_api():
        return _session_actor()
    if "Authorization" in request.headers:
        return api_actor()
    return _session_actor()


def current_actor() -> Actor:
    """Who asks; raises `SignInNeeded` where nobody does."""
    actor = actor_or_none()
    if actor is None:
        raise SignInNeeded()
    return actor


def known_actor() -> Actor | None:
    """Who asks if that was looked up already; never looks it up itself (a style sheet needs nobody)."""
    found: Actor | None = of_this_request().get(ACTOR)
    return found


def forget_actor() -> None:
    """After signing in or out within a request: look again."""
    of_this_request().pop(ACTOR, None)


def nobody_now() -> None:
    """Answer the rest of this request without asking the database who it is."""
    of_this_request()[ACTOR] = None


# -- judging -----------------------------------------------------------------------------------------


def access_of(app: Flask, endpoint: str, method: str) -> Access | None:
    """What the view behind an endpoint declares; for class views, what its method (or class) declares."""
    view = app.view_functions.get(endpoint)
    view_class = getattr(view, "view_class", None)
    if view_class is not None:
        name = method.lower()
        handler = getattr(view_class, name, None)
        if handler is None and name == "head":
            handler = getattr(view_class, "get", None)
        found = getattr(handler, MARK, None) or getattr(view_class, MARK, None)
    else:
        found = getattr(view, MARK, None)
    return found if isinstance(found, Access) else None


def enforce() -> ResponseReturnValue | None:
    """Judge the request before anything else does. Registered by `web.init_app`."""
    if request.endpoint is None or request.method == "OPTIONS":
        return None  # unknown addresses and methods have their own answers
    access = access_of(current_app, request.endpoint, request.method)
    if access is None:
        raise Forbidden(endpoint=request.endpoint)
    if access.rule is Rule.PUBLIC:
        return None
    if access.rule is Rule.DEVICE:
        load: Callable[[], Actor] = current_app.extensions[LOAD_DEVICE_ACTOR]
        of_this_request()[ACTOR] = load()
        return None
    actor = actor_or_none()
    if actor is None:
        return ask_to_sign_in()
    if is_api() and request.method in WRITING and "Authorization" not in request.headers:
        _check_page_token()
    if not access.allows(actor):
        raise Forbidden(permission=" ".join(permission.value for permission in access.permissions))
    if actor.user_id is not None and not is_api() and session.get("who") != actor.label:
        session["who"] = actor.label  # whose typing a held form is, when the session ends in its middle
    return None


def _check_page_token() -> None:
    """API blueprints are exempt from the form check, so a cookie alone must not write."""
    try:
        validate_csrf(request.headers.get("X-CSRFToken"))
    except ValidationError:
        raise NotFromOurPage() from None


def ask_to_sign_in() -> ResponseReturnValue:
    """A page is sent to sign-in and comes back; a form's fields are held meanwhile; a program gets 401."""
    from aidtrack.web import held
    from aidtrack.web.problems import wants_json

    if wants_json():
        raise SignInNeeded()
    if request.method in WRITING:
        return held.hold_and_sign_in()
    target = safe_next(request.full_path.rstrip("?"))
    where = f"{SIGN_IN}?{urlencode({'next': target})}" if target != "/" else SIGN_IN
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": where}
    return redirect(where, code=303)


def safe_next(target: str | None, default: str = "/") -> str:
    """An address inside this site, or the default: nobody is sent elsewhere by a crafted link."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    if any(ord(character) < 33 or character == "\\" for character in target):
        return default
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or parts.path.rstrip("/") in (SIGN_IN, "/sign-out"):
        return default
    return target


def check_routes(app: Flask) -> None:
    """Refuse to start while a route does not say who may use it."""
    bare = sorted(
        {
            f"{rule.endpoint} {method} {rule.rule}"
            for rule in app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
            if access_of(app, rule.endpoint, method) is None
        }
    )
    if bare:
        raise RuntimeError("routes without an access declaration:\n  " + "\n  ".join(bare))
