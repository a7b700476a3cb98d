"""What anybody can open without signing in: say something, and look up the answer. Plain forms, no script needed."""

from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from aidtrack.db import read_session, unit_of_work
from aidtrack.feedback import queries, services
from aidtrack.feedback.errors import TooManyMessages, UnknownReference, UnknownRound
from aidtrack.feedback.forms import LookUpForm, MoreForm, PublicForm
from aidtrack.feedback.words import STATES
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.ids import spaced_code
from aidtrack.web import language, public

bp = Blueprint("feedback", __name__, url_prefix="/feedback")


def _address() -> str:
    return request.remote_addr or ""


def _form() -> PublicForm:
    session, speaks = read_session(), language()
    form = PublicForm()
    form.offer(
        [(number, en if speaks == "en" else uk) for number, uk, en in queries.sites(session)],
        [
            (kind.code, kind.name(speaks))
            for kind in queries.kinds_on(session, local_date(utc_now())).values()
        ],
    )
    return form


@bp.route("", methods=["GET", "POST"])
@public
def say() -> ResponseReturnValue:
    """The form; after sending, the code under which the answer can be read, shown this once."""
    form = _form()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                made = services.receive(
                    session, form.to_command(language()), address=_address(), now=utc_now()
                )
        except UnknownRound as error:
            status = _wrong_round(form, error)
        except DomainError as error:
            form.show(error)
            status = error.status
        else:
            code = spaced_code(made.reference) if made.reference else None
            return render_template("feedback/thanks.html", code=code, **_about())
    page = render_template("feedback/say.html", form=form, look=LookUpForm(formdata=None), **_about())
    return page, status


def _wrong_round(form: PublicForm, error: DomainError) -> int:
    try:
        with unit_of_work() as session:
            services.count_wrong_round(session, address=_address(), now=utc_now())
    except TooManyMessages as enough:
        error = enough
    form.show(error)
    return error.status


@bp.route("/answer", methods=["GET", "POST"])
@public
def answer() -> ResponseReturnValue:
    """The answer for whoever holds the code. The code comes in the body, never in the address."""
    form = LookUpForm()
    row, status = None, 200
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                row = services.look_up(session, form.code.data or "", address=_address(), now=utc_now())
            if row is None:
                raise UnknownReference
        except DomainError as error:
            form.show(error)
            status = error.status
    elif form.is_submitted():
        status = 422
    more = MoreForm(formdata=None, data={"code": form.code.data}) if row is not None else None
    return render_template("feedback/answer.html", form=form, row=row, more=more, **_about()), status


@bp.post("/again")
@public
def again() -> ResponseReturnValue:
    """Not content with the answer: the message is open again."""
    form = MoreForm()
    status = 422
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                known = services.reopen_by_writer(
                    session, form.code.data or "", form.text.data or "", address=_address(), now=utc_now()
                )
            if not known:
                raise UnknownReference
        except DomainError as error:
            form.show(error)
            status = error.status
        else:
            return render_template("feedback/thanks.html", code=None, again=True, **_about())
    page = render_template(
        "feedback/answer.html", form=LookUpForm(formdata=None), row=None, more=form, **_about()
    )
    return page, status


def _about() -> dict[str, Any]:
    uk, en = queries.centre_names(read_session())
    return {
        "centre": en if language() == "en" else uk,
        "feedback_states": STATES,
        "signed_in_page": False,
        "secure": current_app.config["SESSION_COOKIE_SECURE"],
    }
