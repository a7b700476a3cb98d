"""Pages of a day's close."""

import io
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from aidtrack.accounts.queries import organisation
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.dayclose import day, queries, services, vouchers
from aidtrack.distribution.dayclose.commands import ReturnVouchers, SaveCount
from aidtrack.distribution.dayclose.errors import NotAPointOrVan
from aidtrack.distribution.dayclose.forms import (
    CloseForm,
    CountSheetForm,
    DayReasonForm,
    StartForm,
    VouchersForm,
)
from aidtrack.distribution.dayclose.queries import CloseRow, CountLine
from aidtrack.distribution.dayclose.words import DAY_STATES
from aidtrack.distribution.models import DayState
from aidtrack.inventory.forms.shared import by_id
from aidtrack.inventory.queries import catalogue
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web import Page, bounds, current_actor, download, page_number, requires
from aidtrack.web.forms import EmptyForm

bp = Blueprint("days", __name__)


@bp.context_processor
def _words() -> dict[str, Any]:
    return {"day_states": DAY_STATES, "DayState": DayState}


@bp.get("/days")
@requires(Permission.DAY_READ)
def index() -> ResponseReturnValue:
    """Today at every point and van, what is not finished, and earlier acts."""
    session, actor = read_session(), current_actor()
    number = page_number()
    limit, offset = bounds(number)
    places = [
        place for place in catalogue.places(session, actor, active_only=True) if place.kind in services.PLACES
    ]
    now = utc_now()
    rows = queries.closes(session, actor=actor, limit=limit, offset=offset)
    today = {
        place.id: queries.standing(session, place.id, local_date(now, place.time_zone)) for place in places
    }
    page = Page(rows, number, queries.how_many(session, actor=actor))
    return render_template("dayclose/index.html", places=places, today=today, page=page)


@bp.route("/days/new/<int:place_id>", methods=["GET", "POST"])
@requires(Permission.DAY_CLOSE)
def start(place_id: int) -> ResponseReturnValue:
    place = catalogue.place(read_session(), current_actor(), place_id)
    if place.kind not in services.PLACES:
        raise NotAPointOrVan
    form = StartForm(data={"day": local_date(utc_now(), place.time_zone)})
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                close_id = services.start_day(
                    session, form.to_command(place_id), actor=current_actor(), now=utc_now()
                )
        except DomainError as error:
            form.show(error)
        else:
            return redirect(url_for("days.show", close_id=close_id), code=303)
    page = render_template("dayclose/start.html", form=form, place=place)
    return page, 422 if form.is_submitted() else 200


@bp.get("/days/<int:close_id>")
@requires(Permission.DAY_READ)
def show(close_id: int) -> ResponseReturnValue:
    """The close as it stands: the sheet while it is counted, then the differences, then the act."""
    close = queries.close_by_id(read_session(), close_id, actor=current_actor())
    lines = queries.lines(read_session(), close_id)
    form = sheet = None
    if close.state is DayState.COUNTING:
        sheet = CountSheetForm(formdata=None)
        sheet.line_up(lines)
    elif close.state is DayState.COMPARED:
        form = CloseForm(formdata=None, data={"note": close.note or ""})
        form.line_up(lines)
        form.offer()
    return _page(close, lines, form=form, sheet=sheet)


@bp.post("/days/<int:close_id>/count")
@requires(Permission.DAY_CLOSE)
def count(close_id: int) -> ResponseReturnValue:
    """Figures from the shelf: saved for now, or finished, after which the book is shown."""
    close = queries.close_by_id(read_session(), close_id, actor=current_actor())
    lines = queries.lines(read_session(), close_id)
    form = CountSheetForm()
    if form.validate_on_submit():
        items = by_id(catalogue.items(read_session(), {line.item_id for line in lines}))
        read = form.read_lines({line.id: line for line in lines}, items)
        if read is not None:
            finish = "finish" in request.form
            try:
                with unit_of_work() as session:
                    command = SaveCount(close_id, read, finish=finish)
                    services.save_count(session, command, actor=current_actor(), now=utc_now())
            except DomainError as error:
                form.show(error)
            else:
                flash(
                    _("The count is finished.") if finish else _("Saved. You can go on counting later."),
                    "success",
                )
                return redirect(url_for("days.show", close_id=close_id), code=303)
    if close.state is not DayState.COUNTING:
        return redirect(url_for("days.show", close_id=close_id), code=303)
    return _page(close, lines, sheet=form), 422


@bp.post("/days/<int:close_id>/count-again")
@requires(Permission.DAY_CLOSE)
def count_again(close_id: int) -> ResponseReturnValue:
    line = request.form.get("line", "")
    line_id = int(line) if line.isascii() and line.isdigit() and len(line) < 19 else 0
    with unit_of_work() as session:
        services.count_again(session, close_id, line_id, actor=current_actor(), now=utc_now())
    flash(_("Count this line again; the other figures stay."), "info")
    return redirect(url_for("days.show", close_id=close_id), code=303)


@bp.post("/days/<int:close_id>/book")
@requires(Permission.DAY_CLOSE)
def take_book_anew(close_id: int) -> ResponseReturnValue:
    with unit_of_work() as session:
        services.take_book_anew(session, close_id, actor=current_actor(), now=utc_now())
    flash(_("The book was taken anew. Count again what was handed out after your count."), "info")
    return redirect(url_for("days.show", close_id=close_id), code=303)


@bp.post("/days/<int:close_id>/close")
@requires(Permission.DAY_CLOSE)
def close_day(close_id: int) -> ResponseReturnValue:
    close = queries.close_by_id(read_session(), close_id, actor=current_actor())
    lines = queries.lines(read_session(), close_id)
    form = CloseForm()
    form.offer()
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                state = services.close_day(
                    session, form.to_command(close_id), actor=current_actor(), now=utc_now()
                )
        except DomainError as error:
            form.show(error)
        else:
            if state is DayState.WAITING:
                flash(_("A difference is large: another person looks at it and closes the day."), "warning")
            else:
                flash(_("The day is closed."), "success")
            return redirect(url_for("days.show", close_id=close_id), code=303)
    if close.state is not DayState.COMPARED:
        return redirect(url_for("days.show", close_id=close_id), code=303)
    return _page(close, lines, form=form), 422


@bp.post("/days/<int:close_id>/approve")
@requires(Permission.DAY_CLOSE)
def approve(close_id: int) -> ResponseReturnValue:
    """The second person's yes."""
    return _word(close_id, EmptyForm(), approved=True)


@bp.post("/days/<int:close_id>/send-back")
@requires(Permission.DAY_CLOSE)
def send_back(close_id: int) -> ResponseReturnValue:
    """The second person's no, with a reason."""
    return _word(close_id, DayReasonForm(), approved=False)


def _word(close_id: int, form: Any, *, approved: bool) -> ResponseReturnValue:
    close = queries.close_by_id(read_session(), close_id, actor=current_actor())
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                if approved:
                    services.approve_day(session, close_id, actor=current_actor(), now=utc_now())
                else:
                    services.send_back(
                        session, close_id, form.reason.data or "", actor=current_actor(), now=utc_now()
                    )
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The day is closed.") if approved else _("Sent back to those who counted."), "success")
            return redirect(url_for("days.show", close_id=close_id), code=303)
    lines = queries.lines(read_session(), close_id)
    return _page(close, lines, word=form), 422


@bp.route("/days/<int:close_id>/reopen", methods=["GET", "POST"])
@requires(Permission.DAY_CLOSE)
def reopen(close_id: int) -> ResponseReturnValue:
    close = queries.close_by_id(read_session(), close_id, actor=current_actor())
    form = DayReasonForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.reopen_day(
                    session, close_id, form.reason.data or "", actor=current_actor(), now=utc_now()
                )
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The act is taken back. Count the day anew."), "success")
            return redirect(url_for("days.start", place_id=close.place_id), code=303)
    page = render_template("dayclose/reopen.html", form=form, close=close)
    return page, 422 if form.is_submitted() else 200


@bp.route("/days/<int:close_id>/vouchers", methods=["GET", "POST"])
@requires(Permission.DAY_CLOSE)
def unused(close_id: int) -> ResponseReturnValue:
    """Unused printed vouchers: those that came back to the office get their tick."""
    session, actor = read_session(), current_actor()
    close = queries.close_by_id(session, close_id, actor=actor)
    rounds = day.rounds_of_day(session, close.place_id, close.day, actor=actor)
    number = page_number()
    limit, offset = bounds(number)
    rows, total = day.unused_vouchers(
        session, close_id, [row.round.id for row in rounds], limit=limit, offset=offset
    )
    form = VouchersForm()
    if form.validate_on_submit():
        command = ReturnVouchers(close_id, tuple((form.texts.data or "").splitlines()), _numbers("returned"))
        try:
            with unit_of_work() as unit:
                count = vouchers.return_vouchers(
                    unit, command, shown=_numbers("shown"), actor=current_actor(), now=utc_now()
                )
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Vouchers that came back: %(count)s.", count=count), "success")
            return redirect(url_for("days.unused", close_id=close_id, page=number), code=303)
    page = render_template(
        "dayclose/vouchers.html", form=form, close=close, rounds=rounds, page=Page(rows, number, total)
    )
    return page, 422 if form.is_submitted() else 200


@bp.get("/days/<int:close_id>/act.pdf")
@requires(Permission.DAY_READ)
def act(close_id: int) -> ResponseReturnValue:
    """The act on paper, in Ukrainian unless the English one is asked for."""
    from aidtrack.distribution.dayclose.printing import (
        write_act,  # the drawing library waits for its first use
    )

    session, actor = read_session(), current_actor()
    close = queries.close_by_id(session, close_id, actor=actor)
    if close.state not in (DayState.CLOSED, DayState.REOPENED):
        return redirect(url_for("days.show", close_id=close_id), code=303)
    speaks = "en" if request.args.get("language") == "en" else "uk"
    body = io.BytesIO()
    with force_locale(speaks):
        write_act(
            body, close, queries.lines(session, close_id), organisation=organisation(session, close.site_id, speaks),
            language=speaks, **_of_day(close),
        )  # fmt: skip
    return download(body.getvalue(), f"{close.number}.pdf", "application/pdf", inline=True)


def _of_day(close: CloseRow) -> dict[str, Any]:
    """What page and act say of the day beside the count."""
    session = read_session()
    where = (session, close.place_id, close.day)
    return {
        "tally": day.tally(*where),
        "given": day.given_items(*where),
        "rounds": day.rounds_of_day(*where, actor=current_actor()),
        "phones": day.phones(*where),
        "later": day.came_later(*where, close.closed_at) if close.closed_at else 0,
    }


def _numbers(name: str) -> frozenset[int]:
    sent = request.form.getlist(name)
    return frozenset(int(text) for text in sent if text.isascii() and text.isdigit() and len(text) < 19)


def _page(
    close: CloseRow,
    lines: list[CountLine],
    *,
    form: CloseForm | None = None,
    sheet: CountSheetForm | None = None,
    word: Any = None,
) -> str:
    shown = close.state in (DayState.COMPARED, DayState.WAITING)
    return render_template(
        "dayclose/day.html",
        close=close,
        lines=lines,
        together=services.together(read_session(), close, lines, now=utc_now()) if shown else frozenset(),
        form=form,
        sheet=sheet,
        word=word,
        empty_form=EmptyForm(formdata=None),
        reason_form=word if isinstance(word, DayReasonForm) else DayReasonForm(formdata=None),
        **_of_day(close),
    )
