"""What stands where: the overview, stock cards, lots, single documents of the ledger."""

from collections.abc import Iterable
from dataclasses import field
from datetime import date, timedelta
from itertools import groupby

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.db import read_session, unit_of_work
from aidtrack.inventory import services
from aidtrack.inventory.commands import SetLotStatus
from aidtrack.inventory.forms.moving import LotStatusForm
from aidtrack.inventory.forms.shared import ReasonForm, named
from aidtrack.inventory.kinds import EntryKind, LotStatus
from aidtrack.inventory.queries import catalogue, lots, papers, stock
from aidtrack.inventory.queries.card import stock_card
from aidtrack.inventory.queries.stock import StockRow
from aidtrack.inventory.views import bp
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.kernel.late import dataclass
from aidtrack.web import Page, bounds, current_actor, page_number, requires, requires_any
from aidtrack.web.forms import read_day

SOON = timedelta(days=30)
CARD_LINES = 100


@dataclass(frozen=True, slots=True)
class ItemAtPlace:
    """One item at one place with its lots, soonest expiry first."""

    lots: list[StockRow]
    on: date

    @property
    def first(self) -> StockRow:
        return self.lots[0]

    @property
    def units(self) -> int:
        return sum(row.units for row in self.lots)

    @property
    def usable_units(self) -> int:
        return sum(row.units for row in self.lots if row.usable(self.on))


@dataclass(frozen=True, slots=True)
class Shelf:
    """One place with what stands there by item."""

    place: StockRow
    items: list[ItemAtPlace] = field(default_factory=list)


def expiry_tone(row: StockRow, on: date) -> str:
    """How loudly a lot's date speaks: bad when it has passed, warn within 30 days."""
    if row.expires_on is None:
        return ""
    if row.expires_on < on:
        return "bad"
    return "warn" if row.expires_on <= on + SOON else ""


@bp.get("/stock")
@requires_any(Permission.STOCK_READ, Permission.STOCK_TOTALS)
def overview() -> ResponseReturnValue:
    session, actor, today = read_session(), current_actor(), local_date(utc_now())
    if not actor.can(Permission.STOCK_READ):
        totals = stock.totals(session, actor, on=today)
        return render_template("inventory/totals.html", totals=totals, today=today)
    wanted = {name: _chosen(name) for name in ("place_id", "item_id", "donor_id")}
    rows = stock.on_hand(session, actor, **wanted)
    return render_template(
        "inventory/overview.html",
        shelves=_shelves(rows, today),
        today=today,
        expired=[row for row in rows if expiry_tone(row, today) == "bad"],
        soon=[row for row in rows if expiry_tone(row, today) == "warn"],
        expiry_tone=expiry_tone,
        on_the_way=papers.transfers(session, actor, open_only=True) if actor.donor_ids is None else [],
        places=named(catalogue.places(session, actor), empty=_("all places")),
        items=named(catalogue.items(session), empty=_("all items")),
        donors=named(catalogue.own_donors(session, actor), empty=_("all donors")),
        wanted=wanted,
    )


def _chosen(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _shelves(rows: Iterable[StockRow], today: date) -> list[Shelf]:
    shelves: list[Shelf] = []
    for _place_id, at_place in groupby(rows, key=lambda row: row.place_id):
        items = [
            ItemAtPlace(list(of_item), today)
            for _id, of_item in groupby(at_place, key=lambda row: row.item_id)
        ]
        shelves.append(Shelf(items[0].first, items))
    return shelves


@bp.get("/stock/card/<int:place_id>/<int:item_id>")
@requires(Permission.STOCK_READ)
def card(place_id: int, item_id: int) -> ResponseReturnValue:
    session, actor, number = read_session(), current_actor(), page_number()
    place = catalogue.place(session, actor, place_id)
    item = catalogue.item(session, item_id)
    days, mistakes = _period()
    limit, offset = bounds(number, CARD_LINES)
    found = stock_card(
        session, actor, item_id=item_id, place_id=place_id, first_day=days[0], last_day=days[1], offset=offset,
        limit=limit,
    )  # fmt: skip
    page = Page(found.rows, number, found.lines, CARD_LINES)
    return render_template(
        "inventory/card.html", place=place, item=item, card=found, page=page, days=days, mistakes=mistakes
    )


def _period() -> tuple[list[date | None], list[str]]:
    days: list[date | None] = []
    mistakes: list[str] = []
    for name in ("first_day", "last_day"):
        text = request.args.get(name, "").strip()
        try:
            days.append(read_day(text) if text else None)
        except ValueError:
            days.append(None)
            mistakes.append(text[:20])
    return days, mistakes


@bp.get("/stock/lots/<int:lot_id>")
@requires(Permission.STOCK_READ)
def lot(lot_id: int) -> ResponseReturnValue:
    found = lots.lot(read_session(), current_actor(), lot_id)
    form = LotStatusForm(formdata=None, data={"status": found.lot.status.value})
    form.offer()
    return render_template("inventory/lot.html", found=found, form=form, today=local_date(utc_now()))


@bp.post("/stock/lots/<int:lot_id>/status")
@requires(Permission.STOCK_CORRECT)
def set_lot_status(lot_id: int) -> ResponseReturnValue:
    form = LotStatusForm()
    form.offer()
    if form.validate_on_submit():
        command = SetLotStatus(lot_id, LotStatus(form.status.data), form.reason.data or "")
        try:
            with unit_of_work() as session:
                services.set_lot_status(session, command, actor=current_actor(), now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("inventory.lot", lot_id=lot_id), code=303)
    found = lots.lot(read_session(), current_actor(), lot_id)
    return render_template("inventory/lot.html", found=found, form=form, today=local_date(utc_now())), 422


@bp.get("/stock/entries/<int:entry_id>")
@requires(Permission.STOCK_READ)
def entry(entry_id: int) -> ResponseReturnValue:
    found = papers.entry(read_session(), current_actor(), entry_id)
    return _entry_page(found, ReasonForm(formdata=None))


@bp.post("/stock/entries/<int:entry_id>/reverse")
@requires(Permission.STOCK_CORRECT)
def reverse_entry(entry_id: int) -> ResponseReturnValue:
    form = ReasonForm()
    if form.validate_on_submit():
        reason = form.reason.data or ""
        try:
            with unit_of_work() as session:
                services.reverse_entry(session, entry_id, reason=reason, actor=current_actor(), now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The document has been reversed."), "success")
            return redirect(url_for("inventory.entry", entry_id=entry_id), code=303)
    return _entry_page(papers.entry(read_session(), current_actor(), entry_id), form), 422


def _entry_page(found: papers.EntryDetail, form: ReasonForm) -> str:
    reversible = (
        found.reversal is None
        and found.entry.reverses_id is None
        and found.entry.kind not in (EntryKind.HANDOUT, EntryKind.SHORTAGE)
    )
    return render_template("inventory/entry.html", found=found, form=form, reversible=reversible)
