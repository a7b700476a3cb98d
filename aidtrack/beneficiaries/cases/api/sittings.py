"""Sittings of the council and days of decisions: agenda, results, minutes."""

from typing import Any
from uuid import UUID

from flask.views import MethodView
from sqlalchemy.orm import Session

from aidtrack.beneficiaries.cases import services
from aidtrack.beneficiaries.cases.api.parts import DECIDE, READ, WRITE, bp, carry_out, made, site_of
from aidtrack.beneficiaries.cases.commands import (
    AddCases,
    CaseResult,
    CloseMinutes,
    PlanSitting,
    RecordResults,
)
from aidtrack.beneficiaries.cases.queries import sittings as sitting_queries
from aidtrack.beneficiaries.cases.queries.sittings import CaseRow, SittingRow
from aidtrack.beneficiaries.cases.schemas import sittings as schemas
from aidtrack.beneficiaries.cases.schemas.parts import CasePageQuery, CasePaperOut
from aidtrack.beneficiaries.queries import household_by_number
from aidtrack.beneficiaries.views import programme_names
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Actor
from aidtrack.kernel.clock import utc_now
from aidtrack.kernel.errors import InvalidValue
from aidtrack.web import current_actor, requires
from aidtrack.web.paging import bounds


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
    @requires(READ)
    @bp.arguments(CasePageQuery, location="query")
    @bp.response(200, schemas.SittingsOut)
    def get(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Sittings, the newest first. No names."""
        limit, offset = bounds(asked["page"])
        rows, total = sitting_queries.sittings(read_session(), current_actor(), limit=limit, offset=offset)
        return {"total": total, "sittings": [_sitting(row.sitting) for row in rows]}


@bp.route("/sittings/<uuid:client_id>")
class NewSittingView(MethodView):
    @requires(WRITE)
    @bp.arguments(schemas.SittingBody)
    @bp.response(201, CasePaperOut)
    def put(self, body: dict[str, Any], client_id: UUID) -> dict[str, int]:
        """Plan a sitting; postponed cases are on it at once."""
        site = body.pop("site")

        def command(session: Session, actor: Actor) -> PlanSitting:
            return PlanSitting(client_id, site_of(session, site, actor), **body)

        return made(services.plan_sitting, command)


@bp.route("/sittings/<int:sitting_id>")
class SittingView(MethodView):
    @requires(READ)
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
    @requires(WRITE)
    @bp.arguments(schemas.AgendaBody)
    @bp.response(200, schemas.AddedOut)
    def post(self, body: dict[str, Any], sitting_id: int) -> dict[str, int]:
        """Put families on the agenda: those named, or all who wait."""
        named = body["families"]

        def command(session: Session, actor: Actor) -> AddCases:
            sitting_queries.find_sitting(session, sitting_id, actor)
            ids = None if named is None else tuple(household_by_number(session, one, actor) for one in named)
            return AddCases(sitting_id, ids)

        return {"added": carry_out(services.add_cases, command)}


@bp.route("/sittings/<int:sitting_id>/results")
class ResultsView(MethodView):
    @requires(WRITE, DECIDE)
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
        carry_out(services.record_results, lambda *_: RecordResults(sitting_id, body["version"], results))


@bp.route("/sittings/<int:sitting_id>/minutes")
class MinutesView(MethodView):
    @requires(WRITE, DECIDE)
    @bp.arguments(schemas.MinutesBody)
    @bp.response(200, schemas.MinutesOut)
    def post(self, body: dict[str, Any], sitting_id: int) -> dict[str, int]:
        """Close the minutes: the decisions are written, once."""
        return {"decisions": carry_out(services.close_minutes, lambda *_: CloseMinutes(sitting_id, **body))}
