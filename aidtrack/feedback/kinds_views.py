"""An administrator's pages of the kinds of feedback: what there is to choose, from one day to another."""

from collections.abc import Callable
from datetime import datetime

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from aidtrack.db import read_session, unit_of_work
from aidtrack.feedback import queries, services
from aidtrack.feedback.forms import EndKindForm, KindForm, ReplaceKindForm
from aidtrack.feedback.queries import KindRow
from aidtrack.feedback.views import bp
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.web import current_actor, requires
from aidtrack.web.forms import BaseForm


@bp.get("/settings/kinds")
@requires(Permission.CATALOGUE_MANAGE)
def kinds() -> ResponseReturnValue:
    found = queries.kinds(read_session()).values()
    return render_template("feedback/kinds.html", kinds=found, today=local_date(utc_now()))


def _edited(
    form: BaseForm, act: Callable[[Session, datetime], object], title: str, kind: KindRow | None
) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                act(session, utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("feedback_register.kinds"), code=303)
    page = render_template("feedback/kind.html", form=form, title=title, kind=kind)
    return page, 422 if form.is_submitted() else 200


@bp.route("/settings/kinds/new", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def new_kind() -> ResponseReturnValue:
    form = KindForm(data={"valid_from": local_date(utc_now()), "working_days": 10})

    def act(session: Session, now: datetime) -> None:
        services.add_kind(session, form.to_new(), actor=current_actor(), now=now)

    return _edited(form, act, _("New kind of feedback"), None)


@bp.route("/settings/kinds/<feedback_kind>", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def edit_kind(feedback_kind: str) -> ResponseReturnValue:
    """New words from a day on; messages that came keep the old ones."""
    kind = _kind(feedback_kind)
    form = ReplaceKindForm(
        data={
            "name_uk": kind.name_uk, "name_en": kind.name_en, "source": kind.source,
            "valid_from": local_date(utc_now()),
        }
    )  # fmt: skip

    def act(session: Session, now: datetime) -> None:
        services.replace_kind(session, form.to_command(kind.code), actor=current_actor(), now=now)

    return _edited(form, act, _("New words of a kind"), kind)


@bp.route("/settings/kinds/<feedback_kind>/end", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def end_kind(feedback_kind: str) -> ResponseReturnValue:
    kind = _kind(feedback_kind)
    form = EndKindForm(data={"valid_until": kind.valid_until or local_date(utc_now())})

    def act(session: Session, now: datetime) -> None:
        services.end_kind(session, form.to_command(kind.code), actor=current_actor(), now=now)

    return _edited(form, act, _("End a kind of feedback"), kind)


def _kind(code: str) -> KindRow:
    found = queries.kinds(read_session()).get(code)
    if found is None:
        raise NotFound
    return found
