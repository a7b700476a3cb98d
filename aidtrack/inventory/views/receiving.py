"""Donations: receiving, the receipt act, and taking a receipt back."""

import re
import uuid
from datetime import date

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from aidtrack.db import read_session, unit_of_work
from aidtrack.inventory import services
from aidtrack.inventory.forms.receiving import MOST_LINES, ReadLine, ReceiptForm
from aidtrack.inventory.forms.shared import ReasonForm, by_id
from aidtrack.inventory.queries import catalogue, donations, stock
from aidtrack.inventory.queries.catalogue import ItemRow
from aidtrack.inventory.views import bp
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import CommandReused, DomainError, InvalidValue
from aidtrack.kernel.quantity import read_quantity
from aidtrack.web import Page, bounds, current_actor, page_number, requires
from aidtrack.web.i18n import language
from aidtrack.web.layout import form_problems

_LINE_FIELD = re.compile(r"lines-(\d+)-(\w+)")


@bp.get("/donations")
@requires(Permission.STOCK_READ)
def donation_list() -> ResponseReturnValue:
    number = page_number()
    limit, offset = bounds(number)
    rows, total = donations.donations(read_session(), current_actor(), offset=offset, limit=limit)
    return render_template("inventory/donations.html", page=Page(rows, number, total))


@bp.route("/donations/receive", methods=["GET", "POST"])
@requires(Permission.STOCK_RECEIVE)
def receive() -> ResponseReturnValue:
    """Type, look at how it was read, save: three steps of one form, without a script."""
    session, today = read_session(), local_date(utc_now())
    form = ReceiptForm()
    items = catalogue.items(session, active_only=True)
    step = request.form.get("step", "")
    if form.is_submitted():
        _change_lines(form, step)
    elif form.arrived_on.data is None:
        form.arrived_on.data = today
    _offer(form, session, items)
    if not form.is_submitted() or step in ("edit", "add") or step.startswith("remove-"):
        return _form_page(form, items)
    lines = _read(form, session, items, today)
    if lines is None:
        return _form_page(form, items), 422
    if step != "save":
        return render_template("inventory/receive_check.html", form=form, lines=lines, fields=_typed())
    try:
        with unit_of_work() as unit:
            command = form.to_command(lines)
            donation_id = services.receive_donation(unit, command, actor=current_actor(), now=utc_now())
    except CommandReused:
        # sent before, then changed and sent again: ask, rather than lose either
        form.command_id.data = uuid.uuid4()
        sentence = _(
            "This form was already recorded with other content. If this is another donation, send it again."
        )
        form.form_errors = [*form.form_errors, sentence]
        return _form_page(form, items), 409
    except DomainError as error:
        form.show(_at_its_line(error, lines))
        return _form_page(form, items), 422
    flash(_("The donation is in stock."), "success")
    return redirect(url_for("inventory.donation", donation_id=donation_id), code=303)


def _change_lines(form: ReceiptForm, step: str) -> None:
    if step == "add" and len(form.lines.entries) < MOST_LINES:
        form.lines.append_entry()
    if step.startswith("remove-") and step.removeprefix("remove-").isdecimal():
        number = int(step.removeprefix("remove-"))
        kept = [entry.data for index, entry in enumerate(form.lines.entries) if index != number]
        while form.lines.entries:
            form.lines.pop_entry()
        for data in kept or [{}]:
            form.lines.append_entry(data)


def _offer(form: ReceiptForm, session: Session, items: list[ItemRow]) -> None:
    form.offer(
        places=catalogue.places(session, current_actor(), active_only=True),
        donors=catalogue.donors(session, active_only=True),
        agreements=catalogue.agreements(session),
        programmes=catalogue.programmes(session, active_only=True),
        items=items,
    )


def _read(form: ReceiptForm, session: Session, items: list[ItemRow], today: date) -> list[ReadLine] | None:
    """Every line read, or None when something on the form is to be mended first; all of it is said at once."""
    valid = form.validate()
    if form.arrived_on.data is not None and form.arrived_on.data > today:
        form.arrived_on.errors = [*form.arrived_on.errors, _("This date is in the future.")]
        valid = False
    if form.earmarked.data and not form.programme_id.data:
        sentence = _("Choose the programme that the goods are earmarked for.")
        form.programme_id.errors = [*form.programme_id.errors, sentence]
        valid = False
    used = {
        int(line.item_id.data) for _index, line in form.used_lines() if str(line.item_id.data).isdecimal()
    }
    usual = {item_id: stock.usual_units(session, item_id) for item_id in used}
    lines = form.read_lines(by_id(items), usual)
    return lines if valid and not form_problems(form) else None


def _at_its_line(error: DomainError, lines: list[ReadLine]) -> DomainError:
    """Blank lines are left out of the command, so its line numbers are not the form's."""
    match = _LINE_FIELD.fullmatch(error.field or "")
    if match is not None:
        error.field = f"lines-{lines[int(match[1])].index}-{match[2]}"
    return error


def _form_page(form: ReceiptForm, items: list[ItemRow]) -> str:
    return render_template("inventory/receive.html", form=form, items=items, most_lines=MOST_LINES)


def _typed() -> list[tuple[str, str]]:
    """What was posted, to be carried through the page that asks; its own buttons and token left out."""
    return [
        (field, value)
        for field, values in request.form.lists()
        if field not in ("csrf_token", "step")
        for value in values
    ]


@bp.get("/stock/read-quantity")
@requires(Permission.STOCK_READ)
def read_typed_quantity() -> ResponseReturnValue:
    """How the server reads a quantity that is being typed: `text`, `item` and perhaps `pack`."""
    item_id = request.args.get("item", "")
    if not (item_id.isascii() and item_id.isdigit() and len(item_id) < 19):
        raise InvalidValue(field="item", value=_("Item"))
    session = read_session()
    item = catalogue.item(session, int(item_id))
    pack = next((pack for pack in item.packs if str(pack.id) == request.args.get("pack")), None)
    reading = read_quantity(
        request.args.get("text", ""),
        item.base_unit,
        packs=item.packs_for(language()),
        locale=language(),
        density_g_per_l=item.density_g_per_l,
        default_unit=pack.code if pack else None,
    )
    return jsonify({"units": reading.units, "shown": reading.shown})


@bp.get("/donations/<int:donation_id>")
@requires(Permission.STOCK_READ)
def donation(donation_id: int) -> ResponseReturnValue:
    found = donations.donation(read_session(), current_actor(), donation_id)
    return render_template("inventory/donation.html", found=found, form=ReasonForm(formdata=None))


@bp.get("/donations/<int:donation_id>/act")
@requires(Permission.STOCK_READ)
def receipt_act(donation_id: int) -> ResponseReturnValue:
    """The act as it is printed and signed."""
    found = donations.donation(read_session(), current_actor(), donation_id)
    return render_template("inventory/receipt_act.html", found=found)


@bp.post("/donations/<int:donation_id>/reverse")
@requires(Permission.STOCK_CORRECT)
def reverse_receipt(donation_id: int) -> ResponseReturnValue:
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.reverse_receipt(
                    session, donation_id, reason=form.reason.data or "", actor=current_actor(), now=utc_now()
                )
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The receipt has been reversed."), "success")
            return redirect(url_for("inventory.donation", donation_id=donation_id), code=303)
    found = donations.donation(read_session(), current_actor(), donation_id)
    return render_template("inventory/donation.html", found=found, form=form), 422
