"""While the sums of many months are missing, a page shows how far they are instead of keeping its reader waiting.

So it is at the first statement over books brought in from elsewhere or restored: some half a second for each month
of 70 000 handouts (benchmarks/reports_statement.py). A month's turn alone is summed on the way.
"""

from datetime import datetime

from flask import Response, make_response, render_template

from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import local_date
from aidtrack.reports.closing import close_months, many_to_sum
from aidtrack.reports.snapshot import snapshot
from aidtrack.web.jobs import Job, jobs

RUN = "close-months"  # one at a time, whoever asks first
REFRESH_SECONDS = 1


def wait_for_months(actor: Actor, now: datetime) -> Response | None:
    """A page that asks for the same address again by itself; None where the statement can be read at once."""
    job = jobs().running(RUN) or _begin(actor, now)
    if job is None:
        return None
    response: Response = make_response(render_template("reports/getting_ready.html", job=job))
    response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response


def _begin(actor: Actor, now: datetime) -> Job | None:
    with snapshot() as session:
        months = many_to_sum(session, local_date(now))
    last = jobs().latest(RUN) if months else None
    if not months or (last is not None and last.failed):
        return None  # without sums, or where they cannot be written, a statement is read from its rows

    def work(job: Job) -> None:
        close_months(today=local_date(now), now=now, on_month=job.progress)

    return jobs().start(RUN, "months", actor.label, work, total=len(months))
