"""Entries of the journal, and what came of them in figures."""

import marshmallow as ma
from marshmallow import fields

from aidtrack.beneficiaries.cases.commands import Channel, IntakeKind, IntakeStatus, Outcome, Sender
from aidtrack.beneficiaries.cases.schemas.parts import CasePageQuery, one_of, text


class JournalQuery(CasePageQuery):
    status = one_of(IntakeStatus, load_default=None)
    kind = one_of(IntakeKind, load_default=None)
    first = fields.Date(load_default=None)
    last = fields.Date(load_default=None)


class CasePeriodQuery(ma.Schema):
    first = fields.Date(required=True)
    last = fields.Date(required=True)


class IntakeBody(ma.Schema):
    """An entry of the journal. The family is named by its registration number, if it is known."""

    site = text(16)
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


class JournalOut(ma.Schema):
    total = fields.Integer(required=True)
    entries = fields.List(fields.Nested(IntakeOut), required=True)


class IntakeClosingBody(ma.Schema):
    outcome = one_of(Outcome, required=True)
    reason = text(500)


class IntakeTransferBody(ma.Schema):
    to = text(200, required=True)
    reason = text(500, required=True)


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
