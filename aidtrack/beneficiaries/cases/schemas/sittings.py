"""Sittings with their agenda, results and minutes."""

import marshmallow as ma
from marshmallow import fields, validate

from aidtrack.beneficiaries.cases.commands import DecisionBody, Result
from aidtrack.beneficiaries.cases.rules import MOST_CASES
from aidtrack.beneficiaries.cases.schemas.parts import NUMBER, ROW_ID, one_of, text


class SittingBody(ma.Schema):
    site = text(16)
    body = one_of(DecisionBody, required=True)
    held_on = fields.Date(required=True)
    place = text(160, required=True)
    grants_from = fields.Date(required=True)
    grants_until = fields.Date(load_default=None, allow_none=True)


class SittingCaseOut(ma.Schema):
    id = fields.Integer(required=True)
    family = fields.String(required=True)
    head = fields.String(required=True)
    appeal = fields.String(required=True, allow_none=True)
    act = fields.String(required=True, allow_none=True)
    result = one_of(Result, required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    valid_from = fields.Date(required=True, allow_none=True)
    valid_until = fields.Date(required=True, allow_none=True)
    any_programme = fields.Boolean(required=True)
    programmes = fields.List(fields.Integer(), required=True)
    words = fields.String(required=True, allow_none=True)


class SittingOut(ma.Schema):
    id = fields.Integer(required=True)
    site = fields.String(required=True)
    body = one_of(DecisionBody, required=True)
    held_on = fields.Date(required=True)
    place = fields.String(required=True)
    closed = fields.Boolean(required=True)
    number = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class SittingsOut(ma.Schema):
    total = fields.Integer(required=True)
    sittings = fields.List(fields.Nested(SittingOut), required=True)


class SittingFileOut(SittingOut):
    cases = fields.List(fields.Nested(SittingCaseOut), required=True)


class AgendaBody(ma.Schema):
    """Families by registration number; left out: all who wait."""

    families = fields.List(
        fields.String(validate=validate.Length(max=24)),
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=MOST_CASES),
    )


class AddedOut(ma.Schema):
    added = fields.Integer(required=True)


class CaseResultBody(ma.Schema):
    case = fields.Integer(required=True, validate=ROW_ID)
    result = one_of(Result, required=True)
    reason = text(500)
    valid_from = fields.Date(load_default=None, allow_none=True)
    valid_until = fields.Date(load_default=None, allow_none=True)
    any_programme = fields.Boolean(load_default=False)
    programmes = fields.List(
        fields.Integer(validate=ROW_ID), load_default=list, validate=validate.Length(max=50)
    )
    words = text(500)


class ResultsBody(ma.Schema):
    version = fields.Integer(required=True, validate=validate.Range(min=1, max=2**31 - 1))
    results = fields.List(
        fields.Nested(CaseResultBody), required=True, validate=validate.Length(max=MOST_CASES)
    )


class MinutesBody(ma.Schema):
    version = fields.Integer(required=True, validate=validate.Range(min=1, max=2**31 - 1))
    number = fields.String(required=True, validate=NUMBER)
    minutes_on = fields.Date(required=True)
    doubts_confirmed = fields.Boolean(load_default=False)


class MinutesOut(ma.Schema):
    decisions = fields.Integer(required=True)
