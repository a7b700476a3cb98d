"""Bodies of the feedback API, as described in /api/v1/openapi.json."""

import marshmallow as ma
from marshmallow import fields, validate

from aidtrack.feedback.commands import Channel, Outcome, State
from aidtrack.feedback.services.receiving import LONGEST

STAFF_CHANNELS = [one for one in Channel if one is not Channel.WEB]


class FeedbackLineOut(ma.Schema):
    """A line of the register: no text and nobody's name."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    site = fields.String(required=True)
    channel = fields.Enum(Channel, by_value=True, required=True)
    kind = fields.String(required=True)
    received_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    state = fields.Enum(State, by_value=True, required=True)
    answered_on = fields.Date(required=True, allow_none=True)
    outcome = fields.Enum(Outcome, by_value=True, required=True, allow_none=True)
    rating = fields.Integer(required=True, allow_none=True)
    round = fields.String(required=True, allow_none=True)


class FeedbackRegisterOut(ma.Schema):
    total = fields.Integer(required=True)
    entries = fields.List(fields.Nested(FeedbackLineOut), required=True)


class FeedbackEntryOut(ma.Schema):
    """One entry for those who handle it."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    channel = fields.Enum(Channel, by_value=True, required=True)
    kind = fields.String(required=True)
    text = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    received_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    state = fields.Enum(State, by_value=True, required=True)
    answer = fields.String(required=True, allow_none=True)
    answered_on = fields.Date(required=True, allow_none=True)


class FeedbackBody(ma.Schema):
    """What `POST /feedback` takes. `id` makes a repeated request harmless."""

    id = fields.UUID(required=True)
    site = fields.Integer(required=True, strict=True)
    channel = fields.Enum(Channel, by_value=True, required=True, validate=validate.OneOf(STAFF_CHANNELS))
    kind = fields.String(required=True, validate=validate.Length(max=40))
    received_on = fields.Date(required=True)
    text = fields.String(required=True, validate=validate.Length(min=3, max=LONGEST))
    name = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=160))
    phone = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=40))
    rating = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 5))


class FeedbackRecordedOut(ma.Schema):
    id = fields.Integer(required=True)
    reference = fields.String(required=True, metadata={"description": "for the writer; shown this once"})


class FeedbackAssignBody(ma.Schema):
    user = fields.Integer(required=True, strict=True)


class FeedbackAnswerBody(ma.Schema):
    text = fields.String(required=True, validate=validate.Length(min=3, max=LONGEST))
    outcome = fields.Enum(Outcome, by_value=True, required=True)
    close = fields.Boolean(load_default=False)


class FeedbackFiguresOut(ma.Schema):
    """Ordinary entries received in the period. Sensitive ones are never in it."""

    start = fields.Date(required=True)
    end = fields.Date(required=True)
    received = fields.Integer(required=True)
    due = fields.Integer(required=True)
    in_time = fields.Integer(required=True)
    overdue = fields.Integer(required=True)
    answered = fields.Integer(required=True)
    mean_working_days_tenths = fields.Integer(required=True, allow_none=True)
    by_kind = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    by_channel = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    marks = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    mean_mark_tenths = fields.Integer(required=True, allow_none=True)


class FeedbackPeriodArgs(ma.Schema):
    start = fields.Date(required=True)
    end = fields.Date(required=True)
