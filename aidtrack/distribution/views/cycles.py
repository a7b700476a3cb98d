"""The cycles of all programmes."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution import services
from aidtrack.distribution.forms import CycleDays, CycleForm
from aidtrack.distribution.queries.rounds import cycle_by_id, cycles, is_issued, rounds_of_cycle
from aidtrack.distribution.views.blueprint import bp
from aidtrack.inventory.queries.catalogue import programmes
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web import current_actor, language, requires, requires_any
from aidtrack.web.forms import choices


@bp.get("/cycles")
@requires(Permission.ROUND_READ)
def cycle_list() -> ResponseReturnValue:
    return render_template("distribution/cycles.html", cycles=cycles(read_session()))


@bp.route("/cycles/new", methods=["GET", "POST"])
@requires_any(Permission.ROUND_PLAN, Permission.PROGRAMME_MANAGE)
def new_cycle() -> ResponseReturnValue:
    form = CycleForm()
    offered = programmes(read_session(), active_only=True)
    form.programme_id.choices = choices((programme.id, programme.name(language())) for programme in offered)
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.create_cycle(session, form.to_command(), actor=current_actor(), now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The cycle was saved."), "success")
            return redirect(url_for("rounds.cycle_list"), code=303)
    return render_template("distribution/cycle_form.html", form=form), 422 if form.errors else 200


@bp.route("/cycles/<int:cycle_id>/edit", methods=["GET", "POST"])
@requires_any(Permission.ROUND_PLAN, Permission.PROGRAMME_MANAGE)
def edit_cycle(cycle_id: int) -> ResponseReturnValue:
    """What may still change is asked; what papers stand on is only shown."""
    session, actor = read_session(), current_actor()
    cycle, issued = cycle_by_id(session, cycle_id), is_issued(session, cycle_id)
    rounds = rounds_of_cycle(session, cycle_id, actor=actor)
    form = CycleDays(
        data={
            "code": cycle.code,
            "name_uk": cycle.cycle_name_uk,
            "name_en": cycle.cycle_name_en,
            "starts_on": cycle.starts_on,
            "ends_on": cycle.ends_on,
        }
    )
    if issued:
        form.ask_less()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.edit_cycle(unit, form.to_edit(cycle), actor=actor, now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The changes were saved."), "success")
            return redirect(url_for("rounds.cycle_list"), code=303)
    page = render_template(
        "distribution/cycle_edit.html", form=form, cycle=cycle, issued=issued, rounds=rounds
    )
    return page, 422 if form.errors else 200
