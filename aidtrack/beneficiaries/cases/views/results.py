"""The results of a whole sitting on one page: keep what was typed, close the minutes."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from aidtrack.beneficiaries.cases import services
from aidtrack.beneficiaries.cases.errors import ResultsDoubtful, ResultsMissing, SittingChanged, SittingClosed
from aidtrack.beneficiaries.cases.forms.sittings import ResultsForm, version_number
from aidtrack.beneficiaries.cases.queries.sittings import next_minutes_number
from aidtrack.beneficiaries.cases.rules import Problem
from aidtrack.beneficiaries.cases.views import bp
from aidtrack.beneficiaries.cases.views.sittings import opened_sitting
from aidtrack.beneficiaries.cases.words import BODY_WORDS, PROBLEM_WORDS
from aidtrack.beneficiaries.views import programme_names
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web.access import current_actor, requires
from aidtrack.web.i18n import language
from aidtrack.web.layout import answer_code


@bp.route("/sittings/<int:sitting_id>/results", methods=["GET", "POST"])
@requires(Permission.HOUSEHOLD_WRITE, Permission.HOUSEHOLD_READ, Permission.ELIGIBILITY_DECIDE)
def results(sitting_id: int) -> ResponseReturnValue:
    actor = current_actor()
    file = opened_sitting(sitting_id, "results")
    if file.sitting.is_closed:
        raise SittingClosed()
    programmes = programme_names(read_session(), language())
    number = next_minutes_number(read_session(), file.sitting)
    form = ResultsForm(data=ResultsForm.shown(file, number, [one for one, _name in programmes]))
    form.offer(programmes)
    found: dict[str, list[str]] = {}
    spread = request.form.get("step") == "spread"
    if spread:
        form.spread_common()
    elif form.validate_on_submit():
        closing = request.form.get("step") == "close"
        try:
            with unit_of_work() as session:
                # what was typed is kept even when the minutes cannot be closed yet
                services.record_results(session, form.to_command(sitting_id), actor=actor, now=utc_now())
        except SittingChanged as error:
            form.show(error)
            form.version.data = str(file.sitting.version)  # saving once more means: mine, knowing theirs
        except DomainError as error:
            form.show(error)
        else:
            form.version.data = str(version_number(form.version.data) + 1)
            if not closing:
                flash(_("The results are kept; the minutes are still open."), "success")
                return redirect(url_for("cases.results", sitting_id=sitting_id), code=303)
            written = _closed(sitting_id, form, found)
            if written is not None:
                flash(
                    ngettext(
                        "The minutes are closed; %(num)d decision was written.",
                        "The minutes are closed; %(num)d decisions were written.",
                        written,
                    ),
                    "success",
                )
                return redirect(url_for("cases.sitting", sitting_id=sitting_id), code=303)
    marked = _marked(form, {str(case.id): case.position for case in file.cases}, found)
    page = render_template(
        "cases/results.html", form=form, file=file, body_words=BODY_WORDS, problems=marked, spread=spread or bool(found),
        cases={str(case.id): case for case in file.cases},
    )  # fmt: skip
    return page, answer_code(form)


def _closed(sitting_id: int, form: ResultsForm, found: dict[str, list[str]]) -> int | None:
    """Close the minutes; None, with what is wrong put on the form, when they cannot be closed."""
    if form.minutes_on.data is None or not (form.number.data or "").strip():
        form.number.errors = [*form.number.errors, _("Minutes need their number and date.")]
        return None
    command = form.to_closing(sitting_id, form.minutes_on.data)
    try:
        with unit_of_work() as session:
            return services.close_minutes(session, command, actor=current_actor(), now=utc_now())
    except (ResultsMissing, ResultsDoubtful) as error:
        found.update(error.facts["cases"])
        form.show(error)
    except DomainError as error:
        form.show(error)
    return None


# Which field of a case a problem is put on; any other stands above the case.
_FIELDS = {
    Problem.NO_RESULT: "result",
    Problem.NO_REASON: "reason",
    Problem.NO_START: "valid_from",
    Problem.DATES_OUT_OF_ORDER: "valid_until",
    Problem.GRANTS_NOTHING: "words",
}


def _marked(
    form: ResultsForm, positions: dict[str, int], found: dict[str, list[str]]
) -> dict[int, list[str]]:
    """Put what is wrong where it can be mended; what no field is to blame for, by the case's position."""
    above: dict[int, list[str]] = {}
    for entry in form.cases:
        position = positions.get(str(entry.form.case_id.data), 0)
        for code in found.get(str(position), ()):
            words = str(PROBLEM_WORDS[Problem(code)])
            name = _FIELDS.get(Problem(code))
            if name is None:
                above.setdefault(position, []).append(words)
            else:
                field = entry.form[name]
                field.errors = [*field.errors, words]
    return above
