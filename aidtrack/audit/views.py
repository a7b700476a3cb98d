"""The log page."""

from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from aidtrack.audit import chain, queries
from aidtrack.audit.queries import LogFilter
from aidtrack.audit.words import thing_of, word_of
from aidtrack.db import read_session
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import DEFAULT_TIME_ZONE, zone
from aidtrack.web.access import current_actor, requires
from aidtrack.web.forms import DayField, read_day
from aidtrack.web.paging import Page, bounds, page_number

bp = Blueprint("audit", __name__)


def _day(name: str) -> date | None:
    """A day of the filter; what cannot be read is no filter, and the empty field shows it."""
    try:
        found = read_day(request.args.get(name, ""))
    except ValueError:
        return None
    return found if DayField.earliest <= found <= DayField.latest else None


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), zone(DEFAULT_TIME_ZONE)).astimezone(UTC)


@bp.get("/audit")
@requires(Permission.AUDIT_READ_OWN)
def log() -> ResponseReturnValue:
    actor = current_actor()
    since, until = _day("since"), _day("until")
    asked = LogFilter(
        since=_start_of(since) if since else None,
        until=_start_of(until + timedelta(days=1)) if until else None,
        who=request.args.get("who", "").strip()[:120],
        action=request.args.get("action", "").strip()[:64],
        own_only="own" in request.args,
    )
    number = page_number()
    limit, offset = bounds(number)
    lines, total = queries.log(read_session(), asked, actor=actor, limit=limit, offset=offset)
    seal = queries.latest_seal(read_session()) if actor.can(Permission.AUDIT_READ_ALL) else None
    actions = [(code, word_of(code)) for code in queries.actions_seen(read_session(), actor=actor)]
    return render_template(
        "audit/log.html",
        page=Page(lines, number, total),
        asked=asked,
        since=since,
        until=until,
        actions=sorted(actions, key=lambda pair: pair[1]),
        word_of=word_of,
        thing_of=thing_of,
        everyone=queries.sees_everyone(actor),
        seal=seal,
        checkpoint=chain.checkpoint(seal.id, seal.hash) if seal is not None else None,
    )
