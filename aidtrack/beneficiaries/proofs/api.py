"""`/api/v1/category-kinds`, `/api/v1/expiring-categories` and a family's incomes."""

from typing import Any

from flask.views import MethodView
from marshmallow import Schema, fields

from aidtrack.beneficiaries import queries as families
from aidtrack.beneficiaries import services as family_services
from aidtrack.beneficiaries.proofs import queries, services
from aidtrack.beneficiaries.proofs.commands import RecordIncome
from aidtrack.db import read_session, unit_of_work
from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import local_date, utc_now
from aidtrack.web import api_blueprint, current_actor, requires, requires_any

bp = api_blueprint(
    "proofs", __name__, description="Kinds of categories with their papers, incomes, what ends soon"
)
MOST = 25


class PaperOut(Schema):
    code = fields.Str(required=True)
    name_uk = fields.Str(required=True)
    name_en = fields.Str(required=True)
    valid_from = fields.Date(required=True, metadata={"description": "asked for from this day on"})
    valid_until = fields.Date(allow_none=True)


class KindOut(Schema):
    code = fields.Str(required=True)
    name_uk = fields.Str(required=True)
    name_en = fields.Str(required=True)
    of_household = fields.Bool(required=True)
    protected = fields.Bool(required=True)
    active = fields.Bool(required=True)
    papers = fields.List(
        fields.Str(), required=True, metadata={"description": "codes of papers that prove it"}
    )


class KindsOut(Schema):
    kinds = fields.List(fields.Nested(KindOut), required=True)
    papers = fields.List(fields.Nested(PaperOut), required=True)


class ExpiringOut(Schema):
    household_id = fields.Int(required=True)
    registration_no = fields.Str(required=True)
    kind = fields.Str(required=True)
    valid_until = fields.Date(required=True)


class ExpiringListOut(Schema):
    total = fields.Int(required=True)
    categories = fields.List(
        fields.Nested(ExpiringOut), required=True, metadata={"description": "the first 25"}
    )


class IncomeBody(Schema):
    total = fields.Int(
        required=True, strict=True, metadata={"description": "kopiykas a month, the whole family"}
    )
    as_of = fields.Date(required=True)
    valid_until = fields.Date(allow_none=True, load_default=None)
    evidence = fields.Str(allow_none=True, load_default=None)


class IncomeOut(Schema):
    id = fields.Int(required=True)
    total = fields.Int(required=True)
    as_of = fields.Date(required=True)
    valid_until = fields.Date(allow_none=True)
    evidence = fields.Str(allow_none=True)


@bp.route("/category-kinds")
class KindsView(MethodView):
    @requires_any(Permission.CATALOGUE_MANAGE, Permission.HOUSEHOLD_READ)
    @bp.response(200, KindsOut)
    def get(self) -> dict[str, Any]:
        """Every kind of category, and the papers that prove it."""
        session = read_session()
        proves = queries.papers_of_kinds(session)
        return {
            "kinds": [
                {
                    "code": kind.code, "name_uk": kind.name_uk, "name_en": kind.name_en,
                    "of_household": kind.of_household, "protected": kind.protected, "active": kind.active,
                    "papers": proves.get(kind.code, []),
                }
                for kind in families.category_kinds(session, protected=True)
            ],
            "papers": queries.papers(session),
        }  # fmt: skip


@bp.route("/expiring-categories")
class ExpiringView(MethodView):
    @requires(Permission.HOUSEHOLD_READ, Permission.HOUSEHOLD_WRITE)
    @bp.response(200, ExpiringListOut)
    def get(self) -> dict[str, Any]:
        """Ordinary categories that end within 30 days, the next first. The reading is logged."""
        actor, now = current_actor(), utc_now()
        today = local_date(now)
        with unit_of_work() as session:
            rows = queries.expiring(session, actor, today, offset=0, limit=MOST)
            shown = family_services.list_households(
                session,
                sorted({row.household_id for row in rows}),
                "expiring_categories",
                actor=actor,
                now=now,
            )
            total = queries.expiring_count(session, actor, today)
        numbers = {one.id: one.registration_no for one in shown}
        return {
            "total": total,
            "categories": [
                {
                    "household_id": row.household_id, "registration_no": numbers[row.household_id],
                    "kind": row.kind, "valid_until": row.valid_until,
                }
                for row in rows
            ],
        }  # fmt: skip


@bp.route("/households/<int:household_id>/incomes/<uuid:command_id>")
class IncomeView(MethodView):
    @requires(Permission.HOUSEHOLD_READ, Permission.HOUSEHOLD_WRITE)
    @bp.arguments(IncomeBody)
    @bp.response(201, IncomeOut)
    def put(self, body: dict[str, Any], household_id: int, command_id: Any) -> dict[str, Any]:
        """Record a paper on a family's income. The id is the client's: repeated, it has one effect."""
        command = RecordIncome(command_id=command_id, household_id=household_id, **body)
        with unit_of_work() as session:
            income_id = services.record_income(session, command, actor=current_actor(), now=utc_now())
        return {"id": income_id, **body}
