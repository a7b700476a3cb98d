"""A family's case: its story on the family's page, an act with its ticks, a decision from its paper."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.cases import services
from aidtrack.beneficiaries.cases.commands import IntakeStatus, Result, SittingState
from aidtrack.beneficiaries.cases.forms.papers import AssessmentForm, DecisionForm, suggested
from aidtrack.beneficiaries.cases.queries.lists import entries
from aidtrack.beneficiaries.cases.queries.story import (
    ActEvent,
    AppealEvent,
    CaseEvent,
    DecisionEvent,
    story_of,
)
from aidtrack.beneficiaries.cases.story import ACT, APPEAL, SITTING, STORY, StoryLine, in_order
from aidtrack.beneficiaries.cases.views import bp
from aidtrack.beneficiaries.cases.words import (
    BODY_WORDS,
    CHANNEL_WORDS,
    KIND_WORDS,
    OUTCOME_WORDS,
    RESULT_WORDS,
    STATUS_WORDS,
    grants_text,
    period_text,
)
from aidtrack.beneficiaries.queries.files import HouseholdFile
from aidtrack.beneficiaries.views import programme_names, today_of
from aidtrack.beneficiaries.views.family import opened
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web.access import current_actor, requires
from aidtrack.web.filters import day
from aidtrack.web.i18n import language
from aidtrack.web.layout import answer_code

TONES = {Result.GRANTED: "good", Result.REFUSED: "bad", Result.POSTPONED: "warn"}


def section(session: Session, file: HouseholdFile, actor: Actor) -> Markup:
    """The part of a family's page that tells its case from the appeal to the mark."""
    today = today_of(session, file.key.site_id)
    page = render_template(
        "cases/_story.html", file=file, lines=story_lines(session, file.key.id, actor, today), today=today
    )
    return Markup(page)  # noqa: S704  (our own template, escaped by Jinja)


def story_lines(session: Session, household_id: int, actor: Actor, today: date) -> list[StoryLine]:
    """Everything that happened, oldest first, what other rooms know included."""
    story = story_of(session, household_id, actor)
    programmes = dict(programme_names(session, language()))
    lines = [_appeal(one) for one in story.appeals]
    lines += [_act(one, today) for one in story.acts]
    lines += [_case(one, programmes) for one in story.cases]
    lines += [_decision(one, programmes) for one in story.decisions]
    makers: list[Callable[[Session, int], list[StoryLine]]] = current_app.extensions.get(STORY, [])
    for make in makers:
        lines += make(session, household_id)
    return in_order(lines)


def _appeal(one: AppealEvent) -> StoryLine:
    kind = str(KIND_WORDS[one.kind])
    details = [str(CHANNEL_WORDS[one.channel])] if one.channel else []
    if one.outcome is not None:
        details.append(_("%(outcome)s, %(day)s", outcome=OUTCOME_WORDS[one.outcome], day=day(one.closed_on)))
    tone = "info" if one.status is IntakeStatus.OPEN else "neutral"
    return StoryLine(
        one.received_on,
        APPEAL,
        _("%(kind)s No. %(number)s", kind=kind[:1].upper() + kind[1:], number=one.number),
        tuple(details),
        (str(STATUS_WORDS[one.status]), tone),
        url_for("cases.intake", intake_id=one.id),
    )


def _act(one: ActEvent, today: date) -> StoryLine:
    title = (
        _("Living-conditions act No. %(number)s")
        if one.living_conditions
        else _("Needs assessment, act No. %(number)s")
    )
    details = [
        _("home visit") if one.at_home else _("in the office"),
        _("valid until %(day)s", day=day(one.valid_until)),
    ]
    if one.ticks:
        details.append("; ".join(entry.name(language()) for entry in one.ticks))
    if one.notes:
        details.append(one.notes)
    expired = one.valid_until < today
    return StoryLine(
        one.made_on, ACT, title % {"number": one.act_number}, tuple(details),
        (_("expired"), "warn") if expired else (_("in force"), "good"),
    )  # fmt: skip


def _case(one: CaseEvent, programmes: dict[int, str]) -> StoryLine:
    url = url_for("cases.sitting", sitting_id=one.sitting_id)
    if one.state is not SittingState.CLOSED or one.result is None:
        return StoryLine(
            one.held_on, SITTING, _("On the agenda of the %(body)s", body=BODY_WORDS[one.body]), (),
            (_("not decided yet"), "info"), url,
        )  # fmt: skip
    title = _(
        "Decision of the %(body)s, minutes No. %(number)s",
        body=BODY_WORDS[one.body],
        number=one.minutes_number,
    )
    details = []
    if one.result is Result.GRANTED:
        details = [
            grants_text(one.programme_ids, one.any_programme, one.words, programmes),
            period_text(one.valid_from, one.valid_until),
        ]
    if one.reason:
        details.append(_("Reason: %(reason)s", reason=one.reason))
    if one.corrects:
        details.append(_("corrects an earlier decision"))
    state = (
        (_("replaced by a later decision"), "neutral")
        if one.annulled
        else (str(RESULT_WORDS[one.result]), TONES[one.result])
    )
    return StoryLine(one.held_on, SITTING, title, tuple(details), state, url)


def _decision(one: DecisionEvent, programmes: dict[int, str]) -> StoryLine:
    title = _("Decision of the %(body)s No. %(number)s", body=BODY_WORDS[one.body], number=one.number)
    ids = (one.programme_id,) if one.programme_id is not None else ()
    details = (
        grants_text(ids, one.programme_id is None, None, programmes),
        period_text(one.valid_from, one.valid_until),
    )
    state = (
        (_("replaced by a later decision"), "neutral")
        if one.annulled
        else (str(RESULT_WORDS[Result.GRANTED]), "good")
    )
    return StoryLine(one.decided_on, SITTING, title, details, state)


# -- papers of a family ------------------------------------------------------------------------------


def _saved(form: Any, household_id: int, save: Callable[[Session, datetime], object]) -> Any:
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
    return redirect(url_for("beneficiaries.household", household_id=household_id), code=303)


@bp.route("/families/<int:household_id>/assessment", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def assessment(household_id: int) -> ResponseReturnValue:
    actor = current_actor()
    file = opened(household_id)
    today = today_of(read_session(), file.key.site_id)
    form = AssessmentForm(data=suggested(today))
    protected = actor.can(Permission.CATEGORY_PROTECTED)
    form.offer(entries(read_session(), on=form.made_on.data or today, protected=protected))

    def save(session: Session, now: datetime) -> object:
        return services.record_paper(session, form.to_command(household_id), actor=actor, now=now)

    done = _saved(form, household_id, save)
    if done is not None:
        return done  # type: ignore[no-any-return]
    # asked for only once it matters
    late = bool(form.valid_until.data and form.valid_until.data < today)
    page = render_template("cases/assessment.html", form=form, file=file, late=late, protected=protected)
    return page, answer_code(form)


@bp.route("/families/<int:household_id>/decision", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ)
def decision(household_id: int) -> ResponseReturnValue:
    file = opened(household_id)
    form = DecisionForm(data=suggested(today_of(read_session(), file.key.site_id)))
    form.offer(programme_names(read_session(), language()))

    def save(session: Session, now: datetime) -> object:
        return services.record_paper(session, form.to_command(household_id), actor=current_actor(), now=now)

    done = _saved(form, household_id, save)
    if done is not None:
        return done  # type: ignore[no-any-return]
    return render_template("cases/decision.html", form=form, file=file), answer_code(form)
