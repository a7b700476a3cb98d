"""Members: a person joins, changes, leaves."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.beneficiaries import services
from aidtrack.beneficiaries.errors import PossibleDuplicate
from aidtrack.beneficiaries.forms import LeaveForm, MemberForm, NewMemberForm
from aidtrack.beneficiaries.happenings import LeftWhy
from aidtrack.beneficiaries.queries.files import HouseholdFile, MemberRow
from aidtrack.beneficiaries.views import bp, kinds_for, today_of
from aidtrack.beneficiaries.views.family import compare, opened
from aidtrack.beneficiaries.views.held_back import Doubles, doubles_of
from aidtrack.beneficiaries.views.words import reason_words
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import Conflict, DomainError, NotFound
from aidtrack.web.access import current_actor, requires
from aidtrack.web.layout import answer_code


def _member(file: HouseholdFile, person_id: int) -> MemberRow:
    member = file.member(person_id)
    if member is None:
        raise NotFound()
    return member


@bp.route("/<int:household_id>/members/new", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def new_member(household_id: int) -> ResponseReturnValue:
    actor = current_actor()
    file = opened(household_id)
    form = NewMemberForm(data={"version": str(file.key.version)})
    form.offer(kinds_for(read_session(), actor))
    doubles = Doubles()
    reasons: dict[str, list[str]] = {}
    if form.validate_on_submit():
        today = today_of(read_session(), file.key.site_id)
        try:
            with unit_of_work() as session:
                services.add_member(session, form.to_command(household_id, today), actor=actor, now=utc_now())
        except Conflict as error:
            form.show(error)
            form.version.data = str(file.key.version)
        except PossibleDuplicate as error:
            form.show(error)
            doubles, reasons = doubles_of(error), error.facts["reasons"]
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The member was added."), "success")
            return redirect(url_for("beneficiaries.household", household_id=household_id), code=303)
    page = render_template(
        "beneficiaries/new_member.html",
        form=form,
        file=file,
        doubles=doubles,
        reasons=reasons,
        reason_words=reason_words,
    )
    return page, answer_code(form)


@bp.route("/<int:household_id>/members/<int:person_id>", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def edit_member(household_id: int, person_id: int) -> ResponseReturnValue:
    actor = current_actor()
    file = opened(household_id)
    member = _member(file, person_id)
    stored = MemberForm.shown(member, file.key.version)
    form = MemberForm(data=stored)
    differences: list[tuple[str, str, str]] = []
    doubles = Doubles()
    reasons: dict[str, list[str]] = {}
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.change_member(
                    session, form.to_command(household_id, person_id), actor=actor, now=utc_now()
                )
        except Conflict as error:
            form.show(error)
            differences = compare(form, stored)
            form.version.data = str(file.key.version)
        except PossibleDuplicate as error:
            form.show(error)
            doubles, reasons = doubles_of(error), error.facts["reasons"]
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("beneficiaries.household", household_id=household_id), code=303)
    page = render_template(
        "beneficiaries/edit_member.html", form=form, file=file, member=member, differences=differences,
        doubles=doubles, reasons=reasons, reason_words=reason_words,
    )  # fmt: skip
    return page, answer_code(form)


@bp.route("/<int:household_id>/members/<int:person_id>/leave", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def leave(household_id: int, person_id: int) -> ResponseReturnValue:
    file = opened(household_id)
    member = _member(file, person_id)
    form = LeaveForm(data={"version": str(file.key.version), "why": LeftWhy.MOVED.value})
    form.offer(file, person_id)
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.member_leaves(
                    session, form.to_command(household_id, person_id), actor=current_actor(), now=utc_now()
                )
        except Conflict as error:
            form.show(error)
            form.version.data = str(file.key.version)
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Recorded: the member left the family."), "success")
            return redirect(url_for("beneficiaries.household", household_id=household_id), code=303)
    page = render_template("beneficiaries/leave.html", form=form, file=file, member=member)
    return page, answer_code(form)
