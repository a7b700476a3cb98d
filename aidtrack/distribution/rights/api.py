"""`/api/v1/programmes/…/rules`, drafts and trials: what the pages show, to whom they show it."""

from typing import Any
from uuid import UUID

from flask.typing import ResponseReturnValue
from flask.views import MethodView

from aidtrack.beneficiaries import services as family_services
from aidtrack.beneficiaries.eligibility import Rule, alternatives_in
from aidtrack.beneficiaries.rule_json import parse_rule
from aidtrack.db import read_session, unit_of_work
from aidtrack.distribution.models import TrialPurpose, TrialState
from aidtrack.distribution.rights import queries, services, trials
from aidtrack.distribution.rights.commands import PutInForce, SaveDraft, StartTrial
from aidtrack.distribution.rights.schemas import (
    DraftBody,
    DraftOut,
    InForceBody,
    InForceOut,
    RulesOut,
    TrialBody,
    TrialFamiliesOut,
    TrialFamiliesQuery,
    TrialOut,
)
from aidtrack.distribution.rights.terms import Terms, terms_to_json
from aidtrack.distribution.rights.views.blueprint import SMALL, category_names, sees_families
from aidtrack.distribution.rights.views.trials import NAMES_ON_A_PAGE, begin, trial_key
from aidtrack.distribution.rights.words import rule_lines, terms_lines
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.web import api_blueprint, current_actor, requires, requires_any
from aidtrack.web.jobs import jobs

bp = api_blueprint("rights", __name__, description="Rules of programmes, drafts, trials over the registry")


def _reads(rule: Rule, terms: Terms) -> list[str]:
    names = category_names(read_session())
    return [sentence for _depth, sentence in rule_lines(rule, names)] + terms_lines(terms)


def _draft(one: trials.DraftRow) -> dict[str, Any]:
    return {
        "id": one.id, "programme_id": one.programme_id, "title": one.title, "rule": one.rule,
        "terms": terms_to_json(one.terms), "note": one.note, "state": one.state.value, "version": one.version,
        "reads": _reads(parse_rule(one.rule), one.terms),
    }  # fmt: skip


@bp.route("/programmes/<int:programme_id>/rules")
class RulesView(MethodView):
    @requires_any(Permission.PROGRAMME_MANAGE, Permission.ELIGIBILITY_DECIDE)
    @bp.response(200, RulesOut)
    def get(self, programme_id: int) -> dict[str, Any]:
        """Every version of a programme's rule, the newest first."""
        session = read_session()
        queries.programme(session, programme_id)
        return {
            "programme_id": programme_id,
            "versions": [
                {
                    "version": one.version, "valid_from": one.valid_from, "rule": one.json,
                    "terms": terms_to_json(one.terms), "note": one.note, "reads": _reads(one.rule, one.terms),
                }
                for one in queries.rule_versions(session, programme_id)
            ],
        }  # fmt: skip


@bp.route("/programmes/<int:programme_id>/rule-drafts/<uuid:command_id>")
class NewDraftView(MethodView):
    @requires(Permission.PROGRAMME_MANAGE)
    @bp.arguments(DraftBody)
    @bp.response(201, DraftOut)
    def put(self, body: dict[str, Any], programme_id: int, command_id: UUID) -> dict[str, Any]:
        """Save a new draft. The id is the client's: repeated, it has one effect."""
        body.pop("version")
        command = SaveDraft(command_id=command_id, programme_id=programme_id, **body)
        with unit_of_work() as session:
            draft_id = services.save_draft(session, command, actor=current_actor(), now=utc_now())
        return _draft(trials.draft(read_session(), draft_id))


@bp.route("/rule-drafts/<int:draft_id>")
class DraftView(MethodView):
    @requires_any(Permission.PROGRAMME_MANAGE, Permission.ELIGIBILITY_DECIDE)
    @bp.response(200, DraftOut)
    def get(self, draft_id: int) -> dict[str, Any]:
        """A draft as it stands."""
        return _draft(trials.draft(read_session(), draft_id))


@bp.route("/rule-drafts/<int:draft_id>/<uuid:command_id>")
class ChangeDraftView(MethodView):
    @requires(Permission.PROGRAMME_MANAGE)
    @bp.arguments(DraftBody)
    @bp.response(200, DraftOut)
    def put(self, body: dict[str, Any], draft_id: int, command_id: UUID) -> dict[str, Any]:
        """Change a draft; `version` is the one that was read."""
        programme_id = trials.draft(read_session(), draft_id).programme_id
        command = SaveDraft(command_id=command_id, programme_id=programme_id, draft_id=draft_id, **body)
        with unit_of_work() as session:
            services.save_draft(session, command, actor=current_actor(), now=utc_now())
        return _draft(trials.draft(read_session(), draft_id))


@bp.route("/rule-drafts/<int:draft_id>/trials")
class TrialsView(MethodView):
    @requires_any(Permission.PROGRAMME_MANAGE, Permission.ELIGIBILITY_DECIDE)
    @bp.arguments(TrialBody)
    @bp.response(202, TrialOut)
    def post(self, body: dict[str, Any], draft_id: int) -> dict[str, Any]:
        """Try the draft on every family of the token's sites; ask for the trial until it has finished."""
        draft = trials.draft(read_session(), draft_id)
        trial_id = begin(StartTrial(TrialPurpose.DRAFT, draft.programme_id, body["on"], draft_id))
        return _trial(trial_id)


@bp.route("/rule-drafts/<int:draft_id>/in-force")
class InForceView(MethodView):
    @requires(Permission.PROGRAMME_MANAGE)
    @bp.arguments(InForceBody)
    @bp.response(200, InForceOut)
    def post(self, body: dict[str, Any], draft_id: int) -> dict[str, int]:
        """Put a draft in force that was tried as it stands. The id is the client's: one effect."""
        command = PutInForce(body["id"], draft_id, body["version"], body["valid_from"], sure=body["sure"])
        with unit_of_work() as session:
            return {"rule_id": services.put_in_force(session, command, actor=current_actor(), now=utc_now())}


@bp.route("/rule-trials/<int:trial_id>")
class TrialView(MethodView):
    @requires_any(Permission.PROGRAMME_MANAGE, Permission.ELIGIBILITY_DECIDE)
    @bp.response(200, TrialOut)
    def get(self, trial_id: int) -> dict[str, Any]:
        """How far a trial is, and what it found."""
        return _trial(trial_id)


@bp.route("/rule-trials/<int:trial_id>/families")
class TrialFamiliesView(MethodView):
    @requires(Permission.ELIGIBILITY_DECIDE, Permission.HOUSEHOLD_READ)
    @bp.arguments(TrialFamiliesQuery, location="query")
    @bp.response(200, TrialFamiliesOut)
    def get(self, query: dict[str, Any], trial_id: int) -> ResponseReturnValue | dict[str, Any]:
        """The families that come in or fall out, 25 a page; the reading is logged."""
        actor, now = current_actor(), utc_now()
        with unit_of_work() as session:
            trials.trial(session, trial_id, actor)
            found, total = trials.changed_families(
                session, trial_id, comes_in=query["way"] == "in", actor=actor,
                offset=(query["page"] - 1) * NAMES_ON_A_PAGE, limit=NAMES_ON_A_PAGE,
            )  # fmt: skip
            shown = family_services.list_households(
                session, [household_id for household_id, _code in found], f"trial_{query['way']}", actor=actor,
                now=now,
            )  # fmt: skip
        codes = dict(found)
        return {
            "total": total,
            "families": [
                {"household_id": one.id, "registration_no": one.registration_no, "reason": codes.get(one.id)}
                for one in shown
            ],
        }


def _refused(counted_by: str, families: int | None) -> dict[str, Any]:
    code, alternatives = alternatives_in(counted_by)
    return {"code": code, "alternatives": alternatives, "families": families}


def _trial(trial_id: int) -> dict[str, Any]:
    actor = current_actor()
    running = jobs().running(trial_key(trial_id))  # asked before the row is read: a run ends after it wrote
    one = trials.trial(read_session(), trial_id, actor)
    died = one.state is TrialState.RUNNING and running is None
    exact = sees_families(actor)

    def told(count: int) -> int | None:
        """Rounded to fives, each for itself, for those who see no families; small ones are withheld."""
        if exact or not count:
            return count
        return None if count < SMALL else SMALL * round(count / SMALL)

    body: dict[str, Any] = {
        "id": one.id,
        "state": "failed" if died else one.state.value,
        "done": one.done,
        "total": one.total,
    }
    if one.counts is not None:
        names = ("families", "now", "under", "falls_out", "comes_in")
        body |= {name: told(getattr(one.counts, name)) for name in names}
        body["refused"] = [_refused(counted_by, told(count)) for counted_by, count in one.counts.refused]
    return body
