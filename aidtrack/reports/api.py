"""`GET /api/v1/statements`: the statement for programs, every quantity in base units."""

from typing import Any

import marshmallow as ma

from aidtrack.kernel.actor import Permission
from aidtrack.kernel.clock import utc_now
from aidtrack.reports.delivery import ready_to_read
from aidtrack.reports.figures import Figure
from aidtrack.reports.scope import AskForStatement
from aidtrack.reports.statements import Statement, statement
from aidtrack.reports.suppression import Reached
from aidtrack.web.access import current_actor, requires
from aidtrack.web.api import api_blueprint

bp = api_blueprint("reports", __name__, description="Donors' statements", url_prefix="/statements")


class StatementArguments(ma.Schema):
    donor = ma.fields.String(required=True, metadata={"description": "the donor's code", "example": "WFP"})
    start = ma.fields.Date(required=True, data_key="from", metadata={"description": "first day, local"})
    end = ma.fields.Date(required=True, data_key="to", metadata={"description": "last day, local"})
    agreement = ma.fields.String(
        load_default=None, metadata={"description": "its number; “-” for goods given without one"}
    )
    item = ma.fields.String(load_default=None, metadata={"description": "the item's code"})


class ReachedSchema(ma.Schema):
    """Three counts, each distinct. Null where a count is withheld from the reader (fewer than 5)."""

    issues = ma.fields.Integer(required=True)
    households = ma.fields.Integer(required=True)
    persons = ma.fields.Integer(required=True)
    new_households = ma.fields.Integer(required=True, allow_none=True)
    new_persons = ma.fields.Integer(required=True, allow_none=True)


class LineSchema(ma.Schema):
    agreement = ma.fields.String(required=True, allow_none=True)
    item = ma.fields.String(required=True)
    base_unit = ma.fields.String(required=True)
    figures = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        required=True,
        metadata={"description": "base units: " + ", ".join(figure.value for figure in Figure)},
    )
    lost_by_cause = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer(), required=True)
    difference = ma.fields.Integer(required=True, metadata={"description": "0 when the line closes"})
    reached = ma.fields.Nested(ReachedSchema, required=True, allow_none=True)


class MonthSchema(ma.Schema):
    month = ma.fields.String(required=True, metadata={"example": "2022-09"})
    reached = ma.fields.Nested(ReachedSchema, required=True, allow_none=True)


class PlaceSchema(ma.Schema):
    place = ma.fields.String(required=True)
    reached = ma.fields.Nested(ReachedSchema, required=True, allow_none=True)


class StatementSchema(ma.Schema):
    donor = ma.fields.String(required=True)
    start = ma.fields.Date(required=True, data_key="from")
    end = ma.fields.Date(required=True, data_key="to")
    sites = ma.fields.List(ma.fields.String(), required=True)
    ledger_entry_id = ma.fields.Integer(required=True)
    closes = ma.fields.Boolean(required=True)
    lines = ma.fields.List(ma.fields.Nested(LineSchema), required=True)
    reached = ma.fields.Nested(ReachedSchema, required=True, allow_none=True)
    by_month = ma.fields.List(ma.fields.Nested(MonthSchema), required=True)
    by_place = ma.fields.List(ma.fields.Nested(PlaceSchema), required=True)


@bp.route("")
@requires(Permission.REPORT_STATEMENT)
@bp.arguments(StatementArguments, location="query")
@bp.response(200, StatementSchema)
def statements(arguments: dict[str, Any]) -> dict[str, Any]:
    """One donor's statement

    Per agreement and item, with the households and persons reached. Quantities are whole base units
    (grams, millilitres, pieces). A donor you may not see answers like one that does not exist.
    """
    now = utc_now()
    with ready_to_read(now) as session:
        return as_json(statement(session, AskForStatement(**arguments), actor=current_actor(), now=now))


def as_json(made: Statement) -> dict[str, Any]:
    """The statement as the API gives it."""
    return {
        "donor": made.scope.donor.code,
        "start": made.scope.period.start,
        "end": made.scope.period.end,
        "sites": [site.code for site in made.scope.sites],
        "ledger_entry_id": made.ledger_entry_id,
        "closes": made.closes,
        "lines": [
            {
                "agreement": line.agreement.code if line.agreement else None,
                "item": line.item.code,
                "base_unit": line.item.unit.value,
                "figures": {figure.value: line.balance.of(figure) for figure in Figure},
                "lost_by_cause": dict(line.balance.lost_by_cause),
                "difference": line.balance.difference,
                "reached": _reached(line.reached),
            }
            for line in made.lines
        ],
        "reached": _reached(made.reached),
        "by_month": [
            {"month": f"{row.month:%Y-%m}", "reached": _reached(row.reached)}
            for row in made.by_month
            if row.month
        ],
        "by_place": [
            {"place": row.place.code, "reached": _reached(row.reached)} for row in made.by_place if row.place
        ],
    }


def _reached(reached: Reached | None) -> dict[str, int | None] | None:
    if reached is None:
        return None
    return {
        "issues": reached.issues,
        "households": reached.households,
        "persons": reached.persons,
        "new_households": reached.new_households,
        "new_persons": reached.new_persons,
    }
