"""The centre's own rules: limits, times of keeping, the text families are told."""

from dataclasses import asdict

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.beneficiaries.models import RetentionKind
from aidtrack.beneficiaries.privacy import budget, retention, settings, texts
from aidtrack.beneficiaries.privacy.forms import LimitsForm, RetentionForm, TextForm, day_of
from aidtrack.beneficiaries.privacy.views import bp
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web import current_actor, requires
from aidtrack.web.layout import answer_code


@bp.route("/privacy/limits", methods=["GET", "POST"])
@requires(Permission.PRIVACY_MANAGE)
def limits() -> ResponseReturnValue:
    form = LimitsForm(data=asdict(budget.limits(read_session())))
    if form.validate_on_submit():
        try:
            with unit_of_work() as writing:
                settings.set_limits(writing, form.to_limits(), actor=current_actor(), now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("privacy.index"), code=303)
    return render_template("privacy/limits.html", form=form), answer_code(form)


@bp.route("/privacy/keeping", methods=["GET", "POST"])
@requires(Permission.PRIVACY_MANAGE)
def keeping() -> ResponseReturnValue:
    """How long files are kept; a new rule counts from its day on."""
    today = utc_now().date()
    form = RetentionForm(data={"kind": RetentionKind.QUIET.value, "valid_from": today})
    if form.validate_on_submit():
        try:
            with unit_of_work() as writing:
                retention.set_rule(
                    writing, RetentionKind(form.kind.data), int(form.months.data or 0), day_of(form.valid_from),
                    form.source.data or "", actor=current_actor(), now=utc_now(),
                )  # fmt: skip
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("privacy.keeping"), code=303)
    rules = retention.rules_on(read_session(), today)
    return render_template("privacy/keeping.html", form=form, rules=rules), answer_code(form)


@bp.route("/privacy/texts", methods=["GET", "POST"])
@requires(Permission.PRIVACY_MANAGE)
def told() -> ResponseReturnValue:
    """What families are told: the version in force, and a new one."""
    session, today = read_session(), utc_now().date()
    now_told = {language: texts.text_on(session, today, language) for language in ("uk", "en")}
    start = {f"body_{language}": row.body for language, row in now_told.items()}
    form = TextForm(data={**start, "valid_from": today})
    if form.validate_on_submit():
        try:
            with unit_of_work() as writing:
                bodies = {"uk": form.body_uk.data or "", "en": form.body_en.data or ""}
                texts.add_text(writing, bodies, day_of(form.valid_from), actor=current_actor(), now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The new version is kept. It is used from its day on."), "success")
            return redirect(url_for("privacy.told"), code=303)
    return render_template("privacy/texts.html", form=form, versions=texts.all_texts(session)), answer_code(
        form
    )
