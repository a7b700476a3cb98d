"""Figures of a period, and the register as a file without names."""

import io

from flask import render_template, request
from flask.typing import ResponseReturnValue

from aidtrack import audit
from aidtrack.db import read_session, unit_of_work
from aidtrack.feedback import queries
from aidtrack.feedback.figures import figures, marks, tenths, told
from aidtrack.feedback.views import asked_period, bp, kind_names
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.web import current_actor, download, language, requires

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/figures")
@requires(Permission.FEEDBACK_READ)
def period() -> ResponseReturnValue:
    """How many came, by kind and channel, dealt with in time, how long it took, and marks."""
    from datetime import date

    session, actor = read_session(), current_actor()
    today = local_date(utc_now())
    start, end = asked_period(today)
    named = actor.can(Permission.FEEDBACK_SENSITIVE)
    year = (date(end.year, 1, 1), date(end.year, 12, 31))
    # for others only of a whole year and in steps: periods of one's own choice could be subtracted
    sensitive = queries.counted(session, actor, *((start, end) if named else year), sensitive=True)
    return render_template(
        "feedback/figures.html",
        start=start,
        end=end,
        figures=figures(queries.counted(session, actor, start, end), today=today),
        sensitive=figures(sensitive, today=today) if named else None,
        told=told(len(sensitive)),
        year=end.year,
        marks=marks(queries.ratings(session, actor, start, end)),
        by_round=queries.marks_by_round(session, actor, start, end),
        tenths=tenths,
        decimal="," if language() == "uk" else ".",
        names=kind_names(session),
    )


@bp.get("/file")
@requires(Permission.FEEDBACK_READ)
def file() -> ResponseReturnValue:
    """The register of a period as XLSX or CSV: no text, no name, and only what the reader may see."""
    from aidtrack.feedback.files import write_csv, write_xlsx

    session, actor, now = read_session(), current_actor(), utc_now()
    start, end = asked_period(local_date(now))
    as_csv = request.args.get("format") == "csv"
    with unit_of_work() as unit:
        audit.record(
            unit, actor=actor, action="feedback.export", object_type="feedback", now=now,
            facts={"from": start.isoformat(), "to": end.isoformat(), "format": "csv" if as_csv else "xlsx"},
        )  # fmt: skip
    rows, _total = queries.register(session, actor, start=start, end=end)
    body = io.BytesIO()
    kinds, days = kind_names(session), queries.calendar(session)
    name = f"feedback-{start.isoformat()}-{end.isoformat()}"
    if as_csv:
        write_csv(body, rows, kinds, days, language())
        return download(body.getvalue(), f"{name}.csv", "text/csv; charset=utf-8")
    write_xlsx(body, rows, kinds, days)
    return download(body.getvalue(), f"{name}.xlsx", XLSX)
