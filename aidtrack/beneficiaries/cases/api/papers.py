"""Acts and decisions from their papers, the lists that acts are ticked from, whose act is due, a family's whole case."""

from typing import Any
from uuid import UUID

from flask.views import MethodView
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.cases import services
from aidtrack.beneficiaries.cases.api.parts import READ, WRITE, bp, made
from aidtrack.beneficiaries.cases.commands import AddListEntry, RecordAssessment, RecordDecision
from aidtrack.beneficiaries.cases.queries.lists import entries
from aidtrack.beneficiaries.cases.queries.story import Story, story_of
from aidtrack.beneficiaries.cases.schemas import papers as schemas
from aidtrack.beneficiaries.cases.schemas.parts import CasePaperOut
from aidtrack.beneficiaries.cases.schemas.story import StoryOut
from aidtrack.beneficiaries.queries import household_by_number
from aidtrack.beneficiaries.services import open_household
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Actor, Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.web import current_actor, requires, requires_any


@bp.route("/acts/<uuid:client_id>")
class ActView(MethodView):
    @requires(WRITE)
    @bp.arguments(schemas.ActBody)
    @bp.response(201, CasePaperOut)
    def put(self, body: dict[str, Any], client_id: UUID) -> dict[str, int]:
        """Record an act of a family, which is named by its registration number."""
        family, number, ticked = body.pop("family"), body.pop("number"), tuple(body.pop("entries"))

        def command(session: Session, actor: Actor) -> RecordAssessment:
            household_id = household_by_number(session, family, actor)
            return RecordAssessment(client_id, household_id, number, entry_ids=ticked, **body)

        return made(services.record_paper, command)


@bp.route("/decisions/<uuid:client_id>")
class DecisionView(MethodView):
    @requires(WRITE)
    @bp.arguments(schemas.DecisionPaperBody)
    @bp.response(201, CasePaperOut)
    def put(self, body: dict[str, Any], client_id: UUID) -> dict[str, int]:
        """Record what a council or the department decided about a family, which is named by its registration number."""
        family = body.pop("family")

        def command(session: Session, actor: Actor) -> RecordDecision:
            return RecordDecision(client_id, household_by_number(session, family, actor), **body)

        return made(services.record_paper, command)


@bp.route("/families/<int:household_id>")
class StoryView(MethodView):
    @requires(READ)
    @bp.response(200, StoryOut)
    def get(self, household_id: int) -> Story:
        """A family's case from the appeal to the decision: a look at the family like its page, and counted as one."""
        actor = current_actor()
        with unit_of_work() as session:
            open_household(session, household_id, actor=actor, now=utc_now(), purpose="api", papers=False)
            return story_of(session, household_id, actor)


@bp.route("/due")
class DueView(MethodView):
    @requires(READ)
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
    @requires_any(READ, Permission.CATALOGUE_MANAGE)
    @bp.response(200, schemas.CaseListsOut)
    def get(self) -> dict[str, Any]:
        """Circumstances and needs, ended ones included."""
        return {"entries": entries(read_session())}


@bp.route("/lists/<uuid:client_id>")
class NewEntryView(MethodView):
    @requires(Permission.CATALOGUE_MANAGE)
    @bp.arguments(schemas.CaseListEntryBody)
    @bp.response(201, CasePaperOut)
    def put(self, body: dict[str, Any], client_id: UUID) -> dict[str, int]:
        """A new entry of a list, from a day on."""
        return made(services.add_entry, lambda *_: AddListEntry(client_id, **body))
