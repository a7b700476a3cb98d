"""The lists of circumstances and needs. Whoever edits them sees no case; whoever ticks them may look."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.cases import services
from aidtrack.beneficiaries.cases.commands import AddListEntry, EndListEntry, ListKind, ReplaceListEntry
from aidtrack.beneficiaries.cases.forms.lists import EntryForm
from aidtrack.beneficiaries.cases.queries.lists import EntryRow, entries
from aidtrack.beneficiaries.cases.views import bp
from aidtrack.db import read_session
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import NotFound
from aidtrack.web import dated
from aidtrack.web.access import current_actor, requires, requires_any
from aidtrack.web.dated import Act
from aidtrack.web.filters import name, word
from aidtrack.web.forms import BaseForm


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


@bp.route("/lists/<any(circumstances, needs):list_name>/new", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def new_entry(list_name: str) -> ResponseReturnValue:
    kind = ListKind(list_name)
    form = EntryForm(data=dated.from_today())

    def act(session: Session) -> None:
        command = AddListEntry(
            form.command_id.data, kind, protected=bool(form.protected.data), **form.words()
        )
        services.add_entry(session, command, actor=current_actor(), now=utc_now())

    return _edited(form, act, _("New entry"), word(kind))


@bp.route("/lists/entries/<int:list_entry_id>", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def edit_entry(list_entry_id: int) -> ResponseReturnValue:
    """New words from a day on; acts that were made keep the old ones."""
    entry = _entry(list_entry_id)
    form = dated.WordsForm(data=dated.words_of(entry))

    def act(session: Session) -> None:
        command = ReplaceListEntry(list_entry_id, **form.words())
        services.replace_entry(session, command, actor=current_actor(), now=utc_now())

    note = _("Acts that were made keep the old words: the old entry ends the day before the new words begin.")
    return _edited(form, act, _("New words of an entry"), _called(entry), note)


@bp.route("/lists/entries/<int:list_entry_id>/end", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def end_entry(list_entry_id: int) -> ResponseReturnValue:
    entry = _entry(list_entry_id)
    form = dated.EndForm(data=dated.end_of(entry))

    def act(session: Session) -> None:
        command = EndListEntry(list_entry_id, form.valid_until.data)
        services.end_entry(session, command, actor=current_actor(), now=utc_now())

    return _edited(form, act, _("End an entry"), _called(entry))


def _edited(form: BaseForm, act: Act, title: str, lead: str, note: str = "") -> ResponseReturnValue:
    crumbs = [(_("Lists of circumstances and needs"), url_for("cases.lists"))]
    return dated.edited(form, act, title=title, lead=lead, crumbs=crumbs, note=note)


def _called(entry: EntryRow) -> str:
    return f"{word(entry.list)}: {name(entry)}"


def _entry(list_entry_id: int) -> EntryRow:
    for entry in entries(read_session()):
        if entry.id == list_entry_id:
            return entry
    raise NotFound()
