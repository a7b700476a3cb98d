"""The day itself: the queue for those who run it, the screen on the wall, and an air alert."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.slots import queries, services
from aidtrack.distribution.slots.errors import NobodyWaits, PausedNow, ServedAlready
from aidtrack.distribution.slots.forms import ShiftForm
from aidtrack.distribution.slots.services.holding import local
from aidtrack.distribution.slots.times import minute_at
from aidtrack.distribution.slots.views import bp
from aidtrack.inventory.queries.catalogue import PlaceRow, place
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web import current_actor, requires, translate
from aidtrack.web.forms import EmptyForm

SHOWN_CALLED, SHOWN_NEXT = 6, 9
EVERY_S = 5  # how often the wall's screen asks again
SHOWN_WAITING = 40


def _page(form: ShiftForm | None, place_id: int) -> str:
    session, actor, now = read_session(), current_actor(), utc_now()
    found = place(session, actor, place_id)
    today = local_date(now, found.time_zone)
    rows = queries.queue(session, place_id, today)
    by_standing: dict[str, list[Any]] = {"waiting": [], "called": [], "served": [], "missed": []}
    for row in rows:
        by_standing[row.standing].append(row)
    hit = services.affected(session, found, today) if queries.pauses(session, place_id, today) else []
    return render_template(
        "slots/queue.html",
        place=found,
        today=today,
        minute=minute_at(now, today, local(found.time_zone)),
        rows=by_standing,
        waiting=by_standing["waiting"][:SHOWN_WAITING],
        pause=queries.running_pause(session, place_id),
        pauses=queries.pauses(session, place_id, today),
        affected=len(hit),
        form=EmptyForm(formdata=None),
        shift_form=form or ShiftForm(formdata=None, data={"other_day": _next_day(found)}),
        days_ahead=queries.days_ahead(session, place_id, today),
        rounds_to_tell=_to_tell(place_id),
    )


def _next_day(found: PlaceRow) -> Any:
    days = queries.days_ahead(read_session(), found.id, local_date(utc_now(), found.time_zone))
    return next((day for day, free in days if free > 0), None)


def _to_tell(place_id: int) -> list[tuple[int, str, int]]:
    """Rounds of the place with families that were moved and not told yet."""
    if not current_actor().can(Permission.SLOTS_PLAN):
        return []
    return queries.rounds_to_tell(read_session(), place_id)


@bp.get("/queue/<int:place_id>")
@requires(Permission.SLOTS_RUN)
def queue(place_id: int) -> ResponseReturnValue:
    return _page(None, place_id)


def _back(place_id: int) -> ResponseReturnValue:
    return redirect(url_for("slots.queue", place_id=place_id), code=303)


@bp.post("/queue/<int:place_id>/next")
@requires(Permission.SLOTS_RUN)
def call_next(place_id: int) -> ResponseReturnValue:
    try:
        with unit_of_work() as session:
            ticket = services.call_next(session, place_id, actor=current_actor(), now=utc_now())
    except (NobodyWaits, PausedNow) as error:
        flash(translate(error), "warning")
    else:
        flash(_("Called: %(number)s", number=ticket), "success")
    return _back(place_id)


ACTS = {"call": services.call, "missed": services.mark_missed, "back": services.put_back}


@bp.post("/queue/<int:place_id>/numbers/<int:booking_id>")
@requires(Permission.SLOTS_RUN)
def number(place_id: int, booking_id: int) -> ResponseReturnValue:
    """One number: call it out of turn, it did not come, it waits again. `act` says which."""
    act = ACTS.get(request.form.get("act", ""), services.call)
    try:
        with unit_of_work() as session:
            act(session, place_id, booking_id, actor=current_actor(), now=utc_now())
    except (ServedAlready, PausedNow) as error:
        flash(translate(error), "warning")
    return _back(place_id)


@bp.post("/queue/<int:place_id>/pause")
@requires(Permission.SLOTS_RUN)
def pause(place_id: int) -> ResponseReturnValue:
    """Air alert: one button."""
    try:
        with unit_of_work() as session:
            services.pause(session, place_id, actor=current_actor(), now=utc_now())
    except PausedNow as error:
        flash(translate(error), "warning")
    else:
        flash(_("Paused. Take everybody to the shelter."), "warning")
    return _back(place_id)


@bp.post("/queue/<int:place_id>/resume")
@requires(Permission.SLOTS_RUN)
def resume(place_id: int) -> ResponseReturnValue:
    try:
        with unit_of_work() as session:
            services.resume(session, place_id, actor=current_actor(), now=utc_now())
    except DomainError as error:
        if error.status != 409:
            raise
        flash(translate(error), "warning")
    else:
        flash(_("Handing out goes on."), "success")
    return _back(place_id)


@bp.post("/queue/<int:place_id>/shift")
@requires(Permission.SLOTS_PLAN)
def shift(place_id: int) -> ResponseReturnValue:
    """New times for those whose time the pause took."""
    place(read_session(), current_actor(), place_id)
    form = ShiftForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                moved = services.shift_lost(
                    session, form.to_command(place_id), actor=current_actor(), now=utc_now()
                )
        except DomainError as error:
            form.show(error)
        else:
            parts = [
                ngettext(
                    "%(num)d family comes later today.",
                    "%(num)d families come later today.",
                    len(moved.today),
                ),
                ngettext("%(num)d on the other day.", "%(num)d on the other day.", len(moved.other_day)),
            ]
            if moved.nobody:
                parts.append(
                    ngettext("%(num)d has no time yet.", "%(num)d have no time yet.", len(moved.nobody))
                )
            flash(" ".join(parts), "warning" if moved.nobody else "success")
            return _back(place_id)
    return _page(form, place_id), 422


@bp.get("/screen/<int:place_id>")
@requires(Permission.SLOTS_RUN)
def screen(place_id: int) -> ResponseReturnValue:
    """For a screen on the wall: numbers and nothing else. It asks again by itself."""
    session, now = read_session(), utc_now()
    found = place(session, current_actor(), place_id)
    today = local_date(now, found.time_zone)
    rows = queries.queue(session, place_id, today)
    called = sorted(
        (row for row in rows if row.standing == "called"), key=lambda row: row.called_at or now, reverse=True
    )
    return render_template(
        "slots/screen.html",
        place=found,
        now=now,
        every=EVERY_S,
        called=called[:SHOWN_CALLED],
        waiting=[row for row in rows if row.standing == "waiting"][:SHOWN_NEXT],
        pause=queries.running_pause(session, place_id),
        any=bool(rows),
    )
