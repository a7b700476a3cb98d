"""The lists of circumstances and needs. Whoever edits them sees no case; whoever ticks them may look."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.beneficiaries.cases import services
from aidtrack.beneficiaries.cases.commands import ListKind
from aidtrack.beneficiaries.cases.forms.lists import EndEntryForm, EntryForm, ReplaceEntryForm
from aidtrack.beneficiaries.cases.queries.lists import EntryRow, entries
from aidtrack.beneficiaries.cases.views import bp
from aidtrack.beneficiaries.views import answer_code
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.web.access import current_actor, requires, requires_any


@bp.get("/lists")
@requires_any(Permission.CATALOGUE_MANAGE, Permission.HOUSEHOLD_READ)
def lists() -> ResponseReturnValue:
    found = entries(read_session())
    return render_template(
        "cases/lists.html",
        lists={kind: [entry for entry in found if entry.list is kind] for kind in ListKind},
        today=local_date(utc_now()),
        may_edit=current_actor().can(Permission.CATALOGUE_MANAGE),
    )


def _save(form: Any, act: Any, said: str) -> Any:
    if not form.validate_on_submit():
        return None
    try:
        with unit_of_work() as session:
            act(session, utc_now())
    except DomainError as error:
        form.show(error)
        return None
    flash(said, "success")
    return redirect(url_for("cases.lists"), code=303)


@bp.route("/lists/<any(circumstances, needs):list_name>/new", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def new_entry(list_name: str) -> ResponseReturnValue:
    kind = ListKind(list_name)
    form = EntryForm(data={"valid_from": local_date(utc_now())})

    def act(session: Any, now: datetime) -> None:
        services.add_entry(session, form.to_new(kind), actor=current_actor(), now=now)

    done = _save(form, act, _("Added to the list."))
    page = render_template("cases/entry.html", form=form, title=_("New entry"), kind=kind, entry=None)
    return done or (page, answer_code(form))


@bp.route("/lists/entries/<int:list_entry_id>", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def edit_entry(list_entry_id: int) -> ResponseReturnValue:
    """New words from a day on; acts that were made keep the old ones."""
    entry = _entry(list_entry_id)
    form = ReplaceEntryForm(
        data={
            "name_uk": entry.name_uk, "name_en": entry.name_en, "source": entry.source,
            "valid_from": local_date(utc_now()),
        }
    )  # fmt: skip

    def act(session: Any, now: datetime) -> None:
        services.replace_entry(session, form.to_command(list_entry_id), actor=current_actor(), now=now)

    done = _save(form, act, _("Saved."))
    page = render_template(
        "cases/entry.html", form=form, title=_("New words of an entry"), kind=entry.list, entry=entry
    )
    return done or (page, answer_code(form))


@bp.route("/lists/entries/<int:list_entry_id>/end", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def end_entry(list_entry_id: int) -> ResponseReturnValue:
    entry = _entry(list_entry_id)
    form = EndEntryForm(data={"valid_until": entry.valid_until or local_date(utc_now())})

    def act(session: Any, now: datetime) -> None:
        services.end_entry(session, form.to_command(list_entry_id), actor=current_actor(), now=now)

    done = _save(form, act, _("Saved."))
    page = render_template(
        "cases/entry.html", form=form, title=_("End an entry"), kind=entry.list, entry=entry
    )
    return done or (page, answer_code(form))


def _entry(list_entry_id: int) -> EntryRow:
    for entry in entries(read_session()):
        if entry.id == list_entry_id:
            return entry
    raise NotFound()
