"""The catalogue's pages: one list of everything, one form for each kind of thing."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from aidtrack.db import read_session, unit_of_work
from aidtrack.inventory import services
from aidtrack.inventory.forms.catalogue import (
    AgreementForm,
    DonorForm,
    ItemForm,
    PackForm,
    PlaceForm,
    ProgrammeForm,
)
from aidtrack.inventory.queries import catalogue
from aidtrack.inventory.views import bp
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.kernel.quantity import show_plain
from aidtrack.web import current_actor, requires
from aidtrack.web.forms import BaseForm
from aidtrack.web.i18n import language

TITLES = {
    "donors": (_l("New donor"), _l("Donor")),
    "agreements": (_l("New agreement"), _l("Agreement")),
    "programmes": (_l("New programme"), _l("Programme")),
    "items": (_l("New item"), _l("Item")),
    "places": (_l("New place"), _l("Place")),
}


@bp.get("/catalogue")
@requires(Permission.CATALOGUE_MANAGE)
def catalogue_page() -> ResponseReturnValue:
    session, actor = read_session(), current_actor()
    return render_template(
        "inventory/catalogue.html",
        donors=catalogue.donors(session),
        agreements=catalogue.agreements(session),
        programmes=catalogue.programmes(session),
        items=catalogue.items(session),
        places=catalogue.places(session, actor),
    )


@bp.route("/catalogue/<any(donors, agreements, programmes, items, places):kind>/new", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def new_entry(kind: str) -> ResponseReturnValue:
    return _entry_form(kind, None)


@bp.route(
    "/catalogue/<any(donors, agreements, programmes, items, places):kind>/<int:row_id>",
    methods=["GET", "POST"],
)
@requires(Permission.CATALOGUE_MANAGE)
def edit_entry(kind: str, row_id: int) -> ResponseReturnValue:
    return _entry_form(kind, row_id)


def _entry_form(kind: str, row_id: int | None) -> ResponseReturnValue:
    session = read_session()
    values = _values(session, kind, row_id) if row_id is not None else {}
    form = _form(session, kind, values)
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                _save(unit, kind, form, row_id)
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("inventory.catalogue_page", _anchor=kind), code=303)
    title = TITLES[kind][0 if row_id is None else 1]
    page = render_template("inventory/catalogue_form.html", form=form, title=title, values=values)
    return page, 422 if form.is_submitted() else 200


def _values(session: Session, kind: str, row_id: int) -> dict[str, Any]:
    """What a form shows of the row, by field."""
    if kind == "places":
        return asdict(catalogue.place(session, current_actor(), row_id))
    reads: dict[str, Callable[[Session], Any]] = {
        "donors": catalogue.donors,
        "agreements": catalogue.agreements,
        "programmes": catalogue.programmes,
        "items": catalogue.items,
    }
    rows: list[Any] = reads[kind](session)
    row = next((row for row in rows if row.id == row_id), None)
    if row is None:
        raise NotFound
    values = asdict(row)
    if kind == "agreements":
        values.update(title_uk=row.name_uk, title_en=row.name_en)
    return values


def _form(session: Session, kind: str, values: dict[str, Any]) -> Any:
    if kind == "donors":
        return DonorForm(data=values)
    if kind == "agreements":
        agreement = AgreementForm(data=values)
        agreement.offer(catalogue.donors(session))
        return agreement
    if kind == "programmes":
        programme = ProgrammeForm(data=values)
        programme.offer(catalogue.agreements(session))
        return programme
    if kind == "items":
        item = ItemForm(data=values)
        item.offer()
        return item
    place = PlaceForm(data=values)
    place.offer(catalogue.sites(session, current_actor()))
    return place


def _save(session: Session, kind: str, form: Any, row_id: int | None) -> None:
    save, id_name = _SERVICES[kind]
    save(session, form.to_command(), actor=current_actor(), now=utc_now(), **{id_name: row_id})


_SERVICES: dict[str, tuple[Callable[..., int], str]] = {
    "donors": (services.save_donor, "donor_id"),
    "agreements": (services.save_agreement, "agreement_id"),
    "programmes": (services.save_programme, "programme_id"),
    "items": (services.save_item, "item_id"),
    "places": (services.save_place, "place_id"),
}


@bp.route("/catalogue/items/<int:item_id>/packs/new", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def new_pack(item_id: int) -> ResponseReturnValue:
    return _pack_form(item_id, None)


@bp.route("/catalogue/items/<int:item_id>/packs/<int:pack_id>", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def edit_pack(item_id: int, pack_id: int) -> ResponseReturnValue:
    return _pack_form(item_id, pack_id)


def _pack_form(item_id: int, pack_id: int | None) -> ResponseReturnValue:
    item = catalogue.item(read_session(), item_id)
    pack = next((pack for pack in item.packs if pack.id == pack_id), None)
    if pack_id is not None and pack is None:
        raise NotFound
    mark = "," if language() == "uk" else "."
    holds = {"holds": show_plain(pack.units, item.base_unit, mark=mark)} if pack else {}
    form = PackForm(data={**(asdict(pack) if pack else {}), **holds})
    if form.validate_on_submit():
        command = form.to_command(item)
        if command is not None and _saved(form, command, pack_id):
            flash(_("Saved."), "success")
            return redirect(url_for("inventory.catalogue_page", _anchor="items"), code=303)
    page = render_template("inventory/pack_form.html", form=form, item=item, pack=pack)
    return page, 422 if form.is_submitted() else 200


def _saved(form: BaseForm, command: Any, pack_id: int | None) -> bool:
    try:
        with unit_of_work() as unit:
            services.save_pack(unit, command, actor=current_actor(), now=utc_now(), pack_id=pack_id)
    except DomainError as error:
        form.show(error)
        return False
    return True
