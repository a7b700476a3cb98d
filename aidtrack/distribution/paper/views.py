"""Pages of paper lists: made, printed, entered row by row, closed."""

import io
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from aidtrack import audit
from aidtrack.accounts.queries import organisation
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.handouts import guessing
from aidtrack.distribution.models import RoundState, RowState
from aidtrack.distribution.paper import queries, services
from aidtrack.distribution.paper.forms import EnterForm, ListForm, NoteForm
from aidtrack.distribution.paper.queries import ListRow
from aidtrack.distribution.paper.sheet import days, voucher_names
from aidtrack.distribution.paper.words import REFUSALS, ROW_STATES, SIGNED
from aidtrack.distribution.queries.rounds import RoundRow, round_by_id
from aidtrack.distribution.queries.vouchers import profile_lines
from aidtrack.inventory.forms.shared import by_id
from aidtrack.inventory.queries import catalogue
from aidtrack.inventory.queries.catalogue import ItemRow
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web import Page, bounds, current_actor, download, page_number, requires, requires_any
from aidtrack.web.forms import EmptyForm, read_day

bp = Blueprint("paper", __name__)


@bp.context_processor
def _words() -> dict[str, Any]:
    return {"row_states": ROW_STATES, "refusals": REFUSALS, "signed_words": SIGNED, "RowState": RowState}


@bp.route("/rounds/<int:round_id>/paper", methods=["GET", "POST"])
@requires_any(Permission.PAPER_PRINT, Permission.HANDOUT_GIVE)
def of_round(round_id: int) -> ResponseReturnValue:
    """A round's papers: lists for a power cut, and the issue sheet of each day."""
    session, actor = read_session(), current_actor()
    round_ = round_by_id(session, round_id, actor=actor)
    form = ListForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                list_id = services.make_list(unit, form.to_command(round_id), actor=actor, now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The list is numbered. Print it now; it is entered here afterwards."), "success")
            return redirect(url_for("paper.show", list_id=list_id), code=303)
    page = render_template(
        "paper/round.html",
        form=form,
        round=round_,
        lists=queries.lists(session, round_id),
        days=days(session, round_id),
        can_make=round_.state is RoundState.OPEN and actor.can(Permission.PAPER_PRINT),
    )
    return page, 422 if form.is_submitted() else 200


@bp.get("/paper/<int:list_id>")
@requires_any(Permission.PAPER_PRINT, Permission.HANDOUT_GIVE)
def show(list_id: int) -> ResponseReturnValue:
    made, round_ = queries.list_by_id(read_session(), list_id, actor=current_actor())
    form = EnterForm(formdata=None, data={"happened_on": _usual_day(made, round_)})
    form.line_up(_items(round_))
    return _page(made, round_, enter=form)


@bp.post("/paper/<int:list_id>/enter")
@requires(Permission.HANDOUT_GIVE)
def enter(list_id: int) -> ResponseReturnValue:
    """One signed row into the ledger."""
    made, round_ = queries.list_by_id(read_session(), list_id, actor=current_actor())
    items = _items(round_)
    form = EnterForm()
    form.label(items)
    command = form.to_command(list_id, by_id(items)) if form.validate_on_submit() else None
    if command is None:
        return _page(made, round_, enter=form), 422
    actor, now = current_actor(), utc_now()
    try:
        with unit_of_work() as session:
            guessing.slow_down_typing(session, command.code, actor=actor, now=now)
            entered = services.enter_row(session, command, actor=actor, now=now)
    except DomainError as error:
        if isinstance(error, guessing.WRONG_CODES):
            with unit_of_work() as session:  # its own: the refused one is rolled back
                guessing.note_wrong_code(session, error, actor=actor, now=now)
        if error.field == "voucher":
            error.field = "code"
        form.show(error)
        return _page(made, round_, enter=form), 422
    if entered.refusal is not None:
        flash(
            _(
                "Row %(row)s is kept for a person to read: %(why)s",
                row=entered.row,
                why=_why(entered.refusal),
            ),
            "warning",
        )
    elif entered.receipt is not None and entered.receipt.repeated:
        flash(_("Row %(row)s was entered before; nothing was counted twice.", row=entered.row), "info")
    else:
        flash(_("Row %(row)s is recorded.", row=entered.row), "success")
    return redirect(url_for("paper.show", list_id=list_id, day=command.happened_on.isoformat()), code=303)


@bp.post("/paper/<int:list_id>/note")
@requires(Permission.HANDOUT_GIVE)
def note(list_id: int) -> ResponseReturnValue:
    """A signed row without a voucher that could be entered."""
    made, round_ = queries.list_by_id(read_session(), list_id, actor=current_actor())
    form = NoteForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.note_row(session, form.to_command(list_id), actor=current_actor(), now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The row is kept for a person to read."), "success")
            return redirect(url_for("paper.show", list_id=list_id), code=303)
    return _page(made, round_, note_form=form), 422


@bp.post("/paper/<int:list_id>/not-signed")
@requires(Permission.HANDOUT_GIVE)
def not_signed(list_id: int) -> ResponseReturnValue:
    """Nobody signed: one row, or all that are left."""
    sent = request.form.get("row", "")
    row = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else None
    with unit_of_work() as session:
        count = services.mark_empty(session, list_id, row=row, actor=current_actor(), now=utc_now())
    flash(_("Rows marked as not signed: %(count)s.", count=count), "success")
    return redirect(url_for("paper.show", list_id=list_id), code=303)


@bp.post("/paper/<int:list_id>/close")
@requires(Permission.HANDOUT_GIVE)
def close(list_id: int) -> ResponseReturnValue:
    made, round_ = queries.list_by_id(read_session(), list_id, actor=current_actor())
    form = EmptyForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.close_list(session, list_id, actor=current_actor(), now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The list is closed: every row of it is accounted for."), "success")
            return redirect(url_for("paper.show", list_id=list_id), code=303)
    return _page(made, round_, close_form=form), 422


@bp.get("/paper/<int:list_id>/list.pdf")
@requires(Permission.PAPER_PRINT)
def pdf(list_id: int) -> ResponseReturnValue:
    """The list to print; with `names=1` it carries the heads' short names, and that reading is logged."""
    from aidtrack.distribution.paper.printing import write_list  # the drawing library waits for its first use

    session, actor = read_session(), current_actor()
    made, round_ = queries.list_by_id(session, list_id, actor=actor)
    rows = queries.rows(session, list_id)
    names = None
    if request.args.get("names") == "1":
        with unit_of_work() as unit:
            audit.record(
                unit, actor=actor, action="read.paper_list", object_type="paper_list", object_id=made.id,
                site_id=round_.site_id, facts={"number": made.number, "rows": len(rows)}, now=utc_now(),
            )  # fmt: skip
        names = voucher_names(read_session(), {row.voucher_id for row in rows if row.voucher_id})
    speaks = paper_language()
    body = io.BytesIO()
    with force_locale(speaks):
        write_list(
            body, made, rows, round_, organisation=organisation(read_session(), round_.site_id, speaks),
            due=profile_lines(read_session(), round_.id), names=names, language=speaks,
        )  # fmt: skip
    return download(body.getvalue(), f"{made.number}.pdf", "application/pdf", inline=True)


def paper_language() -> str:
    """Official papers are Ukrainian unless the English one is asked for."""
    return "en" if request.args.get("language") == "en" else "uk"


def _items(round_: RoundRow) -> list[ItemRow]:
    """Everything a voucher of the round may stand for."""
    found = {line.item_id for lines in profile_lines(read_session(), round_.id).values() for line in lines}
    return catalogue.items(read_session(), found)


def _usual_day(made: ListRow, round_: RoundRow) -> date:
    """The day the last row was entered for, else the newest on which the list can have been used."""
    try:
        return read_day(request.args.get("day", ""))
    except ValueError:
        return max(made.made_on, min(local_date(utc_now(), round_.time_zone), round_.last_day))


def _why(refusal: DomainError) -> str:
    return str(_(REFUSALS[refusal.code])) if refusal.code in REFUSALS else str(_(refusal.text))


def _page(
    made: ListRow,
    round_: RoundRow,
    *,
    enter: EnterForm | None = None,
    note_form: NoteForm | None = None,
    close_form: EmptyForm | None = None,
) -> str:
    session = read_session()
    wanted = request.args.get("state", "")
    state = RowState(wanted) if wanted in {known.value for known in RowState} else None
    number = page_number()
    limit, offset = bounds(number)
    rows = queries.rows(session, made.id, state=state, limit=limit, offset=offset)
    total = {
        None: made.rows,
        RowState.OPEN: made.open,
        RowState.HANDED_OUT: made.handed_out,
        RowState.NOTED: made.noted,
        RowState.EMPTY: made.empty,
    }[state]
    day = _usual_day(made, round_)
    if enter is None:
        enter = EnterForm(formdata=None, data={"happened_on": day})
        enter.line_up(_items(round_))
    return render_template(
        "paper/list.html",
        made=made,
        round=round_,
        enter=enter,
        note_form=note_form or NoteForm(formdata=None, data={"happened_on": day}),
        close_form=close_form or EmptyForm(formdata=None),
        page=Page(rows, number, total),
        state=state,
    )
