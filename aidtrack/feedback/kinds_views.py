"""An administrator's pages of the kinds of feedback: what there is to choose, from one day to another."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from aidtrack.db import read_session
from aidtrack.feedback import queries, services
from aidtrack.feedback.commands import AddKind, EndKind, ReplaceKind
from aidtrack.feedback.forms import KindForm
from aidtrack.feedback.queries import KindRow
from aidtrack.feedback.views import bp
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import NotFound
from aidtrack.web import current_actor, dated, requires
from aidtrack.web.dated import Act
from aidtrack.web.filters import name
from aidtrack.web.forms import BaseForm


@bp.get("/settings/kinds")
@requires(Permission.CATALOGUE_MANAGE)
def kinds() -> ResponseReturnValue:
    found = queries.kinds(read_session()).values()
    return render_template("feedback/kinds.html", kinds=found, today=local_date(utc_now()))


@bp.route("/settings/kinds/new", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def new_kind() -> ResponseReturnValue:
    form = KindForm(data=dated.from_today(working_days=10))

    def act(session: Session) -> None:
        command = AddKind(
            str(form.command_id.data), sensitive=bool(form.sensitive.data),
            working_days=form.working_days.data or 0, **form.words(),
        )  # fmt: skip
        services.add_kind(session, command, actor=current_actor(), now=utc_now())

    return _edited(form, act, _("New kind of feedback"))


@bp.route("/settings/kinds/<feedback_kind>", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def edit_kind(feedback_kind: str) -> ResponseReturnValue:
    """New words from a day on; messages that came keep the old ones."""
    kind = _kind(feedback_kind)
    form = dated.WordsForm(data=dated.words_of(kind))

    def act(session: Session) -> None:
        command = ReplaceKind(str(form.command_id.data), kind.code, **form.words())
        services.replace_kind(session, command, actor=current_actor(), now=utc_now())

    note = _("Messages that came keep the old words: the old kind ends the day before the new words begin.")
    return _edited(form, act, _("New words of a kind"), name(kind), note)


@bp.route("/settings/kinds/<feedback_kind>/end", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def end_kind(feedback_kind: str) -> ResponseReturnValue:
    kind = _kind(feedback_kind)
    form = dated.EndForm(data=dated.end_of(kind))

    def act(session: Session) -> None:
        command = EndKind(kind.code, form.valid_until.data)
        services.end_kind(session, command, actor=current_actor(), now=utc_now())

    return _edited(form, act, _("End a kind of feedback"), name(kind))


def _edited(form: BaseForm, act: Act, title: str, lead: str = "", note: str = "") -> ResponseReturnValue:
    crumbs = [
        (_("Terms of feedback"), url_for("feedback_register.settings")),
        (_("Kinds of feedback"), url_for("feedback_register.kinds")),
    ]
    return dated.edited(form, act, title=title, lead=lead, crumbs=crumbs, note=note)


def _kind(code: str) -> KindRow:
    found = queries.kinds(read_session()).get(code)
    if found is None:
        raise NotFound
    return found
