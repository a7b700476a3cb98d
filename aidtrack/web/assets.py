"""Static files under a prefix that names their content, so that browsers may keep them for a year.

The prefix is one digest over the whole folder: modules that import each other by relative paths stay
together, and a page never mixes files of two versions.
"""

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, send_from_directory, url_for

from aidtrack.web.access import public

bp = Blueprint("assets", __name__)
YEAR = 365 * 24 * 3600


@cache
def digest_of(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _folder() -> Path:
    assert current_app.static_folder is not None
    return Path(current_app.static_folder)


def _digest() -> str:
    # while developing, a changed file must not need a restart
    if current_app.debug:
        digest_of.cache_clear()
    return digest_of(_folder())


def asset(path: str) -> str:
    """The address of a file under `static/`."""
    return url_for("assets.file", digest=_digest(), path=path)


@bp.get("/assets/<digest>/<path:path>")
@public
def file(digest: str, path: str) -> Response:
    response = send_from_directory(_folder(), path, conditional=True)
    if digest == _digest():
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"  # an old page asks for its old prefix
    return response


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    # Flask's own route to the same folder; the scanner's worker and old bookmarks may use it
    app.view_functions["static"] = public(app.view_functions["static"])
