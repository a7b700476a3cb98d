"""Families entered twice: a warning while typing, pairs found in bulk, what people decided about them."""

from dataclasses import asdict
from datetime import date
from typing import Any

from flask import jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.accounts.queries import sites as site_rows
from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.household import Sex
from aidtrack.beneficiaries.queries import merges as queries
from aidtrack.beneficiaries.services.doubles import begin_look, look_through
from aidtrack.beneficiaries.services.while_typing import Typed
from aidtrack.beneficiaries.views import bp
from aidtrack.beneficiaries.views.held_back import NoLook, held_back
from aidtrack.beneficiaries.views.words import reason_words
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.web.access import current_actor, requires
from aidtrack.web.filters import name
from aidtrack.web.forms import EmptyForm, read_day
from aidtrack.web.jobs import Job, jobs, problem
from aidtrack.web.problems import problem_body


@bp.post("/doubles/typed")
@requires(Permission.HOUSEHOLD_WRITE)
def typed_doubles() -> ResponseReturnValue:
    """What is like the family in the form. Posted, so that nothing of it stands in an address or a log."""
    body = request.get_json(silent=True)
    try:
        with unit_of_work() as session:
            found = services.typed_doubles(
                session,
                typed_from(body if isinstance(body, dict) else {}),
                actor=current_actor(),
                now=utc_now(),
            )
    except NoLook as error:
        words = {**asdict(held_back(error)), "stays": _("What you typed stays here.")}
        refused = jsonify(problem_body(error.code, words["message"]) | words)
        refused.headers["Cache-Control"] = "no-store"
        return refused, error.status
    shown = [
        {
            "number": one.registration_no,
            "url": url_for("beneficiaries.household", household_id=one.household_id),
            "why": reason_words(one.reasons),
        }
        for one in found
    ]
    answer = jsonify({"title": _("Perhaps registered already"), "found": shown})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def typed_from(body: dict[str, Any]) -> Typed:
    """Half a form is no mistake: what cannot be read is taken as not typed yet."""

    def text(field: str) -> str:
        value = body.get(field)
        return value.strip()[:160] if isinstance(value, str) else ""

    besides = body.get("besides")
    sex = text("sex")
    return Typed(
        surname=text("surname"),
        given_name=text("given_name"),
        patronymic=text("patronymic"),
        birth_date=_day(text("birth_date")),
        sex=Sex(sex) if sex in set(Sex) else None,
        document=text("document"),
        tax_id=text("tax_id"),
        phone=text("phone"),
        besides=besides if type(besides) is int else None,
    )


def looking(site_id: int) -> str:
    """The key of the look over a site's registry."""
    return f"doubles-{site_id}"


def _day(typed: str) -> date | None:
    try:
        return read_day(typed)
    except ValueError:
        return None


@bp.get("/doubles", defaults={"site_id": None})
@bp.get("/doubles/<int:site_id>")
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def doubles(site_id: int | None) -> ResponseReturnValue:
    """Pairs found in one site's registry that nobody decided about, the likest first."""
    actor = current_actor()
    sites = [(site.id, name(site)) for site in site_rows(read_session(), actor=actor)]
    site_id = site_id if site_id is not None else min(actor.site_ids)
    actor.require(Permission.HOUSEHOLD_READ, site_id=site_id)
    job = jobs().latest(looking(site_id))
    running = job is not None and not job.finished  # asked before the row is read: a look ends after it wrote
    with unit_of_work() as session:
        run = queries.latest_run(session, site_id)
        found, total = queries.waiting_pairs(session, run.id) if run is not None else ([], 0)
        ids = [number for one in found for number in (one.low_id, one.high_id)]
        shown = services.list_households(session, ids, "doubles", actor=actor, now=utc_now()) if ids else ()
    by_id = {one.id: one for one in shown}
    pairs = [
        (one, by_id[one.low_id], by_id[one.high_id])
        for one in found
        if one.low_id in by_id and one.high_id in by_id
    ]
    page = render_template(
        "beneficiaries/doubles.html", sites=sites, site_id=site_id, run=run, pairs=pairs, total=total,
        form=EmptyForm(), reason_words=reason_words, running=running, job=job,
        problem=problem(job),
    )  # fmt: skip
    response = make_response(page)
    if running:
        response.headers["Refresh"] = "2"
    return response


@bp.post("/doubles/<int:site_id>")
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def look_for_doubles(site_id: int) -> ResponseReturnValue:
    actor, now = current_actor(), utc_now()
    actor.require(Permission.HOUSEHOLD_WRITE, site_id=site_id)

    def work(job: Job) -> None:
        with unit_of_work() as session:
            run_id = begin_look(session, site_id, actor=actor, now=now)
        look_through(run_id, site_id, progress=job.progress)

    if EmptyForm().validate_on_submit():
        jobs().start(looking(site_id), "doubles", actor.label, work)
    return redirect(url_for("beneficiaries.doubles", site_id=site_id), code=303)
