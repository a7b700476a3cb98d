"""The phone's page, its worker and its manifest: the same for everybody, so that they may be kept anywhere.

Nothing here knows who asks. What a phone may see comes later, signed by the phone (docs/sync.md).
"""

import json
from pathlib import Path

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack import __version__
from aidtrack.distribution.handouts.services import UNDO_WITHIN
from aidtrack.scanner.field import shell, words
from aidtrack.web import allow_wasm, public, speak
from aidtrack.web.assets import YEAR, asset, compressed, digest
from aidtrack.web.i18n import COOKIE, DEFAULT, LANGUAGES

GROUND = "#14507a"

bp = Blueprint("field", __name__)


@bp.get("/field/")
@allow_wasm
@public
def page() -> ResponseReturnValue:
    """The address in the manager's code. The language is the browser's cookie's: nobody is looked up."""
    return _page(request.cookies.get(COOKIE, DEFAULT))


@bp.get("/field/<any(uk, en):code>")
@allow_wasm
@public
def spoken_page(code: str) -> ResponseReturnValue:
    """The page in one language; a phone keeps both and changes between them without a network."""
    return _page(code)


def _page(code: str) -> Response:
    response = make_response(_markup(code if code in LANGUAGES else DEFAULT))
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Link"] = shell.early()
    return compressed(response)


def _markup(code: str) -> str:
    speak(code)
    said = words.for_script()
    return render_template(
        "scanner/field.html",
        code=code,
        # as letters, not as \u0000: a third less to load
        said=json.dumps(said, ensure_ascii=False, separators=(",", ":")),
        script=shell.address("page"),
        style=shell.style_address(),
        undo_seconds=int(UNDO_WITHIN.total_seconds()),
        version=__version__,
        build=digest(),
        words=said,
    )


@bp.get("/field/app-<any(uk, en):code>.webmanifest")
@public
def manifest(code: str) -> ResponseReturnValue:
    """What the home screen shows."""
    speak(code)
    icons = [
        {"src": asset("icons/app-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": asset("icons/app-512.png"), "sizes": "512x512", "type": "image/png"},
        {
            "src": asset("icons/app-mask-512.png"),
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
        {"src": asset("icon.svg"), "sizes": "any", "type": "image/svg+xml"},
    ]
    body = {
        "id": url_for("field.page"),
        "name": _("Handing out – aidtrack"),
        "short_name": _("Counter"),
        "lang": code,
        "start_url": url_for("field.page"),
        "scope": url_for("field.page"),
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#ffffff",
        "theme_color": GROUND,
        "icons": icons,
    }
    response = make_response(json.dumps(body, ensure_ascii=False))
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/field/<build>/<any(page, background):name>.js")
@public
def script(build: str, name: str) -> ResponseReturnValue:
    """The page's modules in one file, under an address that names their version."""
    return _kept(shell.script(name), "text/javascript", build)


@bp.get("/field/<build>/page.css")
@public
def style(build: str) -> ResponseReturnValue:
    """The page's style sheets in one file, under an address that names their version."""
    return _kept(shell.style(_markup(DEFAULT)), "text/css", build)


def _kept(text: str, kind: str, build: str) -> Response:
    response = make_response(text)
    response.mimetype = kind
    current = build == digest()
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if current else "no-cache"
    return compressed(response)


@bp.get("/sw.js")
@public
def worker() -> ResponseReturnValue:
    """The service worker, at the root so that its scope is ours to choose.

    Its text names this version's files, so a new version is a new worker. `?kind=plain` is for browsers whose
    workers know no modules: everything but sending with the page closed.
    """
    assert current_app.static_folder is not None
    kept = {
        "build": digest(),
        "pages": {code: url_for("field.spoken_page", code=code) for code in LANGUAGES},
        "fallback": DEFAULT,
        "files": [*shell.addresses(), *(url_for("field.manifest", code=code) for code in LANGUAGES)],
    }
    lines = [f"const KEPT = {json.dumps(kept)};"]
    if request.args.get("kind") != "plain":
        background = shell.address("background")
        lines.insert(0, f'import {{ sendInBackground }} from "{background}";')
        lines.append("self.sendInBackground = sendInBackground;")
    lines.append((Path(current_app.static_folder) / "js/field/page/worker.js").read_text(encoding="utf-8"))
    response = make_response("\n".join(lines))
    response.mimetype = "text/javascript"
    response.headers["Cache-Control"] = "no-cache"
    return compressed(response)
