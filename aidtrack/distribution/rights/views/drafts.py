"""A draft of a rule: written in a form of rows, read in plain words, tried out, put in force."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from aidtrack.beneficiaries import queries as families
from aidtrack.beneficiaries.eligibility import Rule
from aidtrack.beneficiaries.rule_json import parse_rule
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.models import DraftState, TrialPurpose
from aidtrack.distribution.rights import queries, rule_form, services, trials
from aidtrack.distribution.rights.forms import DraftForm, PutForm
from aidtrack.distribution.rights.rule_words import GROUP_WORDS, KIND_WORDS, problem_words
from aidtrack.distribution.rights.terms import Terms, parse_terms
from aidtrack.distribution.rights.views.blueprint import bp, category_names, figure, sees_families
from aidtrack.distribution.rights.words import differences, rule_lines, terms_lines
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import DomainError
from aidtrack.places.queries import districts
from aidtrack.web.access import current_actor, requires, requires_any
from aidtrack.web.layout import answer_code, form_problems


@bp.route("/programmes/<int:programme_id>/drafts/new", methods=["GET", "POST"])
@requires(Permission.PROGRAMME_MANAGE)
def new_draft(programme_id: int) -> ResponseReturnValue:
    """A new draft begins as the rule in force."""
    session = read_session()
    programme = queries.programme(session, programme_id)
    in_force = queries.rule_on(session, programme_id, local_date(utc_now()))
    return _edit(session, programme, None, in_force)


@bp.route("/drafts/<int:draft_id>", methods=["GET", "POST"])
@requires(Permission.PROGRAMME_MANAGE)
def edit_draft(draft_id: int) -> ResponseReturnValue:
    session = read_session()
    draft = trials.draft(session, draft_id)
    if draft.state is not DraftState.OPEN:
        return redirect(url_for("rights.show_draft", draft_id=draft_id), code=303)
    return _edit(session, queries.programme(session, draft.programme_id), draft, None)


def _edit(
    session: Session,
    programme: queries.ProgrammeRow,
    draft: trials.DraftRow | None,
    in_force: queries.RuleRow | None,
) -> ResponseReturnValue:
    rule, terms = _start(draft, in_force)
    usual = {"title": draft.title if draft else "", "note": draft.note if draft else ""}
    form = DraftForm(data={**usual, **DraftForm.said(terms)})
    pressed = request.form.get("do", "")
    if form.is_submitted():
        root = rule_form.read_rows(request.form.to_dict(flat=False))
        rule_form.change(root, pressed, request.form.get(f"kind-{pressed.partition(':')[2]}", ""))
    else:
        # a rule written by a program may be nested deeper than a form can show
        root = rule_form.from_rule(rule) or rule_form.Row("all")
    json, problems = rule_form.to_json(root)
    if pressed == "save" and form.validate() and json is not None:
        try:
            with unit_of_work() as writing:
                draft_id = services.save_draft(
                    writing, form.to_command(programme.id, json, draft), actor=current_actor(), now=utc_now()
                )
        except DomainError as error:
            form.show(error)
        else:
            flash(_("The draft was saved. It applies to nobody until it is put in force."), "success")
            return redirect(url_for("rights.show_draft", draft_id=draft_id), code=303)
    shown = problems if pressed in ("save", "read") else []
    page = render_template(
        "rights/draft_form.html",
        form=form,
        programme=programme,
        draft=draft,
        too_deep=not form.is_submitted() and rule_form.from_rule(rule) is None,
        root=root,
        problems={one.name: problem_words(one) for one in shown},
        reading=_reading(json, form, category_names(session)),
        deepest=rule_form.DEEPEST,
        fields=rule_form.FIELDS,
        kind_words=KIND_WORDS,
        group_words=GROUP_WORDS,
        kinds=families.category_kinds(session, protected=True),
        districts=districts(session),
    )
    return page, 422 if pressed == "save" and (shown or form_problems(form)) else 200


def _start(draft: trials.DraftRow | None, in_force: queries.RuleRow | None) -> tuple[Rule, Terms]:
    if draft is not None:
        return parse_rule(draft.rule), draft.terms
    if in_force is not None:
        return in_force.rule, in_force.terms
    return parse_rule({"is": "all", "of": []}), Terms()


def _reading(
    json: dict[str, Any] | None, form: DraftForm, names: dict[str, str]
) -> tuple[list[tuple[int, str]], list[str]] | None:
    """What stands in the form in plain words; nothing while it is no rule yet."""
    try:
        terms = terms_lines(parse_terms(form.terms()))
        return (rule_lines(parse_rule(json), names), terms) if json is not None else None
    except DomainError:
        return None


@bp.get("/drafts/<int:draft_id>/read")
@requires_any(Permission.PROGRAMME_MANAGE, Permission.ELIGIBILITY_DECIDE)
def show_draft(draft_id: int) -> ResponseReturnValue:
    """What the draft says, what it changes, what trying it has shown, and the way into force."""
    session = read_session()
    actor = current_actor()
    draft = trials.draft(session, draft_id)
    names = category_names(session)
    rule = parse_rule(draft.rule)
    today = local_date(utc_now())
    in_force = queries.rule_on(session, draft.programme_id, today)
    trial = trials.newest_trial(session, draft.programme_id, TrialPurpose.DRAFT, actor, draft_id=draft_id)
    return render_template(
        "rights/draft.html",
        draft=draft,
        programme=queries.programme(session, draft.programme_id),
        lines=rule_lines(rule, names),
        terms=terms_lines(draft.terms),
        in_force=in_force,
        found=differences((in_force.rule, in_force.terms) if in_force else None, (rule, draft.terms), names),
        trial=trial,
        fresh=trial is not None and trial.digest == draft.digest,
        protected_unseen=_protected_unseen(session, draft, in_force),
        figure=figure,
        exact=sees_families(actor),
        today=today,
        DraftState=DraftState,
    )


def _protected_unseen(session: Session, draft: trials.DraftRow, in_force: queries.RuleRow | None) -> bool:
    """Whether a rule here names protected categories that this person's trial will not see."""
    if current_actor().can(Permission.CATEGORY_PROTECTED):
        return False
    return queries.names_protected(session, draft.rule, in_force.json if in_force else None)


@bp.route("/drafts/<int:draft_id>/in-force", methods=["GET", "POST"])
@requires(Permission.PROGRAMME_MANAGE)
def put_in_force(draft_id: int) -> ResponseReturnValue:
    session = read_session()
    draft = trials.draft(session, draft_id)
    today = local_date(utc_now())
    form = PutForm(data={"valid_from": today, "version": draft.version})
    if form.validate_on_submit():
        try:
            with unit_of_work() as writing:
                services.put_in_force(
                    writing, form.to_command(draft_id), actor=current_actor(), now=utc_now()
                )
        except DomainError as error:
            form.show(error)
        else:
            flash(
                _("The rule is in force as a new version. Caseworkers now check the marks that stand."),
                "success",
            )
            return redirect(url_for("rights.rule_history", programme_id=draft.programme_id), code=303)
    session = read_session()
    names = category_names(session)
    in_force = queries.rule_on(session, draft.programme_id, today)
    new = (parse_rule(draft.rule), draft.terms)
    page = render_template(
        "rights/put_in_force.html",
        form=form,
        draft=draft,
        programme=queries.programme(session, draft.programme_id),
        found=differences((in_force.rule, in_force.terms) if in_force else None, new, names),
        trial=trials.newest_trial(
            session, draft.programme_id, TrialPurpose.DRAFT, current_actor(), draft_id=draft_id
        ),
        figure=figure,
        exact=sees_families(current_actor()),
    )
    return page, answer_code(form)


@bp.post("/drafts/<int:draft_id>/drop")
@requires(Permission.PROGRAMME_MANAGE)
def drop_draft(draft_id: int) -> ResponseReturnValue:
    draft = trials.draft(read_session(), draft_id)
    with unit_of_work() as session:
        services.drop_draft(session, draft_id, actor=current_actor(), now=utc_now())
    flash(_("The draft was given up."), "success")
    return redirect(url_for("rights.rule_history", programme_id=draft.programme_id), code=303)
