"""An administrator's pages: who signs in, as what, where."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.accounts import passwords, queries, services
from aidtrack.accounts.forms import NewPersonForm, PersonForm
from aidtrack.accounts.services import NewPerson
from aidtrack.accounts.views import bp, donor_choices, site_choices
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web.access import current_actor, requires
from aidtrack.web.forms import EmptyForm
from aidtrack.web.problems import translate


@bp.get("/people")
@requires(Permission.ACCOUNTS_MANAGE)
def people() -> ResponseReturnValue:
    actor = current_actor()
    listed = queries.people(read_session(), actor=actor)
    names = {site.id: site for site in queries.sites(read_session(), actor=actor)}
    return render_template("accounts/people.html", people=listed, sites=names)


@bp.route("/people/new", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_MANAGE)
def new_person() -> ResponseReturnValue:
    actor = current_actor()
    form = NewPersonForm()
    form.offer(site_choices(read_session(), actor), donor_choices(read_session()))
    if form.validate_on_submit():
        try:
            password = passwords.new_password()
            with unit_of_work() as session:
                made = services.create_user(
                    session, form.to_command(), password=password, actor=actor, now=utc_now()
                )
        except DomainError as error:
            form.show(error)
        else:
            return _show_once(made)
    return render_template(
        "accounts/new_person.html", form=form
    ), 422 if form.errors or form.form_errors else 200


@bp.route("/people/<int:user_id>", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_MANAGE)
def person(user_id: int) -> ResponseReturnValue:
    actor = current_actor()
    found = queries.person(read_session(), user_id, actor=actor)
    form = PersonForm(
        data={
            "display_name": found.display_name,
            "role": found.role.value,
            "site_ids": sorted(found.site_ids),
            "donor_ids": sorted(found.donor_ids),
        }
    )
    form.offer(site_choices(read_session(), actor), donor_choices(read_session()))
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.change_person(session, form.to_command(user_id), actor=actor, now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("accounts.people"), code=303)
    page = render_template("accounts/person.html", form=form, person=found, button=EmptyForm(formdata=None))
    return page, 422 if form.errors or form.form_errors else 200


@bp.post("/people/<int:user_id>/deactivate")
@requires(Permission.ACCOUNTS_MANAGE)
def deactivate(user_id: int) -> ResponseReturnValue:
    try:
        with unit_of_work() as session:
            services.deactivate_user(session, user_id, actor=current_actor(), now=utc_now())
    except DomainError as error:
        return _refused(error, user_id)
    flash(_("The account is closed. Whatever was open under it is signed out."), "success")
    return redirect(url_for("accounts.people"), code=303)


@bp.post("/people/<int:user_id>/reactivate")
@requires(Permission.ACCOUNTS_MANAGE)
def reactivate(user_id: int) -> ResponseReturnValue:
    password = passwords.new_password()
    try:
        with unit_of_work() as session:
            made = services.reactivate_user(
                session, user_id, password=password, actor=current_actor(), now=utc_now()
            )
    except DomainError as error:
        return _refused(error, user_id)
    return _show_once(made)


@bp.post("/people/<int:user_id>/reset")
@requires(Permission.ACCOUNTS_MANAGE)
def reset(user_id: int) -> ResponseReturnValue:
    password = passwords.new_password()
    try:
        with unit_of_work() as session:
            made = services.reset_password(
                session, user_id, password=password, actor=current_actor(), now=utc_now()
            )
    except DomainError as error:
        return _refused(error, user_id)
    return _show_once(made)


def _refused(error: DomainError, user_id: int) -> ResponseReturnValue:
    """A button has no form to come back to: the sentence is shown on the person's page."""
    if error.status in (403, 404):
        raise error
    flash(translate(error), "error")
    return redirect(url_for("accounts.person", user_id=user_id), code=303)


def _show_once(made: NewPerson) -> ResponseReturnValue:
    """The generated password stands in this one answer and nowhere else, so it is not a redirect."""
    return render_template("accounts/password_once.html", made=made), {"Cache-Control": "no-store"}
