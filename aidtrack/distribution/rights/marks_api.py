"""`/api/v1/families/…/programmes/…/marks` and `/api/v1/marks`: marking a right and ending it, for programs.

An exception is asked for and approved by people, on the pages (docs/adr/0016).
"""

from typing import Any
from uuid import UUID

from flask.views import MethodView
from marshmallow import Schema, fields, validate

from aidtrack.db import unit_of_work
from aidtrack.distribution.models import Ground
from aidtrack.distribution.rights import services
from aidtrack.distribution.rights.commands import EndEligibility, MarkEligible
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.web import api_blueprint, current_actor, requires

bp = api_blueprint(
    "marks", __name__, description="Rights of families: marked by a programme's rule, and ended"
)


class MarkBody(Schema):
    ground = fields.Enum(Ground, by_value=True, required=True)
    valid_from = fields.Date(
        load_default=None, allow_none=True, metadata={"description": "judged on this day; today where none is said"}
    )  # fmt: skip
    valid_until = fields.Date(load_default=None, allow_none=True)
    assessment_id = fields.Int(load_default=None, allow_none=True)
    decision_id = fields.Int(load_default=None, allow_none=True)
    record_refusal = fields.Bool(
        load_default=False, metadata={"description": "keep a refusal with its reasons instead of answering 409"}
    )  # fmt: skip


class MarkOut(Schema):
    id = fields.Int(required=True)
    status = fields.Str(required=True, validate=validate.OneOf(["eligible", "refused", "ended"]))


class EndMarkBody(Schema):
    last_day = fields.Date(required=True, metadata={"description": "the last on which the right holds"})
    reason = fields.Str(required=True, validate=validate.Length(1, 500))


@bp.route("/families/<int:household_id>/programmes/<int:programme_id>/marks/<uuid:command_id>")
class MarkView(MethodView):
    @requires(Permission.ELIGIBILITY_DECIDE, Permission.HOUSEHOLD_READ)
    @bp.arguments(MarkBody)
    @bp.response(201, MarkOut)
    def put(
        self, body: dict[str, Any], household_id: int, programme_id: int, command_id: UUID
    ) -> dict[str, Any]:
        """Judge a family by the rule in force and mark its right. The id is the client's: one effect.

        Where the rule is not met the answer is 409 `not_entitled`; its facts say why, the nearest mend first.
        """
        command = MarkEligible(command_id, household_id, programme_id, **body)
        with unit_of_work() as session:
            made = services.mark_eligible(session, command, actor=current_actor(), now=utc_now())
        return {"id": made.eligibility_id, "status": made.status.value}


@bp.route("/marks/<int:eligibility_id>/end")
class EndView(MethodView):
    @requires(Permission.ELIGIBILITY_DECIDE)
    @bp.arguments(EndMarkBody)
    @bp.response(204)
    def post(self, body: dict[str, Any], eligibility_id: int) -> None:
        """Let a right end with a day."""
        command = EndEligibility(eligibility_id, **body)
        with unit_of_work() as session:
            services.end_eligibility(session, command, actor=current_actor(), now=utc_now())
