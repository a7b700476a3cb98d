"""Bodies of the API of cases, as described in /api/v1/openapi.json."""

from enum import StrEnum
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from aidtrack.beneficiaries.cases.commands import (
    Channel,
    DecisionBody,
    IntakeKind,
    IntakeStatus,
    ListKind,
    Outcome,
    Result,
    Sender,
)
from aidtrack.beneficiaries.cases.rules import MOST_CASES, Due

NUMBER = validate.Length(min=1, max=40)
ROW_ID = validate.Range(min=1, max=2**53)


def one_of(kind: type[StrEnum], **more: Any) -> fields.Enum[Any]:
    return fields.Enum(kind, by_value=True, **more)


def text(most: int, *, required: bool = False) -> fields.String:
    if required:
        return fields.String(required=True, validate=validate.Length(min=1, max=most))
    return fields.String(load_default=None, allow_none=True, validate=validate.Length(max=most))


class CasePageQuery(ma.Schema):
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1_000_000))


class JournalQuery(CasePageQuery):
    status = one_of(IntakeStatus, load_default=None)
    kind = one_of(IntakeKind, load_default=None)
    first = fields.Date(load_default=None)
    last = fields.Date(load_default=None)


class DueQuery(CasePageQuery):
    why = one_of(Due, load_default=None)


class CasePeriodQuery(ma.Schema):
    first = fields.Date(required=True)
    last = fields.Date(required=True)


class IntakeBody(ma.Schema):
    """An entry of the journal. The family is named by its registration number, if it is known."""

    site = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=16))
    family = text(24)
    number = text(40)
    kind = one_of(IntakeKind, required=True)
    channel = one_of(Channel, required=True)
    sender = one_of(Sender, load_default=Sender.FAMILY)
    received_on = fields.Date(required=True)
    from_whom = text(200)
    contact = text(200)
    about = text(2000)


class IntakeOut(ma.Schema):
    id = fields.Integer(required=True)
    site = fields.String(required=True)
    number = fields.String(required=True)
    kind = one_of(IntakeKind, required=True)
    channel = one_of(Channel, required=True, allow_none=True)
    sender = one_of(Sender, required=True, allow_none=True)
    received_on = fields.Date(required=True)
    family = fields.String(required=True, allow_none=True)
    status = one_of(IntakeStatus, required=True)
    outcome = one_of(Outcome, required=True, allow_none=True)
    closed_on = fields.Date(required=True, allow_none=True)
    from_whom = fields.String(required=True, allow_none=True)


class IntakeFileOut(IntakeOut):
    contact = fields.String(required=True, allow_none=True)
    about = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    transferred_to = fields.String(required=True, allow_none=True)


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


class JournalOut(ma.Schema):
    total = fields.Integer(required=True)
    entries = fields.List(fields.Nested(IntakeOut), required=True)


class IntakeClosingBody(ma.Schema):
    outcome = one_of(Outcome, required=True)
    reason = text(500)


class IntakeTransferBody(ma.Schema):
    to = text(200, required=True)
    reason = text(500, required=True)


class CasePaperOut(ma.Schema):
    id = fields.Integer(required=True)


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


class SittingBody(ma.Schema):
    site = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=16))
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


class FunnelStepOut(ma.Schema):
    papers = fields.Integer(required=True)
    households = fields.Integer(required=True)
    percent_of_step_before = fields.Integer(required=True, allow_none=True)


class CaseStatisticsOut(ma.Schema):
    appeals = fields.Nested(FunnelStepOut, required=True)
    acts = fields.Nested(FunnelStepOut, required=True)
    decided = fields.Nested(FunnelStepOut, required=True)
    granted = fields.Nested(FunnelStepOut, required=True)
    sittings = fields.Integer(required=True)
    unknown_families = fields.Integer(required=True)
