"""Fields of a form whose session ended before it was sent: held until the person has signed in again.

The fields lie encrypted in the instance folder; the key is only in the browser's cookie, so the file alone
opens nothing. Only fields posted from our own pages are held: a foreign page cannot leave a form here for
a signed-out person to send on. Passwords and files are never held.
"""

import contextlib
import hashlib
import json
import time
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken
from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.web.access import SIGN_IN, current_actor, safe_next, signed_in

COOKIE = "aidtrack_held"
KEEP_SECONDS = 3600
LARGEST = 512 * 1024
MOST_FILES = 500
NEVER_HELD = ("csrf_token", "password")

bp = Blueprint("held", __name__)

Fields = list[tuple[str, str]]


def posted_fields() -> Fields:
    """What was typed, in order, without passwords and the old form token."""
    return [
        (name, value)
        for name, values in request.form.lists()
        for value in values
        if not any(word in name.lower() for word in NEVER_HELD)
    ]


def from_our_own_page() -> bool:
    """Whether the browser vouches that one of our pages sent this form."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    return urlsplit(origin).netloc == request.host


def _folder() -> Path:
    return Path(current_app.instance_path) / "held"


def _file(key: bytes) -> Path:
    return _folder() / hashlib.sha256(key).hexdigest()


def _clear_old(folder: Path) -> None:
    files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime)
    limit = time.time() - KEEP_SECONDS
    for number, file in enumerate(files):
        if file.stat().st_mtime < limit or number < len(files) - MOST_FILES:
            file.unlink(missing_ok=True)


def _hold() -> bytes | None:
    """Write the posted fields down; None when they may not or cannot be held."""
    fields = posted_fields()
    body = json.dumps(
        {"path": request.full_path.rstrip("?"), "who": session.get("who"), "fields": fields}
    ).encode()
    if not fields or not from_our_own_page() or len(body) > LARGEST:
        return None
    key = Fernet.generate_key()
    try:
        _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear_old(_folder())
        _file(key).write_bytes(Fernet(key).encrypt(body))
    except OSError:
        current_app.logger.warning("a form could not be held: the instance folder is not writable")
        return None
    return key


def hold_and_sign_in() -> ResponseReturnValue:
    """Keep the form and ask to sign in; the way back leads to the page that sends it again."""
    key = _hold()
    if key is None:
        flash(_("Your session had ended before this form was sent. Sign in and fill it in again."), "warning")
        return redirect(SIGN_IN, code=303)
    flash(_("Your session had ended. Sign in: what you typed is kept."), "warning")
    response = redirect(f"{SIGN_IN}?next={url_for('held.resume')}", code=303)
    response.set_cookie(
        COOKIE,
        key.decode(),
        max_age=KEEP_SECONDS,
        path=url_for("held.resume"),
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
    return response


@bp.get("/resume")
@signed_in
def resume() -> ResponseReturnValue:
    """Show that a form waits, with one button that sends it; nothing is sent by itself."""
    key = request.cookies.get(COOKIE, "").encode()
    found = _take(key) if key else None
    if found is None:
        flash(_("No unfinished form is waiting."), "info")
        return redirect("/", code=303)
    path, fields, who = found
    if who and who != current_actor().label:
        flash(_("The unfinished form belongs to another person and was not opened."), "warning")
        return redirect("/", code=303)
    g.aidtrack_form_action = path
    return Response(render_template("web/resume.html", action=path, fields=fields))


def _take(key: bytes) -> tuple[str, Fields, str | None] | None:
    with contextlib.suppress(OSError, InvalidToken, ValueError):
        body = json.loads(Fernet(key).decrypt(_file(key).read_bytes(), ttl=KEEP_SECONDS))
        return safe_next(body["path"]), [(str(n), str(v)) for n, v in body["fields"]], body["who"]
    return None
