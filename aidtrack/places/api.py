"""Settlements and districts for programs."""

from typing import Any

import marshmallow as ma
from flask.views import MethodView

from aidtrack.db import read_session
from aidtrack.places import queries
from aidtrack.places.views import card
from aidtrack.web import api_blueprint, signed_in

blueprint = api_blueprint("places", __name__, description="Settlements of the codifier, starosta districts")


class SettlementQuery(ma.Schema):
    q = ma.fields.String(
        required=True,
        validate=ma.validate.Length(min=2, max=200),
        metadata={"description": "beginning of a name, «name, hromada», or a KATOTTG code"},
    )


class SettlementAnswer(ma.Schema):
    """A place to live in, with what tells it from its namesakes."""

    code = ma.fields.String(required=True, metadata={"description": "KATOTTG"})
    category = ma.fields.String(required=True, metadata={"description": "K, M, T, X, C, or B within a city"})
    name = ma.fields.String(required=True)
    where = ma.fields.String(required=True)
    hromada = ma.fields.String(required=True, allow_none=True)
    raion = ma.fields.String(required=True, allow_none=True)
    oblast = ma.fields.String(required=True, allow_none=True)
    district = ma.fields.String(required=True, allow_none=True, metadata={"description": "starosta district"})


class DistrictAnswer(ma.Schema):
    code = ma.fields.String(required=True)
    name_uk = ma.fields.String(required=True)
    name_en = ma.fields.String(required=True)
    settlements = ma.fields.List(ma.fields.String(), required=True, metadata={"description": "KATOTTG codes"})


@blueprint.route("/settlements")
class Settlements(MethodView):
    @signed_in
    @blueprint.arguments(SettlementQuery, location="query")
    @blueprint.response(200, SettlementAnswer(many=True))
    def get(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """At most twenty settlements that begin so: whole names first, then larger places."""
        session = read_session()
        found = queries.suggestions(session, query["q"])
        districts = queries.districts_of(session, [one.code for one in found])
        return [card(one, districts) for one in found]


@blueprint.route("/districts")
class Districts(MethodView):
    @signed_in
    @blueprint.response(200, DistrictAnswer(many=True))
    def get(self) -> list[dict[str, Any]]:
        """The centre's starosta districts with their settlements."""
        session = read_session()
        lie_in = queries.all_district_settlements(session)
        return [
            {
                "code": one.code,
                "name_uk": one.name_uk,
                "name_en": one.name_en,
                "settlements": sorted(code for code, district in lie_in.items() if district == one.code),
            }
            for one in queries.districts(session)
        ]
