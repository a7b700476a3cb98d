"""Rounds: the list, one round, planning, copying, closing."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution import services
from aidtrack.distribution.errors import NothingDue
from aidtrack.distribution.forms import CopyForm, RoundForm
from aidtrack.distribution.models import RoundState
from aidtrack.distribution.queries.rounds import (
    RoundRow,
    cycles,
    reconciliation,
    reconciliations,
    round_by_id,
    rounds,
    set_lines,
)
from aidtrack.distribution.services import Plan
from aidtrack.distribution.views.blueprint import bp
from aidtrack.inventory.queries.catalogue import items, places
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web import Page, bounds, current_actor, language, page_number, requires
from aidtrack.web.forms import EmptyForm, choices


@bp.get("/rounds")
@requires(Permission.ROUND_READ)
def index() -> ResponseReturnValue:
    """The actor's rounds, newest first, each with its count that must close."""
    session = read_session()
    wanted = request.args.get("state", "")
    state = RoundState(wanted) if wanted in {known.value for known in RoundState} else None
    found = rounds(session, actor=current_actor(), state=state)
    number = page_number()
    limit, offset = bounds(number)
    shown = found[offset : offset + limit]
    now = utc_now()
    overdue = any(
        row.state is RoundState.OPEN and row.last_day < local_date(now, row.time_zone) for row in found
    )
    return render_template(
        "distribution/rounds.html",
        page=Page(shown, number, len(found)),
        counts=reconciliations(session, [row.id for row in shown]),
        state=state,
        overdue=overdue,
        form=EmptyForm(),
    )


@bp.get("/rounds/<int:round_id>")
@requires(Permission.ROUND_READ)
def show_round(round_id: int) -> ResponseReturnValue:
    session = read_session()
    actor = current_actor()
    round_ = round_by_id(session, round_id, actor=actor)
    plan = plan_of(session, round_) if round_.state is RoundState.PLANNED else None
    return render_template(
        "distribution/round.html",
        round=round_,
        lines=set_lines(session, round_id),
        count=reconciliation(session, round_id),
        plan=plan,
        today=local_date(utc_now(), round_.time_zone),
    )


def plan_of(session: Session, round_: RoundRow) -> Plan | None:
    """What issuing now would mean; None while the round has no list of goods."""
    on = max(local_date(utc_now(), round_.time_zone), round_.first_day)
    try:
        return services.plan_round(session, round_.id, on=on, actor=current_actor())
    except NothingDue:
        return None


def _offer(form: RoundForm, session: Session) -> None:
    speaks = language()
    form.offer(
        cycles=[
            (cycle.id, f"{cycle.name_of('programme', speaks)}: {cycle.name_of('cycle', speaks)}")
            for cycle in cycles(session)
        ],
        places=[
            (place.id, place.name(speaks)) for place in places(session, current_actor(), active_only=True)
        ],
        items=items(session, active_only=True),
        language=speaks,
    )


@bp.route("/rounds/new", methods=["GET", "POST"])
@requires(Permission.ROUND_PLAN)
def new_round() -> ResponseReturnValue:
    form = RoundForm()
    _offer(form, read_session())
    if "add_line" in request.form:
        form.add_line()
        return render_template("distribution/round_form.html", form=form, round=None)
    if form.validate_on_submit():
        lines = form.read_lines()
        if lines is not None:
            try:
                with unit_of_work() as session:
                    round_id = services.create_round(
                        session, form.to_plan(lines), actor=current_actor(), now=utc_now()
                    )
            except DomainError as error:
                form.show(error)
            else:
                flash(_("The round is planned. Nothing was issued yet."), "success")
                return redirect(url_for("rounds.show_round", round_id=round_id), code=303)
    status = 422 if form.is_submitted() else 200
    return render_template("distribution/round_form.html", form=form, round=None), status


@bp.route("/rounds/<int:round_id>/edit", methods=["GET", "POST"])
@requires(Permission.ROUND_PLAN)
def edit_round(round_id: int) -> ResponseReturnValue:
    session = read_session()
    round_ = round_by_id(session, round_id, actor=current_actor())
    form = RoundForm()
    _offer(form, session)
    if not form.is_submitted():
        form.fill(round_, set_lines(session, round_id))
    if "add_line" in request.form:
        form.add_line()
        return render_template("distribution/round_form.html", form=form, round=round_)
    if form.validate_on_submit():
        lines = form.read_lines()
        if lines is not None:
            try:
                with unit_of_work() as unit:
                    services.edit_round(
                        unit, form.to_edit(round_id, lines), actor=current_actor(), now=utc_now()
                    )
            except DomainError as error:
                form.show(error)
            else:
                flash(_("The changes were saved."), "success")
                return redirect(url_for("rounds.show_round", round_id=round_id), code=303)
    status = 422 if form.is_submitted() else 200
    return render_template("distribution/round_form.html", form=form, round=round_), status


@bp.route("/rounds/<int:round_id>/copy", methods=["GET", "POST"])
@requires(Permission.ROUND_PLAN)
def copy_round(round_id: int) -> ResponseReturnValue:
    session = read_session()
    model = round_by_id(session, round_id, actor=current_actor())
    form = CopyForm()
    speaks = language()
    form.cycle_id.choices = choices(
        (cycle.id, f"{cycle.name_of('programme', speaks)}: {cycle.name_of('cycle', speaks)}")
        for cycle in cycles(session, programme_id=model.programme_id)
    )
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                copied = services.copy_round(
                    unit, form.to_command(round_id), actor=current_actor(), now=utc_now()
                )
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The round is planned. Nothing was issued yet."), "success")
            return redirect(url_for("rounds.show_round", round_id=copied), code=303)
    return render_template("distribution/copy.html", form=form, round=model), 422 if form.errors else 200


@bp.route("/rounds/<int:round_id>/close", methods=["GET", "POST"])
@requires(Permission.ROUND_PLAN)
def close_round(round_id: int) -> ResponseReturnValue:
    """Asked on a page of its own, because it ends the vouchers still open."""
    session = read_session()
    round_ = round_by_id(session, round_id, actor=current_actor())
    form = EmptyForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                closed = services.close_round(unit, round_id, actor=current_actor(), now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(
                ngettext(
                    "The round is closed. %(num)d voucher expired.",
                    "The round is closed. %(num)d vouchers expired.",
                    closed.expired,
                ),
                "success",
            )
            return redirect(url_for("rounds.show_round", round_id=round_id), code=303)
    count = reconciliation(read_session(), round_id)
    status = 422 if form.is_submitted() else 200
    return render_template("distribution/close.html", form=form, round=round_, count=count), status


@bp.post("/rounds/expire")
@requires(Permission.ROUND_PLAN)
def expire() -> ResponseReturnValue:
    """End every voucher of the actor's sites whose last day is over."""
    with unit_of_work() as session:
        count = services.expire_past_vouchers(session, actor=current_actor(), now=utc_now())
    flash(ngettext("%(num)d voucher expired.", "%(num)d vouchers expired.", count), "success")
    return redirect(url_for("rounds.index"), code=303)
