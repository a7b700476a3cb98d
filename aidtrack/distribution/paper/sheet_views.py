"""The issue sheet of a round and day: printed with names, and signatures on paper entered afterwards."""

import io
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from aidtrack.accounts.queries import organisation
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.paper import sheet as sheets
from aidtrack.distribution.paper.forms import SignForm
from aidtrack.distribution.paper.views import bp, paper_language
from aidtrack.distribution.queries.rounds import RoundRow, round_by_id
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web import Page, bounds, current_actor, download, page_number, requires, requires_any
from aidtrack.web.forms import read_day


def _day(round_: RoundRow) -> date:
    """The day asked for, else today."""
    try:
        return read_day(request.args.get("day", ""))
    except ValueError:
        return local_date(utc_now(), round_.time_zone)


@bp.route("/rounds/<int:round_id>/sheet", methods=["GET", "POST"])
@requires_any(Permission.PAPER_PRINT, Permission.HANDOUT_GIVE)
def sheet(round_id: int) -> ResponseReturnValue:
    """The day's handouts by row number and serial; a tick for each family that signed the printed sheet."""
    session, actor = read_session(), current_actor()
    round_ = round_by_id(session, round_id, actor=actor)
    day = _day(round_)
    form = SignForm()
    if form.validate_on_submit():
        texts = tuple((form.texts.data or "").splitlines())
        shown, ticked = _numbers("shown"), _numbers("signed")
        if form.all_of_them.data:
            ticked = shown = frozenset(
                row.handout_id for row in sheets.sheet(session, round_id, day).standing
            )
        try:
            with unit_of_work() as unit:
                count = sheets.sign(
                    unit, round_, day, shown=shown, ticked=ticked, texts=texts, actor=actor, now=utc_now()
                )
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Signed on the printed sheet: %(count)s.", count=count), "success")
            return redirect(
                url_for("paper.sheet", round_id=round_id, day=day.isoformat(), page=page_number()), code=303
            )
    found = sheets.sheet(session, round_id, day)
    number = page_number()
    limit, offset = bounds(number)
    page = Page(found.rows[offset : offset + limit], number, len(found.rows))
    shown_page = render_template("paper/sheet.html", round=round_, sheet=found, page=page, form=form)
    return shown_page, 422 if form.is_submitted() else 200


@bp.get("/rounds/<int:round_id>/sheet.pdf")
@requires(Permission.PAPER_PRINT)
def sheet_pdf(round_id: int) -> ResponseReturnValue:
    """The legal paper, names included; the reading is logged before anything is drawn."""
    from aidtrack.distribution.paper.printing import (
        write_sheet,
    )  # the drawing library waits for its first use

    actor = current_actor()
    round_ = round_by_id(read_session(), round_id, actor=actor)
    found = sheets.sheet(read_session(), round_id, _day(round_))
    with unit_of_work() as unit:
        names = sheets.names(unit, found, round_, actor=actor, now=utc_now())
    speaks = paper_language()
    body = io.BytesIO()
    with force_locale(speaks):
        write_sheet(
            body, found, round_, organisation=organisation(read_session(), round_.site_id, speaks), names=names,
            language=speaks,
        )  # fmt: skip
    name = f"{round_.code}-{found.day.isoformat()}.pdf".replace("/", "-")
    return download(body.getvalue(), name, "application/pdf", inline=True)


def _numbers(name: str) -> frozenset[int]:
    sent = request.form.getlist(name)
    return frozenset(int(text) for text in sent if text.isascii() and text.isdigit() and len(text) < 19)
