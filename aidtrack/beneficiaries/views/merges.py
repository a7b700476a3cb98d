"""Two registrations compared, merged by two people, and brought back."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.beneficiaries.commands import SayNotSame
from aidtrack.beneficiaries.errors import MergeOpen
from aidtrack.beneficiaries.forms import OtherFamilyForm
from aidtrack.beneficiaries.forms import merges as forms
from aidtrack.beneficiaries.queries import merges as queries
from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.beneficiaries.services import merging, two_families
from aidtrack.beneficiaries.views import bp
from aidtrack.beneficiaries.views.changes import other_family
from aidtrack.beneficiaries.views.family import opened
from aidtrack.beneficiaries.views.words import column_word
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web.access import current_actor, requires
from aidtrack.web.forms import EmptyForm
from aidtrack.web.layout import answer_code

BOTH = (Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)


@bp.route("/<int:household_id>/compare", methods=["GET", "POST"])
@requires(*BOTH)
def compare_with(household_id: int) -> ResponseReturnValue:
    """Which other registration is meant, by its number."""
    file = opened(household_id)
    form = OtherFamilyForm(data={"version": str(file.key.version)})
    other_id = other_family(form, household_id)
    if other_id is not None:
        address = url_for("beneficiaries.compare", household_id=household_id, other_id=other_id)
        return redirect(address, code=303)
    lead = _("The same family was registered twice: see both side by side and propose to merge them.")
    page = render_template(
        "beneficiaries/change.html", form=form, file=file, title=_("Registered twice"), lead=lead, button=_("Compare")
    )  # fmt: skip
    return page, answer_code(form)


@bp.route("/<int:household_id>/compare/<int:other_id>", methods=["GET", "POST"])
@requires(*BOTH)
def compare(household_id: int, other_id: int) -> ResponseReturnValue:
    """Both side by side. The first goes on, the other becomes a name for it."""
    actor = current_actor()
    staying, ending = opened(household_id), opened(other_id)
    typed = request.form if request.form.get("step") == "propose" else {}
    family = forms.family_choices(staying, ending, typed)
    people = forms.person_choices(staying, ending, typed)
    versions = {"version": str(staying.key.version), "other_version": str(ending.key.version)}
    form, not_same = forms.MergeForm(data=versions), forms.NotSameForm()
    if request.form.get("step") == "propose" and form.validate_on_submit():
        try:
            command = form.to_command(staying, ending, family, people)
            with unit_of_work() as session:
                merge_id = merging.propose_merge(session, command, actor=actor, now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Proposed. Another person approves it now."), "success")
            return redirect(url_for("beneficiaries.merge", merge_id=merge_id), code=303)
    elif request.form.get("step") == "not_same" and not_same.validate_on_submit():
        try:
            said = SayNotSame(household_id, other_id, not_same.why.data or "")
            with unit_of_work() as session:
                two_families.say_not_same(session, said, actor=actor, now=utc_now())
        except DomainError as error:
            not_same.show(error)
        else:
            flash(_("Remembered: these are two families."), "success")
            return redirect(url_for("beneficiaries.doubles", site_id=staying.key.site_id), code=303)
    wrong = form if request.form.get("step") == "propose" else not_same
    page = render_template(
        "beneficiaries/compare.html", staying=staying, ending=ending, form=form, not_same=not_same, family=family,
        people=people, column_word=column_word,
    )  # fmt: skip
    return page, answer_code(wrong)


@bp.get("/merges")
@requires(*BOTH)
def merges() -> ResponseReturnValue:
    """Proposals that wait, and what was decided lately; numbers only."""
    found = queries.merges(read_session(), current_actor())
    return render_template("beneficiaries/merges.html", merges=found, actor=current_actor())


@bp.route("/merges/<int:merge_id>", methods=["GET", "POST"])
@requires(*BOTH)
def merge(merge_id: int) -> ResponseReturnValue:
    """What was proposed, and the second person's word on it."""
    actor = current_actor()
    found = queries.merge(read_session(), merge_id, actor)
    form, undo = EmptyForm(), forms.UndoMergeForm()
    step = request.form.get("step")
    try:
        if step in ("approve", "decline") and form.validate_on_submit():
            act = merging.approve_merge if step == "approve" else merging.decline_merge
            with unit_of_work() as session:
                act(session, merge_id, actor=actor, now=utc_now())
            flash(_("Merged. This is the family's page.") if step == "approve" else _("Recorded."), "success")
            return redirect(url_for("beneficiaries.household", household_id=found.staying_id), code=303)
        if step == "undo" and undo.validate_on_submit():
            with unit_of_work() as session:
                merging.undo_merge(session, merge_id, undo.why.data or "", actor=actor, now=utc_now())
            flash(_("Undone: both registrations are back."), "success")
            return redirect(url_for("beneficiaries.household", household_id=found.ending_id), code=303)
    except MergeOpen as error:
        form.show(error)
    except DomainError as error:
        if error.status == 403:
            raise
        (undo if step == "undo" else form).show(error)
    staying, ending = opened(found.staying_id), opened(found.ending_id)
    page = render_template(
        "beneficiaries/merge.html", merge=found, staying=staying, ending=ending, form=form, undo=undo,
        own=found.is_by(actor), family=_chosen(found.choices["taken"], staying, ending),
        people=_pairs(found.choices["people"], staying, ending), column_word=column_word,
    )  # fmt: skip
    return page, answer_code(undo if step == "undo" else form)


@bp.post("/not-same/<int:not_same_id>/undo")
@requires(*BOTH)
def take_back_not_same(not_same_id: int) -> ResponseReturnValue:
    form = EmptyForm()
    if form.validate_on_submit():
        with unit_of_work() as session:
            low, high = two_families.take_back_not_same(
                session, not_same_id, actor=current_actor(), now=utc_now()
            )
        flash(_("Taken back: the two may be put before people again."), "success")
        return redirect(url_for("beneficiaries.compare", household_id=low, other_id=high), code=303)
    return redirect(url_for("beneficiaries.search"), code=303)


def _chosen(taken: list[str], staying: Any, ending: Any) -> list[tuple[str, str, str]]:
    """(column, what it is now, what it becomes)."""
    return [
        (name, forms.shown(name, getattr(staying, name)), forms.shown(name, getattr(ending, name)))
        for name in taken
    ]


def _pairs(
    people: list[list[Any]], staying: HouseholdFile, ending: HouseholdFile
) -> list[tuple[Any, Any, Any]]:
    """(person of the ending registration, who they are in the other or None, what is taken over)."""
    same = {one[0]: (one[1], one[2]) for one in people}
    found = []
    for person in ending.members:
        other_id, taken = same.get(person.id, (None, []))
        other = staying.member(other_id) if other_id is not None else None
        found.append((person, other, _chosen(taken, other, person) if other is not None else []))
    return found
