"""One family's page, and changing where it lives."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.forms import HouseholdForm
from aidtrack.beneficiaries.forms.fields import LEFT_WORDS, SEX_WORDS
from aidtrack.beneficiaries.identifiers import shown_phone
from aidtrack.beneficiaries.proofs.queries import papers
from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.beneficiaries.queries.merges import merges as merges_of
from aidtrack.beneficiaries.queries.merges import not_same_of
from aidtrack.beneficiaries.views import (
    bp,
    sections,
    shown_kinds,
    today_of,
)
from aidtrack.beneficiaries.views.words import column_word, history_word
from aidtrack.db import unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import Conflict, DomainError
from aidtrack.web.access import current_actor, requires
from aidtrack.web.filters import day
from aidtrack.web.forms import EmptyForm
from aidtrack.web.i18n import language
from aidtrack.web.layout import answer_code


@bp.get("/<int:household_id>")
@requires(Permission.HOUSEHOLD_READ)
def household(household_id: int) -> ResponseReturnValue:
    actor = current_actor()
    with unit_of_work() as session:
        file = services.open_household(session, household_id, actor=actor, now=utc_now(), papers=False)
        return render_template(
            "beneficiaries/household.html",
            file=file,
            kinds=shown_kinds(session, language()),
            papers={one.code: one.name(language()) for one in papers(session)},
            sections=sections(session, file, actor),
            today=today_of(session, file.key.site_id),
            phone=shown_phone(file.phone),
            sex_words=SEX_WORDS,
            history_word=history_word,
            column_word=column_word,
            merges=merges_of(session, actor, household_id=household_id),
            not_same=not_same_of(session, household_id, actor),
            empty_form=EmptyForm(),
            people={one.id: one.full_name for one in file.members},
            left_words={why.value: word for why, word in LEFT_WORDS.items()},
        )


@bp.route("/<int:household_id>/edit", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def edit_household(household_id: int) -> ResponseReturnValue:
    actor = current_actor()
    file = opened(household_id)
    form = HouseholdForm(data=HouseholdForm.shown(file))
    differences: list[tuple[str, str, str]] = []
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.change_household(session, form.to_command(household_id), actor=actor, now=utc_now())
        except Conflict as error:
            form.show(error)
            differences = compare(form, HouseholdForm.shown(file))
            form.version.data = str(file.key.version)  # saving once more means: mine, knowing theirs
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("beneficiaries.household", household_id=household_id), code=303)
    page = render_template("beneficiaries/edit_household.html", form=form, file=file, differences=differences)
    return page, answer_code(form)


def opened(household_id: int) -> HouseholdFile:
    """The family as it stands now, for an edit form; logged as a reading for editing."""
    with unit_of_work() as session:
        return services.open_household(
            session, household_id, actor=current_actor(), now=utc_now(), purpose="edit", papers=False
        )


def compare(form: Any, theirs: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(label, what the other person saved, what was typed here) of every field where they differ."""
    rows = []
    for field in form:
        if field.name in theirs and field.name != "version":
            saved, typed = _shown(theirs[field.name], field), _shown(field.data, field)
            if saved != typed:
                rows.append((str(field.label.text), saved, typed))
    return rows


def _shown(value: Any, field: Any) -> str:
    if field.type == "DayField":
        return day(value)
    if field.type == "BooleanField":
        return str(_("yes") if value else _("no"))
    if field.type == "RadioField":
        return next((str(one.label) for one in field.choices if one.value == value), "—")
    return str(value or "—").strip()
