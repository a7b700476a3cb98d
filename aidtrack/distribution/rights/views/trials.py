"""Trying a rule out: begin, watch, read the figures, and whom it concerns."""

from flask import Response, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from aidtrack.beneficiaries import services as family_services
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.models import TrialPurpose, TrialState
from aidtrack.distribution.rights import queries, services, trials
from aidtrack.distribution.rights.commands import StartTrial
from aidtrack.distribution.rights.forms import TryForm
from aidtrack.distribution.rights.rule_words import reason_title
from aidtrack.distribution.rights.runs import run_trial
from aidtrack.distribution.rights.views.blueprint import bp, category_names, figure, sees_families
from aidtrack.distribution.rights.words import reason_lines
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.web import Page, page_number
from aidtrack.web.access import current_actor, requires, requires_any
from aidtrack.web.jobs import Job, jobs
from aidtrack.web.layout import answer_code

NAMES_ON_A_PAGE = 25
REFRESH_SECONDS = 1


def trial_key(trial_id: int) -> str:
    """The key of a trial's run."""
    return f"trial-{trial_id}"


def begin(command: StartTrial) -> int:
    """Note the trial and let it run in the background; gives its id."""
    actor, now = current_actor(), utc_now()
    with unit_of_work() as session:
        plan = services.start_trial(session, command, actor=actor, now=now)

    def work(job: Job) -> None:
        run_trial(plan, actor=actor, now=utc_now(), progress=job.progress)

    jobs().start(trial_key(plan.trial_id), "trial", actor.label, work)
    return plan.trial_id


@bp.route("/drafts/<int:draft_id>/try", methods=["GET", "POST"])
@requires_any(Permission.PROGRAMME_MANAGE, Permission.ELIGIBILITY_DECIDE)
def try_draft(draft_id: int) -> ResponseReturnValue:
    session = read_session()
    draft = trials.draft(session, draft_id)
    programme = queries.programme(session, draft.programme_id)
    form = TryForm(data={"on": local_date(utc_now())})
    if form.validate_on_submit():
        assert form.on.data is not None
        try:
            trial_id = begin(StartTrial(TrialPurpose.DRAFT, draft.programme_id, form.on.data, draft_id))
        except DomainError as error:
            form.show(error)
        else:
            return redirect(url_for("rights.show_trial", trial_id=trial_id), code=303)
    page = render_template("rights/try.html", form=form, draft=draft, programme=programme)
    return page, answer_code(form)


@bp.get("/trials/<int:trial_id>")
@requires_any(Permission.PROGRAMME_MANAGE, Permission.ELIGIBILITY_DECIDE)
def show_trial(trial_id: int) -> ResponseReturnValue:
    """How far it is, then what it found. Without scripts the page asks again by itself."""
    running = jobs().running(trial_key(trial_id))  # asked before the row is read: a run ends after it wrote
    session = read_session()
    actor = current_actor()
    trial = trials.trial(session, trial_id, actor)
    died = trial.state is TrialState.RUNNING and running is None
    draft = trials.draft(session, trial.draft_id) if trial.draft_id is not None else None
    page = render_template(
        "rights/trial.html",
        trial=trial,
        died=died or trial.state is TrialState.FAILED,
        draft=draft,
        stale=draft is not None and draft.digest != trial.digest,
        programme=queries.programme(session, trial.programme_id),
        figure=figure,
        exact=sees_families(actor),
        reason_title=reason_title,
        Purpose=TrialPurpose,
        State=TrialState,
    )
    response: Response = make_response(page)
    if trial.state is TrialState.RUNNING and not died:
        response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response


@bp.get("/trials/<int:trial_id>/<any(out,in):way>")
@requires(Permission.ELIGIBILITY_DECIDE, Permission.HOUSEHOLD_READ)
def trial_list(trial_id: int, way: str) -> ResponseReturnValue:
    """The families that fall out or come in, 25 names a page, each page logged."""
    actor, now = current_actor(), utc_now()
    page = page_number()
    start = (page - 1) * NAMES_ON_A_PAGE
    with unit_of_work() as session:
        trial = trials.trial(session, trial_id, actor)
        found, total = trials.changed_families(
            session, trial_id, comes_in=way == "in", actor=actor, offset=start, limit=NAMES_ON_A_PAGE
        )
        shown = family_services.list_households(
            session, [household_id for household_id, _code in found], f"trial_{way}", actor=actor, now=now
        )
        marks = queries.live_marks(session, trial.programme_id, [household_id for household_id, _ in found])
        programme = queries.programme(session, trial.programme_id)
        ids = [one.id for one in shown]
        why = services.first_reasons(session, trial, ids) if way == "out" else {}
        names = category_names(session)
    return render_template(
        "rights/trial_list.html",
        trial=trial,
        way=way,
        programme=programme,
        page=Page(shown, page, total, NAMES_ON_A_PAGE),
        codes=dict(found),
        why={household_id: reason_lines((reason,), names) for household_id, reason in why.items()},
        marks=marks,
        reason_title=reason_title,
        Purpose=TrialPurpose,
    )


def finished(trial_id: int, purpose: TrialPurpose) -> trials.Trial:
    """A trial of that kind with its figures; NotFound otherwise."""
    trial = trials.trial(read_session(), trial_id, current_actor())
    if trial.purpose is not purpose or trial.counts is None:
        raise NotFound()
    return trial
