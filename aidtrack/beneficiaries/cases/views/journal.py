"""The journal of appeals: list, one entry, what becomes of it, print and files."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from aidtrack.accounts.queries import organisation
from aidtrack.beneficiaries.cases import services
from aidtrack.beneficiaries.cases.commands import IntakeStatus, LinkIntake
from aidtrack.beneficiaries.cases.errors import UnknownFamily
from aidtrack.beneficiaries.cases.forms.journal import (
    AssignForm,
    CloseForm,
    IntakeForm,
    JournalForm,
    LinkForm,
    ReasonForm,
    TransferForm,
)
from aidtrack.beneficiaries.cases.queries.journal import IntakeFile, JournalFilter
from aidtrack.beneficiaries.cases.queries.lists import caseworkers_of
from aidtrack.beneficiaries.cases.views import bp, site_choices
from aidtrack.beneficiaries.queries import household_by_number
from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.beneficiaries.views.family import opened
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.web.access import current_actor, requires
from aidtrack.web.forms import BaseForm
from aidtrack.web.i18n import language
from aidtrack.web.layout import answer_code
from aidtrack.web.paging import Page, download, page_number

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _asked() -> JournalForm:
    return JournalForm.asked(request.args, caseworkers_of(read_session(), current_actor().site_ids))


def _kept() -> dict[str, Any]:
    """What the list is narrowed to, for links that keep it."""
    return {
        key: value for key, value in request.args.items() if key not in ("page", "format", "part") and value
    }


@bp.get("/journal")
@requires(Permission.HOUSEHOLD_READ)
def journal() -> ResponseReturnValue:
    """At most 25 entries at once; what it is narrowed to stands in the address and names nobody."""
    actor = current_actor()
    form = _asked()
    wrong = not form.validate()
    asked = JournalFilter() if wrong else form.to_filter(actor.user_id)
    number = page_number()
    with unit_of_work() as session:
        rows, total = services.open_journal(session, asked, number, actor=actor, now=utc_now())
    kept = _kept()
    page = render_template(
        "cases/journal.html", form=form, page=Page(rows, number, total), today=local_date(utc_now()), kept=kept,
        several_sites=len(actor.site_ids) > 1, filtered=bool(kept),
    )  # fmt: skip
    return page, 422 if wrong else 200


@bp.get("/journal/print")
@requires(Permission.HOUSEHOLD_READ)
def journal_pdf() -> ResponseReturnValue:
    """The journal on paper: a document of the centre with names, and the printing is logged."""
    from aidtrack.beneficiaries.cases.printing import write_journal

    actor, form = current_actor(), _asked()
    if not form.validate():
        return redirect(url_for("cases.journal", **_kept()), code=303)
    asked, wanted = form.to_filter(actor.user_id), request.args.get("part", type=int)
    with unit_of_work() as session:
        found = services.parts_of_journal(session, asked, actor=actor, now=utc_now())
        part = found.part(wanted)
        if part is None and not found.at_once:
            return redirect(url_for("cases.journal_parts", **_kept()), code=303)
        part = None if found.at_once else part
        rows = services.open_whole_journal(session, asked, "print", part=part, actor=actor, now=utc_now())
        centre = organisation(session, min(actor.site_ids), language())
    stream = BytesIO()
    of = (part.place, len(found.parts)) if part else None
    write_journal(stream, rows, asked, part=of, organisation=centre, language=language())
    return download(stream.getvalue(), f"{_('Journal')}.pdf", "application/pdf", inline=True)


@bp.get("/journal/parts")
@requires(Permission.HOUSEHOLD_READ)
def journal_parts() -> ResponseReturnValue:
    """A journal too long for one paper, or for one person's hour: its parts, and which can be printed now."""
    form = _asked()
    if not form.validate():
        return redirect(url_for("cases.journal", **_kept()), code=303)
    with unit_of_work() as session:
        found = services.parts_of_journal(
            session, form.to_filter(current_actor().user_id), actor=current_actor(), now=utc_now()
        )
    return render_template("cases/journal_parts.html", found=found, kept=_kept())


@bp.get("/journal/file")
@requires(Permission.HOUSEHOLD_READ)
def journal_file() -> ResponseReturnValue:
    """The journal as a table to count in: without names, because a file on a stick must name nobody."""
    from aidtrack.beneficiaries.cases.files import write_csv, write_xlsx

    actor, form = current_actor(), _asked()
    if not form.validate():
        return redirect(url_for("cases.journal", **_kept()), code=303)
    wanted = "csv" if request.args.get("format") == "csv" else "xlsx"
    with unit_of_work() as session:
        rows = services.open_whole_journal(
            session, form.to_filter(actor.user_id), wanted, actor=actor, now=utc_now()
        )
    stream = BytesIO()
    write = write_csv if wanted == "csv" else write_xlsx
    write(stream, rows, language())
    kind = "text/csv; charset=utf-8" if wanted == "csv" else XLSX
    return download(stream.getvalue(), f"{_('Journal')}.{wanted}", kind)


@bp.route("/journal/new", methods=["GET", "POST"])
@bp.route("/families/<int:household_id>/intake", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def new_intake(household_id: int | None = None) -> ResponseReturnValue:
    """An appeal of a family that is known, or of whoever turns to the centre."""
    actor = current_actor()
    file: HouseholdFile | None = opened(household_id) if household_id is not None else None
    session = read_session()
    sites = site_choices(session, actor)
    workers = caseworkers_of(session, [file.key.site_id] if file else actor.site_ids)
    own = actor.user_id if actor.user_id in dict(workers) else None
    form = IntakeForm(data={
        "received_on": local_date(utc_now()), "assigned_to_id": str(own or ""),
        "site_id": str(file.key.site_id if file else sites[0][0] if sites else ""),
    })  # fmt: skip
    form.offer(sites, workers)
    if form.validate_on_submit():
        try:
            with unit_of_work() as writing:
                made = services.record_paper(
                    writing, form.to_command(household_id), actor=actor, now=utc_now()
                )
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Recorded."), "success")
            if household_id is not None:
                return redirect(url_for("beneficiaries.household", household_id=household_id), code=303)
            return redirect(url_for("cases.intake", intake_id=made), code=303)
    page = render_template(
        "cases/new_intake.html", form=form, file=file, one_site=len(sites) == 1 or file is not None
    )
    return page, answer_code(form)


def _opened(intake_id: int) -> IntakeFile:
    with unit_of_work() as session:
        return services.open_intake(session, intake_id, actor=current_actor(), now=utc_now())


@bp.get("/journal/<int:intake_id>")
@requires(Permission.HOUSEHOLD_READ)
def intake(intake_id: int) -> ResponseReturnValue:
    file = _opened(intake_id)
    is_open = file.row.status is IntakeStatus.OPEN
    assign = AssignForm(data={"user_id": str(file.row.assigned_to_id or "")}, prefix="")
    assign.offer(caseworkers_of(read_session(), [file.row.site_id]))
    return render_template(
        "cases/intake.html",
        file=file,
        is_open=is_open,
        assign=assign,
        link=LinkForm(),
        today=local_date(utc_now()),
    )


def _step(
    intake_id: int,
    form: BaseForm,
    act: Callable[[Session, datetime], object],
    template: str,
    heading: str,
    said: str,
) -> ResponseReturnValue:
    """A page that asks for what an act needs, and the act."""
    file = _opened(intake_id)
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                act(session, utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(said, "success")
            return redirect(url_for("cases.intake", intake_id=intake_id), code=303)
    return render_template(template, form=form, file=file, title=heading), answer_code(form)


@bp.route("/journal/<int:intake_id>/assign", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def assign(intake_id: int) -> ResponseReturnValue:
    file = _opened(intake_id)
    form = AssignForm(data={"user_id": str(file.row.assigned_to_id or "")})
    form.offer(caseworkers_of(read_session(), [file.row.site_id]))

    def act(session: Session, now: datetime) -> None:
        services.assign_intake(session, form.to_command(intake_id), actor=current_actor(), now=now)

    return _step(intake_id, form, act, "cases/step.html", _("Assign the appeal"), _("Assigned."))


@bp.route("/journal/<int:intake_id>/close", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def close(intake_id: int) -> ResponseReturnValue:
    form = CloseForm()

    def act(session: Session, now: datetime) -> None:
        services.close_intake(session, form.to_command(intake_id), actor=current_actor(), now=now)

    return _step(intake_id, form, act, "cases/step.html", _("Close the appeal"), _("The appeal is closed."))


@bp.route("/journal/<int:intake_id>/transfer", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def transfer(intake_id: int) -> ResponseReturnValue:
    form = TransferForm()

    def act(session: Session, now: datetime) -> None:
        services.transfer_intake(session, form.to_command(intake_id), actor=current_actor(), now=now)

    return _step(
        intake_id, form, act, "cases/step.html", _("Transfer the appeal"), _("The appeal is transferred.")
    )


@bp.route("/journal/<int:intake_id>/reopen", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def reopen(intake_id: int) -> ResponseReturnValue:
    form = ReasonForm()

    def act(session: Session, now: datetime) -> None:
        services.reopen_intake(session, form.to_command(intake_id), actor=current_actor(), now=now)

    return _step(
        intake_id, form, act, "cases/step.html", _("Open the appeal again"), _("The appeal is open.")
    )


@bp.route("/journal/<int:intake_id>/family", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def link(intake_id: int) -> ResponseReturnValue:
    """Say which registered family the appeal is about."""
    form: Any = LinkForm()

    def act(session: Session, now: datetime) -> None:
        actor = current_actor()
        try:
            household_id = household_by_number(
                session, (form.registration_no.data or "").strip().upper(), actor
            )
        except NotFound:
            raise UnknownFamily() from None
        services.link_intake(session, LinkIntake(intake_id, household_id), actor=actor, now=now)

    return _step(
        intake_id, form, act, "cases/step.html", _("Whose appeal it is"), _("The appeal is the family's now.")
    )
