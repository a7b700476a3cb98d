"""Refusals and failures as a page for people or as `{code, message, facts}` for programs."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Flask, current_app, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from aidtrack.kernel.errors import N_, DomainError
from aidtrack.web import filters, held
from aidtrack.web.access import (
    SIGN_IN,
    NotFromOurPage,
    SignInNeeded,
    actor_or_none,
    is_api,
    is_sync,
    nobody_now,
)
from aidtrack.web.failures import told

ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
RETRY_AFTER = 10  # seconds; a locked database is free again sooner

# What a person reads instead of werkzeug's English, by status.
SENTENCES: dict[int, tuple[str, str]] = {
    400: ("bad_request", N_("The request could not be understood. Go back and try again.")),
    401: ("sign_in_needed", N_("Sign in first.")),
    403: ("forbidden", N_("Your role does not allow this.")),
    404: ("not_found", N_("Not found. It may have been removed, or it belongs to another site.")),
    405: ("method_not_allowed", N_("This address does not take such a request.")),
    413: ("too_large", N_("What was sent is too large.")),
    415: ("unsupported_media_type", N_("This kind of file or body is not accepted here.")),
    422: ("invalid_body", N_("Some fields are missing or not allowed. Nothing was changed.")),
    429: ("too_many_requests", N_("Too many attempts. Wait a little and try again.")),
    500: ("internal_error", N_("Something went wrong on our side. Nothing you see was changed; try again.")),
    503: (
        "database_unavailable",
        N_("The database does not take changes right now. Nothing was saved; try again soon."),
    ),
}
CSRF_SENTENCE = N_(
    "This form was open for too long or came from another window. Nothing was lost: send it again."
)


def translate(error: DomainError) -> str:
    """The refusal's sentence in the person's language."""
    plural = getattr(error, "plural_text", None)
    if plural is not None:
        # a refusal that counts something names the counted fact in `counts`
        number = int(error.facts[error.counts])  # type: ignore[attr-defined]
        return error.message(ngettext(error.text, plural, number), spoken_facts(error.facts))
    return error.message(gettext(error.text), spoken_facts(error.facts))


def spoken_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts for a sentence: ISO days and moments, which programs read, become what people write."""
    return {name: _spoken(value) for name, value in facts.items()}


def _spoken(value: Any) -> Any:
    if isinstance(value, str) and ISO_DAY.fullmatch(value):
        return filters.day(date.fromisoformat(value))
    if isinstance(value, str) and ISO_MOMENT.fullmatch(value):
        return filters.moment(datetime.fromisoformat(value))
    return value


def wants_json() -> bool:
    """Programs get JSON: everything under /api/ and /sync/, and pages' scripts that send it or ask for it."""
    if is_api() or is_sync() or request.is_json:
        return True
    accepted = request.accept_mimetypes
    return bool(
        accepted.best_match(["text/html", "application/json"], default="text/html") == "application/json"
    )


def problem_body(code: str, message: str, facts: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"code": code, "message": message, "facts": facts or {}}


def _answer(
    status: int,
    code: str,
    message: str,
    facts: dict[str, Any] | None = None,
    *,
    headers: dict[str, str] | None = None,
    template: str = "web/problem.html",
    **context: Any,
) -> ResponseReturnValue:
    if wants_json():
        response = make_response(jsonify(problem_body(code, message, facts)), status)
    else:
        page = render_template(template, status=status, code=code, message=message, **context)
        response = make_response(page, status)
    response.headers.update(headers or {})
    return response


def refusal(error: DomainError) -> ResponseReturnValue:
    """A refusal's page or JSON. A room's own error handler returns this for what it does not shape itself."""
    headers = {}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Aidtrack-Device" if is_sync() else "Bearer"
    retry = error.facts.get("retry_after_s")
    if retry is not None:
        headers["Retry-After"] = str(int(retry))
    back = SIGN_IN if isinstance(error, SignInNeeded) else None
    return _answer(error.status, error.code, translate(error), error.facts, headers=headers, back=back)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:  # a redirect raised as an exception
        return error.get_response()
    code, sentence = SENTENCES.get(status, SENTENCES[500] if status >= 500 else SENTENCES[400])
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    # flask-smorest leaves what was wrong with a body in `data`; the values sent are not in it
    found = getattr(error, "data", None) or {}
    facts = found.get("errors") or found.get("messages") or {}
    return _answer(status, code, gettext(sentence), facts, headers=headers)


def _csrf_error(error: CSRFError) -> ResponseReturnValue:
    sentence = gettext(CSRF_SENTENCE)
    if held.from_our_own_page() and not wants_json() and actor_or_none() is not None:
        path, fields = request.full_path.rstrip("?"), held.posted_fields()
        page = render_template("web/resume.html", action=path, fields=fields, message=sentence)
        return make_response(page, 400)
    return _answer(400, NotFromOurPage.code, gettext(NotFromOurPage.text))


def _database_error(error: DBAPIError | PoolTimeout) -> ResponseReturnValue:
    """The database is locked, read-only or away: answered without asking it anything."""
    if (
        isinstance(error, DBAPIError)
        and not isinstance(error, OperationalError)
        and "read-only" not in str(error.orig).lower()
    ):
        return _failure(error)
    current_app.logger.error("database unavailable: %s\n%s", type(error).__name__, told(error))
    nobody_now()
    code, sentence = SENTENCES[503]
    again = None
    if request.method == "POST" and g.get("aidtrack_form_checked") and not wants_json():
        again = (request.full_path.rstrip("?"), held.posted_fields())
    return _answer(
        503,
        code,
        gettext(sentence),
        headers={"Retry-After": str(RETRY_AFTER)},
        template="web/plain.html",
        again=again,
    )


def _failure(error: BaseException) -> ResponseReturnValue:
    nobody_now()
    code, sentence = SENTENCES[500]
    return _answer(500, code, gettext(sentence), template="web/plain.html", again=None)


def _internal(error: InternalServerError) -> ResponseReturnValue:
    return _failure(error.original_exception or error)


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, refusal)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(PoolTimeout, _database_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(InternalServerError, _internal)
