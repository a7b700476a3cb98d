"""`/api/v1/families/<id>/holdings` and `/grounds`: the same visibility as the pages."""

from datetime import date
from typing import Any

import marshmallow as ma
from flask import Flask
from flask.views import MethodView

from aidtrack.beneficiaries import queries
from aidtrack.beneficiaries.models import HowTold, LegalGround
from aidtrack.beneficiaries.privacy import grounds, reading
from aidtrack.beneficiaries.views import today_of
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.web import api_blueprint, current_actor, register_api, requires

bp = api_blueprint("privacy", __name__, description="What is held about a family, and on which ground")


class FactOut(ma.Schema):
    label = ma.fields.String(required=True)
    value = ma.fields.String(required=True)


class HeldOut(ma.Schema):
    title = ma.fields.String(required=True)
    facts = ma.fields.List(ma.fields.Nested(FactOut), required=True)


class PartOut(ma.Schema):
    title = ma.fields.String(required=True)
    held = ma.fields.List(ma.fields.Nested(HeldOut), required=True)


class ReadOut(ma.Schema):
    at = ma.fields.AwareDateTime(required=True)
    who = ma.fields.String(required=True)
    what = ma.fields.String(required=True)
    purpose = ma.fields.String(required=True)


class HoldingsOut(ma.Schema):
    registration_no = ma.fields.String(required=True)
    parts = ma.fields.List(ma.fields.Nested(PartOut), required=True)
    reads = ma.fields.List(ma.fields.Nested(ReadOut), required=True)


class LanguageQuery(ma.Schema):
    language = ma.fields.String(load_default="uk", validate=ma.validate.OneOf(["uk", "en"]))


class GroundBody(ma.Schema):
    ground = ma.fields.Enum(LegalGround, by_value=True, required=True)
    how = ma.fields.Enum(HowTold, by_value=True, required=True)
    language = ma.fields.String(required=True, validate=ma.validate.OneOf(["uk", "en"]))
    given_on = ma.fields.Date(required=True)


class GroundOut(ma.Schema):
    id = ma.fields.Integer(required=True)
    ground = ma.fields.Enum(LegalGround, by_value=True, required=True)
    how = ma.fields.Enum(HowTold, by_value=True, required=True)
    language = ma.fields.String(required=True)
    text_version = ma.fields.Integer(required=True)
    given_on = ma.fields.Date(required=True)
    withdrawn_on = ma.fields.Date(allow_none=True)


@bp.route("/families/<int:household_id>/holdings")
class HoldingsView(MethodView):
    @requires(Permission.HOUSEHOLD_READ)
    @bp.arguments(LanguageQuery, location="query")
    @bp.response(200, HoldingsOut)
    def get(self, asked: dict[str, str], household_id: int) -> dict[str, Any]:
        """Everything held about the family, and who read it. The reading is logged."""
        with unit_of_work() as session:
            answer = reading.what_is_held(
                session, household_id, language=asked["language"], actor=current_actor(), now=utc_now()
            )
        return {
            "registration_no": answer.registration_no,
            "parts": [
                {
                    "title": part.title,
                    "held": [
                        {
                            "title": one.title,
                            "facts": [{"label": label, "value": value} for label, value in one.facts],
                        }
                        for one in part.held
                    ],
                }
                for part in answer.parts
            ],
            "reads": answer.reads,
        }


@bp.route("/families/<int:household_id>/grounds")
class GroundsView(MethodView):
    @requires(Permission.HOUSEHOLD_READ)
    @bp.response(200, GroundOut(many=True))
    def get(self, household_id: int) -> list[Any]:
        """On which grounds the family's data are or were held, newest first."""
        session = read_session()
        queries.find_household(session, household_id, current_actor())
        return grounds.grounds_of(session, household_id)

    @requires(Permission.HOUSEHOLD_WRITE)
    @bp.arguments(GroundBody)
    @bp.response(201, GroundOut)
    def post(self, body: dict[str, Any], household_id: int) -> Any:
        """Record a ground, told in the family's language."""
        actor = current_actor()
        key = queries.find_household(read_session(), household_id, actor)
        today: date = today_of(read_session(), key.site_id)
        with unit_of_work() as session:
            made = grounds.record_ground(
                session, household_id, today=today, actor=actor, now=utc_now(), **body
            )
            return next(one for one in grounds.grounds_of(session, household_id) if one.id == made)


def register(app: Flask) -> None:
    register_api(app, bp)
