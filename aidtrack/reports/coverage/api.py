"""Coverage for programs."""

from datetime import date
from typing import Any

import marshmallow as ma
from flask.views import MethodView

from aidtrack.db import read_session
from aidtrack.kernel.actor import Permission
from aidtrack.reports.coverage.figures import Level, coverage
from aidtrack.reports.periods import Period
from aidtrack.web import api_blueprint, current_actor, language, requires

blueprint = api_blueprint("coverage", __name__, description="Who was reached, against the population")


class CoverageQuery(ma.Schema):
    start = ma.fields.Date(required=True)
    end = ma.fields.Date(required=True)
    level = ma.fields.Enum(Level, by_value=True, load_default=Level.HROMADA)


class PlaceAnswer(ma.Schema):
    """A place and whom of it the token's sites reached; an empty code: households whose place has none."""

    code = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    households = ma.fields.Integer(required=True)
    persons = ma.fields.Integer(required=True)
    population = ma.fields.Integer(required=True, allow_none=True)
    permille = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "persons reached of 1 000 who live there"}
    )


@blueprint.route("/coverage")
class CoverageView(MethodView):
    @requires(Permission.ROUND_READ)
    @blueprint.arguments(CoverageQuery, location="query")
    @blueprint.response(200, PlaceAnswer(many=True))
    def get(self, query: dict[str, Any]) -> list[Any]:
        """Distinct households and persons reached in a period, by where they live now."""
        start: date = query["start"]
        period = Period.checked(start, query["end"])
        made = coverage(read_session(), period, query["level"], actor=current_actor(), language=language())
        return list(made.rows)
