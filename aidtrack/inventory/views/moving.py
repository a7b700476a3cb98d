"""Transfers with their two ends, goods given away, losses and counts."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.db import read_session, unit_of_work
from aidtrack.inventory import second_person, services
from aidtrack.inventory.forms.moving import (
    ArrivalForm,
    AwayForm,
    CountForm,
    DispatchForm,
    WriteOffForm,
    read_units,
)
from aidtrack.inventory.forms.shared import by_id, lot_label
from aidtrack.inventory.kinds import TransferState
from aidtrack.inventory.queries import catalogue, papers, stock
from aidtrack.inventory.queries.catalogue import PlaceRow
from aidtrack.inventory.queries.papers import TransferLineRow, TransferRow
from aidtrack.inventory.queries.stock import StockRow
from aidtrack.inventory.views import bp
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.web import current_actor, requires


def _place() -> tuple[PlaceRow | None, list[PlaceRow]]:
    """The place the goods leave: the one asked for, or the only one; else the person chooses."""
    session, actor = read_session(), current_actor()
    places = catalogue.places(session, actor, active_only=True)
    wanted = request.args.get("place_id", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
        return catalogue.place(session, actor, int(wanted)), places
    return (places[0] if len(places) == 1 else None), places


def _choose_place(places: list[PlaceRow], title: str) -> str:
    return render_template("inventory/choose_place.html", places=places, title=title)


def _rows(place: PlaceRow) -> list[StockRow]:
    return stock.on_hand(read_session(), current_actor(), place_id=place.id)


@bp.get("/transfers")
@requires(Permission.STOCK_TRANSFER)
def transfer_list() -> ResponseReturnValue:
    rows = papers.transfers(read_session(), current_actor())
    return render_template("inventory/transfers.html", rows=rows)


@bp.route("/transfers/new", methods=["GET", "POST"])
@requires(Permission.STOCK_TRANSFER)
def dispatch() -> ResponseReturnValue:
    place, places = _place()
    if place is None:
        return _choose_place(places, _("Send to another place"))
    session, rows = read_session(), _rows(place)
    form = DispatchForm()
    form.offer(catalogue.transfer_targets(session), source_id=place.id)
    if not form.is_submitted():
        form.line_up(rows)
    elif form.validate():
        items = by_id(catalogue.items(session, {row.item_id for row in rows}))
        lines = form.read_lines({row.lot_id: row for row in rows}, items)
        if lines is not None:
            try:
                with unit_of_work() as unit:
                    transfer_id = services.dispatch_transfer(
                        unit, form.to_command(place.id, lines), actor=current_actor(), now=utc_now()
                    )
            except DomainError as error:
                form.show(error)
            else:
                flash(_("The goods are on the way."), "success")
                return redirect(url_for("inventory.transfer", transfer_id=transfer_id), code=303)
    page = render_template(
        "inventory/dispatch.html", form=form, place=place, rows={row.lot_id: row for row in rows}
    )
    return page, 422 if form.is_submitted() else 200


@bp.get("/transfers/<int:transfer_id>")
@requires(Permission.STOCK_READ)
def transfer(transfer_id: int) -> ResponseReturnValue:
    row, lines = _transfer(transfer_id)
    form = ArrivalForm(formdata=None)
    form.line_up(lines)
    form.offer()
    return _transfer_page(row, lines, form)


def _transfer(transfer_id: int) -> tuple[TransferRow, list[TransferLineRow]]:
    actor = current_actor()
    if actor.donor_ids is not None:
        raise NotFound  # a note may hold other donors' goods
    return papers.transfer(read_session(), actor, transfer_id)


def _transfer_page(row: TransferRow, lines: list[TransferLineRow], form: ArrivalForm) -> str:
    waits = row.state is TransferState.DISPATCHED and second_person.arrival_waits(read_session(), row.id)
    return render_template("inventory/transfer.html", row=row, lines=lines, form=form, waits=waits)


@bp.post("/transfers/<int:transfer_id>/arrival")
@requires(Permission.STOCK_TRANSFER)
def arrive(transfer_id: int) -> ResponseReturnValue:
    row, lines = _transfer(transfer_id)
    form = ArrivalForm()
    form.offer()
    if form.validate_on_submit():
        items = by_id(catalogue.items(read_session(), {line.item_id for line in lines}))
        arrived = form.read_lines(lines, items)
        if arrived is not None:
            try:
                with unit_of_work() as session:
                    command = form.to_command(transfer_id, arrived)
                    done = second_person.ask_arrival(session, command, actor=current_actor(), now=utc_now())
            except DomainError as error:
                form.show(error)
            else:
                if done is None:
                    flash(
                        _("What is missing waits for a second person. Until then the goods are on the way."),
                        "info",
                    )
                else:
                    flash(_("The arrival is recorded."), "success")
                return redirect(url_for("inventory.transfer", transfer_id=transfer_id), code=303)
    return _transfer_page(row, lines, form), 422


@bp.route("/stock/give-away", methods=["GET", "POST"])
@requires(Permission.STOCK_TRANSFER)
def give_away() -> ResponseReturnValue:
    place, places = _place()
    if place is None:
        return _choose_place(places, _("Give to another organisation"))
    session, rows = read_session(), _rows(place)
    form = AwayForm()
    if not form.is_submitted():
        form.line_up(rows)
    elif form.validate():
        items = by_id(catalogue.items(session, {row.item_id for row in rows}))
        lines = form.read_lines({row.lot_id: row for row in rows}, items)
        if lines is not None:
            try:
                with unit_of_work() as unit:
                    entry_id = services.transfer_away(
                        unit, form.to_command(place.id, lines), actor=current_actor(), now=utc_now()
                    )
            except DomainError as error:
                form.show(error)
            else:
                flash(_("The goods have left the books with their paper."), "success")
                return redirect(url_for("inventory.entry", entry_id=entry_id), code=303)
    page = render_template(
        "inventory/give_away.html", form=form, place=place, rows={row.lot_id: row for row in rows}
    )
    return page, 422 if form.is_submitted() else 200


@bp.get("/stock/losses")
@requires(Permission.STOCK_CORRECT)
def loss_list() -> ResponseReturnValue:
    return render_template("inventory/losses.html", rows=papers.losses(read_session(), current_actor()))


@bp.route("/stock/losses/new", methods=["GET", "POST"])
@requires(Permission.STOCK_CORRECT)
def write_off() -> ResponseReturnValue:
    place, places = _place()
    if place is None:
        return _choose_place(places, _("Record a loss"))
    session, rows = read_session(), _rows(place)
    chosen = request.args.get("lot_id", "")
    form = WriteOffForm(data={"lot_id": chosen})
    form.offer(rows)
    if form.validate_on_submit():
        row = next(row for row in rows if row.lot_id == int(form.lot_id.data))
        units = read_units(form.quantity, catalogue.item(session, row.item_id))
        if units is not None:
            try:
                with unit_of_work() as unit:
                    command = form.to_command(place.id, row.lot_id, units)
                    entry_id = second_person.ask_write_off(
                        unit, command, actor=current_actor(), now=utc_now()
                    )
            except DomainError as error:
                form.show(error)
            else:
                if entry_id is None:
                    flash(_("The loss waits for a second person. The stock is as it was."), "info")
                    return redirect(url_for("inventory.loss_list"), code=303)
                flash(_("The loss is recorded."), "success")
                return redirect(url_for("inventory.entry", entry_id=entry_id), code=303)
    page = render_template("inventory/write_off.html", form=form, place=place, rows=rows)
    return page, 422 if form.is_submitted() else 200


@bp.route("/stock/count/<int:place_id>/<int:lot_id>", methods=["GET", "POST"])
@requires(Permission.STOCK_CORRECT)
def count(place_id: int, lot_id: int) -> ResponseReturnValue:
    session, actor = read_session(), current_actor()
    place = catalogue.place(session, actor, place_id)
    rows = stock.on_hand(session, actor, place_id=place_id, lot_id=lot_id)
    if not rows:
        raise NotFound
    row = rows[0]
    form = CountForm(data={"expected": str(row.units)})
    if form.validate_on_submit():
        units = read_units(form.counted, catalogue.item(session, row.item_id), zero=True)
        if units is not None:
            try:
                with unit_of_work() as unit:
                    done = second_person.ask_count(
                        unit, form.to_command(place_id, lot_id, units), actor=current_actor(), now=utc_now()
                    )
            except DomainError as error:
                form.expected.data = str(row.units)
                form.show(error)
            else:
                if done is None:
                    flash(_("The difference waits for a second person. The stock is as it was."), "info")
                else:
                    flash(_("The count is recorded."), "success")
                return redirect(url_for("inventory.lot", lot_id=lot_id), code=303)
    page = render_template("inventory/count.html", form=form, place=place, row=row, label=lot_label)
    return page, 422 if form.is_submitted() else 200
