"""Static files under a prefix that names their content, so that browsers may keep them for a year.

The prefix is one digest over the whole folder: modules that import each other by relative paths stay
together, and a page never mixes files of two versions. Texts travel compressed: a phone on a slow line loads a
third of the bytes. Each file is compressed once in the life of a process.
"""

import gzip
import hashlib
import re
from functools import cache
from mimetypes import guess_type
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, request, send_from_directory, url_for
from werkzeug.security import safe_join

from aidtrack.web.access import public

bp = Blueprint("assets", __name__)
YEAR = 365 * 24 * 3600
COMPRESSED = frozenset({".css", ".js", ".svg", ".wasm"})
SMALLEST = 512  # below it the frame costs what the contents save
OUR_SCRIPTS, NOT_OURS = "js/", "vendor/"

# Whole lines only: what stands beside code, or inside a text, is left alone.
_CSS_COMMENT = re.compile(r"/\*(?:(?!\*/).)*\*/", re.DOTALL)
_COMMENT = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*$", re.MULTILINE | re.DOTALL)


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


def digest() -> str:
    """What names this version's files; a worker that keeps them for later says it too."""
    return _digest()


def without_comments(script: str) -> str:
    """A script without the lines that speak to its readers alone; lines keep their numbers.

    They are two fifths of our modules, and a phone at the edge of a network waits for every one of them.
    """
    return _COMMENT.sub(lambda found: "\n" * found.group().count("\n"), script)


def plain_css(sheet: str) -> str:
    """A style sheet without comments and indentation."""
    return "\n".join(filter(None, (line.strip() for line in _CSS_COMMENT.sub("", sheet).splitlines())))


@cache
def _packed(file: Path, path: str, _digest: str) -> bytes:
    contents = file.read_bytes()
    if path.startswith(OUR_SCRIPTS) and file.suffix == ".js":
        contents = without_comments(contents.decode()).encode()
    elif file.suffix == ".css" and not path.startswith(NOT_OURS):
        contents = plain_css(contents.decode()).encode()
    return gzip.compress(contents, compresslevel=9, mtime=0)


def _sent_packed(path: str) -> Response | None:
    """The file in gzip where that is asked for and worth it."""
    found = safe_join(str(_folder()), path)
    if found is None or Path(found).suffix not in COMPRESSED or not request.accept_encodings["gzip"]:
        return None
    file = Path(found)
    if "Range" in request.headers or not file.is_file() or file.stat().st_size < SMALLEST:
        return None
    kind = "text/javascript" if file.suffix == ".js" else guess_type(file.name)[0]
    response = Response(_packed(file, path, _digest()), mimetype=kind or "application/octet-stream")
    response.headers["Content-Encoding"] = "gzip"
    response.set_etag(f"{_digest()}-gzip")
    response.make_conditional(request)
    return response


def compressed(response: Response) -> Response:
    """A page's text in gzip, for pages that are loaded on slow lines."""
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(response.get_data(), compresslevel=6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


@bp.get("/assets/<digest>/<path:path>")
@public
def file(digest: str, path: str) -> Response:
    response = _sent_packed(path) or send_from_directory(_folder(), path, conditional=True)
    if Path(path).suffix in COMPRESSED:
        response.vary.add("Accept-Encoding")
    if digest == _digest():
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"  # an old page asks for its old prefix
    return response


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    # Flask's own route to the same folder; the scanner's worker and old bookmarks may use it
    app.view_functions["static"] = public(app.view_functions["static"])
