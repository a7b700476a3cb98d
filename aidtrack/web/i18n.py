"""Which language a page speaks, and the catalogue compiled from the rooms' PO files."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    Flask,
    current_app,
    g,
    has_app_context,
    has_request_context,
    redirect,
    request,
)
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale, get_translations, refresh

from aidtrack.db.bundled import PACKAGE
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import DEFAULT_TIME_ZONE
from aidtrack.web.access import actor_or_none, of_this_request, public, safe_next

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

LANGUAGES = {"uk": "Українська", "en": "English"}
DEFAULT = "uk"
COOKIE = "aidtrack_language"
KEPT = "language"
SET_LANGUAGE = "aidtrack_set_language"
TRANSLATIONS = PACKAGE / "translations"
YEAR = 365 * 24 * 3600

bp = Blueprint("language", __name__)


def language() -> str:
    """`uk` or `en` for this request: the signed-in person's, else the cookie's, else Ukrainian.

    The browser's own preference is not asked: machines of the centre are often set up in a language
    nobody there works in.
    """
    kept = of_this_request() if has_request_context() else g.__dict__
    if KEPT not in kept:
        kept[KEPT] = _find()
    found: str = kept[KEPT]
    return found


def _find() -> str:
    if not has_request_context():
        return DEFAULT
    cookie = request.cookies.get(COOKIE)
    if "Authorization" in request.headers and request.args.get("language") in LANGUAGES:
        return request.args["language"]
    actor = actor_or_none()
    if actor is not None and actor.language in LANGUAGES:
        return actor.language
    return cookie if cookie in LANGUAGES else DEFAULT


def speak(code: str) -> None:
    """Use this language for the rest of the request or of the context."""
    kept = of_this_request() if has_request_context() else g.__dict__
    kept[KEPT] = code if code in LANGUAGES else DEFAULT
    refresh()


def _time_zone() -> str:
    return DEFAULT_TIME_ZONE


@bp.post("/language")
@public
def choose() -> ResponseReturnValue:
    """Switch the language and come back; remembered with the person and in a cookie."""
    code = request.form.get("language", DEFAULT)
    code = code if code in LANGUAGES else DEFAULT
    actor = actor_or_none()
    remember: Callable[[Actor, str], None] | None = current_app.extensions.get(SET_LANGUAGE)
    if actor is not None and remember is not None:
        remember(actor, code)
    response = redirect(safe_next(request.form.get("next")), code=303)
    response.set_cookie(
        COOKIE,
        code,
        max_age=YEAR,
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
    return response


# -- the catalogue -----------------------------------------------------------------------------------


def po_files(folder: Path = TRANSLATIONS, code: str = "uk") -> list[Path]:
    return sorted((folder / code / "LC_MESSAGES").glob("*.po"))


def merged(files: list[Path], code: str = "uk", *, version: str = "") -> "Catalog":
    """One catalogue from the rooms' files; where two translate the same text, the first file's stands."""
    from babel.messages.catalog import Catalog  # only where the catalogue is stale
    from babel.messages.pofile import read_po

    whole = Catalog(
        locale=code, domain="messages", project="aidtrack", version=version, charset="utf-8", fuzzy=False
    )
    for file in files:
        with file.open("rb") as handle:
            part = read_po(handle, locale=code)
        for message in part:
            if message.id and message.string and not message.fuzzy and message.id not in whole:
                whole.add(message.id, message.string, context=message.context)
    return whole


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _is_made_from(compiled: Path, digest: str) -> bool:
    """Told by its header, which stands in it as it is: no start reads the catalogue for this."""
    try:
        return f"Project-Id-Version: aidtrack {digest}\n".encode() in compiled.read_bytes()
    except OSError:
        return False


def compile_catalogue(instance: Path, folder: Path = TRANSLATIONS, code: str = "uk") -> Path:
    """Make `messages.mo` from the PO files where it is missing or stale; give the folder to load from.

    It lies beside the PO files, or in the instance folder where the package cannot be written.
    """
    files = po_files(folder, code)
    digest = _digest(files)
    places = (folder, instance / "translations")
    for place in places:
        if _is_made_from(place / code / "LC_MESSAGES" / "messages.mo", digest):
            return place
    catalogue = merged(files, code, version=digest)
    for place in places:
        try:
            _write(catalogue, place / code / "LC_MESSAGES" / "messages.mo")
        except OSError:
            continue
        return place
    return folder


def _write(catalogue: "Catalog", target: Path) -> None:
    from babel.messages.mofile import write_mo

    target.parent.mkdir(parents=True, exist_ok=True)
    # a neighbour may be starting at the same moment: the file appears whole or not at all
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".messages-")
    try:
        with os.fdopen(handle, "wb") as file:
            write_mo(file, catalogue)
        Path(name).chmod(0o644)  # a package installed by root is read by the service's own user
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def init_app(app: Flask) -> None:
    folder = compile_catalogue(Path(app.instance_path))
    Babel(
        app,
        default_locale=DEFAULT,
        default_timezone=DEFAULT_TIME_ZONE,
        default_translation_directories=str(folder),
        locale_selector=language,
        timezone_selector=_time_zone,
    )
    _speak_quickly(app)
    app.before_request(refresh)  # flask_babel keeps its choice in `g`, which may outlive a request
    app.register_blueprint(bp)


def _speak_quickly(app: Flask) -> None:
    """Templates ask for their texts a hundred times a page; flask_babel would look up the whole way each time."""
    catalogues: dict[str, Any] = {}  # by language; they never change while the server runs

    def catalogue() -> Any:
        chosen = getattr(
            g.get("_flask_babel") if has_app_context() else None, "babel_locale", None
        )  # `force_locale` writes it
        found = catalogues.get(chosen.language) if chosen is not None else None
        if found is None:
            found = get_translations()
            if (locale := get_locale()) is not None:
                catalogues[locale.language] = found
        return found

    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: catalogue().ugettext(text),
        lambda one, many, number: catalogue().ungettext(one, many, number),
        newstyle=True,
    )
