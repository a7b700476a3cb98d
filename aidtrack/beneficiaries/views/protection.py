"""An administrator's page: who may see protected categories, and until when. No case is shown here."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.forms import GrantForm
from aidtrack.beneficiaries.queries.grants import caseworkers, live_grants
from aidtrack.beneficiaries.views import bp
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web.access import current_actor, requires
from aidtrack.web.forms import EmptyForm
from aidtrack.web.layout import answer_code


@bp.route("/protection", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_MANAGE)
def protection() -> ResponseReturnValue:
    actor = current_actor()
    form = GrantForm()
    form.offer(caseworkers(read_session(), actor))
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.grant_protection(session, form.to_command(), actor=actor, now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The right was given. It counts from the colleague's next page on."), "success")
            return redirect(url_for("beneficiaries.protection"), code=303)
    grants = live_grants(read_session(), actor, utc_now())
    page = render_template(
        "beneficiaries/protection.html", form=form, grants=grants, ending=EmptyForm(formdata=None)
    )
    return page, answer_code(form)


@bp.post("/protection/<int:grant_id>/end")
@requires(Permission.ACCOUNTS_MANAGE)
def end_protection(grant_id: int) -> ResponseReturnValue:
    with unit_of_work() as session:
        services.end_grant(session, grant_id, actor=current_actor(), now=utc_now())
    flash(_("The right was taken back."), "success")
    return redirect(url_for("beneficiaries.protection"), code=303)
