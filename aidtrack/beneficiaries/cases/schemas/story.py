"""A family's case from the appeal to the decision."""

import marshmallow as ma
from marshmallow import fields

from aidtrack.beneficiaries.cases.commands import (
    DecisionBody,
    IntakeKind,
    IntakeStatus,
    ListKind,
    Outcome,
    Result,
)
from aidtrack.beneficiaries.cases.schemas.parts import one_of


class TickOut(ma.Schema):
    """A circumstance or a need, as the list's entry says it."""

    id = fields.Integer(required=True)
    list = one_of(ListKind, required=True)
    name_uk = fields.String(required=True)
    name_en = fields.String(required=True)


class ActOut(ma.Schema):
    id = fields.Integer(required=True)
    number = fields.String(required=True, attribute="act_number")
    made_on = fields.Date(required=True)
    valid_until = fields.Date(required=True)
    at_home = fields.Boolean(required=True, metadata={"description": "a visit, not in the office"})
    living_conditions = fields.Boolean(required=True)
    notes = fields.String(required=True, allow_none=True)
    entries = fields.List(fields.Nested(TickOut), required=True, attribute="ticks")


class FamilyCaseOut(ma.Schema):
    """What a sitting said of the family; `annulled` once a later one replaced it."""

    id = fields.Integer(required=True)
    sitting_id = fields.Integer(required=True)
    body = one_of(DecisionBody, required=True)
    held_on = fields.Date(required=True)
    minutes_number = fields.String(required=True, allow_none=True)
    minutes_on = fields.Date(required=True, allow_none=True)
    result = one_of(Result, required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    words = fields.String(required=True, allow_none=True)
    valid_from = fields.Date(required=True, allow_none=True)
    valid_until = fields.Date(required=True, allow_none=True)
    any_programme = fields.Boolean(required=True)
    programme_ids = fields.List(fields.Integer(), required=True)
    annulled = fields.Boolean(required=True)


class FamilyDecisionOut(ma.Schema):
    id = fields.Integer(required=True)
    body = one_of(DecisionBody, required=True)
    number = fields.String(required=True)
    decided_on = fields.Date(required=True)
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(required=True, allow_none=True)
    programme_id = fields.Integer(required=True, allow_none=True)
    annulled = fields.Boolean(required=True)


class FamilyAppealOut(ma.Schema):
    id = fields.Integer(required=True)
    number = fields.String(required=True)
    kind = one_of(IntakeKind, required=True)
    received_on = fields.Date(required=True)
    status = one_of(IntakeStatus, required=True)
    outcome = one_of(Outcome, required=True, allow_none=True)
    closed_on = fields.Date(required=True, allow_none=True)


class StoryOut(ma.Schema):
    """A family's case, each part in the order of its days."""

    appeals = fields.List(fields.Nested(FamilyAppealOut), required=True)
    acts = fields.List(fields.Nested(ActOut), required=True)
    cases = fields.List(fields.Nested(FamilyCaseOut), required=True)
    decisions = fields.List(fields.Nested(FamilyDecisionOut), required=True)
