"""Issuing: to everyone, with progress to look at, or to one late-comer."""

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution import services
from aidtrack.distribution.commands import IssueOne, IssueRound
from aidtrack.distribution.forms import IssueForm, IssueOneForm
from aidtrack.distribution.queries.rounds import round_by_id
from aidtrack.distribution.runs import issue_in_batches
from aidtrack.distribution.views.blueprint import bp
from aidtrack.distribution.views.rounds import plan_of
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.kernel.ids import check_registration_number
from aidtrack.web import current_actor, download, requires
from aidtrack.web.jobs import Job, jobs, problem

REFRESH_SECONDS = 1
ISSUE, PRINT = "issue", "print"


def issuing(round_id: int) -> str:
    """The key of a round's issuing."""
    return f"{ISSUE}-{round_id}"


def printing(round_id: int, actor: Actor) -> str:
    """The key of one person's printing: the file is theirs alone, so two people may print the same round."""
    return f"{PRINT}-{round_id}-{actor.label}"


@bp.route("/rounds/<int:round_id>/issue", methods=["GET", "POST"])
@requires(Permission.VOUCHER_ISSUE)
def issue(round_id: int) -> ResponseReturnValue:
    """The plan, and the button that issues. A run that stopped goes on by the same button."""
    session = read_session()
    actor = current_actor()
    round_ = round_by_id(session, round_id, actor=actor)
    running = jobs().running(issuing(round_id))
    if running is not None:
        return redirect(url_for("rounds.run", round_id=round_id, job_id=running.id), code=303)
    form = IssueForm()
    if form.validate_on_submit():
        command = IssueRound(round_id, accept_shortage=form.accept_shortage.data)
        now = utc_now()
        try:
            with unit_of_work() as unit:
                total = services.start_issue(unit, command, actor=actor, now=now)
        except DomainError as error:
            form.show(error)
        else:

            def work(job: Job) -> None:
                # judged a moment ago; a shortage is not asked about a second time
                accepted = IssueRound(round_id, accept_shortage=True)
                made = issue_in_batches(accepted, actor=actor, now=now, progress=job.progress)
                job.done, job.skipped = made.vouchers, made.skipped

            job = jobs().start(issuing(round_id), ISSUE, actor.label, work, total=total)
            return redirect(url_for("rounds.run", round_id=round_id, job_id=job.id), code=303)
    status = 422 if form.is_submitted() else 200
    plan = plan_of(read_session(), round_)
    return render_template("distribution/issue.html", form=form, round=round_, plan=plan), status


@bp.get("/rounds/<int:round_id>/runs/<job_id>")
@requires(Permission.VOUCHER_ISSUE)
def run(round_id: int, job_id: str) -> ResponseReturnValue:
    """How far a run is; the page asks again by itself, without scripts."""
    actor = current_actor()
    round_ = round_by_id(read_session(), round_id, actor=actor)
    job = jobs().get(job_id, issuing(round_id), printing(round_id, actor))
    if job is None:
        flash(
            _("That run is over or was interrupted. What it did is shown below; start it again to go on."),
            "info",
        )
        return redirect(url_for("rounds.show_round", round_id=round_id), code=303)
    page = render_template("distribution/run.html", round=round_, job=job, problem=problem(job))
    response: Response = make_response(page)
    if not job.finished:
        response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response


@bp.get("/rounds/<int:round_id>/runs/<job_id>/file")
@requires(Permission.VOUCHER_ISSUE)
def run_file(round_id: int, job_id: str) -> ResponseReturnValue:
    """The finished PDF, for the person who asked for it and nobody else."""
    actor = current_actor()
    round_by_id(read_session(), round_id, actor=actor)
    job = jobs().get(job_id, printing(round_id, actor))
    if job is None or not job.finished or job.failed or job.file is None or not job.file.exists():
        raise NotFound
    return download(job.file.read_bytes(), job.filename, "application/pdf")


@bp.route("/rounds/<int:round_id>/issue-one", methods=["GET", "POST"])
@requires(Permission.VOUCHER_ISSUE)
def issue_one(round_id: int) -> ResponseReturnValue:
    """A voucher for a family that came late."""
    round_ = round_by_id(read_session(), round_id, actor=current_actor())
    form = IssueOneForm()
    if form.validate_on_submit():
        try:
            number = check_registration_number(form.registration_no.data or "")
            command = IssueOne(str(form.command_id.data), round_id, number)
            with unit_of_work() as session:
                voucher_id = services.issue_one(session, command, actor=current_actor(), now=utc_now())
        except DomainError as error:
            if error.field == "code":
                error.field = "registration_no"
            form.show(error)
        else:
            flash(_("The voucher was issued. Print it now."), "success")
            return redirect(url_for("rounds.show_voucher", voucher_id=voucher_id), code=303)
    return render_template(
        "distribution/issue_one.html", form=form, round=round_
    ), 422 if form.errors else 200
