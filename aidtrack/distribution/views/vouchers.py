"""Vouchers: the round's list, one voucher with its story, void, reprint, and the reviewer's look-up."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution import second_person, services
from aidtrack.distribution.commands import ReprintVoucher, VoidVoucher
from aidtrack.distribution.forms import ReasonForm
from aidtrack.distribution.queries.rounds import reconciliation, round_by_id
from aidtrack.distribution.queries.vouchers import (
    handouts_on,
    profile_lines,
    voucher_by_id,
    voucher_by_serial,
    vouchers,
)
from aidtrack.distribution.views.blueprint import bp
from aidtrack.distribution.vouchers import VoucherState
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.web import Page, bounds, current_actor, page_number, requires, requires_any
from aidtrack.web.forms import EmptyForm

LONGEST_SEARCH = 40


@bp.get("/rounds/<int:round_id>/vouchers")
@requires(Permission.VOUCHER_ISSUE)
def voucher_list(round_id: int) -> ResponseReturnValue:
    session = read_session()
    round_ = round_by_id(session, round_id, actor=current_actor())
    wanted = request.args.get("state", "")
    state = VoucherState(wanted) if wanted in {known.value for known in VoucherState} else None
    search = request.args.get("search", "").strip()[:LONGEST_SEARCH]
    number = page_number()
    limit, offset = bounds(number)
    rows, total = vouchers(session, round_id, state=state, search=search, limit=limit, offset=offset)
    return render_template(
        "distribution/vouchers.html",
        round=round_,
        page=Page(rows, number, total),
        state=state,
        search=search,
        count=reconciliation(session, round_id),
    )


@bp.get("/vouchers/<int:voucher_id>")
@requires_any(Permission.VOUCHER_ISSUE, Permission.VOUCHER_INSPECT)
def show_voucher(voucher_id: int) -> ResponseReturnValue:
    """State, goods and story of a voucher. Its code is not shown: that is for print alone."""
    session = read_session()
    voucher, round_ = voucher_by_id(session, voucher_id, actor=current_actor())
    return render_template(
        "distribution/voucher.html",
        voucher=voucher,
        round=round_,
        due=profile_lines(session, round_.id).get(voucher.profile_id, ()),
        handouts=handouts_on(session, voucher_id),
        form=EmptyForm(),
    )


@bp.get("/vouchers/inspect")
@requires(Permission.VOUCHER_INSPECT)
def inspect() -> ResponseReturnValue:
    """The reviewer's look-up by the serial printed on the paper."""
    serial = request.args.get("serial", "").strip()[:LONGEST_SEARCH]
    if serial:
        try:
            voucher, _round = voucher_by_serial(read_session(), serial, actor=current_actor())
        except NotFound:
            return render_template("distribution/inspect.html", serial=serial, missing=True), 404
        return redirect(url_for("rounds.show_voucher", voucher_id=voucher.id), code=303)
    return render_template("distribution/inspect.html", serial="", missing=False)


@bp.route("/vouchers/<int:voucher_id>/void", methods=["GET", "POST"])
@requires(Permission.VOUCHER_ISSUE)
def void(voucher_id: int) -> ResponseReturnValue:
    """Withdraw a voucher, with a reason and a second look."""
    voucher, round_ = voucher_by_id(read_session(), voucher_id, actor=current_actor())
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                command = VoidVoucher(voucher_id, form.reason.data or "")
                services.void_voucher(session, command, actor=current_actor(), now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The voucher is void: its paper is worth nothing now."), "success")
            return redirect(url_for("rounds.show_voucher", voucher_id=voucher_id), code=303)
    status = 422 if form.is_submitted() else 200
    return render_template("distribution/void.html", form=form, voucher=voucher, round=round_), status


@bp.route("/vouchers/<int:voucher_id>/reprint", methods=["GET", "POST"])
@requires(Permission.VOUCHER_ISSUE)
def reprint(voucher_id: int) -> ResponseReturnValue:
    """A new paper for a lost one; the old one dies at once."""
    voucher, round_ = voucher_by_id(read_session(), voucher_id, actor=current_actor())
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                command = ReprintVoucher(str(form.command_id.data), voucher_id, form.reason.data or "")
                new_id = second_person.ask_reprint(session, command, actor=current_actor(), now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            if new_id is None:
                flash(_("The reprint waits for a second person. Until then the old paper is good."), "info")
                return redirect(url_for("rounds.show_voucher", voucher_id=voucher_id), code=303)
            flash(_("A new voucher was made and the old one is void. Print it now."), "success")
            return redirect(url_for("rounds.show_voucher", voucher_id=new_id), code=303)
    status = 422 if form.is_submitted() else 200
    return render_template("distribution/reprint.html", form=form, voucher=voucher, round=round_), status
