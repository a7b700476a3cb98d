"""What waits: requests to erase, families whose time is over; and what one reads for."""

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from aidtrack.accounts.queries import sites as site_rows
from aidtrack.accounts.sessions import READING_FOR
from aidtrack.beneficiaries.privacy import budget, erasure, exports, retention
from aidtrack.beneficiaries.privacy.forms import DueForm, GoOnForm, PurposeForm
from aidtrack.beneficiaries.privacy.views import bp
from aidtrack.beneficiaries.privacy.words import FIELDS
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web import current_actor, requires, requires_any, safe_next
from aidtrack.web.forms import EmptyForm
from aidtrack.web.i18n import language
from aidtrack.web.layout import answer_code


@bp.get("/privacy")
@requires_any(Permission.HOUSEHOLD_READ, Permission.PRIVACY_MANAGE)
def index() -> ResponseReturnValue:
    """What waits for a person; for an administrator, who looked at very many families."""
    reading, actor, now = read_session(), current_actor(), utc_now()
    cases = actor.can(Permission.HOUSEHOLD_READ)
    return render_template(
        "privacy/index.html",
        cases=cases,
        requests=erasure.requests(reading, actor=actor) if cases else [],
        exports=exports.exports(reading, actor=actor),
        went_on=budget.went_on(reading, actor, since=now - 30 * 24 * budget.HOUR)
        if actor.can(Permission.PRIVACY_MANAGE)
        else None,
        limits=budget.limits(reading),
        field_words=FIELDS,
        tongue=language(),
        empty_form=EmptyForm(formdata=None),
        now=now,
    )


@bp.post("/privacy/purpose")
@requires(Permission.HOUSEHOLD_READ)
def purpose() -> ResponseReturnValue:
    """For the rest of the session, or until another is chosen."""
    form = PurposeForm()
    if form.validate_on_submit():
        session[READING_FOR] = form.reading_for.data
        flash(_("Noted: from now on your readings are logged with this purpose."), "success")
    return redirect(safe_next(request.args.get("next"), url_for("beneficiaries.search")), code=303)


@bp.route("/privacy/go-on", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_READ)
def go_on() -> ResponseReturnValue:
    form, actor = GoOnForm(), current_actor()
    if form.validate_on_submit():
        try:
            with unit_of_work() as writing:
                budget.go_on(writing, form.reason.data or "", actor=actor, now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            if request.args.get("form"):  # opened beside a form that waits in another tab
                flash(
                    _("You may go on for an hour. Your form waits in the other tab; this one you can close."),
                    "success",
                )
            return redirect(safe_next(request.args.get("next"), url_for("beneficiaries.search")), code=303)
    spent = budget.spent(read_session(), actor, utc_now())
    limits = budget.limits(read_session())
    return render_template("privacy/go_on.html", form=form, spent=spent, limits=limits), answer_code(form)


@bp.post("/privacy/erasures/<int:request_id>")
@requires(Permission.HOUSEHOLD_WRITE)
def decide_erasure(request_id: int) -> ResponseReturnValue:
    approve = request.form.get("decision") == "approve"
    with unit_of_work() as writing:
        erasure.decide(writing, request_id, approve=approve, actor=current_actor(), now=utc_now())
    if approve:
        flash(_("The family is erased. Its handouts stay in the totals as counts."), "success")
    else:
        flash(_("Declined. The family stays as it is."), "success")
    return redirect(url_for("privacy.index"), code=303)


@bp.route("/privacy/due", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE)
def due() -> ResponseReturnValue:
    """Families whose time of keeping is over; ticked ones are asked to be erased."""
    reading, actor, now = read_session(), current_actor(), utc_now()
    zones = [site.time_zone for site in site_rows(reading, actor=actor)]
    today = local_date(now, zones[0] if zones else "Europe/Kyiv")
    form = DueForm()
    if form.validate_on_submit():
        with unit_of_work() as writing:
            asked, held_back = retention.ask_for_due(
                writing, form.families.data or [], actor=actor, today=today, now=now
            )
        if asked:
            flash(
                ngettext("Asked for %(num)s family. A colleague approves.", "Asked for %(num)s families. A colleague approves.", asked),
                "success",
            )  # fmt: skip
        if held_back:
            flash(
                ngettext("%(num)s family is held back by something open.", "%(num)s families are held back by something open.", held_back),
                "info",
            )  # fmt: skip
        return redirect(url_for("privacy.due"), code=303)
    rows, more = retention.due(reading, actor=actor, today=today)
    rules = retention.rules_on(reading, today)
    return render_template("privacy/due.html", form=form, rows=rows, more=more, rules=rules)
