"""What places owe of lots, and asking to settle it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from aidtrack.db import read_session, unit_of_work
from aidtrack.inventory import second_person
from aidtrack.inventory.commands import SettleDebt
from aidtrack.inventory.services.debts import debts
from aidtrack.inventory.views import bp
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.web import current_actor, requires
from aidtrack.web.forms import BaseForm


class DebtForm(BaseForm):
    reason = TextAreaField(
        _l("How it came about"), [DataRequired(), Length(min=3, max=300)], render_kw={"rows": 3},
        description=_l("For example: another lot was taken from the shelf, and its count shows it missing."),
    )  # fmt: skip


@bp.get("/stock/debts")
@requires(Permission.STOCK_CORRECT)
def debt_list() -> ResponseReturnValue:
    return render_template("inventory/debts.html", rows=debts(read_session(), current_actor()))


@bp.route("/stock/debts/settle", methods=["GET", "POST"])
@requires(Permission.STOCK_CORRECT)
def settle_debt() -> ResponseReturnValue:
    """Ask a second person to settle what a place owes of a lot."""
    actor = current_actor()
    rows = debts(read_session(), actor, lot_id=_number("lot"), place_id=_number("place"))
    if len(rows) != 1:
        raise NotFound
    row, form = rows[0], DebtForm()
    if form.validate_on_submit():
        command = SettleDebt(
            str(form.command_id.data), row.place_id, row.lot_id, row.units, form.reason.data or ""
        )
        try:
            with unit_of_work() as unit:
                second_person.ask_settle_debt(unit, command, actor=actor, now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("It waits for a second person."), "info")
            return redirect(url_for("inventory.debt_list"), code=303)
    page = render_template("inventory/settle_debt.html", form=form, row=row)
    return page, 422 if form.is_submitted() else 200


def _number(name: str) -> int:
    sent = request.args.get(name, "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 18 else 0
