"""The work list of acts, and how many appeals became acts and decisions."""

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from aidtrack.beneficiaries.cases import services
from aidtrack.beneficiaries.cases.forms.sittings import PeriodForm
from aidtrack.beneficiaries.cases.queries.due import MOST_LISTED, due_counts
from aidtrack.beneficiaries.cases.queries.figures import figures
from aidtrack.beneficiaries.cases.rules import Due
from aidtrack.beneficiaries.cases.views import bp
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.web.access import current_actor, requires
from aidtrack.web.filters import at_most
from aidtrack.web.paging import Page, page_number


@bp.get("/due")
@requires(Permission.HOUSEHOLD_READ)
def due() -> ResponseReturnValue:
    """Families for whom an act must be made, at most 25 names at once."""
    actor, now = current_actor(), utc_now()
    today, number = local_date(now), page_number()
    chosen = request.args.get("why", "")
    wanted = Due(chosen) if chosen in set(Due) else None
    with unit_of_work() as session:
        counts = due_counts(session, actor, today, most=MOST_LISTED)
        rows, total = services.open_due(session, wanted, number, today, actor=actor, now=now, counts=counts)
    return render_template(
        "cases/due.html",
        page=Page(rows, number, total),
        counts=counts,
        most=MOST_LISTED,
        at_most=at_most,
        wanted=wanted,
        today=today,
        Due=Due,
    )


@bp.get("/statistics")
@requires(Permission.HOUSEHOLD_READ)
def statistics() -> ResponseReturnValue:
    """From the appeal to the decision in figures; nobody is named."""
    today = local_date(utc_now())
    form = PeriodForm(formdata=request.args) if request.args else PeriodForm()
    wrong = bool(request.args) and not form.validate()
    first, last = form.first.data or date(today.year, 1, 1), form.last.data or today
    if not request.args:
        form.first.data, form.last.data = first, last
    found = figures(read_session(), current_actor(), first, last)
    page = render_template("cases/statistics.html", form=form, found=found, first=first, last=last)
    return page, 422 if wrong else 200
