"""Search the registry and enter a new family."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.accounts.queries import sites as site_rows
from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.errors import PossibleDuplicate
from aidtrack.beneficiaries.forms import RegisterForm, SearchForm
from aidtrack.beneficiaries.forms.register import without_member
from aidtrack.beneficiaries.queries.search import Found
from aidtrack.beneficiaries.services.checking import MOST_MEMBERS
from aidtrack.beneficiaries.views import after_registering, bp, carried_over, kinds_for, today_of
from aidtrack.beneficiaries.views.held_back import Doubles, doubles_of
from aidtrack.beneficiaries.views.words import reason_words
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web.access import current_actor, requires
from aidtrack.web.filters import name
from aidtrack.web.layout import answer_code


@bp.route("", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_READ)
def search() -> ResponseReturnValue:
    """No list without a question, and never more than 25 names."""
    form = SearchForm()
    found: Found | None = None
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                found = services.search_households(
                    session, form.q.data or "", actor=current_actor(), now=utc_now()
                )
        except DomainError as error:
            error.field = "q" if error.field == "code" else error.field
            form.show(error)
        else:
            if found.by == "registration_no" and len(found.households) == 1:
                return redirect(
                    url_for("beneficiaries.household", household_id=found.households[0].id), code=303
                )
    return render_template("beneficiaries/search.html", form=form, found=found), answer_code(form)


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE)
def register() -> ResponseReturnValue:
    actor = current_actor()
    session = read_session()
    kinds = kinds_for(session, actor)
    sites = [(site.id, name(site)) for site in site_rows(session, actor=actor)]
    pressed = request.form.get("step", "save")
    word, _dash, place = pressed.partition("-")
    removed = word == "remove" and place.isascii() and place.isdigit() and len(place) < 4 and int(place) > 0
    form = (
        RegisterForm(formdata=without_member(request.form, int(place)))
        if removed
        else RegisterForm(data=carried_over(actor))
    )
    form.offer(sites, kinds)
    doubles = Doubles()
    reasons: dict[str, list[str]] = {}
    if form.is_submitted() and pressed == "add":
        form.add_member(kinds)
    elif form.is_submitted() and not removed:
        form.drop_blank_members()
        if form.validate():
            today = today_of(session, int(form.site_id.data))
            try:
                with unit_of_work() as writing:
                    household_id = services.register_household(
                        writing, form.to_command(today), actor=actor, now=utc_now()
                    )
                    after_registering(writing, household_id, actor)
            except PossibleDuplicate as error:
                form.show(error)
                reasons = error.facts["reasons"]
                doubles = doubles_of(error)
            except DomainError as error:
                form.show(error)
            else:
                flash(_("The family is registered."), "success")
                return redirect(url_for("beneficiaries.household", household_id=household_id), code=303)
    page = render_template(
        "beneficiaries/register.html", form=form, doubles=doubles, reasons=reasons, reason_words=reason_words, most=MOST_MEMBERS,
        one_site=len(sites) == 1,
    )  # fmt: skip
    return page, answer_code(form)
