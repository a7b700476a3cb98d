"""One family: what is held, its ground and notice, erasing it."""

import io

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from aidtrack.accounts.models import Centre
from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.models import ErasureWhy, HouseholdGround, HowTold, LegalGround
from aidtrack.beneficiaries.privacy import erasure, grounds, reading, texts
from aidtrack.beneficiaries.privacy.forms import EraseForm, GroundForm, WithdrawForm, day_of
from aidtrack.beneficiaries.privacy.reading import Answer
from aidtrack.beneficiaries.privacy.views import bp
from aidtrack.beneficiaries.views import today_of
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError, NotFound
from aidtrack.web import current_actor, download, requires
from aidtrack.web.i18n import language
from aidtrack.web.layout import answer_code

TONGUES = ("uk", "en")


def organisation(session: Session, tongue: str) -> str:
    centre = session.scalar(select(Centre).limit(1))
    if centre is None:
        return ""
    return centre.name_en if tongue == "en" else centre.name_uk


def _answer(household_id: int) -> Answer:
    with unit_of_work() as session:
        wanted = request.args.get("language", "")
        queries.find_household(session, household_id, current_actor())
        tongue = (
            wanted if wanted in TONGUES else reading.family_language(session, household_id, fallback="uk")
        )
        return reading.what_is_held(
            session, household_id, language=tongue, actor=current_actor(), now=utc_now()
        )


@bp.get("/families/<int:household_id>/held")
@requires(Permission.HOUSEHOLD_READ)
def held(household_id: int) -> ResponseReturnValue:
    answer = _answer(household_id)
    return render_template("privacy/held.html", answer=answer)


@bp.get("/families/<int:household_id>/held.pdf")
@requires(Permission.HOUSEHOLD_READ)
def held_pdf(household_id: int) -> ResponseReturnValue:
    from aidtrack.beneficiaries.privacy.printing import write_answer

    answer = _answer(household_id)
    stream = io.BytesIO()
    with force_locale(answer.language):
        write_answer(stream, answer, organisation(read_session(), answer.language))
    return download(stream.getvalue(), f"held-{answer.registration_no}.pdf", "application/pdf", inline=True)


@bp.get("/families/<int:household_id>/notice.pdf")
@requires(Permission.HOUSEHOLD_READ)
def notice(household_id: int) -> ResponseReturnValue:
    """The notice to read out or to sign: the text in force today, in the language asked for."""
    from aidtrack.beneficiaries.privacy.printing import write_notice

    session = read_session()
    key = queries.find_household(session, household_id, current_actor())
    wanted = request.args.get("language", "")
    tongue = wanted if wanted in TONGUES else reading.family_language(session, household_id, fallback="uk")
    told = texts.text_on(session, today_of(session, key.site_id), tongue)
    live = [one for one in grounds.grounds_of(session, household_id) if one.withdrawn_on is None]
    stream = io.BytesIO()
    with force_locale(tongue):
        ground = str(_(live[0].ground.label)) if live else None
        write_notice(stream, told, key.registration_no, organisation(session, tongue), ground)
    return download(stream.getvalue(), f"notice-{key.registration_no}.pdf", "application/pdf", inline=True)


@bp.route("/families/<int:household_id>/ground", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE)
def ground(household_id: int) -> ResponseReturnValue:
    session = read_session()
    key = queries.find_household(session, household_id, current_actor())
    today = today_of(session, key.site_id)
    usual = {"ground": LegalGround.PUBLIC_TASK.value, "how": HowTold.SIGNED.value, "language": "uk"}
    form = GroundForm(data={**usual, "given_on": today})
    if form.validate_on_submit():
        try:
            with unit_of_work() as writing:
                grounds.record_ground(
                    writing, household_id, ground=LegalGround(form.ground.data), how=HowTold(form.how.data),
                    language=form.language.data, given_on=day_of(form.given_on), today=today,
                    actor=current_actor(), now=utc_now(),
                )  # fmt: skip
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The ground is recorded."), "success")
            return redirect(url_for("beneficiaries.household", household_id=household_id), code=303)
    told = texts.text_on(session, today, language())
    return render_template("privacy/ground.html", form=form, key=key, told=told), answer_code(form)


@bp.route("/families/<int:household_id>/ground/<int:ground_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE)
def withdraw(household_id: int, ground_id: int) -> ResponseReturnValue:
    session = read_session()
    key = queries.find_household(session, household_id, current_actor())
    row = session.scalar(
        select(HouseholdGround).where(
            HouseholdGround.id == ground_id, HouseholdGround.household_id == household_id
        )
    )
    if row is None:
        raise NotFound()
    today = today_of(session, key.site_id)
    form = WithdrawForm(data={"withdrawn_on": today})
    if form.validate_on_submit():
        try:
            with unit_of_work() as writing:
                grounds.withdraw_ground(
                    writing, household_id, ground_id, on=day_of(form.withdrawn_on), today=today,
                    actor=current_actor(), now=utc_now(),
                )  # fmt: skip
        except DomainError as error:
            form.show(error)
        else:
            flash(
                _(
                    "The ground is withdrawn. If no other one holds, the family is erased when its time is over."
                )
            )
            return redirect(url_for("beneficiaries.household", household_id=household_id), code=303)
    return render_template("privacy/withdraw.html", form=form, key=key, row=row), answer_code(form)


@bp.route("/families/<int:household_id>/erase", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE)
def erase(household_id: int) -> ResponseReturnValue:
    session = read_session()
    key = queries.find_household(session, household_id, current_actor())
    form = EraseForm(data={"why": ErasureWhy.ASKED.value})
    if form.validate_on_submit():
        try:
            with unit_of_work() as writing:
                erasure.ask(
                    writing, household_id, why=ErasureWhy(form.why.data), reason=form.reason.data,
                    actor=current_actor(), now=utc_now(),
                )  # fmt: skip
        except DomainError as error:
            form.show(error)
        else:
            flash(_("Asked. A colleague has to approve before anything is erased."), "success")
            return redirect(url_for("beneficiaries.household", household_id=household_id), code=303)
    from aidtrack.beneficiaries.holdings import obstacles

    open_things = [
        sentence for part in erasure.family_with_its_parts(session, household_id)
        for sentence in obstacles(session, part)
    ]  # fmt: skip
    page = render_template("privacy/erase.html", form=form, key=key, obstacles=open_things)
    return page, answer_code(form)
