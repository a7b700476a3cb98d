"""The waiting list, and from where on a second person is asked for."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, Optional

from aidtrack.accounts.approvals import queries, services
from aidtrack.accounts.approvals.models import ApprovalState
from aidtrack.accounts.models import Site
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web import current_actor, requires
from aidtrack.web.forms import BaseForm, choices

bp = Blueprint("approvals", __name__)
SAID = {
    ApprovalState.APPROVED: _l("Approved and carried out."),
    ApprovalState.REFUSED: _l("Refused: nothing was changed."),
    ApprovalState.WITHDRAWN: _l("Taken back: nothing was changed."),
}
STATES = {
    ApprovalState.APPROVED: (_l("approved"), "good"),
    ApprovalState.REFUSED: (_l("refused"), "warn"),
    ApprovalState.WITHDRAWN: (_l("taken back"), "neutral"),
}


class DecideForm(BaseForm):
    """One decision about one act of the list."""

    approval_id = HiddenField(validators=[InputRequired()])
    state = HiddenField(validators=[AnyOf([state.value for state in SAID])])
    answer = StringField(_l("Remark"), [Optional(), Length(max=500)])

    def to_command(self) -> services.Decide:
        sent = self.approval_id.data or ""
        number = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 18 else 0
        return services.Decide(number, ApprovalState(self.state.data or ""), self.answer.data or "")


class ThresholdForm(BaseForm):
    site_id = SelectField(_l("Site"), coerce=int)
    loss_percent = IntegerField(
        _l("Losses and count differences above this share, %"), [InputRequired(), NumberRange(0, 100)],
        description=_l("Of what the book says of the lot at the place. Theft always needs a second person."),
    )  # fmt: skip
    loss_days = IntegerField(
        _l("Small losses and differences are added up over so many days"), [InputRequired(), NumberRange(1, 366)],
        description=_l(
            "For each item at a place: above the same share together, the next one needs a second person."
        ),
    )  # fmt: skip
    reprints_a_day = IntegerField(
        _l("Reprints of one person a day without a second person"), [InputRequired(), NumberRange(0, 1000)],
        description=_l("0 asks a second person for every reprint."),
    )  # fmt: skip

    def to_command(self) -> services.SetThreshold:
        return services.SetThreshold(
            self.site_id.data,
            self.loss_percent.data or 0,
            self.reprints_a_day.data or 0,
            self.loss_days.data or 0,
        )


@bp.route("/approvals", methods=["GET", "POST"])
@requires(Permission.ACT_APPROVE)
def index() -> ResponseReturnValue:
    """What waits for a second person; decided here."""
    actor, form = current_actor(), DecideForm()
    if form.validate_on_submit():
        command = form.to_command()
        try:
            with unit_of_work() as session:
                services.decide(session, command, actor=actor, now=utc_now())
        except DomainError as error:
            if error.status == 404:
                raise
            form.form_errors = [*form.form_errors, str(_(error.text) % error.facts)]
        else:
            flash(str(SAID[command.state]), "success")
            return redirect(url_for("approvals.index"), code=303)
    session = read_session()
    page = render_template(
        "approvals/index.html",
        waiting=queries.waiting(session, actor),
        decided=queries.decided(session, actor),
        form=form,
        states=STATES,
    )
    return page, 422 if form.is_submitted() else 200


@bp.route("/approvals/settings", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_MANAGE)
def settings() -> ResponseReturnValue:
    """From where on a site asks for a second person."""
    session, actor = read_session(), current_actor()
    sites = session.scalars(select(Site).where(Site.id.in_(actor.site_ids)).order_by(Site.code)).all()
    wanted = request.args.get("site", "")
    chosen = next((site for site in sites if str(site.id) == wanted), sites[0])
    now_is = services.threshold_of(session, chosen.id)
    form = ThresholdForm(
        data={
            "site_id": chosen.id,
            "loss_percent": now_is.loss_percent,
            "loss_days": now_is.loss_days,
            "reprints_a_day": now_is.reprints_a_day,
        }
    )
    language = actor.language
    form.site_id.choices = choices(
        [(site.id, site.name_uk if language == "uk" else site.name_en) for site in sites]
    )
    if form.validate_on_submit():
        with unit_of_work() as unit:
            services.set_threshold(unit, form.to_command(), actor=actor, now=utc_now())
        flash(_("Saved."), "success")
        return redirect(url_for("approvals.settings", site=form.site_id.data), code=303)
    page = render_template("approvals/settings.html", form=form)
    return page, 422 if form.is_submitted() else 200
