"""`/api/v1/cases`: the journal, acts, lists, what is due, sittings, figures. The same visibility as the pages."""

from typing import Any
from uuid import UUID

from flask.views import MethodView
from sqlalchemy.orm import Session

from aidtrack.accounts.queries import sites as site_rows
from aidtrack.beneficiaries.cases import schemas, services
from aidtrack.beneficiaries.cases.commands import (
    AddCases,
    AddListEntry,
    CaseResult,
    CloseIntake,
    CloseMinutes,
    PlanSitting,
    RecordAssessment,
    RecordDecision,
    RecordIntake,
    RecordResults,
    TransferIntake,
)
from aidtrack.beneficiaries.cases.queries import sittings as sitting_queries
from aidtrack.beneficiaries.cases.queries.figures import figures
from aidtrack.beneficiaries.cases.queries.journal import JournalFilter, JournalRow
from aidtrack.beneficiaries.cases.queries.lists import entries
from aidtrack.beneficiaries.cases.queries.sittings import CaseRow, SittingRow
from aidtrack.beneficiaries.cases.queries.story import Story, story_of
from aidtrack.beneficiaries.queries import household_by_number
from aidtrack.beneficiaries.services import open_household
from aidtrack.beneficiaries.views import programme_names
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.kernel.errors import InvalidValue, NotFound
from aidtrack.web import api_blueprint, current_actor, requires, requires_any
from aidtrack.web.paging import bounds

bp = api_blueprint(
    "cases", __name__, url_prefix="/cases", description="Appeals, acts, sittings and decisions"
)
_READ, _WRITE, _DECIDE = Permission.HOUSEHOLD_READ, Permission.HOUSEHOLD_WRITE, Permission.ELIGIBILITY_DECIDE


def _site(session: Session, code: str | None, actor: Actor) -> int:
    """The site of that code; without one the only site of the token."""
    own = site_rows(session, actor=actor)
    found = [site.id for site in own if code is None or site.code == code]
    if code is not None and not found:
        raise NotFound()
    if len(found) != 1:
        raise InvalidValue(field="site", value="site")
    return found[0]


def _family(session: Session, number: str | None, actor: Actor) -> int | None:
    return household_by_number(session, number.strip().upper(), actor) if number else None


def _entry(row: JournalRow) -> dict[str, Any]:
    return {
        "id": row.id, "site": row.site_code, "number": row.number, "kind": row.kind, "channel": row.channel,
        "sender": row.sender, "received_on": row.received_on, "family": row.registration_no, "status": row.status,
        "outcome": row.outcome, "closed_on": row.closed_on, "from_whom": row.from_whom,
    }  # fmt: skip


@bp.route("/journal")
class JournalView(MethodView):
    @requires(_READ)
    @bp.arguments(schemas.JournalQuery, location="query")
    @bp.response(200, schemas.JournalOut)
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A page of the journal, the newest entry first, at most 25 at once."""
        page = asked.pop("page")
        with unit_of_work() as session:
            rows, total = services.open_journal(
                session, JournalFilter(**asked), page, actor=current_actor(), now=utc_now()
            )
        return {"total": total, "entries": [_entry(row) for row in rows]}


@bp.route("/journal/<uuid:client_id>")
class NewIntakeView(MethodView):
    @requires(_WRITE)
    @bp.arguments(schemas.IntakeBody)
    @bp.response(201, schemas.CasePaperOut)
    def put(self, body: dict[str, Any], client_id: UUID) -> dict[str, Any]:
        """Record an entry. The id is the client's: repeated, it has one effect."""
        actor = current_actor()
        with unit_of_work() as session:
            household_id = _family(session, body.pop("family"), actor)
            site = body.pop("site")
            site_id = _site(session, site, actor) if household_id is None else None
            command = RecordIntake(client_id, household_id, site_id=site_id, **body)
            return {"id": services.record_paper(session, command, actor=actor, now=utc_now())}


@bp.route("/journal/entries/<int:intake_id>")
class IntakeView(MethodView):
    @requires(_READ)
    @bp.response(200, schemas.IntakeFileOut)
    def get(self, intake_id: int) -> dict[str, Any]:
        """One entry with what was said; the reading is logged."""
        with unit_of_work() as session:
            file = services.open_intake(session, intake_id, actor=current_actor(), now=utc_now())
        return {
            **_entry(file.row), "contact": file.contact, "about": file.about, "reason": file.reason,
            "transferred_to": file.transferred_to,
        }  # fmt: skip


@bp.route("/journal/entries/<int:intake_id>/closing")
class ClosingView(MethodView):
    @requires(_WRITE)
    @bp.arguments(schemas.IntakeClosingBody)
    @bp.response(204)
    def post(self, body: dict[str, Any], intake_id: int) -> None:
        """Close an open entry with its outcome."""
        with unit_of_work() as session:
            services.close_intake(
                session, CloseIntake(intake_id, **body), actor=current_actor(), now=utc_now()
            )


@bp.route("/journal/entries/<int:intake_id>/transfer")
class TransferView(MethodView):
    @requires(_WRITE)
    @bp.arguments(schemas.IntakeTransferBody)
    @bp.response(204)
    def post(self, body: dict[str, Any], intake_id: int) -> None:
        """Hand an open entry on to whom it concerns."""
        with unit_of_work() as session:
            services.transfer_intake(
                session, TransferIntake(intake_id, **body), actor=current_actor(), now=utc_now()
            )


@bp.route("/acts/<uuid:client_id>")
class ActView(MethodView):
    @requires(_WRITE)
    @bp.arguments(schemas.ActBody)
    @bp.response(201, schemas.CasePaperOut)
    def put(self, body: dict[str, Any], client_id: UUID) -> dict[str, Any]:
        """Record an act of a family, which is named by its registration number."""
        actor = current_actor()
        with unit_of_work() as session:
            household_id = household_by_number(session, body.pop("family"), actor)
            ticked = tuple(body.pop("entries"))
            command = RecordAssessment(client_id, household_id, body.pop("number"), entry_ids=ticked, **body)
            return {"id": services.record_paper(session, command, actor=actor, now=utc_now())}


@bp.route("/decisions/<uuid:client_id>")
class DecisionView(MethodView):
    @requires(_WRITE)
    @bp.arguments(schemas.DecisionPaperBody)
    @bp.response(201, schemas.CasePaperOut)
    def put(self, body: dict[str, Any], client_id: UUID) -> dict[str, Any]:
        """Record what a council or the department decided about a family, which is named by its registration number."""
        actor = current_actor()
        with unit_of_work() as session:
            household_id = household_by_number(session, body.pop("family"), actor)
            command = RecordDecision(client_id, household_id, **body)
            return {"id": services.record_paper(session, command, actor=actor, now=utc_now())}


@bp.route("/families/<int:household_id>")
class StoryView(MethodView):
    @requires(_READ)
    @bp.response(200, schemas.StoryOut)
    def get(self, household_id: int) -> Story:
        """A family's case from the appeal to the decision: a look at the family like its page, and counted as one."""
        actor = current_actor()
        with unit_of_work() as session:
            open_household(session, household_id, actor=actor, now=utc_now(), purpose="api", papers=False)
            return story_of(session, household_id, actor)


@bp.route("/due")
class DueView(MethodView):
    @requires(_READ)
    @bp.arguments(schemas.DueQuery, location="query")
    @bp.response(200, schemas.DueListOut)
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Families whose act is missing, out of date or ends within 30 days; at most 25 at once."""
        actor, now = current_actor(), utc_now()
        with unit_of_work() as session:
            rows, total = services.open_due(
                session, asked["why"], asked["page"], local_date(now), actor=actor, now=now
            )
        families = [
            {
                "family": row.registration_no, "head": row.head, "settlement": row.settlement, "why": row.due,
                "valid_until": row.act.valid_until if row.act else None, "appeal_on": row.appeal_on,
            }
            for row in rows
        ]  # fmt: skip
        return {"total": total, "families": families}


@bp.route("/lists")
class ListsView(MethodView):
    @requires_any(_READ, Permission.CATALOGUE_MANAGE)
    @bp.response(200, schemas.CaseListsOut)
    def get(self) -> dict[str, Any]:
        """Circumstances and needs, ended ones included."""
        return {"entries": entries(read_session())}


@bp.route("/lists/<uuid:client_id>")
class NewEntryView(MethodView):
    @requires(Permission.CATALOGUE_MANAGE)
    @bp.arguments(schemas.CaseListEntryBody)
    @bp.response(201, schemas.CasePaperOut)
    def put(self, body: dict[str, Any], client_id: UUID) -> dict[str, Any]:
        """A new entry of a list, from a day on."""
        with unit_of_work() as session:
            command = AddListEntry(client_id, **body)
            return {"id": services.add_entry(session, command, actor=current_actor(), now=utc_now())}


def _sitting(row: SittingRow) -> dict[str, Any]:
    return {
        "id": row.id, "site": row.site_uk, "body": row.body, "held_on": row.held_on, "place": row.place,
        "closed": row.is_closed, "number": row.minutes_number, "version": row.version,
    }  # fmt: skip


def _case(row: CaseRow) -> dict[str, Any]:
    return {
        "id": row.id, "family": row.registration_no, "head": row.head, "appeal": row.intake_number,
        "act": row.act_number, "result": row.result, "reason": row.reason, "valid_from": row.valid_from,
        "valid_until": row.valid_until, "any_programme": row.any_programme, "programmes": list(row.programme_ids),
        "words": row.words,
    }  # fmt: skip


@bp.route("/sittings")
class SittingsView(MethodView):
    @requires(_READ)
    @bp.arguments(schemas.CasePageQuery, location="query")
    @bp.response(200, schemas.SittingsOut)
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Sittings, the newest first. No names."""
        limit, offset = bounds(asked["page"])
        rows, total = sitting_queries.sittings(read_session(), current_actor(), limit=limit, offset=offset)
        return {"total": total, "sittings": [_sitting(row.sitting) for row in rows]}


@bp.route("/sittings/<uuid:client_id>")
class NewSittingView(MethodView):
    @requires(_WRITE)
    @bp.arguments(schemas.SittingBody)
    @bp.response(201, schemas.CasePaperOut)
    def put(self, body: dict[str, Any], client_id: UUID) -> dict[str, Any]:
        """Plan a sitting; postponed cases are on it at once."""
        actor = current_actor()
        with unit_of_work() as session:
            command = PlanSitting(client_id, _site(session, body.pop("site"), actor), **body)
            return {"id": services.plan_sitting(session, command, actor=actor, now=utc_now())}


@bp.route("/sittings/<int:sitting_id>")
class SittingView(MethodView):
    @requires(_READ)
    @bp.response(200, schemas.SittingFileOut)
    def get(self, sitting_id: int) -> dict[str, Any]:
        """A sitting with its cases; the reading is logged."""
        with unit_of_work() as session:
            file = services.open_sitting(
                session, sitting_id, actor=current_actor(), now=utc_now(), purpose="api"
            )
        return {**_sitting(file.sitting), "cases": [_case(case) for case in file.cases]}


@bp.route("/sittings/<int:sitting_id>/agenda")
class AgendaView(MethodView):
    @requires(_WRITE)
    @bp.arguments(schemas.AgendaBody)
    @bp.response(200, schemas.AddedOut)
    def post(self, body: dict[str, Any], sitting_id: int) -> dict[str, Any]:
        """Put families on the agenda: those named, or all who wait."""
        actor = current_actor()
        with unit_of_work() as session:
            sitting_queries.find_sitting(session, sitting_id, actor)
            named = body["families"]
            ids = None if named is None else tuple(household_by_number(session, one, actor) for one in named)
            return {
                "added": services.add_cases(session, AddCases(sitting_id, ids), actor=actor, now=utc_now())
            }


@bp.route("/sittings/<int:sitting_id>/results")
class ResultsView(MethodView):
    @requires(_WRITE, _DECIDE)
    @bp.arguments(schemas.ResultsBody)
    @bp.response(204)
    def put(self, body: dict[str, Any], sitting_id: int) -> None:
        """Keep the results of the sitting's cases as they stand."""
        results = tuple(
            CaseResult(one.pop("case"), programme_ids=tuple(one.pop("programmes")), **one)
            for one in body["results"]
        )
        known = {number for number, _name in programme_names(read_session(), "en")}
        for one in results:
            if not set(one.programme_ids) <= known:
                raise InvalidValue(field="programmes", value="programme")
        with unit_of_work() as session:
            command = RecordResults(sitting_id, body["version"], results)
            services.record_results(session, command, actor=current_actor(), now=utc_now())


@bp.route("/sittings/<int:sitting_id>/minutes")
class MinutesView(MethodView):
    @requires(_WRITE, _DECIDE)
    @bp.arguments(schemas.MinutesBody)
    @bp.response(200, schemas.MinutesOut)
    def post(self, body: dict[str, Any], sitting_id: int) -> dict[str, Any]:
        """Close the minutes: the decisions are written, once."""
        with unit_of_work() as session:
            command = CloseMinutes(sitting_id, **body)
            written = services.close_minutes(session, command, actor=current_actor(), now=utc_now())
        return {"decisions": written}


@bp.route("/statistics")
class StatisticsView(MethodView):
    @requires(_READ)
    @bp.arguments(schemas.CasePeriodQuery, location="query")
    @bp.response(200, schemas.CaseStatisticsOut)
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """From the appeal to the decision: papers, and different families beside them."""
        found = figures(read_session(), current_actor(), asked["first"], asked["last"])
        steps = {
            name: {
                "papers": step.papers, "households": step.households, "percent_of_step_before": step.of_before
            }
            for name, step in (
                ("appeals", found.appeals), ("acts", found.acts), ("decided", found.decided), ("granted", found.granted)
            )
        }  # fmt: skip
        return {**steps, "sittings": found.sittings, "unknown_families": found.unknown_families}
