"""Headers that tell browsers what a page may do: nothing inline, nobody's frames, nothing kept."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request

View = TypeVar("View", bound=Callable[..., Any])
ALLOW_WASM = "aidtrack_allow_wasm"

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    # Pico draws its check marks and arrows as data: pictures inside its style sheet
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
PLAIN = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    # our own pages need it to tell a form's sender (held.py, CSRF over HTTPS); others learn nothing
    "Referrer-Policy": "same-origin",
}


def allow_wasm(view: View) -> View:
    """Mark a page that reads QR codes: its reader is WebAssembly."""
    setattr(view, ALLOW_WASM, True)
    return view


def policy(*, wasm: bool) -> str:
    parts = dict(POLICY)
    if wasm:
        parts["script-src"] += " 'wasm-unsafe-eval'"
    return "; ".join(f"{name} {value}" for name, value in parts.items())


# made once: this runs on every answer, those of the counter's queue included
_ALWAYS = {wasm: (("Content-Security-Policy", policy(wasm=wasm)), *PLAIN.items()) for wasm in (False, True)}
# Parts of a page obey the page's policy; said again with each of fifty files it is a third of what a phone loads.
PARTS_OF = frozenset({"assets.file", "field.script"})
PARTS = frozenset({"text/javascript", "text/css", "application/wasm", "image/png", "font/ttf"})
_FOR_PARTS = tuple((name, PLAIN[name]) for name in ("X-Content-Type-Options", "Cross-Origin-Resource-Policy"))


def _add(response: Response) -> Response:
    if request.endpoint in PARTS_OF and response.status_code == 200 and response.mimetype in PARTS:
        response.headers.extend(_FOR_PARTS)
        return response
    view = current_app.view_functions.get(request.endpoint or "")
    wasm = bool(getattr(view, ALLOW_WASM, False) or g.get(ALLOW_WASM))
    present = {name.lower() for name, _value in response.headers}
    for name, value in _ALWAYS[wasm]:
        if name.lower() not in present:
            response.headers.add(name, value)
    if "cache-control" not in present:
        response.headers.add("Cache-Control", "no-store")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def init_app(app: Flask) -> None:
    app.after_request(_add)
