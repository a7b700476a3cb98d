"""Pages of a household's right: why, why not, mark, end, exceptions."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import UserAccount
from aidtrack.beneficiaries import queries as families
from aidtrack.beneficiaries import services as family_services
from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.beneficiaries.views import today_of
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.models import EligibilityStatus
from aidtrack.distribution.rights import queries, services
from aidtrack.distribution.rights.errors import NoRule, NotEntitled
from aidtrack.distribution.rights.forms import GROUND_WORDS, EndForm, MarkForm, SettleForm
from aidtrack.distribution.rights.views.blueprint import bp, category_names, marks_of, programmes
from aidtrack.distribution.rights.words import reason_lines, rule_lines
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.web.access import current_actor, requires
from aidtrack.web.filters import day
from aidtrack.web.i18n import language
from aidtrack.web.layout import answer_code
from aidtrack.web.problems import translate


def section(session: Session, file: HouseholdFile, actor: Actor) -> Markup:
    """The part of a family's page that shows its rights."""
    marks = marks_of(session, file.key.id)
    page = render_template(
        "rights/_section.html",
        file=file,
        marks=marks,
        programmes=programmes(session),
        programme_names={one.id: one.name(language()) for one in programmes(session)},
        ground_words=GROUND_WORDS,
        today=today_of(session, file.key.site_id),
        may_decide=actor.can(Permission.ELIGIBILITY_DECIDE),
        Status=EligibilityStatus,
    )
    return Markup(page)  # noqa: S704  (our own template, escaped by Jinja)


@bp.route("/families/<int:household_id>/<int:programme_id>", methods=["GET", "POST"])
@requires(Permission.ELIGIBILITY_DECIDE, Permission.HOUSEHOLD_READ)
def why(household_id: int, programme_id: int) -> ResponseReturnValue:
    """Why this family is or is not entitled to a programme; and the mark itself."""
    actor = current_actor()
    with unit_of_work() as session:
        file = family_services.open_household(
            session, household_id, actor=actor, now=utc_now(), purpose="eligibility"
        )
        programme = queries.programme(session, programme_id)
    today = today_of(read_session(), file.key.site_id)
    form = MarkForm(data={"valid_from": today})
    form.offer(
        [(one.id, f"{one.act_number} · {day(one.made_on)}") for one in file.assessments],
        [(one.id, f"{one.number} · {day(one.decided_on)}") for one in file.decisions],
    )
    if form.validate_on_submit():
        step = request.form.get("step", "mark")
        try:
            with unit_of_work() as session:
                marked = services.mark_eligible(
                    session, form.to_command(household_id, programme_id, step), actor=actor, now=utc_now()
                )
        except NotEntitled as error:
            form.show(error)
        except DomainError as error:
            form.show(error)
        else:
            flash(_outcome(marked, step), "success")
            return redirect(url_for("beneficiaries.household", household_id=household_id), code=303)
    on = form.valid_from.data or today
    session = read_session()
    judgement, no_rule = None, None
    try:
        judgement = services.judge_household(session, household_id, programme_id, on, actor=actor)
    except NoRule as error:
        no_rule = translate(error)
    names = category_names(session)
    page = render_template(
        "rights/why.html",
        form=form,
        file=file,
        programme=programme,
        judgement=judgement,
        no_rule=no_rule,
        on=on,
        asked=rule_lines(judgement.rule.rule, names) if judgement else [],
        against=reason_lines(judgement.verdict.reasons, names) if judgement else [],
        live=queries.live_marks(session, programme_id, [household_id]).get(household_id),
    )
    return page, answer_code(form)


def _outcome(marked: services.Marked, step: str) -> str:
    if marked.status is EligibilityStatus.ELIGIBLE:
        return str(_("Marked as eligible."))
    if step == "exception":
        return str(_("The exception waits for a second caseworker."))
    return str(_("The refusal was recorded with its reasons."))


# -- marks -------------------------------------------------------------------------------------------


def _mark(session: Session, eligibility_id: int) -> queries.MarkRow:
    mark = queries.mark_at_sites(session, eligibility_id, current_actor())
    if mark is None:
        raise NotFound()
    return mark


@bp.route("/marks/<int:eligibility_id>/end", methods=["GET", "POST"])
@requires(Permission.ELIGIBILITY_DECIDE)
def end(eligibility_id: int) -> ResponseReturnValue:
    session = read_session()
    mark = _mark(session, eligibility_id)
    key = families.find_household(session, mark.household_id, current_actor())
    programme = queries.programme(session, mark.programme_id)
    form = EndForm(data={"last_day": today_of(session, key.site_id)})
    if form.validate_on_submit():
        try:
            with unit_of_work() as writing:
                services.end_eligibility(
                    writing, form.to_command(eligibility_id), actor=current_actor(), now=utc_now()
                )
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Recorded."), "success")
            return redirect(url_for("beneficiaries.household", household_id=key.id), code=303)
    page = render_template("rights/end.html", form=form, key=key, programme=programme)
    return page, answer_code(form)


@bp.get("/exceptions")
@requires(Permission.ELIGIBILITY_DECIDE)
def exceptions() -> ResponseReturnValue:
    """Wishes for an exception that wait for a second person. Numbers, no names."""
    session = read_session()
    waiting = queries.waiting_overrides(session, sorted(current_actor().site_ids))
    who = {mark.marked_by_id for mark, _number in waiting}
    logins = dict(
        session.execute(select(UserAccount.id, UserAccount.login).where(UserAccount.id.in_(who))).all()
    )
    return render_template(
        "rights/exceptions.html",
        waiting=waiting,
        logins=logins,
        programme_names={one.id: one.name(language()) for one in queries.programmes(session)},
    )


@bp.route("/exceptions/<int:eligibility_id>", methods=["GET", "POST"])
@requires(Permission.ELIGIBILITY_DECIDE)
def settle(eligibility_id: int) -> ResponseReturnValue:
    with unit_of_work() as looking:
        mark = services.open_exception(looking, eligibility_id, actor=current_actor(), now=utc_now())
    session = read_session()
    key = families.find_household(session, mark.household_id, current_actor())
    programme = queries.programme(session, mark.programme_id)
    form = SettleForm()
    if form.validate_on_submit():
        approve = request.form.get("step") == "approve"
        try:
            with unit_of_work() as writing:
                services.settle_override(
                    writing,
                    form.to_command(eligibility_id, approve=approve),
                    actor=current_actor(),
                    now=utc_now(),
                )
        except DomainError as error:
            form.show(error)
        else:
            flash(
                _("The exception was approved.") if approve else _("The exception was declined."), "success"
            )
            return redirect(url_for("rights.exceptions"), code=303)
    session = read_session()
    page = render_template(
        "rights/settle.html",
        form=form,
        mark=mark,
        key=key,
        programme=programme,
        own=mark.marked_by_id == current_actor().user_id,
        against=reason_lines(queries.stored_reasons(session, eligibility_id), category_names(session)),
    )
    return page, answer_code(form)
