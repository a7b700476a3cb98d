"""An administrator's pages: which programs may call the JSON API."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.accounts import queries, services
from aidtrack.accounts.forms import TokenForm
from aidtrack.accounts.views import bp, donor_choices, site_choices
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web.access import current_actor, requires
from aidtrack.web.forms import EmptyForm


@bp.get("/tokens")
@requires(Permission.ACCOUNTS_MANAGE)
def tokens() -> ResponseReturnValue:
    actor = current_actor()
    listed = queries.tokens(read_session(), actor=actor)
    names = {site.id: site for site in queries.sites(read_session(), actor=actor)}
    return render_template(
        "accounts/tokens.html", tokens=listed, sites=names, button=EmptyForm(formdata=None)
    )


@bp.route("/tokens/new", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_MANAGE)
def new_token() -> ResponseReturnValue:
    actor = current_actor()
    form = TokenForm()
    form.offer(site_choices(read_session(), actor), donor_choices(read_session()))
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                made = services.add_token(session, form.to_command(), actor=actor, now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            return render_template("accounts/token_once.html", made=made), {"Cache-Control": "no-store"}
    return render_template(
        "accounts/new_token.html", form=form
    ), 422 if form.errors or form.form_errors else 200


@bp.post("/tokens/<int:token_id>/revoke")
@requires(Permission.ACCOUNTS_MANAGE)
def revoke(token_id: int) -> ResponseReturnValue:
    with unit_of_work() as session:
        services.revoke_token(session, token_id, actor=current_actor(), now=utc_now())
    flash(_("The token is revoked. The program that used it is refused from now on."), "success")
    return redirect(url_for("accounts.tokens"), code=303)
