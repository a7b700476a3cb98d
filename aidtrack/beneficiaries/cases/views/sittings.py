"""Sittings: planned, filled, decided on one page by keyboard, closed, corrected, printed."""

from collections.abc import Callable
from io import BytesIO
from typing import IO

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from aidtrack.accounts.queries import organisation
from aidtrack.beneficiaries.cases import services
from aidtrack.beneficiaries.cases.commands import AddCases, DropCase
from aidtrack.beneficiaries.cases.errors import UnknownFamily
from aidtrack.beneficiaries.cases.forms.sittings import AddFamilyForm, CorrectForm, PlanForm
from aidtrack.beneficiaries.cases.queries import sittings as queries
from aidtrack.beneficiaries.cases.queries.sittings import CaseRow, SittingFile
from aidtrack.beneficiaries.cases.queries.waiting import ready_households
from aidtrack.beneficiaries.cases.rules import GRANT_MONTHS, MOST_CASES, months_later
from aidtrack.beneficiaries.cases.views import bp, site_choices
from aidtrack.beneficiaries.cases.words import (
    BODY_WORDS,
    PROBLEM_WORDS,
    RESULT_WORDS,
    grants_text,
    period_text,
)
from aidtrack.beneficiaries.queries import household_by_number
from aidtrack.beneficiaries.views import programme_names
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.web.access import current_actor, requires
from aidtrack.web.filters import day
from aidtrack.web.forms import EmptyForm
from aidtrack.web.i18n import language
from aidtrack.web.layout import answer_code
from aidtrack.web.paging import Page, bounds, download, page_number


@bp.get("/sittings")
@requires(Permission.HOUSEHOLD_READ)
def sittings() -> ResponseReturnValue:
    actor, number = current_actor(), page_number()
    limit, offset = bounds(number)
    rows, total = queries.sittings(read_session(), actor, limit=limit, offset=offset)
    today = local_date(utc_now())
    waiting = sum(len(ready_households(read_session(), site, today)) for site in actor.site_ids)
    return render_template(
        "cases/sittings.html", page=Page(rows, number, total), body_words=BODY_WORDS, waiting=waiting,
        several_sites=len(actor.site_ids) > 1,
    )  # fmt: skip


@bp.route("/sittings/new", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE)
def new_sitting() -> ResponseReturnValue:
    actor, today = current_actor(), local_date(utc_now())
    sites = site_choices(read_session(), actor)
    form = PlanForm(
        data={"held_on": today, "grants_from": today, "grants_until": months_later(today, GRANT_MONTHS)}
    )
    form.offer(sites)
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                made = services.plan_sitting(session, form.to_command(), actor=actor, now=utc_now())
                if request.form.get("step") == "fill":
                    services.add_cases(session, AddCases(made), actor=actor, now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            return redirect(url_for("cases.sitting", sitting_id=made), code=303)
    page = render_template("cases/new_sitting.html", form=form, one_site=len(sites) == 1, sitting=None)
    return page, answer_code(form)


@bp.route("/sittings/<int:sitting_id>/edit", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE)
def edit_sitting(sitting_id: int) -> ResponseReturnValue:
    actor = current_actor()
    sitting = queries.find_sitting(read_session(), sitting_id, actor)
    form = PlanForm(
        data={
            "version": str(sitting.version), "site_id": str(sitting.site_id), "body": sitting.body.value,
            "held_on": sitting.held_on, "place": sitting.place, "grants_from": sitting.grants_from,
            "grants_until": sitting.grants_until,
        }
    )  # fmt: skip
    form.offer([(sitting.site_id, sitting.site_name(language()))])
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.change_sitting(session, form.to_change(sitting_id), actor=actor, now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("cases.sitting", sitting_id=sitting_id), code=303)
    page = render_template("cases/new_sitting.html", form=form, one_site=True, sitting=sitting)
    return page, answer_code(form)


def opened_sitting(sitting_id: int, purpose: str = "page") -> SittingFile:
    with unit_of_work() as session:
        return services.open_sitting(
            session, sitting_id, actor=current_actor(), now=utc_now(), purpose=purpose
        )


def sitting_page(sitting_id: int, add: AddFamilyForm, refusal: DomainError | None = None) -> str:
    file = opened_sitting(sitting_id)
    session = read_session()
    programmes = dict(programme_names(session, language()))
    sitting = file.sitting
    waiting = 0
    if not sitting.is_closed:
        waiting = len(ready_households(session, sitting.site_id, sitting.held_on))
    return render_template(
        "cases/sitting.html", file=file, add=add, waiting=waiting, body_words=BODY_WORDS, result_words=RESULT_WORDS,
        problem_words=PROBLEM_WORDS, most=MOST_CASES, refusal=refusal, empty_form=EmptyForm(),
        grants=lambda case: grants_text(case.programme_ids, case.any_programme, case.words, programmes),
        period=lambda case: period_text(case.valid_from, case.valid_until),
    )  # fmt: skip


@bp.get("/sittings/<int:sitting_id>")
@requires(Permission.HOUSEHOLD_READ)
def sitting(sitting_id: int) -> ResponseReturnValue:
    return sitting_page(sitting_id, AddFamilyForm())


@bp.post("/sittings/<int:sitting_id>/fill")
@requires(Permission.HOUSEHOLD_WRITE)
def fill(sitting_id: int) -> ResponseReturnValue:
    """All who wait, in one go."""
    with unit_of_work() as session:
        added = services.add_cases(session, AddCases(sitting_id), actor=current_actor(), now=utc_now())
    if added:
        flash(
            ngettext("%(num)d case was put on the agenda.", "%(num)d cases were put on the agenda.", added),
            "success",
        )
    else:
        flash(_("Nobody else waits for a sitting."), "info")
    return redirect(url_for("cases.sitting", sitting_id=sitting_id), code=303)


@bp.post("/sittings/<int:sitting_id>/add")
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def add_family(sitting_id: int) -> ResponseReturnValue:
    """One family by its number, also without an appeal."""
    actor, form = current_actor(), AddFamilyForm()
    queries.find_sitting(read_session(), sitting_id, actor)
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                try:
                    number = (form.registration_no.data or "").strip().upper()
                    household_id = household_by_number(session, number, actor)
                except NotFound:
                    raise UnknownFamily() from None
                services.add_cases(session, AddCases(sitting_id, (household_id,)), actor=actor, now=utc_now())
        except DomainError as error:
            error.field = "registration_no"
            form.show(error)
        else:
            return redirect(url_for("cases.sitting", sitting_id=sitting_id), code=303)
    return sitting_page(sitting_id, form), 422


@bp.post("/sittings/<int:sitting_id>/cases/<int:sitting_case_id>/drop")
@requires(Permission.HOUSEHOLD_WRITE)
def drop(sitting_id: int, sitting_case_id: int) -> ResponseReturnValue:
    with unit_of_work() as session:
        services.drop_case(
            session, DropCase(sitting_id, sitting_case_id), actor=current_actor(), now=utc_now()
        )
    flash(_("The case was taken off the agenda; it waits for another sitting."), "success")
    return redirect(url_for("cases.sitting", sitting_id=sitting_id), code=303)


@bp.route("/sittings/<int:sitting_id>/cases/<int:sitting_case_id>/correct", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def correct(sitting_id: int, sitting_case_id: int) -> ResponseReturnValue:
    """A closed decision goes before a later sitting."""
    actor = current_actor()
    file = opened_sitting(sitting_id)
    case = _case(file, sitting_case_id)
    later = queries.planned_sittings(read_session(), actor, file.sitting.site_id)
    form = CorrectForm()
    form.offer([(one.id, f"{day(one.held_on)}, {BODY_WORDS[one.body]}") for one in later])
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.correct_case(session, form.to_command(sitting_case_id), actor=actor, now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The case is on the agenda of that sitting."), "success")
            return redirect(url_for("cases.sitting", sitting_id=int(form.sitting_id.data)), code=303)
    page = render_template("cases/correct.html", form=form, file=file, case=case, later=later)
    return page, answer_code(form)


def _case(file: SittingFile, case_id: int) -> CaseRow:
    for case in file.cases:
        if case.id == case_id:
            return case
    raise NotFound()


# -- papers ------------------------------------------------------------------------------------------


def _paper(
    sitting_id: int, name: str, write: Callable[[IO[bytes], SittingFile, Session, str], None]
) -> ResponseReturnValue:
    stream = BytesIO()
    with unit_of_work() as session:
        file = services.open_sitting(
            session, sitting_id, actor=current_actor(), now=utc_now(), purpose="print"
        )
        write(stream, file, session, organisation(session, file.sitting.site_id, language()))
    return download(stream.getvalue(), f"{name}-{file.sitting.held_on}.pdf", "application/pdf", inline=True)


@bp.get("/sittings/<int:sitting_id>/agenda.pdf")
@requires(Permission.HOUSEHOLD_READ)
def agenda_pdf(sitting_id: int) -> ResponseReturnValue:
    """The agenda with a page for each case."""
    from aidtrack.beneficiaries.cases.printing import write_agenda
    from aidtrack.beneficiaries.cases.queries.pages import case_pages

    def write(stream: IO[bytes], file: SittingFile, session: Session, centre: str) -> None:
        pages = case_pages(session, file, current_actor())
        write_agenda(stream, file, pages, organisation=centre, language=language())

    return _paper(sitting_id, _("agenda"), write)


@bp.get("/sittings/<int:sitting_id>/minutes.pdf")
@requires(Permission.HOUSEHOLD_READ)
def minutes_pdf(sitting_id: int) -> ResponseReturnValue:
    from aidtrack.beneficiaries.cases.printing import write_minutes

    def write(stream: IO[bytes], file: SittingFile, session: Session, centre: str) -> None:
        programmes = dict(programme_names(session, language()))
        write_minutes(stream, file, programmes, organisation=centre, language=language())

    return _paper(sitting_id, _("minutes"), write)


@bp.get("/sittings/<int:sitting_id>/cases/<int:sitting_case_id>/extract.pdf")
@requires(Permission.HOUSEHOLD_READ)
def extract_pdf(sitting_id: int, sitting_case_id: int) -> ResponseReturnValue:
    """What the minutes say about one family, and about nobody else."""
    from aidtrack.beneficiaries.cases.printing import write_extract

    def write(stream: IO[bytes], file: SittingFile, session: Session, centre: str) -> None:
        programmes = dict(programme_names(session, language()))
        case = _case(file, sitting_case_id)
        write_extract(stream, file.sitting, case, programmes, organisation=centre, language=language())

    return _paper(sitting_id, _("extract"), write)
