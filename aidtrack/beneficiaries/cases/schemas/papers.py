"""Acts, decisions from their papers, the lists that acts are ticked from, whose act is due."""

import marshmallow as ma
from marshmallow import fields, validate

from aidtrack.beneficiaries.cases.commands import DecisionBody, ListKind
from aidtrack.beneficiaries.cases.rules import Due
from aidtrack.beneficiaries.cases.schemas.parts import NUMBER, ROW_ID, CasePageQuery, one_of, text


class DueQuery(CasePageQuery):
    why = one_of(Due, load_default=None)


class ActBody(ma.Schema):
    """An act. `entries` are numbers from `GET /cases/lists`; `expired_confirmed` answers `act_expired`."""

    family = text(24, required=True)
    number = fields.String(required=True, validate=NUMBER)
    made_on = fields.Date(required=True)
    valid_until = fields.Date(required=True)
    at_home = fields.Boolean(load_default=False)
    living_conditions = fields.Boolean(load_default=False)
    entries = fields.List(
        fields.Integer(validate=ROW_ID), load_default=list, validate=validate.Length(max=100)
    )
    notes = text(2000)
    expired_confirmed = fields.Boolean(load_default=False)


class DecisionPaperBody(ma.Schema):
    """A decision from its paper, without a sitting kept here; `without_act_confirmed` answers `no_act_in_force`."""

    family = text(24, required=True)
    body = one_of(DecisionBody, required=True)
    number = fields.String(required=True, validate=NUMBER)
    decided_on = fields.Date(required=True)
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(load_default=None, allow_none=True)
    programme_id = fields.Integer(
        load_default=None, allow_none=True, validate=ROW_ID, metadata={"description": "null: any programme"}
    )
    without_act_confirmed = fields.Boolean(load_default=False)


class CaseListEntryOut(ma.Schema):
    id = fields.Integer(required=True)
    list = one_of(ListKind, required=True)
    name_uk = fields.String(required=True)
    name_en = fields.String(required=True)
    protected = fields.Boolean(required=True)
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(required=True, allow_none=True)


class CaseListsOut(ma.Schema):
    entries = fields.List(fields.Nested(CaseListEntryOut), required=True)


class CaseListEntryBody(ma.Schema):
    list = one_of(ListKind, required=True)
    name_uk = text(200, required=True)
    name_en = text(200, required=True)
    protected = fields.Boolean(load_default=False)
    source = text(120)
    valid_from = fields.Date(required=True)


class DueActOut(ma.Schema):
    family = fields.String(required=True)
    head = fields.String(required=True)
    settlement = fields.String(required=True)
    why = one_of(Due, required=True)
    valid_until = fields.Date(required=True, allow_none=True)
    appeal_on = fields.Date(required=True, allow_none=True)


class DueListOut(ma.Schema):
    total = fields.Integer(required=True)
    families = fields.List(fields.Nested(DueActOut), required=True)
