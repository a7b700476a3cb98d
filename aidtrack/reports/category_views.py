"""The page of categories in figures."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from aidtrack.db import read_session
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.reports.categories import category_figures
from aidtrack.reports.views import bp
from aidtrack.web.access import current_actor, requires
from aidtrack.web.forms import read_day

__all__ = ["bp", "category_page"]


@bp.get("/category-figures")
@requires(Permission.REPORT_AGGREGATES, Permission.STOCK_TOTALS)
def category_page() -> ResponseReturnValue:
    """Families and people by category on a day; not for liaisons, whose figures are of their donors' goods."""
    try:
        on = read_day(request.args.get("on", ""))
    except ValueError:
        on = local_date(utc_now())
    actor = current_actor()
    return render_template(
        "reports/categories.html",
        figures=category_figures(read_session(), on=on, actor=actor),
        exact=actor.can(Permission.HOUSEHOLD_READ),
    )
