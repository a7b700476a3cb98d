"""Categories with evidence."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.forms import (
    CategoryForm,
    EndCategoryForm,
)
from aidtrack.beneficiaries.proofs import queries as proofs
from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.beneficiaries.views import (
    bp,
    kinds_for,
    shown_kinds,
    today_of,
)
from aidtrack.beneficiaries.views.family import opened
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.web.access import current_actor, requires
from aidtrack.web.i18n import language
from aidtrack.web.layout import answer_code


def _saved(form: Any, file: HouseholdFile, save: Callable[[Session, datetime], object]) -> Any:
    """Run the service; the answer that leads back to the family, or None when the form must be shown."""
    if not form.validate_on_submit():
        return None
    try:
        with unit_of_work() as session:
            save(session, utc_now())
    except DomainError as error:
        form.show(error)
        return None
    flash(_("Recorded."), "success")
    return redirect(url_for("beneficiaries.household", household_id=file.key.id), code=303)


def _page(form: Any, file: HouseholdFile, heading: str, **context: Any) -> ResponseReturnValue:
    page = render_template("beneficiaries/paper.html", form=form, file=file, title=heading, **context)
    return page, answer_code(form)


@bp.route("/<int:household_id>/categories/new", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def new_category(household_id: int) -> ResponseReturnValue:
    actor = current_actor()
    file = opened(household_id)
    form = CategoryForm(data={"valid_from": today_of(read_session(), file.key.site_id)})
    today = today_of(read_session(), file.key.site_id)
    papers = [
        (one.code, one.name(language())) for one in proofs.papers(read_session()) if one.is_asked(today)
    ]
    form.offer(kinds_for(read_session(), actor), file, papers)

    def save(session: Session, now: datetime) -> object:
        return services.add_category(session, form.to_command(household_id), actor=actor, now=now)

    return _saved(form, file, save) or _page(form, file, _("Add a category"))


@bp.route("/<int:household_id>/categories/<int:category_id>/end", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def end_category(household_id: int, category_id: int) -> ResponseReturnValue:
    return _end(household_id, category_id, protected=False)


@bp.route("/<int:household_id>/protected/<int:category_id>/end", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ, Permission.CATEGORY_PROTECTED)
def end_protected(household_id: int, category_id: int) -> ResponseReturnValue:
    return _end(household_id, category_id, protected=True)


def _end(household_id: int, category_id: int, *, protected: bool) -> ResponseReturnValue:
    file = opened(household_id)
    of_all = (*file.categories, *(one for member in file.members for one in member.categories))
    category = next((one for one in of_all if one.id == category_id and one.protected == protected), None)
    if category is None:
        raise NotFound()
    form = EndCategoryForm(data={"valid_until": today_of(read_session(), file.key.site_id)})

    def save(session: Session, now: datetime) -> None:
        command = form.to_command(household_id, category_id, protected=protected)
        services.end_category(session, command, actor=current_actor(), now=now)

    kind = shown_kinds(read_session(), language())[category.kind]
    return _saved(form, file, save) or _page(form, file, _("End a category"), about=kind)
