"""Files with identifiers: asked for, approved by another person, taken once."""

import io

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.accounts.queries import sites as site_rows
from aidtrack.beneficiaries.privacy import exports
from aidtrack.beneficiaries.privacy.forms import ExportForm
from aidtrack.beneficiaries.privacy.views import bp
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web import current_actor, download, requires
from aidtrack.web.filters import moment, name
from aidtrack.web.layout import answer_code

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.route("/privacy/exports/new", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_READ)
def new_export() -> ResponseReturnValue:
    actor, form = current_actor(), ExportForm()
    form.offer([(site.id, name(site)) for site in site_rows(read_session(), actor=actor)])
    if form.validate_on_submit():
        try:
            with unit_of_work() as writing:
                exports.ask(
                    writing, int(form.site_id.data), form.fields_wanted.data or [], form.purpose.data or "",
                    actor=actor, now=utc_now(),
                )  # fmt: skip
        except DomainError as error:
            error.field = "fields_wanted" if error.field == "fields" else error.field
            form.show(error)
        else:
            flash(_("Asked. When another person has approved, you can take the file once."), "success")
            return redirect(url_for("privacy.index"), code=303)
    return render_template("privacy/export.html", form=form), answer_code(form)


@bp.post("/privacy/exports/<int:export_id>")
@requires(Permission.IDENTIFIERS_APPROVE)
def decide_export(export_id: int) -> ResponseReturnValue:
    approve = request.form.get("decision") == "approve"
    with unit_of_work() as writing:
        exports.decide(writing, export_id, approve=approve, actor=current_actor(), now=utc_now())
    flash(_("Approved: it can be taken once.") if approve else _("Declined."), "success")
    return redirect(url_for("privacy.index"), code=303)


@bp.post("/privacy/exports/<int:export_id>/file")
@requires(Permission.HOUSEHOLD_READ)
def take_export(export_id: int) -> ResponseReturnValue:
    """The file, once. What was read is logged before the first byte leaves."""
    actor, now = current_actor(), utc_now()
    with unit_of_work() as writing:
        row, lines = exports.take(writing, export_id, actor=actor, now=now)
    mark = _(
        "Made for %(who)s on %(when)s, approved by %(other)s. What for: %(purpose)s. Not to be passed on.",
        who=actor.label, when=moment(now), other=row.decided_by, purpose=row.purpose,
    )  # fmt: skip
    stream = io.BytesIO()
    exports.write(stream, row, lines, str(mark))
    return download(stream.getvalue(), f"families-{export_id}.xlsx", XLSX)
