"""Many marks at once: all who qualify, and those whose standing mark the rule no longer carries."""

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.models import TrialPurpose
from aidtrack.distribution.rights import queries, services, trials
from aidtrack.distribution.rights.commands import EndMany, StartTrial
from aidtrack.distribution.rights.forms import EndManyForm, MarkAllForm, TryForm
from aidtrack.distribution.rights.runs import mark_in_batches
from aidtrack.distribution.rights.views.blueprint import bp
from aidtrack.distribution.rights.views.trials import NAMES_ON_A_PAGE, REFRESH_SECONDS, begin, finished
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web.access import current_actor, requires
from aidtrack.web.jobs import Job, jobs, problem
from aidtrack.web.layout import answer_code


@bp.route("/programmes/<int:programme_id>/<any(qualify,marks):purpose>", methods=["GET", "POST"])
@requires(Permission.ELIGIBILITY_DECIDE, Permission.HOUSEHOLD_READ)
def look_through(programme_id: int, purpose: str) -> ResponseReturnValue:
    """Look through the registry: who qualifies and has no mark, or whose mark the rule no longer carries."""
    session = read_session()
    programme = queries.programme(session, programme_id)
    what = TrialPurpose(purpose)
    form = TryForm(data={"on": local_date(utc_now())})
    if form.validate_on_submit():
        assert form.on.data is not None
        try:
            trial_id = begin(StartTrial(what, programme_id, form.on.data))
        except DomainError as error:
            form.show(error)
        else:
            return redirect(url_for("rights.show_trial", trial_id=trial_id), code=303)
    page = render_template(
        "rights/look_through.html",
        form=form,
        programme=programme,
        purpose=what,
        last=trials.newest_trial(read_session(), programme_id, what, current_actor()),
        Purpose=TrialPurpose,
    )
    return page, answer_code(form)


@bp.route("/trials/<int:trial_id>/mark-all", methods=["GET", "POST"])
@requires(Permission.ELIGIBILITY_DECIDE, Permission.HOUSEHOLD_READ)
def mark_all(trial_id: int) -> ResponseReturnValue:
    """Mark everybody of the list who still qualifies, in the background."""
    trial = finished(trial_id, TrialPurpose.QUALIFY)
    session = read_session()
    form = MarkAllForm(data={"valid_from": trial.on})
    if form.validate_on_submit():
        actor, now = current_actor(), utc_now()
        command = form.to_command(trial.programme_id)

        def work(job: Job) -> None:
            marked, skipped = mark_in_batches(command, trial_id, actor=actor, now=now, progress=job.progress)
            job.done, job.skipped = marked, skipped

        job = jobs().start(f"mark-{trial_id}", "mark", actor.label, work)
        return redirect(url_for("rights.marking", trial_id=trial_id, job_id=job.id), code=303)
    _rows, waiting = trials.changed_families(
        session, trial_id, comes_in=True, actor=current_actor(), offset=0, limit=1
    )
    page = render_template(
        "rights/mark_all.html", form=form, trial=trial, waiting=waiting,
        programme=queries.programme(session, trial.programme_id),
    )  # fmt: skip
    return page, answer_code(form)


@bp.get("/trials/<int:trial_id>/marking/<job_id>")
@requires(Permission.ELIGIBILITY_DECIDE, Permission.HOUSEHOLD_READ)
def marking(trial_id: int, job_id: str) -> ResponseReturnValue:
    """How far the marking is."""
    trial = trials.trial(read_session(), trial_id, current_actor())
    job = jobs().get(job_id, f"mark-{trial_id}")
    if job is None:
        flash(_("That run is over or was interrupted. What it marked stands; begin again to go on."), "info")
        return redirect(
            url_for("rights.look_through", programme_id=trial.programme_id, purpose="qualify"), code=303
        )
    page = render_template(
        "rights/marking.html", trial=trial, job=job,
        programme=queries.programme(read_session(), trial.programme_id),
        problem=problem(job),
    )  # fmt: skip
    response: Response = make_response(page)
    if not job.finished:
        response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response


@bp.route("/trials/<int:trial_id>/end", methods=["GET", "POST"])
@requires(Permission.ELIGIBILITY_DECIDE, Permission.HOUSEHOLD_READ)
def end_marks(trial_id: int) -> ResponseReturnValue:
    """End the marks of the families ticked on a page of the work list."""
    trial = finished(trial_id, TrialPurpose.MARKS)
    chosen = {int(one) for one in request.values.getlist("family") if one.isdecimal() and len(one) < 19}
    form = EndManyForm(data={"last_day": trial.on})
    session = read_session()
    listed = set(trials.all_changed(session, trial_id, comes_in=False))
    households = tuple(sorted(chosen & listed))[:NAMES_ON_A_PAGE]
    if form.validate_on_submit() and households:
        assert form.last_day.data is not None
        command = EndMany(trial.programme_id, households, form.last_day.data, form.reason.data or "")
        try:
            with unit_of_work() as writing:
                ended = services.end_many(writing, command, actor=current_actor(), now=utc_now())
                trials.forget_changes(writing, trial_id, households)
        except DomainError as error:
            form.show(error)
        else:
            flash(ngettext("%(num)d right was ended.", "%(num)d rights were ended.", ended), "success")
            return redirect(url_for("rights.trial_list", trial_id=trial_id, way="out"), code=303)
    page = render_template(
        "rights/end_marks.html", form=form, trial=trial, households=households,
        programme=queries.programme(read_session(), trial.programme_id),
    )  # fmt: skip
    return page, answer_code(form)
