"""Pages of kinds of categories and their papers, of incomes, and of categories that run out soon."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import queries as families
from aidtrack.beneficiaries import services as family_services
from aidtrack.beneficiaries.proofs import queries, services
from aidtrack.beneficiaries.proofs.forms import IncomeForm, KindForm, NewKindForm, NewPaperForm, PaperForm
from aidtrack.beneficiaries.proofs.money import shown_money
from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.beneficiaries.views import shown_kinds
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.web import Page, page_number
from aidtrack.web.access import current_actor, requires
from aidtrack.web.i18n import language
from aidtrack.web.layout import answer_code

bp = Blueprint("proofs", __name__, url_prefix="/categories")
ON_A_PAGE = 25


def _paper_names(session: Session) -> dict[str, str]:
    return {paper.code: paper.name(language()) for paper in queries.papers(session)}


@bp.get("")
@requires(Permission.CATALOGUE_MANAGE)
def kinds() -> ResponseReturnValue:
    session = read_session()
    return render_template(
        "proofs/kinds.html",
        kinds=families.category_kinds(session, protected=True),
        papers=queries.papers(session),
        proves=queries.papers_of_kinds(session),
        names=_paper_names(session),
        today=local_date(utc_now()),
    )


@bp.route("/kinds/new", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def new_kind() -> ResponseReturnValue:
    form = NewKindForm()
    return _kind(form, "", _("New category"))


@bp.route("/kinds/<code>", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def edit_kind(code: str) -> ResponseReturnValue:
    session = read_session()
    kind = families.kinds(session).get(code)
    if kind is None:
        raise NotFound()
    proven_by = queries.papers_of_kinds(session).get(code, [])
    form = KindForm(
        data={"name_uk": kind.name_uk, "name_en": kind.name_en, "active": kind.active, "papers": proven_by}
    )
    return _kind(form, code, kind.name(language()))


def _kind(form: KindForm, code: str, title: str) -> ResponseReturnValue:
    form.offer(queries.papers(read_session()), local_date(utc_now()))
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.save_kind(session, form.to_command(code), actor=current_actor(), now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Recorded."), "success")
            return redirect(url_for("proofs.kinds"), code=303)
    page = render_template("proofs/form.html", form=form, title=title)
    return page, answer_code(form)


@bp.route("/papers/new", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def new_paper() -> ResponseReturnValue:
    return _paper(NewPaperForm(data={"valid_from": local_date(utc_now())}), "", _("New paper"))


@bp.route("/papers/<code>", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_MANAGE)
def edit_paper(code: str) -> ResponseReturnValue:
    paper = next((one for one in queries.papers(read_session()) if one.code == code), None)
    if paper is None:
        raise NotFound()
    form = PaperForm(
        data={
            "name_uk": paper.name_uk,
            "name_en": paper.name_en,
            "valid_from": paper.valid_from,
            "valid_until": paper.valid_until,
        }
    )
    return _paper(form, code, paper.name(language()))


def _paper(form: PaperForm, code: str, title: str) -> ResponseReturnValue:
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.save_paper(session, form.to_command(code), actor=current_actor(), now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Recorded."), "success")
            return redirect(url_for("proofs.kinds"), code=303)
    page = render_template("proofs/form.html", form=form, title=title)
    return page, answer_code(form)


@bp.get("/expiring")
@requires(Permission.HOUSEHOLD_READ, Permission.HOUSEHOLD_WRITE)
def expiring() -> ResponseReturnValue:
    """Whose categories end within 30 days, the next first; 25 names a page, each page logged."""
    actor, now, number = current_actor(), utc_now(), page_number()
    today = local_date(now)
    with unit_of_work() as session:
        total = queries.expiring_count(session, actor, today)
        rows = queries.expiring(session, actor, today, offset=(number - 1) * ON_A_PAGE, limit=ON_A_PAGE)
        shown = family_services.list_households(
            session, sorted({row.household_id for row in rows}), "expiring_categories", actor=actor, now=now
        )
    return render_template(
        "proofs/expiring.html",
        page=Page(rows, number, total, ON_A_PAGE),
        households={one.id: one for one in shown},
        names={code: kind.name(language()) for code, kind in families.kinds(read_session()).items()},
        today=today,
    )


def section(session: Session, file: HouseholdFile, actor: Actor) -> Markup:
    """On a family's page: what runs out soon, and incomes with their papers."""
    today = local_date(utc_now())
    categories = [*file.categories, *(one for member in file.members for one in member.categories)]
    page = render_template(
        "proofs/_section.html",
        file=file,
        ending=[
            one
            for one in categories
            if one.valid_until is not None and today <= one.valid_until <= today + queries.AHEAD
        ],
        names=shown_kinds(session, language()),
        incomes=queries.incomes(session, file.key.id),
        money=shown_money,
        today=today,
        may_write=actor.can(Permission.HOUSEHOLD_WRITE),
    )
    return Markup(page)  # noqa: S704  (our own template, escaped by Jinja)


@bp.route("/income/<int:household_id>", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_READ, Permission.HOUSEHOLD_WRITE)
def income(household_id: int) -> ResponseReturnValue:
    """Record a paper on a family's income."""
    key = families.find_household(read_session(), household_id, current_actor())
    form = IncomeForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as session:
                services.record_income(
                    session, form.to_command(household_id), actor=current_actor(), now=utc_now()
                )
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Recorded."), "success")
            return redirect(url_for("beneficiaries.household", household_id=household_id), code=303)
    page = render_template("proofs/income.html", form=form, key=key)
    return page, answer_code(form)
