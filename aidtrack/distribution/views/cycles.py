"""The cycles of all programmes."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution import services
from aidtrack.distribution.forms import CycleForm
from aidtrack.distribution.queries.rounds import cycles
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
