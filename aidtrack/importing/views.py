"""Bring a table in: upload, say what its columns are, try it out, explain words, bring it in."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from aidtrack.accounts.queries import sites as site_rows
from aidtrack.db import read_session, unit_of_work
from aidtrack.importing import mending, pages, queries, runs, services
from aidtrack.importing.access import ANY_LAYOUT
from aidtrack.importing.commands import ConfirmWords, Mode
from aidtrack.importing.errors import FileForgotten, NoSuchMeaning
from aidtrack.importing.forms import POINT, UploadForm, heading_rows, to_choice, to_mapping, whole
from aidtrack.importing.layouts import Context, layout, layouts_for
from aidtrack.importing.mapping import field_of, parts_of
from aidtrack.importing.meanings import LEAVE_OUT
from aidtrack.importing.models import ImportFile, ImportState
from aidtrack.importing.opening import Progress
from aidtrack.importing.reading import ENCODINGS, column_letter, spoken_sheet
from aidtrack.importing.records import CONTINUE, MEND
from aidtrack.importing.words import DELIMITERS, LISTS, OUTCOMES, STATES
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.web.access import current_actor, requires_any
from aidtrack.web.filters import name
from aidtrack.web.forms import EmptyForm
from aidtrack.web.jobs import Job, jobs, problem
from aidtrack.web.paging import download
from aidtrack.web.problems import translate
from aidtrack.web.registry import spoken

bp = Blueprint("importing", __name__, url_prefix="/imports")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REFRESH_SECONDS = 1
WORD, MEANING = "written-", "meaning-"
TRY, APPLY = "import_try", "import_apply"


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        "states": STATES, "outcomes": OUTCOMES, "lists": LISTS, "column_letter": column_letter,
        "sentence": pages.sentence, "place_of": pages.place_of, "encodings": ENCODINGS, "delimiters": DELIMITERS,
        "CONTINUE": CONTINUE, "MEND": MEND, "POINT": POINT, "LEAVE_OUT": LEAVE_OUT,
    }  # fmt: skip


@bp.route("", methods=["GET", "POST"])
@requires_any(*ANY_LAYOUT)
def index() -> ResponseReturnValue:
    """One's own files, and the form that takes another."""
    actor = current_actor()
    session = read_session()
    offered = layouts_for(actor)
    form = UploadForm()
    sites = [(site.id, name(site)) for site in site_rows(session, actor=actor)]
    form.offer([(one.code, _(one.label)) for one in offered], sites)
    own = queries.own(session, actor)
    if form.validate_on_submit():
        try:
            with unit_of_work() as writing:
                uid = services.upload(writing, form.to_command(), actor=actor, now=utc_now())
        except DomainError as error:
            form.show(error)
        else:
            return redirect(url_for("importing.columns", uid=uid), code=303)
    page = render_template(
        "importing/index.html", form=form, layouts=offered, own=own, one_site=len(sites) == 1,
        labels={one.code: one.label for one in offered},
    )  # fmt: skip
    return page, 422 if form.errors else 200


@bp.get("/tables/<code>.xlsx")
@requires_any(*ANY_LAYOUT)
def table(code: str) -> ResponseReturnValue:
    """An empty table with the headings of a layout."""
    kind = layout(code)
    current_actor().require(kind.permission)
    return download(mending.empty_table(kind), f"{_(kind.label)}.xlsx", XLSX)


def _found(uid: str) -> ImportFile:
    found = queries.find(read_session(), uid, current_actor())
    if found.key is None:
        raise FileForgotten
    return found


@bp.route("/<uid>/columns", methods=["GET", "POST"])
@requires_any(*ANY_LAYOUT)
def columns(uid: str) -> ResponseReturnValue:
    """The first rows with a guess of what each column is; choosing here starts the dry run."""
    found = _found(uid)
    kind = layout(found.layout)
    form = EmptyForm()
    posted = form.is_submitted()
    choice, header_row, header_rows = pages.choice_of(found)
    if posted:
        choice = to_choice(request.form)
        header_row, header_rows = (
            whole(request.form.get("header_row")),
            heading_rows(request.form.get("header_rows")),
        )
    shown: pages.Preview | None = None
    chosen: dict[str, str] = {}
    try:
        context = Context(current_actor(), utc_now(), found.site_id)
        shown = pages.preview(
            read_session(), found, choice, header_row=header_row, header_rows=header_rows, context=context
        )
        if posted and form.validate() and request.form.get("step") == "try":
            command = to_mapping(uid, kind, request.form, len(shown.shape.headings))
            chosen = request.form.to_dict()
            with unit_of_work() as session:
                services.save_mapping(session, command, shown.shape, actor=current_actor(), now=utc_now())
            start_try_out(uid)
            return redirect(url_for("importing.show", uid=uid), code=303)
    except FileForgotten:
        raise  # nothing is left to choose on this page
    except DomainError as error:
        if "label" in error.facts:
            error.facts["label"] = spoken(error.facts["label"])
        form.show(error)
    page = render_template(
        "importing/columns.html", form=form, found=found, kind=kind, preview=shown, chosen=chosen,
        targets=_targets(found.layout, shown), choice=choice, field_of=field_of, spoken_sheet=spoken_sheet,
    )  # fmt: skip
    return page, 422 if form.errors or form.form_errors else 200


def _targets(code: str, shown: pages.Preview | None) -> list[tuple[str, str]]:
    """What a column may be; numbered ones where parts stand beside each other."""
    kind = layout(code)
    most = max(parts_of(shown.mapping) if shown else (), default=0)
    options = [
        (one.name, _(one.label)) for one in sorted(kind.fields, key=lambda one: one.things is not None)
    ]
    for number in range(1, (most or 3) + 1 + (1 if most else 0)):
        options += [
            (f"{one.name}#{number}", f"{number}. {_(one.label)}")
            for one in kind.fields
            if one.repeats and one.things is None
        ]
    return options


def start_try_out(uid: str) -> Job:
    actor, now = current_actor(), utc_now()

    def work(job: Job) -> None:
        runs.try_out(uid, actor=actor, now=now, progress=_told(job))

    return jobs().start(run_of(uid), TRY, actor.label, work, phase="reading")


def start_bringing_in(uid: str, mode: Mode) -> Job:
    actor, now = current_actor(), utc_now()

    def work(job: Job) -> None:
        runs.bring_in(uid, mode, actor=actor, now=now, progress=_told(job))

    return jobs().start(run_of(uid), APPLY, actor.label, work, phase="reading")


def run_of(uid: str) -> str:
    """The key of a file's runs: it is tried out or brought in, one at a time."""
    return f"import-{uid}"


def _told(job: Job) -> Progress:
    return lambda phase, done, total: job.progress(done, total, phase=phase)


@bp.get("/<uid>")
@requires_any(*ANY_LAYOUT)
def show(uid: str) -> ResponseReturnValue:
    """How far a run is, and what it found."""
    actor = current_actor()
    job = jobs().latest(run_of(uid))
    running = job is not None and not job.finished  # asked before the row is read: a run ends after it wrote
    session = read_session()
    found = queries.find(session, uid, actor)
    kind = layout(found.layout)
    if running:
        response: Response = make_response(
            render_template("importing/running.html", found=found, kind=kind, job=job)
        )
        response.headers["Refresh"] = str(REFRESH_SECONDS)
        return response
    stuck = found.state in (ImportState.CHECKING, ImportState.APPLYING)
    interrupted = stuck and (job is None or job.died)
    error = None if interrupted else problem(job)
    result, questions = None, []
    if found.key is not None and found.state in (ImportState.CHECKED, ImportState.APPLIED) and found.counts:
        start = (whole(request.args.get("from")) or 1) - 1
        try:
            result = pages.result_of(found, start=start)
        except FileForgotten:
            result = None
        if result is not None and found.state == ImportState.CHECKED:
            context = Context(actor, utc_now(), found.site_id, found.options or {})
            questions = pages.questions(session, context, kind, result.unknown)
    if found.state == ImportState.UPLOADED and error is None:
        return redirect(url_for("importing.columns", uid=uid), code=303)
    return render_template(
        "importing/show.html", found=found, kind=kind, error=error, interrupted=interrupted, stuck=stuck, result=result,
        questions=questions, form=EmptyForm(), start=(whole(request.args.get("from")) or 1), Mode=Mode,
        held=_held(found.counts or {}),
    )  # fmt: skip


def _held(counts: dict[str, Any]) -> int:
    return int(
        counts.get("held_back", counts.get("bad", 0) + counts.get("double", 0) + counts.get("loose", 0))
    )


def _checked_form() -> None:
    if not EmptyForm().validate_on_submit():
        abort(400)


@bp.post("/<uid>/try")
@requires_any(*ANY_LAYOUT)
def try_again(uid: str) -> ResponseReturnValue:
    """The dry run once more, as it stands."""
    _found(uid)
    _checked_form()
    start_try_out(uid)
    return redirect(url_for("importing.show", uid=uid), code=303)


@bp.post("/<uid>/words")
@requires_any(*ANY_LAYOUT)
def words(uid: str) -> ResponseReturnValue:
    """What words mean: remembered, and the dry run begins anew."""
    _found(uid)
    _checked_form()
    meanings: dict[tuple[str, str], str] = {}
    for field, pair in request.form.items():
        if field.startswith(WORD):
            list_name, _tab, written = pair.partition("\t")
            meanings[list_name, written] = request.form.get(MEANING + field.removeprefix(WORD), "")
    try:
        with unit_of_work() as session:
            services.confirm_words(session, ConfirmWords(uid, meanings), actor=current_actor(), now=utc_now())
    except NoSuchMeaning as error:  # it left the list while the page was open
        flash(translate(error), "error")
    else:
        start_try_out(uid)
    return redirect(url_for("importing.show", uid=uid), code=303)


@bp.post("/<uid>/apply")
@requires_any(*ANY_LAYOUT)
def apply(uid: str) -> ResponseReturnValue:
    """Bring it in: all or nothing, or the good rows now."""
    _found(uid)
    _checked_form()
    mode = Mode.GOOD if request.form.get("mode") == Mode.GOOD else Mode.ALL
    start_bringing_in(uid, mode)
    return redirect(url_for("importing.show", uid=uid), code=303)


@bp.get("/<uid>/to-mend.xlsx")
@requires_any(*ANY_LAYOUT)
def to_mend(uid: str) -> ResponseReturnValue:
    """The rows that stayed out, with what is wrong with them."""
    title = _("To mend")
    return download(mending.rows_to_mend(_found(uid)), f"{title}.xlsx", XLSX)


@bp.post("/<uid>/forget")
@requires_any(*ANY_LAYOUT)
def forget(uid: str) -> ResponseReturnValue:
    """Remove the file before its day is over."""
    queries.find(read_session(), uid, current_actor())
    _checked_form()
    with unit_of_work() as session:
        services.forget(session, uid, actor=current_actor(), now=utc_now())
    flash(_("The file is removed. What was brought in from it stays."), "success")
    return redirect(url_for("importing.index"), code=303)
