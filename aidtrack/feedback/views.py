"""Pages of the register for those who read and handle it."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.identifiers import shown_phone
from aidtrack.beneficiaries.queries.households import household_by_number
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.queries.rounds import rounds
from aidtrack.feedback import queries, services
from aidtrack.feedback.commands import Outcome, State
from aidtrack.feedback.errors import FamilyNotHere
from aidtrack.feedback.forms import AnswerForm, AssignForm, ChangeForm, RecordForm
from aidtrack.feedback.queries import FullRow
from aidtrack.feedback.words import CHANNELS, HISTORY, OUTCOMES, STATES
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.kernel.ids import BadCheckCharacter, NotACode, check_registration_number, spaced_code
from aidtrack.web import Page, bounds, current_actor, language, page_number, requires
from aidtrack.web.forms import BaseForm, EmptyForm

bp = Blueprint("feedback_register", __name__, url_prefix="/feedback/register")


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        "channels": CHANNELS,
        "feedback_states": STATES,
        "outcomes": OUTCOMES,
        "Outcome": Outcome,
    }


def kind_names(session: Session) -> dict[str, str]:
    return {code: kind.name(language()) for code, kind in queries.kinds(session).items()}


def shown_kinds(session: Session, standing: str | None = None) -> list[tuple[str, str]]:
    """What can be chosen today, and what an entry has already."""
    today = local_date(utc_now())
    return [
        (code, kind.name(language()))
        for code, kind in queries.kinds(session).items()
        if code == standing or kind.holds_on(today)
    ]


@bp.get("")
@requires(Permission.FEEDBACK_READ)
def index() -> ResponseReturnValue:
    """The register: what is due first first. Neither text nor name stands here."""
    session, actor = read_session(), current_actor()
    today = local_date(utc_now())
    show = request.args.get("show", "")
    wanted = request.args.get("state", "")
    state = State(wanted) if wanted in {known.value for known in State} else None
    names = kind_names(session)
    kind = request.args.get("kind", "")
    number = page_number()
    limit, offset = bounds(number)
    rows, total = queries.register(
        session,
        actor,
        state=state,
        kind=kind if kind in names else None,
        overdue_on=today if show == "overdue" else None,
        handler_id=actor.user_id if show == "mine" else None,
        limit=limit,
        offset=offset,
    )
    return render_template(
        "feedback/register.html",
        page=Page(rows, number, total),
        names=names,
        today=today,
        state=state,
        kind=kind,
        show=show,
        filtered=bool(state or kind or show),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_HANDLE)
def new() -> ResponseReturnValue:
    """Enter what came at the desk, by phone, in the box or by letter; the code is shown once."""
    session, actor, now = read_session(), current_actor(), utc_now()
    form = RecordForm(data={"received_on": local_date(now)})
    speaks = language()
    own = [row for row in queries.sites(session) if row[0] in actor.site_ids]
    form.offer(
        [(number, en if speaks == "en" else uk) for number, uk, en in own],
        shown_kinds(session),
        [
            (row.id, f"{row.code}, {row.name_of('place', speaks)}")
            for row in rounds(session, actor=actor)[:60]
        ],
        queries.colleagues(session, actor.site_ids),
    )
    if form.validate_on_submit():
        try:
            household_id = _family(session, form.registration_no.data, actor)
            with unit_of_work() as unit:
                made = services.record(unit, form.to_command(household_id), actor=actor, now=now)
        except DomainError as error:
            form.show(error)
        else:
            code = spaced_code(made.reference) if made.reference else ""
            visible = _visible(made.feedback_id or 0, actor)
            return render_template(
                "feedback/recorded.html", code=code, feedback_id=made.feedback_id, visible=visible
            )
    page = render_template("feedback/new.html", form=form)
    return page, 422 if form.is_submitted() else 200


def _family(session: Session, typed: str | None, actor: Actor) -> int | None:
    if not (typed or "").strip():
        return None
    try:
        return household_by_number(session, check_registration_number(typed or ""), actor)
    except (NotFound, NotACode, BadCheckCharacter):
        raise FamilyNotHere from None


def _visible(feedback_id: int, actor: Actor) -> bool:
    try:
        queries.entry(read_session(), feedback_id, actor=actor)
    except NotFound:
        return False
    return True


def _page(row: FullRow, *, form: BaseForm | None = None) -> str:
    session, now = read_session(), utc_now()
    assign_form = form if isinstance(form, AssignForm) else AssignForm(formdata=None)
    assign_form.offer(
        queries.handlers(session, row.site_id, sensitive=row.sensitive, but=row.about_user_id, now=now)
    )
    if assign_form is not form and row.assigned_to_id is not None:
        assign_form.user_id.data = row.assigned_to_id
    change_form = form if isinstance(form, ChangeForm) else _change_form(session, row)
    return render_template(
        "feedback/entry.html",
        row=row,
        names=kind_names(session),
        today=local_date(now),
        phone=shown_phone,
        history=queries.history(session, row.id),
        history_words=HISTORY,
        assign_form=assign_form,
        answer_form=form if isinstance(form, AnswerForm) else AnswerForm(formdata=None),
        change_form=change_form,
        empty_form=EmptyForm(formdata=None),
    )


def _change_form(session: Session, row: FullRow) -> ChangeForm:
    form = ChangeForm(
        formdata=None,
        data={"kind": row.kind, "sensitive": row.sensitive, "about_user_id": str(row.about_user_id or "")},
    )
    form.offer(shown_kinds(session, row.kind), queries.colleagues(session, {row.site_id}))
    return form


def _row(feedback_id: int) -> FullRow:
    with unit_of_work() as session:
        return services.open_entry(session, feedback_id, actor=current_actor(), now=utc_now())


@bp.get("/<int:feedback_id>")
@requires(Permission.FEEDBACK_HANDLE)
def show(feedback_id: int) -> ResponseReturnValue:
    """One entry with its text; the look is logged."""
    return _page(_row(feedback_id))


@bp.post("/<int:feedback_id>/assign")
@requires(Permission.FEEDBACK_HANDLE)
def assign(feedback_id: int) -> ResponseReturnValue:
    row = _row(feedback_id)
    form = AssignForm()
    form.offer(
        queries.handlers(
            read_session(), row.site_id, sensitive=row.sensitive, but=row.about_user_id, now=utc_now()
        )
    )
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.assign(session, form.to_command(feedback_id), actor=current_actor(), now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("feedback_register.show", feedback_id=feedback_id), code=303)
    return _page(row, form=form), 422


@bp.post("/<int:feedback_id>/answer")
@requires(Permission.FEEDBACK_HANDLE)
def answer(feedback_id: int) -> ResponseReturnValue:
    row = _row(feedback_id)
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.answer(session, form.to_command(feedback_id), actor=current_actor(), now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The answer is saved. The holder of the code can read it."), "success")
            return redirect(url_for("feedback_register.show", feedback_id=feedback_id), code=303)
    return _page(row, form=form), 422


@bp.post("/<int:feedback_id>/change")
@requires(Permission.FEEDBACK_HANDLE)
def change(feedback_id: int) -> ResponseReturnValue:
    row, actor = _row(feedback_id), current_actor()
    form = ChangeForm()
    form.offer(shown_kinds(read_session(), row.kind), queries.colleagues(read_session(), {row.site_id}))
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.change(session, form.to_command(feedback_id), actor=actor, now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            if not _visible(feedback_id, actor):
                flash(_("Saved. Only those named for it see this message from now on."), "success")
                return redirect(url_for("feedback_register.index"), code=303)
            flash(_("Saved."), "success")
            return redirect(url_for("feedback_register.show", feedback_id=feedback_id), code=303)
    return _page(row, form=form), 422


@bp.post("/<int:feedback_id>/close")
@requires(Permission.FEEDBACK_HANDLE)
def close(feedback_id: int) -> ResponseReturnValue:
    with unit_of_work() as session:
        services.close(session, feedback_id, actor=current_actor(), now=utc_now())
    flash(_("The message is closed."), "success")
    return redirect(url_for("feedback_register.show", feedback_id=feedback_id), code=303)


@bp.post("/<int:feedback_id>/reopen")
@requires(Permission.FEEDBACK_HANDLE)
def reopen(feedback_id: int) -> ResponseReturnValue:
    with unit_of_work() as session:
        services.reopen(session, feedback_id, actor=current_actor(), now=utc_now())
    flash(_("The message is open again, due anew from today."), "success")
    return redirect(url_for("feedback_register.show", feedback_id=feedback_id), code=303)


def asked_period(today: date) -> tuple[date, date]:
    """The period asked for by two days; this year where they are not told or stand crosswise."""
    from aidtrack.web.forms import read_day

    try:
        start, end = read_day(request.args.get("start", "")), read_day(request.args.get("end", ""))
    except ValueError:
        return date(today.year, 1, 1), today
    return (start, end) if start <= end else (end, start)
