"""An administrator's pages: terms, working days, the short address, and who may read sensitive entries."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.db import read_session, unit_of_work
from aidtrack.feedback import queries, services
from aidtrack.feedback.forms import AddressForm, GrantForm, SpecialDayForm, TermForm, WeekForm
from aidtrack.feedback.views import bp, kind_names
from aidtrack.feedback.words import WEEKDAYS
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web import current_actor, requires
from aidtrack.web.forms import BaseForm, EmptyForm, choices


def _page(form: BaseForm | None = None) -> str:
    session = read_session()
    today = local_date(utc_now())
    names = kind_names(session)
    term = form if isinstance(form, TermForm) else TermForm(formdata=None, data={"valid_from": today})
    term.kind.choices = choices(names.items())
    current = queries.calendar(session)
    week = form if isinstance(form, WeekForm) else WeekForm(formdata=None, data={"valid_from": today})
    special = form if isinstance(form, SpecialDayForm) else SpecialDayForm(formdata=None)
    address = form
    if not isinstance(form, AddressForm):
        address = AddressForm(formdata=None, data={"address": queries.short_address(session)})
    return render_template(
        "feedback/settings.html",
        names=names,
        terms=queries.all_terms(session),
        weeks=queries.weeks(session),
        special_days=queries.special_days(session)[:40],
        weekday_words=WEEKDAYS,
        works_today=current.works(today),
        term_form=term,
        week_form=week,
        day_form=special,
        address_form=address,
    )


def _saved() -> ResponseReturnValue:
    flash(_("Saved."), "success")
    return redirect(url_for("feedback_register.settings"), code=303)


@bp.get("/settings")
@requires(Permission.CATALOGUE_MANAGE)
def settings() -> ResponseReturnValue:
    return _page()


@bp.post("/settings/term")
@requires(Permission.CATALOGUE_MANAGE)
def set_term() -> ResponseReturnValue:
    form = TermForm()
    form.kind.choices = choices(kind_names(read_session()).items())
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.set_term(session, form.to_command(), actor=current_actor(), now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            return _saved()
    return _page(form), 422


@bp.post("/settings/week")
@requires(Permission.CATALOGUE_MANAGE)
def set_week() -> ResponseReturnValue:
    form = WeekForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.set_week(session, form.to_command(), actor=current_actor(), now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            return _saved()
    return _page(form), 422


@bp.post("/settings/day")
@requires(Permission.CATALOGUE_MANAGE)
def set_day() -> ResponseReturnValue:
    form = SpecialDayForm()
    if form.validate_on_submit() and form.day.data is not None:
        with unit_of_work() as session:
            services.set_special_day(
                session, form.day.data, form.works.data == "yes", actor=current_actor(), now=utc_now()
            )
        return _saved()
    return _page(form), 422


@bp.post("/settings/address")
@requires(Permission.CATALOGUE_MANAGE)
def set_address() -> ResponseReturnValue:
    form = AddressForm()
    if form.validate_on_submit():
        with unit_of_work() as session:
            services.set_address(session, form.address.data, actor=current_actor(), now=utc_now())
        return _saved()
    return _page(form), 422


@bp.route("/rights", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_MANAGE)
def rights() -> ResponseReturnValue:
    """Who may read sensitive messages, and until when. No message is shown here."""
    session, actor, now = read_session(), current_actor(), utc_now()
    able = {
        pair
        for site_id in actor.site_ids
        for pair in queries.handlers(session, site_id, sensitive=False, but=actor.user_id, now=now)
    }
    form = GrantForm()
    form.user_id.choices = choices(sorted(able, key=lambda pair: pair[1]))
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.grant(unit, form.to_command(), actor=actor, now=now)
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The right was given. It counts from the colleague's next page on."), "success")
            return redirect(url_for("feedback_register.rights"), code=303)
    page = render_template(
        "feedback/rights.html",
        form=form,
        grants=queries.grants(read_session(), actor, now),
        ending=EmptyForm(formdata=None),
        nobody=queries.nobody_reads_sensitive(read_session(), actor, now),
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/rights/<int:feedback_grant_id>/end")
@requires(Permission.ACCOUNTS_MANAGE)
def end_right(feedback_grant_id: int) -> ResponseReturnValue:
    with unit_of_work() as session:
        services.end_grant(session, feedback_grant_id, actor=current_actor(), now=utc_now())
    flash(_("The right was taken back."), "success")
    return redirect(url_for("feedback_register.rights"), code=303)
