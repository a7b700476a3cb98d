"""Rules in force and their versions, read by everybody who writes or applies them."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from aidtrack.db import read_session
from aidtrack.distribution.rights import queries, trials
from aidtrack.distribution.rights.views.blueprint import bp, category_names
from aidtrack.distribution.rights.words import differences, rule_lines, terms_lines
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import NotFound
from aidtrack.web.access import current_actor, requires_any


@bp.get("/programmes")
@requires_any(Permission.PROGRAMME_MANAGE, Permission.ELIGIBILITY_DECIDE)
def programmes() -> ResponseReturnValue:
    session = read_session()
    today = local_date(utc_now())
    listed = [(one, queries.rule_on(session, one.id, today)) for one in queries.programmes(session)]
    waiting = []
    if current_actor().can(Permission.ELIGIBILITY_DECIDE):
        waiting = queries.waiting_overrides(session, sorted(current_actor().site_ids))
    return render_template(
        "rights/programmes.html",
        programmes=listed,
        names=category_names(session),
        rule_lines=rule_lines,
        terms_lines=terms_lines,
        waiting=len(waiting),
        drafts={one.id: trials.open_drafts(session, one.id) for one, _rule in listed},
    )


@bp.get("/programmes/<int:programme_id>")
@requires_any(Permission.PROGRAMME_MANAGE, Permission.ELIGIBILITY_DECIDE)
def rule_history(programme_id: int) -> ResponseReturnValue:
    """Every version, with what it changed, and the drafts that wait."""
    session = read_session()
    names = category_names(session)
    versions = queries.rule_versions(session, programme_id)
    before = [*versions[1:], None][: len(versions)]
    changed = {
        one.id: differences((old.rule, old.terms), (one.rule, one.terms), names) if old is not None else []
        for one, old in zip(versions, before, strict=True)
    }
    return render_template(
        "rights/rule.html",
        programme=queries.programme(session, programme_id),
        versions=versions,
        changed=changed,
        drafts=trials.open_drafts(session, programme_id),
        today=local_date(utc_now()),
        names=names,
        rule_lines=rule_lines,
        terms_lines=terms_lines,
    )


@bp.get("/programmes/<int:programme_id>/compare")
@requires_any(Permission.PROGRAMME_MANAGE, Permission.ELIGIBILITY_DECIDE)
def compare(programme_id: int) -> ResponseReturnValue:
    """Two versions beside each other, and what differs in words."""
    session = read_session()
    programme = queries.programme(session, programme_id)
    versions = {one.version: one for one in queries.rule_versions(session, programme_id)}
    old, new = _chosen(versions, "old"), _chosen(versions, "new")
    names = category_names(session)
    return render_template(
        "rights/compare.html",
        programme=programme,
        versions=sorted(versions),
        old=old,
        new=new,
        found=differences((old.rule, old.terms), (new.rule, new.terms), names),
        names=names,
        rule_lines=rule_lines,
        terms_lines=terms_lines,
    )


def _chosen(versions: dict[int, queries.RuleRow], name: str) -> queries.RuleRow:
    """The version asked for; by default the last two."""
    if not versions:
        raise NotFound()
    newest = sorted(versions)
    usual = newest[-1] if name == "new" else newest[max(0, len(newest) - 2)]
    asked = request.args.get(name, usual, type=int)
    if asked not in versions:
        raise NotFound()
    return versions[asked]
