"""Settlements and districts for programs."""

from typing import Any

import marshmallow as ma
from flask.views import MethodView

from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.places import queries, services
from aidtrack.places.commands import SaveDistrict
from aidtrack.places.views import card
from aidtrack.web import api_blueprint, current_actor, requires, signed_in

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
    id = ma.fields.Integer(required=True)
    code = ma.fields.String(required=True)
    name_uk = ma.fields.String(required=True)
    name_en = ma.fields.String(required=True)
    settlements = ma.fields.List(ma.fields.String(), required=True, metadata={"description": "KATOTTG codes"})


class DistrictBody(ma.Schema):
    """A district as a whole: settlements that are not named are in it no longer."""

    id = ma.fields.UUID(required=True, metadata={"description": "the client's: repeated, it has one effect"})
    code = ma.fields.String(required=True, validate=ma.validate.Length(1, 24))
    name_uk = ma.fields.String(required=True, validate=ma.validate.Length(1, 120))
    name_en = ma.fields.String(load_default="", validate=ma.validate.Length(max=120))
    settlements = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(max=19)), required=True, metadata={"description": "KATOTTG codes"}
    )  # fmt: skip


class DistrictMade(ma.Schema):
    id = ma.fields.Integer(required=True)


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
                "id": one.id,
                "code": one.code,
                "name_uk": one.name_uk,
                "name_en": one.name_en,
                "settlements": sorted(code for code, district in lie_in.items() if district == one.code),
            }
            for one in queries.districts(session)
        ]

    @requires(Permission.PLACES_MANAGE)
    @blueprint.arguments(DistrictBody)
    @blueprint.response(201, DistrictMade)
    def post(self, body: dict[str, Any]) -> dict[str, int]:
        """Make a starosta district with its settlements."""
        return {"id": _saved(body, None)}


@blueprint.route("/districts/<int:district_id>")
class District(MethodView):
    @requires(Permission.PLACES_MANAGE)
    @blueprint.arguments(DistrictBody)
    @blueprint.response(204)
    def put(self, body: dict[str, Any], district_id: int) -> None:
        """Change a district as a whole."""
        _saved(body, district_id)

    @requires(Permission.PLACES_MANAGE)
    @blueprint.response(204)
    def delete(self, district_id: int) -> None:
        """Take a district away; its settlements are in none then."""
        with unit_of_work() as session:
            services.remove_district(session, district_id, actor=current_actor(), now=utc_now())


def _saved(body: dict[str, Any], district_id: int | None) -> int:
    codes = tuple(dict.fromkeys(body["settlements"]))
    command = SaveDistrict(body["id"], body["code"], body["name_uk"], body["name_en"], codes, district_id)
    with unit_of_work() as session:
        return services.save_district(session, command, actor=current_actor(), now=utc_now())
