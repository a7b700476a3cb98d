"""What happens in a family's life: another head, who else may collect, parting and coming together."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import queries, services
from aidtrack.beneficiaries.errors import SameFamily
from aidtrack.beneficiaries.forms import (
    CollectorForm,
    EndCollectorForm,
    HeadForm,
    JoinForm,
    OtherFamilyForm,
    SplitForm,
)
from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.beneficiaries.views import bp, today_of
from aidtrack.beneficiaries.views.family import opened
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import Conflict, DomainError, NotFound
from aidtrack.kernel.ids import check_registration_number
from aidtrack.web.access import current_actor, requires
from aidtrack.web.layout import answer_code

Save = Callable[[Session, datetime], object]


def saved(form: Any, save: Save, then: Callable[[Any], str], *, said: str) -> Any:
    """Run the service; the answer that leads on, or None when the form must be shown again.

    A version somebody else overtook stays in the form: what was chosen may not fit the family any more, so
    the page is to be opened anew.
    """
    if not form.validate_on_submit():
        return None
    try:
        with unit_of_work() as session:
            made = save(session, utc_now())
    except Conflict as error:
        form.show(error)
        return None
    except DomainError as error:
        form.show(error)
        return None
    flash(said, "success")
    return redirect(then(made), code=303)


def _page(form: Any, file: HouseholdFile, title: str, lead: str, **context: Any) -> ResponseReturnValue:
    page = render_template(
        "beneficiaries/change.html", form=form, file=file, title=title, lead=lead, **context
    )
    return page, answer_code(form)


def family_url(household_id: int) -> str:
    return url_for("beneficiaries.household", household_id=household_id)


@bp.route("/<int:household_id>/head", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def name_head(household_id: int) -> ResponseReturnValue:
    file = opened(household_id)
    today = today_of(read_session(), file.key.site_id)
    form = HeadForm(data={"version": str(file.key.version), "since": today})
    form.offer(file)

    def save(session: Session, now: datetime) -> None:
        services.name_head(session, form.to_command(household_id), actor=current_actor(), now=now)

    answer = saved(form, save, lambda _made: family_url(household_id), said=_("Recorded."))
    lead = _("Vouchers printed before stay valid; the counter shows the new head from now on.")
    return answer or _page(form, file, _("New head of the family"), lead)


@bp.route("/<int:household_id>/collectors/new", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def new_collector(household_id: int) -> ResponseReturnValue:
    file = opened(household_id)
    today = today_of(read_session(), file.key.site_id)
    form = CollectorForm(data={"version": str(file.key.version), "valid_from": today})

    def save(session: Session, now: datetime) -> object:
        return services.add_collector(session, form.to_command(household_id), actor=current_actor(), now=now)

    answer = saved(form, save, lambda _made: family_url(household_id), said=_("Recorded."))
    lead = _("Who may collect for the family besides its head. There may be several.")
    return answer or _page(form, file, _("Name an alternate collector"), lead)


@bp.route("/<int:household_id>/collectors/<int:collector_id>/end", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def end_collector(household_id: int, collector_id: int) -> ResponseReturnValue:
    file = opened(household_id)
    collector = next((one for one in file.collectors if one.id == collector_id), None)
    if collector is None:
        raise NotFound()
    today = today_of(read_session(), file.key.site_id)
    form = EndCollectorForm(data={"version": str(file.key.version), "valid_until": today})

    def save(session: Session, now: datetime) -> None:
        command = form.to_command(household_id, collector_id)
        services.end_collector(session, command, actor=current_actor(), now=now)

    answer = saved(form, save, lambda _made: family_url(household_id), said=_("Recorded."))
    return answer or _page(form, file, _("May collect no longer"), collector.name)


@bp.route("/<int:household_id>/split", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def split(household_id: int) -> ResponseReturnValue:
    file = opened(household_id)
    today = today_of(read_session(), file.key.site_id)
    suggested = {"version": str(file.key.version), "on": today, "settlement": file.settlement}
    form = SplitForm(data={**suggested, "katottg": file.katottg})
    form.offer(file)

    def save(session: Session, now: datetime) -> object:
        return services.split_household(
            session, form.to_command(household_id), actor=current_actor(), now=now
        )

    answer = saved(form, save, family_url, said=_("The new family is registered. This is its page."))
    lead = _(
        "The new family gets a registration number of its own. Each person's categories and documents go with "
        "them; what was handed out stays with this family."
    )
    return answer or _page(form, file, _("Members found a family of their own"), lead)


@bp.route("/<int:household_id>/join", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def join(household_id: int) -> ResponseReturnValue:
    """Which family they come from: asked by the number on its papers."""
    file = opened(household_id)
    form = OtherFamilyForm(data={"version": str(file.key.version)})
    other_id = other_family(form, household_id)
    if other_id is not None:
        address = url_for("beneficiaries.join_from", household_id=household_id, other_id=other_id)
        return redirect(address, code=303)
    lead = _(
        "People of another registered family come to live with this one: by marriage, or under one roof."
    )
    return _page(form, file, _("Take in people of another family"), lead, button=_("Go on"))


def other_family(form: Any, household_id: int) -> int | None:
    """The family whose number was typed, as far as it is at the person's own sites."""
    if not form.validate_on_submit():
        return None
    try:
        number = check_registration_number(form.other.data or "")
        found = queries.household_by_number(read_session(), number, current_actor())
        if found == household_id:
            raise SameFamily()
    except NotFound:
        form.other.errors = [*form.other.errors, _("There is no such family at your sites.")]
        return None
    except DomainError as error:
        error.field = "other"
        form.show(error)
        return None
    return found


@bp.route("/<int:household_id>/join/<int:other_id>", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def join_from(household_id: int, other_id: int) -> ResponseReturnValue:
    file, other = opened(household_id), opened(other_id)
    today = today_of(read_session(), file.key.site_id)
    form = JoinForm(
        data={
            "version": str(file.key.version), "other_version": str(other.key.version), "on": today,
            "person_ids": [str(one.id) for one in other.present],
        }
    )  # fmt: skip
    form.offer(other)

    def save(session: Session, now: datetime) -> None:
        command = form.to_command(household_id, other_id)
        services.join_households(session, command, actor=current_actor(), now=now)

    answer = saved(form, save, lambda _made: family_url(household_id), said=_("Recorded."))
    lead = _(
        "From %(number)s. If everybody comes, that registration ends and leads here; its history and what it "
        "was given stay on record.",
        number=other.key.registration_no,
    )
    return answer or _page(form, file, _("Take in people of another family"), lead)
